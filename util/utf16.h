/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8 to UTF-16 and back, refusing what is not well formed (Unicode 15, 3.9). */
#ifndef UTIL_UTF16_H
#define UTIL_UTF16_H

#include <stdbool.h>

#include "util/bytes.h"

enum vf_endian { VF_LITTLE, VF_BIG };

/*
 * Append text (UTF-8, NUL not counted) to out as UTF-16 units in the given order, without a byte
 * order mark and without a final NUL. False where text is not valid UTF-8 or memory is short.
 */
bool vf_utf8_to_utf16(struct vf_view text, enum vf_endian endian, struct vf_buf *out);

/* The reverse; false for an odd size or an unpaired surrogate as well. */
bool vf_utf16_to_utf8(struct vf_view units, enum vf_endian endian, struct vf_buf *out);

/*
 * Decode one UTF-8 character at *offset and move *offset behind it. Returns its code point, or
 * UINT32_MAX (offset unchanged) where the bytes there are no well-formed character.
 */
uint32_t vf_utf8_next(struct vf_view text, size_t *offset);

#endif
