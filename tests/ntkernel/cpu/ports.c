/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the bare machine has behind ports: configuration space, the debug console, the way out. */
#include "nk.h"
#include "cpu/memory.h"

#define CONSOLE_PORT 0xE9
#define EXIT_PORT    0xF4
#define HOTPLUG_PORT 0xAE00 /* filled, +4 to empty, +8 eject, +0x10 bus */
#define SERIAL_DATA  0x3F8
#define SERIAL_FIFO  0x3FA
#define SERIAL_BY_14 0xC1 /* the host gives so many characters at a time */
#define SERIAL_STATE 0x3FD

/* What QEMU's isa-debug-exit turns into the exit statuses 33 and 35. */
enum { EXIT_PASS = 0x10, EXIT_REPORT = 0x11 };

static void select_register(const struct nk_pci *pci, USHORT offset)
{
    nk_out32(0xCF8,
             0x80000000u | (ULONG)pci->device << 11 | (ULONG)pci->function << 8 | (offset & 0xFCu));
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

ULONG nk_hotplug_slots(bool emptied)
{
    nk_out32(HOTPLUG_PORT + 0x10, 0);
    return nk_in32(HOTPLUG_PORT + (emptied ? 4 : 0));
}

void nk_hotplug_eject(unsigned slot)
{
    nk_out32(HOTPLUG_PORT + 0x10, 0);
    nk_out32(HOTPLUG_PORT + 8, 1u << slot);
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
