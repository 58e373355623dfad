/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disc image as a tree, through libiso9660: code that shares nothing with our writer. */
#include "builder/verify/tree_private.h"

#include <string.h>

#include "iso/reader.h"

static enum vf_code disc_read(void *source, const struct tree_file *file, size_t limit,
                              struct vf_buf *out, struct vf_err *err)
{
    const struct iso_entry *entry = iso_reader_find(source, file->path);
    if (!entry)
        return vf_fail(err, VF_MALFORMED, "%s: no longer on the disc", file->path);
    return iso_reader_read(source, entry, limit, out, err);
}

static void disc_close(void *source)
{
    iso_reader_close(source);
}

static const struct tree_ops disc_ops = {disc_read, disc_close};

enum vf_code tree_load_disc(struct tree *tree, struct vf_err *err)
{
    struct iso_reader *reader;
    enum vf_code code = iso_reader_open(tree->path, &reader, err);
    if (code)
        return code;
    tree->ops = &disc_ops;
    tree->source = reader;
    tree->kind = TREE_DISC;
    tree->label = strdup(iso_reader_label(reader));
    if (!tree->label)
        return vf_fail_memory(err);
    for (size_t i = 0; i < iso_reader_count(reader); i++) {
        const struct iso_entry *entry = iso_reader_entry(reader, i);
        if (entry->directory)
            continue;
        code = tree_add(tree, entry->path, entry->size, err);
        if (code)
            return code;
    }
    return VF_OK;
}
