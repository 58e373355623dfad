/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The host takes the device out and puts another in, as a user does who clicks: the guest is asked
 * to let go of the first, and finds the second.
 */
#include "scenarios/replug.h"
#include "scenarios/rng.h"
#include "ntos/ex.h"
#include "ntos/pnp.h"

#define LENGTH 512
#define ROUNDS 3

static struct nk_driver driver;
static UCHAR *memory;
static ULONG64 position;

/* What is read lies in the host's file, behind what was read before. */
static void read_and_check(void)
{
    static FILE_OBJECT file;
    static struct nk_io io;

    NK_EXPECT(NT_SUCCESS(nk_io_open(&file)), "the device cannot be opened");
    nk_io_read(&io, &file, memory, LENGTH);
    NK_EXPECT(NT_SUCCESS(nk_io_wait(&io)) && io.information >= 8, "a read ends with %08x",
              io.status);
    position = rng_found(nk_option("seed", 1), position, memory, io.information);
    nk_io_close(&file);
}

static void replug(struct nk_pci *pci)
{
    replug_ask(pci);
    nk_pnp_remove(false);
    replug_eject(pci);
    replug_insert(pci, "virtio-rng-pci", "\"rng\": \"backend\"");
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
