/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The texts in iso/disc/, built into the library; each line ends in LF, the first is its tag. */
#ifndef ISO_DISC_TEXTS_H
#define ISO_DISC_TEXTS_H

extern const char iso_disc_readme[];
extern const char iso_disc_test_signing[];

#endif
