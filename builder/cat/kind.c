/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kinds of member files: how each is told, marked in a catalog, and digested. */
#include <string.h>

#include "builder/cat/cat_private.h"
#include "builder/pe/pe.h"

/* MS-CAB 2.1, CFHEADER */
#define CABINET_HEADER      36
#define CABINET_RESERVED1   4 /* not covered: four bytes here */
#define CABINET_SIZE        8 /* of the whole file; four bytes */
#define CABINET_FLAGS       30
#define CABINET_HAS_RESERVE 4
/* where it leaves room for a signature: 20 bytes that say where that is, and its sizes before */
#define CABINET_SIGNED_HEADER 60
#define CABINET_NUMBER        34 /* in a set; covered only where there is no such room */
#define CABINET_RESERVE_SIZE  36
#define SIGNATURE_RESERVE     20
#define SIGNATURE_OFFSET      44
#define SIGNATURE_MARK        56 /* the last of those 20 bytes, which are covered */

static bool is_image(struct vf_view content)
{
    return pe_is_image(content);
}

static bool is_cabinet(struct vf_view content)
{
    return content.size >= CABINET_HEADER && memcmp(content.data, "MSCF", 4) == 0;
}

static bool is_any(struct vf_view content)
{
    (void)content;
    return true;
}

static enum vf_code image_digest(enum vf_hash hash, struct vf_view content, struct vf_digest *out,
                                 struct vf_err *err)
{
    struct pe_image image;

    enum vf_code code = pe_read(content, &image, err);
    return code ? code : pe_digest(&image, hash, out, err);
}

/* Does the cabinet's header have the room that a signature takes? *end is where that begins. */
static bool has_signature_room(struct vf_view content, size_t *end)
{
    const uint8_t *data = content.data;

    if (content.size < CABINET_SIGNED_HEADER ||
        !(vf_le16(data + CABINET_FLAGS) & CABINET_HAS_RESERVE) ||
        vf_le16(data + CABINET_RESERVE_SIZE) != SIGNATURE_RESERVE)
        return false;
    uint32_t offset = vf_le32(data + SIGNATURE_OFFSET);
    *end = offset >= CABINET_SIGNED_HEADER && offset <= content.size ? offset : content.size;
    return true;
}

/*
 * All but a reserved field of the header, and what a signature changes. That this is so is seen in
 * published catalogs for cabinets without a signature, in what osslsigncode computes for others.
 */
static enum vf_code cabinet_digest(enum vf_hash hash, struct vf_view content, struct vf_digest *out,
                                   struct vf_err *err)
{
    const uint8_t *data = content.data;
    size_t end = content.size, header = CABINET_HEADER, body = CABINET_HEADER;

    struct vf_hasher *hasher = vf_hasher_new(hash);
    if (!hasher)
        return vf_fail_memory(err);
    if (has_signature_room(content, &end)) {
        header = CABINET_NUMBER;
        body = SIGNATURE_MARK;
    }
    vf_hasher_update(hasher, data, CABINET_RESERVED1);
    vf_hasher_update(hasher, data + CABINET_SIZE, header - CABINET_SIZE);
    vf_hasher_update(hasher, data + body, end - body);
    enum vf_code code = vf_hasher_finish(hasher, out, err);
    vf_hasher_free(hasher);
    return code;
}

/* In the order in which they are tried. */
static const struct kind {
    enum spc_kind kind;
    bool (*is)(struct vf_view content);
    enum vf_code (*digest)(enum vf_hash hash, struct vf_view content, struct vf_digest *out,
                           struct vf_err *err);
    const char *name;
    const char *guid; /* version 1 */
    uint8_t tag;      /* version 2: an implicitly tagged NULL */
} kinds[] = {
    {SPC_IMAGE, is_image, image_digest, "image", "{C689AAB8-8E78-11D0-8C47-00C04FC295EE}", 0x80},
    {SPC_CABINET, is_cabinet, cabinet_digest, "cabinet", "{C689AABA-8E78-11D0-8C47-00C04FC295EE}",
     0x81},
    {SPC_FLAT, is_any, vf_digest_view, "file", "{DE351A42-8E59-11D0-8C47-00C04FC295EE}", 0x82},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct kind *find(enum spc_kind kind)
{
    const struct kind *at = kinds;

    while (at->kind != kind)
        at++;
    return at;
}

enum spc_kind cat_kind_of(struct vf_view content)
{
    const struct kind *at = kinds;

    while (!at->is(content))
        at++;
    return at->kind;
}

enum vf_code cat_digest(enum vf_hash hash, struct vf_view content, struct vf_digest *out,
                        struct vf_err *err)
{
    return find(cat_kind_of(content))->digest(hash, content, out, err);
}

enum vf_code cat_cabinet_mark(struct vf_view content, struct vf_buf *out, struct vf_err *err)
{
    struct vf_digest digest;

    enum vf_code code = vf_digest_view(
        VF_SHA256, (struct vf_view){content.data + CABINET_SIZE, sizeof(uint32_t)}, &digest, err);
    if (code)
        return code;
    vf_buf_append(out, digest.bytes, vf_hash_size(VF_SHA256));
    return vf_buf_ok(out) ? VF_OK : vf_fail_memory(err);
}

const char *cat_kind_text(enum spc_kind kind)
{
    return find(kind)->name;
}

const char *cat_kind_guid(enum spc_kind kind)
{
    return find(kind)->guid;
}

uint8_t cat_kind_tag(enum spc_kind kind)
{
    return find(kind)->tag;
}

bool cat_kind_by_guid(const char *guid, enum spc_kind *kind)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (strcmp(kinds[i].guid, guid) == 0) {
            *kind = kinds[i].kind;
            return true;
        }
    }
    return false;
}

bool cat_kind_by_tag(uint8_t tag, enum spc_kind *kind)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (kinds[i].tag == tag) {
            *kind = kinds[i].kind;
            return true;
        }
    }
    return false;
}
