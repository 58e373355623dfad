/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Function names for the code addresses in a guest's log, by llvm-symbolizer. */
#ifndef NTRUN_SYMBOLS_H
#define NTRUN_SYMBOLS_H

#include <stdio.h>

/** Write `log` to `out`; behind each line that names a place in the driver or the kernel
 * ("viorng.sys+0x1a2b", "ntkernel+0x10a000") its function, file and line are added, where the
 * driver's PDB lies beside the file and llvm-symbolizer is installed. Only lines from the first
 * "@report" on are looked at, and of those at most 64. `driver` is the path given to ntrun, `name`
 * what the guest calls it, `kernel` the kernel's file with symbols. */
void symbols_print(FILE *out, const char *log, const char *driver, const char *name,
                   const char *kernel);

#endif
