/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration space, resources and MSI-X. The firmware has placed all resources. */
#include "nk.h"

#define PCI_COMMAND      0x04
#define PCI_STATUS       0x06
#define PCI_HEADER       0x0E
#define PCI_BAR          0x10
#define PCI_SECONDARY    0x19
#define PCI_CAPABILITIES 0x34
#define PCI_LINE         0x3C
#define PCI_PIN          0x3D
#define HEADER_BRIDGE    1
#define SLOTS            32
#define CAP_ID_MSIX      0x11
#define MSIX_ENABLE      0x8000u
#define COMMAND_ON       0x0007u /* ports, memory, bus master */
#define COMMAND_MASTER   0x0004u
#define COMMAND_NO_LINE  0x0400u
#define STATUS_LINE      0x0008u /* held, be it switched off or not */
#define SERVE_US         10

static void size_bars(struct nk_pci *pci)
{
    ULONG command = nk_pci_read(pci, PCI_COMMAND, 2);
    unsigned n;

    nk_pci_write(pci, PCI_COMMAND, 2, command & ~3u);
    for (n = 0; n < 6; n++) {
        USHORT at = (USHORT)(PCI_BAR + 4 * n);
        ULONG low = nk_pci_read(pci, at, 4), mask, high = 0, high_mask = ~0u;
        struct nk_bar *bar = &pci->bar[n];
        bool wide = (low & 7) == 4 && n < 5;

        nk_pci_write(pci, at, 4, ~0u);
        mask = nk_pci_read(pci, at, 4);
        nk_pci_write(pci, at, 4, low);
        if (wide) {
            high = nk_pci_read(pci, (USHORT)(at + 4), 4);
            nk_pci_write(pci, (USHORT)(at + 4), 4, ~0u);
            high_mask = nk_pci_read(pci, (USHORT)(at + 4), 4);
            nk_pci_write(pci, (USHORT)(at + 4), 4, high);
        }
        if (!mask)
            continue;
        bar->memory = !(low & 1);
        bar->address = (ULONG64)high << 32 | (low & (bar->memory ? ~15u : ~3u));
        bar->size = ~((ULONG64)high_mask << 32 | (mask & (bar->memory ? ~15u : ~3u))) + 1;
        if (!bar->memory)
            bar->size &= 0xFFFF;
        n += wide;
    }
    nk_pci_write(pci, PCI_COMMAND, 2, command | COMMAND_ON);
}

static void find_msix(struct nk_pci *pci)
{
    UCHAR at;
    unsigned bound;

    if (!(nk_pci_read(pci, PCI_STATUS, 2) & 0x10))
        return;
    at = (UCHAR)nk_pci_read(pci, PCI_CAPABILITIES, 1);
    for (bound = 0; at >= 0x40 && bound < 48; bound++) { /* 48 capabilities fill the space */
        if (nk_pci_read(pci, at, 1) == CAP_ID_MSIX) {
            pci->msix = at;
            pci->msix_vectors = (USHORT)((nk_pci_read(pci, (USHORT)(at + 2), 2) & 0x7FF) + 1);
            return;
        }
        at = (UCHAR)nk_pci_read(pci, (USHORT)(at + 1), 1);
    }
}

ULONG nk_pci_bytes(const struct nk_pci *pci, PVOID buffer, ULONG offset, ULONG length, bool write)
{
    UCHAR *bytes = buffer;
    ULONG n;

    if (length > 256 || offset > 256 - length)
        return 0;
    for (n = 0; n < length; n++) {
        if (write)
            nk_pci_write(pci, (USHORT)(offset + n), 1, bytes[n]);
        else
            bytes[n] = (UCHAR)nk_pci_read(pci, (USHORT)(offset + n), 1);
    }
    return length;
}

const struct nk_bar *nk_pci_bar_at(const struct nk_pci *pci, ULONG64 address, ULONG64 length)
{
    unsigned n;

    for (n = 0; n < 6; n++) {
        const struct nk_bar *bar = &pci->bar[n];

        if (address >= bar->address && length <= bar->size &&
            address - bar->address <= bar->size - length && bar->size)
            return bar;
    }
    return NULL;
}

static bool describe(struct nk_pci *pci, USHORT vendor)
{
    pci->vendor = (USHORT)nk_pci_read(pci, 0, 2);
    if (pci->vendor != vendor)
        return false;
    pci->product = (USHORT)nk_pci_read(pci, 2, 2);
    pci->line = (UCHAR)nk_pci_read(pci, PCI_LINE, 1);
    pci->pin = (UCHAR)nk_pci_read(pci, PCI_PIN, 1);
    size_bars(pci);
    find_msix(pci);
    return true;
}

