/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fields of System Use Sharing Protocol and Rock Ridge (IEEE P1281 and P1282), as far as
 * libiso9660 takes their lengths on trust. It has no switch to leave them alone.
 */
#include <string.h>

#include "iso/reader_private.h"

#define FIELD_HEADER 4 /* signature, length, version */

/* A field's own length byte must not fall below what is read of it. */
static bool time_stamps_fit(const uint8_t *field, size_t size)
{
    size_t each = field[4] & 0x80 ? 17 : 7;

    return FIELD_HEADER + 1 + (size_t)__builtin_popcount(field[4] & 0x7F) * each <= size;
}

static bool reference_fits(const uint8_t *field, size_t size)
{
    return (size_t)8 + field[4] + field[5] + field[6] <= size;
}

#define NAME_CONTINUES 0x01 /* flag of an NM field */

/*
 * A name must be whole in its record: where it goes on in a continuation, libiso9660 2.1 cuts it.
 */
static bool name_is_whole(const uint8_t *field, size_t size)
{
    return !(field[4] & NAME_CONTINUES) &&
           !memchr(field + FIELD_HEADER + 1, 0, size - FIELD_HEADER - 1);
}

/* Where the fields go on; only once, and only for those who ask (next is not NULL). */
static bool take_continuation(const uint8_t *field, size_t size, struct iso_continuation *next)
{
    if (!next || next->there || size < 28)
        return false;
    next->there = true;
    next->extent = vf_le32(field + 4);
    next->offset = vf_le32(field + 12);
    next->size = vf_le32(field + 20);
    return next->extent == vf_be32(field + 8) && next->offset == vf_be32(field + 16) &&
           next->size == vf_be32(field + 24);
}

static const struct field {
    char signature[3];
    uint8_t size_min;
    bool (*fits)(const uint8_t *field, size_t size); /* called where size_min holds */
    const char *refused;                             /* why an image with this field is not read */
} fields[] = {
    {"SP", 7, NULL, NULL},
    {"ER", 8, reference_fits, NULL},
    {"NM", 5, name_is_whole, NULL},
    {"PX", 36, NULL, NULL},
    {"TF", 5, time_stamps_fit, NULL},
    {"SL", 0, NULL, "holds a symbolic link, which Windows does not know"},
    {"RE", 0, NULL, "holds a moved directory (Rock Ridge RE), which is not supported"},
    {"CL", 0, NULL, "holds a moved directory (Rock Ridge CL), which is not supported"},
    {"PL", 0, NULL, "holds a moved directory (Rock Ridge PL), which is not supported"},
};

bool iso_check_system_use(struct vf_view area, struct iso_continuation *next, const char **reason)
{
    *reason = "has a malformed system use field";
    /* the last byte may be padding; a zero byte where a signature is expected ends the fields */
    while (area.size >= FIELD_HEADER) {
        const uint8_t *field = area.data;
        size_t size = field[2];
        if (size < FIELD_HEADER || size > area.size) {
            /* libiso9660 goes by the length alone and stops at a zero one */
            return size == 0;
        }
        if (memcmp(field, "CE", 2) == 0 && !take_continuation(field, size, next))
            return false;
        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
            const struct field *f = &fields[i];
            if (memcmp(field, f->signature, 2) != 0)
                continue;
            if (f->refused) {
                *reason = f->refused;
                return false;
            }
            if (size < f->size_min || (f->fits && !f->fits(field, size)))
                return false;
        }
        area.data += size;
        area.size -= size;
    }
    /* it reads a length wherever two bytes are left */
    return area.size < 2 || (area.size == 3 && area.data[2] == 0);
}
