/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scenarios/replug.h"

#define WAIT    200000000ull /* of nk_time: 20 s */
#define STEP_MS 2

static void wait_for_slot(unsigned slot, bool emptied)
{
    ULONG64 end = nk_time() + WAIT;

    while (!(nk_hotplug_slots(emptied) & 1u << slot)) {
        NK_EXPECT(nk_time() < end, "the host's wish to %s slot %u is not to be seen",
                  emptied ? "empty" : "fill", slot);
        nk_sleep(STEP_MS);
    }
}

void replug_ask(const struct nk_pci *pci)
{
    nk_qmp("{\"execute\": \"device_del\", \"arguments\": {\"id\": \"dut\"}}");
    wait_for_slot(pci->device, true);
}

static bool contains(const char *text, const char *part)
{
    size_t length = nk_strlen(part);

    for (; *text; text++) {
        if (nk_strlen(text) >= length && !nk_memcmp(text, part, length))
            return true;
    }
    return false;
}

/* QEMU gives a device's disk free some time after the device is gone. */
static void wait_for_disk(void)
{
    ULONG64 end = nk_time() + WAIT;

    while (contains(nk_qmp("{\"execute\": \"query-block\"}"), "/peripheral/dut/")) {
        NK_EXPECT(nk_time() < end, "QEMU keeps the disk of a device that is gone");
        nk_sleep(STEP_MS);
    }
}

void replug_eject(const struct nk_pci *pci)
{
    nk_hotplug_eject(pci->device);
    NK_EXPECT(nk_pci_read(pci, 0, 2) == 0xFFFF, "slot %u is not empty", pci->device);
    wait_for_disk();
}

void replug_insert(struct nk_pci *pci, const char *device, const char *backend)
{
    nk_qmp("{\"execute\": \"device_add\", \"arguments\": {\"driver\": \"%s\", \"id\": \"dut\", %s, "
           "\"addr\": \"%x\"%s}}",
           device, backend, pci->device, pci->bus ? ", \"bus\": \"root-port\"" : "");
    wait_for_slot(pci->device, false);
    nk_pci_replace(pci);
}
