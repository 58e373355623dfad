/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files of cpu/ and hosted/ only. */
#ifndef NK_CPU_MEMORY_H
#define NK_CPU_MEMORY_H

#include "nk.h"

#define NK_RAM_LIMIT         (1024ull << 20)
#define NK_VECTOR_PAGE_FAULT 14
#define NK_VECTOR_CLOCK      0xD0

/** RAM of `limit` bytes, of which those below `reserved_end` are taken. */
void nk_pages_init(ULONG64 limit, ULONG64 reserved_end);
void nk_memory_init(ULONG memory_end, ULONG reserved_end);
/** Pages of RAM, from physical address 0. */
size_t nk_page_count(void);
/** What CR3 holds. */
ULONG64 nk_memory_root(void);
/** Let a pageable page be there or not; false if it is not pageable or so already. */
bool nk_pageable_show(ULONG64 va, bool present);
/** The page Windows shares with user mode, NULL where there is none. */
UCHAR *nk_shared_page(void);
/** Give the running processor its number and control region; the first thing it does. */
void nk_cpu_identify(unsigned index);

/** An exception or an interrupt; interrupts are off. */
void nk_trap(struct nk_frame *frame);

/** Time begins, with a counter of this speed. */
void nk_clock_start(ULONG64 tsc_per_ms);
/** Report a call into the driver that has lasted too long. */
void nk_watchdog_check(void);
/** The clock interrupt. */
void nk_clock_tick(void *context);

/** The debug console, and the way out. */
void nk_console_write(const char *text);
/** One character of what the host answers; false while there is none. */
bool nk_host_read(char *c);
_Noreturn void nk_machine_leave(bool passed);

#endif
