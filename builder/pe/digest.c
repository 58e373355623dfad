/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers computed over an image: checksum, Authenticode digest, page hashes. */
#include "builder/pe/pe.h"

#include "util/checked.h"

#define DIRECTORY_ENTRY_SIZE 8
#define PAGE_MIN             512
#define PAGE_MAX             4096 /* on every machine, also where sections are aligned to more */

uint32_t pe_checksum(const struct pe_image *image)
{
    const uint8_t *data = image->file.data;
    size_t size = image->file.size;
    uint64_t sum = 0;

    /* At most PE_FILE_MAX / 2 terms of 16 bits: 64 bits cannot overflow, so carries fold last. */
    for (size_t i = 0; i + 1 < size; i += 2)
        sum += vf_le16(data + i);
    if (size & 1)
        sum += data[size - 1];
    /* the stored checksum counts as zero; it may stand at an odd offset */
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t at = image->checksum_offset + i;
        sum -= (uint64_t)data[at] << (at & 1 ? 8 : 0);
    }
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint32_t)(sum + size);
}

/* Feed [from, to) of the file without the checksum and the certificate directory entry. */
static void update_without_holes(struct vf_hasher *hasher, const struct pe_image *image,
                                 size_t from, size_t to)
{
    const struct {
        size_t offset, size;
    } holes[] = {
        {image->checksum_offset, 4},
        {image->certificate_entry_offset,
         image->certificate_entry_offset ? DIRECTORY_ENTRY_SIZE : 0},
    };
    for (size_t i = 0; i < sizeof(holes) / sizeof(holes[0]); i++) {
        if (!holes[i].size || holes[i].offset < from || holes[i].offset >= to)
            continue;
        vf_hasher_update(hasher, image->file.data + from, holes[i].offset - from);
        from = holes[i].offset + holes[i].size;
    }
    if (from < to)
        vf_hasher_update(hasher, image->file.data + from, to - from);
}

enum vf_code pe_digest(const struct pe_image *image, enum vf_hash hash, struct vf_digest *out,
                       struct vf_err *err)
{
    static const uint8_t zeros[8];
    const struct pe_directory *table = &image->directories[PE_DIR_CERTIFICATE];
    size_t end = image->file.size;

    if (table->size) {
        if ((uint64_t)table->address + table->size != end)
            return vf_fail(
                err, VF_MALFORMED,
                "the certificate table at offset 0x%x is followed by other data; such an "
                "image has no defined digest",
                table->address);
        end = table->address;
    }
    struct vf_hasher *hasher = vf_hasher_new(hash);
    if (!hasher)
        return vf_fail_memory(err);
    update_without_holes(hasher, image, 0, end);
    if (!table->size && end % 8)
        vf_hasher_update(hasher, zeros, 8 - end % 8);
    enum vf_code code = vf_hasher_finish(hasher, out, err);
    vf_hasher_free(hasher);
    return code;
}

/* What page hashes are made of: sections aligned to less than a page are hashed in such pieces. */
static uint32_t page_size(const struct pe_image *image)
{
    return image->section_alignment < PAGE_MAX ? image->section_alignment : PAGE_MAX;
}

/* One row: the digest of size bytes at offset as a zero-padded page. */
static enum vf_code page_row(const struct pe_image *image, enum vf_hash hash, uint32_t offset,
                             uint32_t size, struct vf_buf *out, struct vf_err *err)
{
    static const uint8_t zeros[PAGE_MAX];
    uint8_t position[4];
    struct vf_digest digest;

    struct vf_hasher *hasher = vf_hasher_new(hash);
    if (!hasher)
        return vf_fail_memory(err);
    update_without_holes(hasher, image, offset, (size_t)offset + size);
    if (size < page_size(image))
        vf_hasher_update(hasher, zeros, page_size(image) - size);
    enum vf_code code = vf_hasher_finish(hasher, &digest, err);
    vf_hasher_free(hasher);
    if (code)
        return code;
    vf_put_le32(position, offset);
    vf_buf_append(out, position, sizeof(position));
    vf_buf_append(out, digest.bytes, vf_hash_size(hash));
    return VF_OK;
}

enum vf_code pe_page_hashes(const struct pe_image *image, enum vf_hash hash, struct vf_buf *out,
                            struct vf_err *err)
{
    uint32_t page = page_size(image), end = image->headers_size;
    uint8_t position[4];

    if (page < PAGE_MIN || (page & (page - 1)) || image->headers_size > page)
        return vf_fail(
            err, VF_MALFORMED,
            "page hashes need sections aligned to a page that holds the headers, not 0x%x", page);
    enum vf_code code = page_row(image, hash, 0, image->headers_size, out, err);
    for (unsigned i = 0; !code && i < image->section_count; i++) {
        struct pe_section section;
        pe_section_at(image, i, &section);
        if (!section.file_size)
            continue;
        for (uint32_t at = 0; !code && at < section.file_size; at += page) {
            uint32_t left = section.file_size - at;
            code = page_row(image, hash, section.file_offset + at, left < page ? left : page, out,
                            err);
        }
        end = section.file_offset + section.file_size;
    }
    if (code)
        return code;
    vf_put_le32(position, end);
    vf_buf_append(out, position, sizeof(position));
    vf_buf_append_zero(out, vf_hash_size(hash));
    return vf_buf_ok(out) ? VF_OK : vf_fail_memory(err);
}
