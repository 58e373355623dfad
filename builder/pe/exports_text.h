/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exports.txt as a string constant, made by the build. */
#ifndef BUILDER_PE_EXPORTS_TEXT_H
#define BUILDER_PE_EXPORTS_TEXT_H

extern const char pe_exports_text[];

#endif
