/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the bare machine has behind ports: configuration space, the debug console, the way out. */
#include "nk.h"
#include "cpu/memory.h"

#define CONSOLE_PORT 0xE9
#define EXIT_PORT    0xF4
#define HOTPLUG_PC   0xAE00
#define HOTPLUG_Q35  0x0CC0
#define BRIDGE_Q35   0x29C0
#define SERIAL_DATA  0x3F8
#define SERIAL_FIFO  0x3FA
#define SERIAL_BY_14 0xC1 /* the host gives so many characters at a time */
#define SERIAL_STATE 0x3FD

/* What QEMU's isa-debug-exit turns into the exit statuses 33 and 35. */
enum { EXIT_PASS = 0x10, EXIT_REPORT = 0x11 };

static void select_register(const struct nk_pci *pci, USHORT offset)
{
    nk_out32(0xCF8, 0x80000000u | (ULONG)pci->bus << 16 | (ULONG)pci->device << 11 |
                        (ULONG)pci->function << 8 | (offset & 0xFCu));
}

ULONG nk_pci_read(const struct nk_pci *pci, USHORT offset, unsigned size)
{
    ULONG value;

    select_register(pci, offset);
    value = nk_in32(0xCFC) >> 8 * (offset & 3);
    return size == 4 ? value : value & ((1u << 8 * size) - 1);
}

void nk_pci_write(const struct nk_pci *pci, USHORT offset, unsigned size, ULONG value)
{
    unsigned n;

    select_register(pci, offset);
    if (size == 4) {
        nk_out32(0xCFC, value);
        return;
    }
    if (size == 2) {
        __asm__ volatile("outw %0, %1"
                         :
                         : "a"((USHORT)value), "Nd"((USHORT)(0xCFC + (offset & 2))));
        return;
    }
    for (n = 0; n < size; n++)
        nk_out8((USHORT)(0xCFC + ((offset + n) & 3)), (UCHAR)(value >> 8 * n));
}

/* QEMU's controller, as its ACPI tables use it: behind the port of the machine's kind (told by the
 * host bridge) there are slots filled, slots to empty, eject, and at 0x10 the bus: the first that
 * takes devices in use has number 0. */
static USHORT hotplug_port(void)
{
    static const struct nk_pci host_bridge;
    USHORT port = nk_pci_read(&host_bridge, 2, 2) == BRIDGE_Q35 ? HOTPLUG_Q35 : HOTPLUG_PC;

    nk_out32((USHORT)(port + 0x10), 0);
    return port;
}

ULONG nk_hotplug_slots(bool emptied)
{
    return nk_in32((USHORT)(hotplug_port() + (emptied ? 4 : 0)));
}

void nk_hotplug_eject(unsigned slot)
{
    nk_out32((USHORT)(hotplug_port() + 8), 1u << slot);
}

void nk_console_write(const char *text)
{
    while (*text)
        nk_out8(CONSOLE_PORT, (UCHAR)*text++);
}

bool nk_host_read(char *c)
{
    static bool ready;

    if (!ready)
        nk_out8(SERIAL_FIFO, SERIAL_BY_14);
    ready = true;
    if (!(nk_in8(SERIAL_STATE) & 1))
        return false;
    *c = (char)nk_in8(SERIAL_DATA);
    return true;
}

void nk_machine_leave(bool passed)
{
    nk_cli();
    nk_out32(EXIT_PORT, passed ? EXIT_PASS : EXIT_REPORT);
    for (;;)
        __asm__ volatile("hlt");
}
