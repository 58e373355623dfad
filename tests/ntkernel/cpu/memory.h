/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files of cpu/ only. */
#ifndef NK_CPU_MEMORY_H
#define NK_CPU_MEMORY_H

#include "ntos/nt_types.h"

#define NK_SHARED_USER_DATA 0xFFFFF78000000000ull

/** What CR3 holds. */
ULONG64 nk_memory_root(void);
/** Give the running processor its number and control region; the first thing it does. */
void nk_cpu_identify(unsigned index);

#endif
