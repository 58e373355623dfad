/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NK_HOSTED_PROCESS_H
#define NK_HOSTED_PROCESS_H

#include "tests/ntkernel/hosted/os.h"

/** Memory and exceptions; before the kernel starts. */
void process_become_machine(void);
/** End because the system refused something; errno says why. */
_Noreturn void process_die(const char *what);

#endif
