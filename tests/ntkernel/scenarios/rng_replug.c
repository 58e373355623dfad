/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The host takes the device out and puts another in, as a user does who clicks: the guest is asked
 * to let go of the first, and finds the second. On the pc machine, whose root bus can do that.
 */
#include "scenarios/scenario.h"
#include "ntos/ex.h"
#include "ntos/pnp.h"

#define LENGTH  512
#define ROUNDS  3
#define WAIT    50000000ull /* of nk_time: 5 s */
#define STEP_MS 2

static struct nk_driver driver;
static UCHAR *memory;
static ULONG64 position;

/* What is read lies in the host's file, behind what was read before. */
static void read_and_check(void)
{
    static FILE_OBJECT file;
    static struct nk_io io;
    ULONG64 at, n, seed = nk_option("seed", 1);

    NK_EXPECT(NT_SUCCESS(nk_io_open(&file)), "the device cannot be opened");
    nk_io_read(&io, &file, memory, LENGTH);
    NK_EXPECT(NT_SUCCESS(nk_io_wait(&io)) && io.information >= 8, "a read ends with %08x",
              io.status);
    for (at = position; at < position + 65536; at++) {
        for (n = 0; n < io.information && memory[n] == nk_random_byte(seed, at + n); n++)
            ;
        if (n == io.information)
            break;
    }
    NK_EXPECT(at < position + 65536, "what was read is not in the host's file behind place %llu",
              position);
    position = at + n;
    nk_io_close(&file);
}

static void wait_for_slot(unsigned slot, bool emptied)
{
    ULONG64 end = nk_time() + WAIT;

    while (!(nk_hotplug_slots(emptied) & 1u << slot)) {
        NK_EXPECT(nk_time() < end, "the host's wish to %s slot %u is not to be seen",
                  emptied ? "empty" : "fill", slot);
        nk_sleep(STEP_MS);
    }
}

static void replug(struct nk_pci *pci)
{
    nk_qmp("{\"execute\": \"device_del\", \"arguments\": {\"id\": \"dut\"}}");
    wait_for_slot(pci->device, true);
    nk_pnp_remove(false);
    nk_hotplug_eject(pci->device);
    NK_EXPECT(nk_pci_read(pci, 0, 2) == 0xFFFF, "slot %u is not empty", pci->device);
    nk_qmp("{\"execute\": \"device_add\", \"arguments\": {\"driver\": \"virtio-rng-pci\", "
           "\"id\": \"dut\", \"rng\": \"backend\", \"addr\": \"%x\"}}",
           pci->device);
    wait_for_slot(pci->device, false);
    nk_pci_replace(pci);
    nk_pnp_add(&driver, pci);
    nk_pnp_start();
}

static void run(void)
{
    struct nk_pci *pci = nk_target_pci();

    memory = nk_pool_own(LENGTH, 0, false);
    nk_driver_load(&driver);
    nk_pnp_add(&driver, pci);
    nk_pnp_start();
    read_and_check();
    for (unsigned round = 0; round < ROUNDS; round++) {
        replug(pci);
        read_and_check();
    }
    nk_pnp_remove(false);
    nk_driver_unload(&driver);
}

NK_SCENARIO(rng_replug, "rng-replug", run);
