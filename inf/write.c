/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing a parsed file back, edits made and everything else kept. */
#include "inf/inf_private.h"

#include <string.h>

enum vf_code inf_write(const struct inf_file *file, const struct inf_edit *edits, size_t count,
                       struct vf_buf *out, struct vf_err *err)
{
    struct vf_view text = vf_view_of(&file->text);
    uint32_t done = 0;

    inf_encode_mark(file->encoding, out);
    for (size_t i = 0; i <= count; i++) {
        uint32_t begin = i < count ? edits[i].span.begin : (uint32_t)text.size;
        uint32_t end = i < count ? edits[i].span.end : begin;
        struct vf_view kept;
        if (begin < done || end < begin || end > text.size ||
            !vf_view_sub(text, done, begin - done, &kept))
            return vf_fail(err, VF_USAGE, "%s: edit %zu is out of order or out of the text",
                           file->name, i + 1);
        bool whole = inf_encode(kept, file->encoding, out);
        if (whole && i < count) {
            struct vf_view put = {(const uint8_t *)edits[i].text, strlen(edits[i].text)};
            if (!inf_encode(put, file->encoding, out) && vf_buf_ok(out))
                return vf_fail(err, VF_MALFORMED,
                               "%s: '%s' cannot be written as %s; "
                               "convert the file to UTF-16LE",
                               file->name, edits[i].text, inf_encoding_text(file->encoding));
        }
        if (!whole || !vf_buf_ok(out))
            return vf_fail_memory(err);
        done = end;
    }
    return VF_OK;
}