static bool find_on_bus(UCHAR bus, unsigned slot, USHORT vendor, struct nk_pci *pci)
{
    for (; slot < SLOTS; slot++) {
        *pci = (struct nk_pci){.bus = bus, .device = (UCHAR)slot};
        if (describe(pci, vendor))
            return true;
    }
    return false;
}

bool nk_pci_find(USHORT vendor, struct nk_pci *pci)
{
    unsigned slot;

    if (find_on_bus(0, 0, vendor, pci))
        return true;
    for (slot = 0; slot < SLOTS; slot++) {
        struct nk_pci bridge = {.device = (UCHAR)slot};

        if (nk_pci_read(&bridge, PCI_HEADER, 1) == HEADER_BRIDGE &&
            find_on_bus((UCHAR)nk_pci_read(&bridge, PCI_SECONDARY, 1), 0, vendor, pci))
            return true;
    }
    return false;
}

bool nk_pci_find_next(const struct nk_pci *former, struct nk_pci *pci)
{
    return find_on_bus(former->bus, former->device + 1u, former->vendor, pci);
}

void nk_pci_quiet_all(void)
{
    struct nk_pci pci = {0};

    for (; pci.device < SLOTS; pci.device++) {
        ULONG command = nk_pci_read(&pci, PCI_COMMAND, 2);

        if (nk_pci_read(&pci, 0, 2) != 0xFFFF && !nk_pci_read(&pci, PCI_HEADER, 1))
            nk_pci_write(&pci, PCI_COMMAND, 2, command & ~COMMAND_MASTER);
    }
}

/* Where there is no such controller. */
__attribute__((weak)) ULONG nk_hotplug_slots(bool emptied)
{
    (void)emptied;
    return 0;
}

__attribute__((weak)) void nk_hotplug_eject(unsigned slot)
{
    (void)slot;
}

void nk_pci_replace(struct nk_pci *pci)
{
    struct nk_pci former = *pci;
    unsigned n;

    for (n = 0; n < 6; n++) {
        const struct nk_bar *bar = &former.bar[n];

        if (!bar->size)
            continue;
        nk_pci_write(pci, (USHORT)(PCI_BAR + 4 * n), 4, (ULONG)bar->address);
        if (bar->address >> 32)
            nk_pci_write(pci, (USHORT)(PCI_BAR + 4 * n + 4), 4, (ULONG)(bar->address >> 32));
    }
    nk_pci_write(pci, PCI_LINE, 1, former.line);
    *pci = (struct nk_pci){.bus = former.bus, .device = former.device, .function = former.function};
    if (!describe(pci, former.vendor))
        nk_report("check", "the new device is not there");
}

void nk_pci_msix_enable(struct nk_pci *pci, const UCHAR *vectors, unsigned count)
{
    ULONG table = nk_pci_read(pci, (USHORT)(pci->msix + 4), 4);
    unsigned n;

    if (!pci->msix_table)
        pci->msix_table =
            nk_map_device(pci->bar[table & 7].address + (table & ~7u), 16u * pci->msix_vectors);
    for (n = 0; n < pci->msix_vectors; n++) {
        volatile ULONG *entry = pci->msix_table + 4 * n;

        entry[3] = 1; /* masked while it changes */
        if (n >= count)
            continue;
        entry[0] = (ULONG)nk_msi_address(n);
        entry[1] = (ULONG)(nk_msi_address(n) >> 32);
        entry[2] = nk_msi_data(vectors[n]);
        entry[3] = 0;
    }
    nk_pci_write(pci, (USHORT)(pci->msix + 2), 2, MSIX_ENABLE);
}

void nk_pci_msix_disable(struct nk_pci *pci)
{
    if (pci->msix)
        nk_pci_write(pci, (USHORT)(pci->msix + 2), 2, 0);
}

/* The device stays in truth: a line that it holds at this moment could be answered by nobody, nor
 * would it let go of it for the driver's next life. So that is served first; without bus mastering
 * no other interrupt comes after it. */
void nk_pci_vanish(const struct nk_pci *pci)
{
    nk_pci_write(pci, PCI_COMMAND, 2, COMMAND_NO_LINE);
    while (nk_pci_read(pci, PCI_STATUS, 2) & STATUS_LINE) {
        nk_pci_enable(pci);
        nk_stall_us(SERVE_US);
        nk_pci_write(pci, PCI_COMMAND, 2, COMMAND_NO_LINE);
    }
}

void nk_pci_enable(const struct nk_pci *pci)
{
    nk_pci_write(pci, PCI_COMMAND, 2, COMMAND_ON);
}
