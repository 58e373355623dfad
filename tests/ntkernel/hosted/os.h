/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Between the kernel, which is compiled with Windows' calling convention, and the process it runs
 * in, which is compiled with Linux'. Both sides include this, so only types that they share appear.
 *
 * RAM is one file in memory. The process sees all of it at once, to which physical addresses are
 * offsets; the kernel maps its pages where it wants them. Behind RAM in the same file lie the
 * device's register pages: the device keeps what a register reads as in them.
 */
#ifndef NK_HOSTED_OS_H
#define NK_HOSTED_OS_H

#include <stdbool.h>
#include <stddef.h>

#define OS_CALL     __attribute__((sysv_abi)) /* of the process, called by the kernel */
#define KERNEL_CALL __attribute__((ms_abi))   /* of the kernel, called by the process */

#define OS_PAGE     4096u
#define OS_RAM_SIZE (256ull << 20)

enum {
    OS_WRITE = 1,
    OS_EXECUTE = 2,
    OS_HIDDEN = 4
}; /* what a page may be used for; it is readable */

typedef unsigned long long os_word;

/* process.c */

/** The process' view of RAM and the device's pages. */
OS_CALL void *os_direct(void);
OS_CALL void os_map(os_word va, os_word offset, unsigned use);
OS_CALL void os_protect(os_word va, unsigned use);
OS_CALL void os_unmap(os_word va);
/** `size` bytes of zeros that cost nothing until touched. */
OS_CALL void *os_table(size_t size);
OS_CALL void os_control_region(void *base); /* where gs points */
OS_CALL os_word os_tsc_per_ms(void);
/** Have kernel_watch() called from now on. */
OS_CALL void os_watch(void);
OS_CALL void os_sleep_us(unsigned us);
OS_CALL void os_write(const char *text, size_t length);
OS_CALL _Noreturn void os_leave(bool passed);

/* device.c */

/** The offset in the memory file of a device page at a physical address, 0 if there is none.
 * *trapped: each access is to be told by device_read() and device_write(). */
OS_CALL os_word device_page(os_word physical, bool *trapped);
OS_CALL os_word device_read(os_word physical, unsigned width);
OS_CALL void device_write(os_word physical, unsigned width, os_word value);
OS_CALL unsigned device_config_read(unsigned offset, unsigned size);
OS_CALL void device_config_write(unsigned offset, unsigned size, unsigned value);
/** Note the doorbells rung since the last call. */
OS_CALL void device_doorbells(void);
/** Let the device work; true if it did. */
OS_CALL bool device_run(void);
OS_CALL bool device_line(void); /* asserted */
OS_CALL os_word device_doorbell_count(void);
/** What the device found wrong with the driver, NULL for nothing. */
OS_CALL const char *device_fault(void);

/* kernel.c */

struct os_driver {
    const void *data;
    size_t size;
    const char *name, *options;
};

KERNEL_CALL _Noreturn void kernel_start(const struct os_driver *driver);
/** An exception of the process, in the form of struct nk_frame. Returns if it is healed. */
KERNEL_CALL void kernel_trap(os_word frame[22], os_word address);
/** The physical address behind a virtual one, ~0 if nothing is mapped. */
KERNEL_CALL os_word kernel_physical(os_word va);
/** A message of the device's, or its line (vector 0). */
KERNEL_CALL void kernel_interrupt(unsigned vector);
/** Regularly, with the address of the interrupted instruction. */
KERNEL_CALL void kernel_watch(os_word rip);

#endif
