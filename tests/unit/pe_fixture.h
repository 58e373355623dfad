/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small driver image made by code, as a linker would leave it. */
#ifndef TESTS_UNIT_PE_FIXTURE_H
#define TESTS_UNIT_PE_FIXTURE_H

#include "builder/pe/pe.h"

/*
 * Append to out an unsigned, unfinished native image for the machine: .text, .rdata (imports
 * DbgPrint and ordinal 7 from ntoskrnl.exe, and an RSDS record naming "driver.pdb"), .data, INIT,
 * .rsrc and .reloc, one file page each. 0xc00 + 0x400 bytes, checksum zero.
 */
void pe_fixture(uint16_t machine, struct vf_buf *out);

/* The same image after pe_finish with the time stamp 1. */
void pe_fixture_finished(uint16_t machine, struct vf_buf *out);

/* The section of that name; fails the test where there is none. */
struct pe_section pe_fixture_section(struct vf_view file, const char *name);

#endif
