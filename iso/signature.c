/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Telling what a file is that should have been a disc image. */
#include <string.h>
#include <strings.h>

#include "iso/ecma119.h"
#include "iso/reader_private.h"

static const struct signature {
    uint32_t offset;
    uint8_t size;
    const char *bytes;
    const char *what;
} signatures[] = {
    {0, 4, "PK\x03\x04", "a ZIP archive; unpack it first"},
    {0, 2, "\x1F\x8B", "gzip-compressed data; unpack it first"},
    {0, 6,
     "\xFD"
     "7zXZ\0",
     "xz-compressed data; unpack it first"},
    {0, 3, "BZh", "bzip2-compressed data; unpack it first"},
    {0, 4, "\x28\xB5\x2F\xFD", "Zstandard-compressed data; unpack it first"},
    {0, 6, "7z\xBC\xAF\x27\x1C", "a 7z archive; unpack it first"},
    {0, 4, "Rar!", "a RAR archive; unpack it first"},
    {0, 4, "MSCF", "a cabinet (.cab); unpack it first"},
    {0, 4, "\xED\xAB\xEE\xDB", "an RPM package; unpack it first"},
    {0, 8, "!<arch>\n", "a Debian package or library archive"},
    {0, 8, "MSWIM\0\0\0", "a WIM image, which is not a disc"},
    {0, 2, "MZ", "a Windows program"},
    {0, 4,
     "\x7F"
     "ELF",
     "a Linux program"},
    {0, 4, "%PDF", "a PDF document"},
    {0, 4, "QFI\xFB", "a QCOW2 disk image of a virtual machine"},
    {0, 4, "KDMV", "a VMDK disk image of a virtual machine"},
    {0, 8, "conectix", "a VHD disk image of a virtual machine"},
    {0, 8, "vhdxfile", "a VHDX disk image of a virtual machine"},
    {0, 12, "\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0",
     "a raw CD image with 2352 byte sectors"},
    {257, 5, "ustar", "a tar archive; unpack it first"},
    {ISO_SYSTEM_BLOCKS * ISO_BLOCK + 1, 5, "BEA01", "a UDF disc without an ISO 9660 part"},
    {0x1FE, 2, "\x55\xAA", "a hard disk, USB stick or floppy image"},
};

/* White space, then a tag that starts web pages or XML. */
static bool is_markup(struct vf_view head, const char *tag)
{
    size_t at = 0;

    if (head.size >= 3 && memcmp(head.data, "\xEF\xBB\xBF", 3) == 0)
        at = 3;
    while (at < head.size && strchr(" \t\r\n", head.data[at]) && head.data[at])
        at++;
    return head.size - at >= strlen(tag) &&
           strncasecmp((const char *)head.data + at, tag, strlen(tag)) == 0;
}

const char *iso_signature(struct vf_view head, uint64_t size)
{
    size_t zeros = 0;

    if (size == 0)
        return "an empty file; fetch or make it again";
    if (is_markup(head, "<!doctype html") || is_markup(head, "<html") || is_markup(head, "<head"))
        return "an HTML page: the server answered with a web page instead of the disc; "
               "fetch it again";
    if (is_markup(head, "<?xml"))
        return "an XML document";
    if (is_markup(head, "{"))
        return "a JSON document or text";
    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        const struct signature *s = &signatures[i];
        struct vf_view part;
        if (vf_view_sub(head, s->offset, s->size, &part) &&
            memcmp(part.data, s->bytes, s->size) == 0)
            return s->what;
    }
    while (zeros < head.size && head.data[zeros] == 0)
        zeros++;
    if (zeros == head.size)
        return "nothing but zeros at its start; fetch or make it again";
    if (size < (ISO_SYSTEM_BLOCKS + 1) * ISO_BLOCK)
        return "too short to be a disc; fetch or make it again";
    return NULL;
}
