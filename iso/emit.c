/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one pass that writes an image from front to back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iso/ecma119.h"
#include "iso/writer_private.h"

/* A multiple of the block; small enough to stay in the cache between its three uses. */
#define CHUNK ((size_t)256 * 1024)

struct emit {
    struct vf_out *out;
    struct vf_hasher *hasher;
    uint64_t done, total;
    iso_progress *progress;
    void *context;
    uint8_t chunk[CHUNK];
};

static enum vf_code put(struct emit *emit, const void *data, size_t size, struct vf_err *err)
{
    vf_hasher_update(emit->hasher, data, size);
    vf_out_write(emit->out, data, size);
    if (vf_out_errno(emit->out))
        return vf_fail_errno(err, vf_out_errno(emit->out), "%s: cannot write the disc image",
                             vf_out_path(emit->out));
    emit->done += size;
    if (emit->progress)
        emit->progress(emit->context, emit->done, emit->total);
    return VF_OK;
}

/* Fill the last block of a file. */
static enum vf_code put_rest(struct emit *emit, uint64_t size, struct vf_err *err)
{
    static const uint8_t zero[ISO_BLOCK];
    size_t rest = (size_t)(size % ISO_BLOCK);

    return rest ? put(emit, zero, ISO_BLOCK - rest, err) : VF_OK;
}

/* Read as much as is asked for unless the file ends before. */
static ssize_t read_full(int fd, uint8_t *data, size_t size)
{
    size_t used = 0;

    while (used < size) {
        ssize_t got = read(fd, data + used, size - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        used += (size_t)got;
    }
    return (ssize_t)used;
}

static enum vf_code copy_source(struct emit *emit, const struct iso_node *file, int fd,
                                struct vf_hasher *hasher, struct vf_err *err)
{
    enum vf_code code = VF_OK;

    for (uint64_t left = file->size; left && !code;) {
        size_t wanted = left < CHUNK ? (size_t)left : CHUNK;
        ssize_t got = read_full(fd, emit->chunk, wanted);
        if (got < 0)
            return vf_fail_errno(err, errno, "%s: cannot read", file->source);
        if ((size_t)got < wanted)
            return vf_fail(err, VF_IO, "%s: became shorter while the disc was made; make it again",
                           file->source);
        if (hasher)
            vf_hasher_update(hasher, emit->chunk, wanted);
        code = put(emit, emit->chunk, wanted, err);
        left -= wanted;
    }
    return code;
}

/* What was hashed before must be what was written now. */
static enum vf_code check_hash(const struct iso_node *file, struct vf_hasher *hasher,
                               struct vf_err *err)
{
    struct vf_digest digest;

    enum vf_code code = vf_hasher_finish(hasher, &digest, err);
    if (!code && memcmp(digest.bytes, file->digest.bytes, sizeof(digest.bytes)) != 0)
        code = vf_fail(err, VF_IO, "%s: its content changed while the disc was made; make it again",
                       file->source);
    return code;
}

static enum vf_code put_source(struct emit *emit, const struct iso_node *file, struct vf_err *err)
{
    struct vf_hasher *hasher = NULL;
    int fd;

    enum vf_code code = iso_content_open(file, &fd, err);
    if (code)
        return code;
    if (file->hashed && !(hasher = vf_hasher_new(VF_SHA256)))
        code = vf_fail_memory(err);
    if (!code)
        code = copy_source(emit, file, fd, hasher, err);
    if (!code && hasher)
        code = check_hash(file, hasher, err);
    vf_hasher_free(hasher);
    if (code) {
        close(fd);
        return code;
    }
    return iso_content_close(file, fd, err);
}

static enum vf_code put_file(struct emit *emit, const struct iso_node *file, struct vf_err *err)
{
    enum vf_code code = file->source ? put_source(emit, file, err)
                                     : put(emit, file->bytes, (size_t)file->size, err);

    return code ? code : put_rest(emit, file->size, err);
}

/* Everything before the files' content: some kilobytes per hundred files, made in memory. */
static enum vf_code make_front(const struct iso_writer *writer, const struct iso_plan *plan,
                               struct vf_buf *front, struct vf_err *err)
{
    vf_buf_append_zero(front, ISO_SYSTEM_BLOCKS * ISO_BLOCK);
    iso_record_descriptors(writer, plan, front);
    for (enum iso_tree tree = 0; tree < ISO_TREES; tree++) {
        iso_record_path_table(plan, tree, false, front);
        iso_record_path_table(plan, tree, true, front);
    }
    for (enum iso_tree tree = 0; tree < ISO_TREES; tree++)
        for (size_t i = 0; i < plan->directory_count; i++)
            iso_record_directory(writer, plan->directories[tree][i], tree, front);
    return vf_buf_ok(front) ? VF_OK : vf_fail_memory(err);
}

static enum vf_code put_all(struct emit *emit, const struct iso_writer *writer,
                            const struct iso_plan *plan, struct iso_written *written,
                            struct vf_err *err)
{
    struct vf_buf front = VF_BUF_INIT;

    enum vf_code code = make_front(writer, plan, &front, err);
    if (!code)
        code = put(emit, front.data, front.size, err);
    vf_buf_free(&front);
    for (size_t i = 0; i < writer->file_count && !code; i++) {
        const struct iso_node *file = writer->files[i];
        if (file->twin != file) {
            written->shared_files++;
            written->shared_bytes += file->size;
        } else if (file->size) {
            code = put_file(emit, file, err);
        }
    }
    if (!code)
        code = vf_hasher_finish(emit->hasher, &written->digest, err);
    written->size = emit->done;
    written->files = writer->file_count;
    written->directories = plan->directory_count;
    return code;
}

enum vf_code iso_writer_write(struct iso_writer *writer, struct vf_out *out, iso_progress *progress,
                              void *context, struct iso_written *written, struct vf_err *err)
{
    struct iso_plan plan = {0};
    struct emit *emit = NULL;

    *written = (struct iso_written){0};
    enum vf_code code = iso_content_share(writer, err);
    if (code)
        return code;
    code = iso_plan_make(writer, &plan, err);
    if (code)
        goto free_plan;
    emit = calloc(1, sizeof(*emit));
    if (!emit || !(emit->hasher = vf_hasher_new(VF_SHA256))) {
        code = vf_fail_memory(err);
        goto free_emit;
    }
    emit->out = out;
    emit->total = (uint64_t)plan.end * ISO_BLOCK;
    emit->progress = progress;
    emit->context = context;
    code = put_all(emit, writer, &plan, written, err);
    vf_hasher_free(emit->hasher);
free_emit:
    free(emit);
free_plan:
    iso_plan_free(writer, &plan);
    return code;
}
