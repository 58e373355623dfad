/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fixed addresses of the test kernel's address space. */
#ifndef NK_CPU_MEMORY_H
#define NK_CPU_MEMORY_H

#define NK_SHARED_USER_DATA 0xFFFFF78000000000ull

#endif
