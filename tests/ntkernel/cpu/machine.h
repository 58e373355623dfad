/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The processor and its ports on the bare machine. nk.h includes this as "machine.h": the include
 * path chooses what the kernel runs on.
 */
#ifndef NK_MACHINE_H
#define NK_MACHINE_H

#define NK_SYSTEM_BASE 0xFFFFC00000000000ull

/** Machine code that loads the IRQL into al. */
#define NK_CODE_READ_IRQL "\x44\x0F\x20\xC0" /* mov rax, cr8 */

static inline void nk_out8(USHORT port, UCHAR value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}
static inline UCHAR nk_in8(USHORT port)
{
    UCHAR value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
static inline void nk_out32(USHORT port, ULONG value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}
static inline ULONG nk_in32(USHORT port)
{
    ULONG value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
static inline void nk_wrmsr(ULONG msr, ULONG64 value)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "a"((ULONG)value), "d"((ULONG)(value >> 32)));
}
static inline void nk_sti(void)
{
    __asm__ volatile("sti" : : : "memory");
}
static inline void nk_cli(void)
{
    __asm__ volatile("cli" : : : "memory");
}
/** Interrupts off; returns whether they were on. */
static inline bool nk_interrupts_off(void)
{
    ULONG64 flags;
    __asm__ volatile("pushfq; popq %0; cli" : "=r"(flags) : : "memory");
    return flags & 0x200;
}
/** In every loop that waits for another processor or for time to pass. */
static inline void nk_relax(void)
{
    __asm__ volatile("pause");
}
static inline KIRQL nk_irql(void)
{
    ULONG64 level;
    __asm__ volatile("movq %%cr8, %0" : "=r"(level));
    return (KIRQL)level;
}
/** The bare processor's priority; nk_irql_raise() and nk_irql_lower() are the way to change it. */
static inline void nk_irql_set(KIRQL level)
{
    __asm__ volatile("movq %0, %%cr8" : : "r"((ULONG64)level) : "memory");
}
/** After each call into the driver. */
static inline void nk_machine_after_call(void)
{
}
/** The address of the last page fault. */
static inline ULONG64 nk_fault_address(void)
{
    ULONG64 address;
    __asm__ volatile("movq %%cr2, %0" : "=r"(address));
    return address;
}

#endif
