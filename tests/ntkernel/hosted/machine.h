/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The processor in a Linux process: one, whose IRQL and interrupt flag are variables. nk.h includes
 * this as "machine.h" (see cpu/machine.h for the bare machine's). Interrupts wait in a set and are
 * taken where they may be: when the IRQL falls, when they are allowed again, and when the kernel
 * rests.
 */
#ifndef NK_MACHINE_H
#define NK_MACHINE_H

#define NK_SYSTEM_BASE 0x100000000000ull

/** Machine code that loads the IRQL into al; it lies where Windows' control region has it. */
#define NK_CODE_READ_IRQL "\x65\x8A\x04\x25\x50\x00\x00\x00" /* mov al, gs:[0x50] */

extern volatile bool nk_interrupts_allowed, nk_interrupts_pending;
extern ULONG64 nk_last_fault_address;

/** Take what is pending and allowed. */
void nk_interrupts_take(void);
/** Let the device and the clock go on; true if either did something. */
bool nk_machine_poll(void);
/** After each call into the driver: look which doorbells it has rung. */
void nk_machine_after_call(void);

static inline void nk_cli(void)
{
    nk_interrupts_allowed = false;
}
static inline void nk_sti(void)
{
    nk_interrupts_allowed = true;
    if (nk_interrupts_pending)
        nk_interrupts_take();
}
static inline bool nk_interrupts_off(void)
{
    bool were_on = nk_interrupts_allowed;

    nk_interrupts_allowed = false;
    return were_on;
}
static inline void nk_relax(void)
{
    nk_machine_poll();
}
static inline KIRQL nk_irql(void)
{
    KIRQL level;
    __asm__ volatile("movb %%gs:0x50, %0" : "=q"(level));
    return level;
}
static inline void nk_irql_set(KIRQL level)
{
    __asm__ volatile("movb %0, %%gs:0x50" : : "q"(level) : "memory");
    if (nk_interrupts_pending && nk_interrupts_allowed)
        nk_interrupts_take();
}
static inline ULONG64 nk_fault_address(void)
{
    return nk_last_fault_address;
}

#endif
