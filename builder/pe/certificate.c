/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The certificate table behind an image: reading it, replacing it. */
#include "builder/pe/pe.h"

#include "util/checked.h"

#define HEADER_SIZE      8 /* length, revision, type */
#define REVISION_2       0x0200
#define CERTIFICATES_MAX 64
#define ALIGNMENT        8
#define PKCS7_MAX        ((size_t)16 << 20)

enum vf_code pe_certificate_at(const struct pe_image *image, unsigned index, struct vf_view *body,
                               uint16_t *type, bool *found, struct vf_err *err)
{
    const struct pe_directory *table = &image->directories[PE_DIR_CERTIFICATE];
    uint32_t at = 0;

    *found = false;
    for (unsigned i = 0; table->size - at >= HEADER_SIZE; i++) {
        const uint8_t *header = image->file.data + table->address + at;
        uint32_t length = vf_le32(header);
        if (i == CERTIFICATES_MAX)
            return vf_fail(err, VF_MALFORMED, "certificate table: more than %u entries",
                           CERTIFICATES_MAX);
        if (length < HEADER_SIZE || length > table->size - at)
            return vf_fail(
                err, VF_MALFORMED,
                "certificate table: the entry at offset 0x%x claims %u bytes, %u are left",
                table->address + at, length, table->size - at);
        if (i == index) {
            *body = (struct vf_view){header + HEADER_SIZE, length - HEADER_SIZE};
            *type = vf_le16(header + 6);
            *found = true;
            return VF_OK;
        }
        uint32_t padded = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (padded > table->size - at)
            return VF_OK;
        at += padded;
    }
    return VF_OK;
}

static void append_certificate(struct vf_buf *out, struct vf_view pkcs7)
{
    uint8_t header[HEADER_SIZE];
    size_t padded = (HEADER_SIZE + pkcs7.size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

    /* the length counts the padding, as signing tools on Windows write it */
    vf_put_le32(header, (uint32_t)padded);
    vf_put_le16(header + 4, REVISION_2);
    vf_put_le16(header + 6, PE_CERTIFICATE_PKCS7);
    vf_buf_append(out, header, sizeof(header));
    vf_buf_append_view(out, pkcs7);
    vf_buf_align(out, ALIGNMENT);
}

enum vf_code pe_certificate_set(const struct pe_image *image, struct vf_view pkcs7,
                                struct vf_buf *out, struct vf_err *err)
{
    const struct pe_directory *table = &image->directories[PE_DIR_CERTIFICATE];
    size_t end = image->file.size;

    if (!image->certificate_entry_offset)
        return vf_fail(err, VF_MALFORMED,
                       "the image has %u data directories, too few for a signature",
                       image->directory_count);
    if (pkcs7.size > PKCS7_MAX)
        return vf_fail(err, VF_MALFORMED, "a signature of %zu bytes is too large", pkcs7.size);
    if (table->size) {
        if ((uint64_t)table->address + table->size != end)
            return vf_fail(err, VF_MALFORMED,
                           "the certificate table at offset 0x%x is followed by other data",
                           table->address);
        end = table->address;
    }
    vf_buf_append(out, image->file.data, end);
    uint32_t address = 0, size = 0;
    if (pkcs7.size) {
        vf_buf_align(out, ALIGNMENT);
        address = (uint32_t)out->size;
        append_certificate(out, pkcs7);
        size = (uint32_t)(out->size - address);
    }
    if (!vf_buf_ok(out))
        return vf_fail_memory(err);
    vf_put_le32(out->data + image->certificate_entry_offset, address);
    vf_put_le32(out->data + image->certificate_entry_offset + 4, size);
    struct pe_image changed = *image;
    changed.file = vf_view_of(out);
    vf_put_le32(out->data + image->checksum_offset, pe_checksum(&changed));
    return VF_OK;
}
