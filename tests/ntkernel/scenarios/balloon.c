/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The host asks for memory and gives it back. The driver must take the pages out of use, tell the
 * host which they are (who empties them: what the kernel wrote there is gone), say how many it has
 * given (the host's query-balloon), keep that over sleep, and return all when it is removed. Where
 * the device has a queue for statistics, the host must get what the driver sends.
 *
 * Option service=1: the statistics come from a program that writes them to the device, as the
 * virtio-win project's service does; otherwise the driver makes them up itself. Option shortage=1:
 * the host once asks for more than the guest has. Option surprise=0: the device stays to the end.
 */
#include "scenarios/scenario.h"
#include "ntos/mm.h"
#include "ntos/pnp.h"

#define MIB       (1ll << 20)
#define WAIT      50000000ull /* of nk_time: 5 s */
#define STEP_MS   2
#define INFLATE   (24 * MIB)
#define DEFLATE   (9 * MIB)
#define LEFT      (8 * MIB)
#define SETTLE_MS 300
#define FREE_SENT 0x123456000ll /* no such guest has as much memory free */

static struct nk_driver driver;
static LONG64 ram;

static LONG64 actual(void)
{
    LONG64 value = 0;

    NK_EXPECT(nk_qmp_number(nk_qmp("{\"execute\": \"query-balloon\"}"), "actual", &value),
              "the host does not know the balloon's size");
    return value;
}

/* The host wants `size` bytes from the guest's memory: guest and host must come to agree on it. */
static void ask_for(LONG64 size)
{
    ULONG64 zero, pages = (ULONG64)size / NK_PAGE_SIZE, end = nk_time() + WAIT;

    nk_qmp("{\"execute\": \"balloon\", \"arguments\": {\"value\": %lld}}", ram - size);
    while (nk_mdl_pages_out(NULL) != pages || actual() != ram - size) {
        NK_EXPECT(nk_time() < end, "of %llu pages %llu are out; the host counts %lld bytes left",
                  pages, nk_mdl_pages_out(NULL), actual());
        nk_sleep(STEP_MS);
    }
    nk_mdl_pages_out(&zero);
    NK_EXPECT(zero == pages, "the host has emptied %llu of %llu pages", zero, pages);
}

/* More than the guest can do without: the driver gives what it can get, and must go on. */
static void ask_for_too_much(void)
{
    ULONG64 former, pages = 0;

    nk_qmp("{\"execute\": \"balloon\", \"arguments\": {\"value\": %lld}}", LEFT);
    do {
        former = pages;
        nk_sleep(SETTLE_MS);
        pages = nk_mdl_pages_out(NULL);
    } while (pages != former);
    NK_EXPECT(pages >= (ULONG64)ram / NK_PAGE_SIZE / 2, "of too many pages %llu are out", pages);
    NK_EXPECT(actual() == ram - (LONG64)(pages * NK_PAGE_SIZE),
              "%llu pages are out, the host counts %lld bytes left", pages, actual());
    nk_counter("most_pages", pages);
}

/* What BALLOON_STAT is to the service: tag and value without padding. */
struct __attribute__((packed)) statistic {
    USHORT tag;
    LONG64 value;
};

static LONG64 free_memory(void)
{
    LONG64 value = -1;

    nk_qmp_number(nk_qmp("{\"execute\": \"qom-get\", \"arguments\": {\"path\": "
                         "\"/machine/peripheral/dut\", \"property\": \"guest-stats\"}}"),
                  "stat-free-memory", &value);
    return value;
}

/* The service writes; that ends when the host wants statistics, and what is written next is sent.
 */
static void serve(FILE_OBJECT *file, struct nk_io *io)
{
    static struct statistic sent[] = {{4, FREE_SENT}, {5, 2 * FREE_SENT}};

    if (io->irp)
        return;
    NK_EXPECT(NT_SUCCESS(io->status), "writing statistics ends with %08x", io->status);
    nk_io_write(io, file, sent, sizeof(sent));
}

static void poll_statistics(unsigned seconds)
{
    nk_qmp("{\"execute\": \"qom-set\", \"arguments\": {\"path\": \"/machine/peripheral/dut\", "
           "\"property\": \"guest-stats-polling-interval\", \"value\": %u}}",
           seconds);
}

static void check_statistics(void)
{
    static FILE_OBJECT file;
    static struct nk_io io;
    bool service = nk_option("service", 0);
    LONG64 got = -1;
    ULONG64 end = nk_time() + WAIT;

    NK_EXPECT(NT_SUCCESS(nk_io_open(&file)), "the device cannot be opened");
    poll_statistics(1);
    while (got == -1 || (service && got != FREE_SENT)) {
        NK_EXPECT(nk_time() < end, "the host has no statistics (free memory %lld)", got);
        if (service)
            serve(&file, &io);
        nk_sleep(STEP_MS);
        got = free_memory();
    }
    NK_EXPECT(service || (got > 0 && got < ram), "the guest says %lld bytes are free", got);
    poll_statistics(0);
    if (io.irp)
        NK_EXPECT(nk_io_cancel(&io), "writing statistics cannot be cancelled");
    nk_io_close(&file);
}

static void lose_device(void)
{
    nk_pnp_add(&driver, nk_target_pci());
    nk_pnp_start();
    ask_for(DEFLATE);
    nk_pnp_remove(true);
    NK_EXPECT(!nk_mdl_pages_out(NULL), "a driver whose device is gone holds memory");
}

static void run(void)
{
    nk_driver_load(&driver);
    ram = actual();
    nk_pnp_add(&driver, nk_target_pci());
    nk_pnp_start();
    NK_EXPECT(actual() == ram, "a driver nobody asked has taken memory");
    ask_for(INFLATE);
    ask_for(INFLATE - DEFLATE);
    check_statistics();

    nk_pnp_power(4);
    nk_pnp_power(1);
    ask_for(INFLATE);
    if (nk_option("shortage", 0))
        ask_for_too_much();
    ask_for(0);

    nk_pnp_stop();
    NK_EXPECT(!nk_mdl_pages_out(NULL), "a stopped driver with nothing to do holds memory");
    nk_pnp_start();
    ask_for(DEFLATE);
    nk_pnp_remove(false);
    NK_EXPECT(!nk_mdl_pages_out(NULL), "a removed driver holds %llu pages", nk_mdl_pages_out(NULL));
    if (nk_option("surprise", 1))
        lose_device();
    nk_driver_unload(&driver);
    nk_counter("interrupts", nk_pnp_interrupts());
}

NK_SCENARIO(balloon, "balloon", run);
