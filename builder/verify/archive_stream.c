/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/verify/archive_stream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <lzma.h>
#include <zstd.h>
#include <zstd_errors.h>

#define PIECE_SIZE ((size_t)64 << 10)

/*
 * What a file may ask for. The strongest presets state their window even for a few bytes; a small
 * file, which has no use for it, must not cost that memory. zstd: the window's logarithm.
 */
static const struct allowance {
    uint64_t file_size; /* from this size on */
    uint64_t xz_memory;
    int zstd_window;
    const char *presets;
} allowances[] = {
    {0, (uint64_t)18 << 20, 24, "'xz -6' or 'zstd -19'"},
    {(uint64_t)4 << 20, (uint64_t)66 << 20, 26, "'xz' or 'zstd' without options"},
};

#define ALLOWANCES (sizeof(allowances) / sizeof(allowances[0]))

struct archive_stream {
    const char *path;
    FILE *file;
    enum archive_packing packing;
    const struct allowance *allowance;
    uint64_t left; /* of the unpacked bytes allowed */
    lzma_stream xz;
    ZSTD_DStream *zstd;
    bool whole; /* the last frame of zstd is complete */
    bool input_ended;
    size_t in_at, in_size; /* of what was read into `in`; xz keeps its own place */
    uint8_t in[PIECE_SIZE];
    uint8_t out[PIECE_SIZE];
};

/* By the file's size; one that is no plain file counts as small. */
static const struct allowance *find_allowance(FILE *file)
{
    const struct allowance *found = &allowances[0];
    struct stat status;

    for (size_t i = 0; fstat(fileno(file), &status) == 0 && i < ALLOWANCES; i++)
        if ((uint64_t)status.st_size >= allowances[i].file_size)
            found = &allowances[i];
    return found;
}

static enum vf_code start_unpacking(struct archive_stream *stream, struct vf_err *err)
{
    if (stream->packing == ARCHIVE_XZ) {
        if (lzma_stream_decoder(&stream->xz, stream->allowance->xz_memory, LZMA_CONCATENATED) !=
            LZMA_OK)
            return vf_fail_memory(err);
        return VF_OK;
    }
    stream->zstd = ZSTD_createDStream();
    if (!stream->zstd || ZSTD_isError(ZSTD_initDStream(stream->zstd)) ||
        ZSTD_isError(ZSTD_DCtx_setParameter(stream->zstd, ZSTD_d_windowLogMax,
                                            stream->allowance->zstd_window)))
        return vf_fail_memory(err);
    return VF_OK;
}

enum vf_code archive_stream_open(const char *path, enum archive_packing packing, uint64_t limit,
                                 struct archive_stream **out, struct vf_err *err)
{
    struct archive_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return vf_fail_memory(err);
    stream->path = path;
    stream->packing = packing;
    stream->left = limit;
    stream->file = fopen(path, "rbe");
    enum vf_code code = VF_OK;
    if (!stream->file)
        code = vf_fail_errno(err, errno, "%s: cannot open", path);
    if (!code) {
        stream->allowance = find_allowance(stream->file);
        code = start_unpacking(stream, err);
    }
    if (code) {
        archive_stream_close(stream);
        return code;
    }
    *out = stream;
    return VF_OK;
}

static enum vf_code refill(struct archive_stream *stream, struct vf_err *err)
{
    stream->in_at = 0;
    stream->in_size = fread(stream->in, 1, sizeof(stream->in), stream->file);
    if (stream->in_size == 0 && ferror(stream->file))
        return vf_fail_errno(err, errno, "%s: cannot read", stream->path);
    stream->input_ended = stream->in_size == 0;
    return VF_OK;
}

/* Unpack what `in` holds; *made is how much of `out` was filled, *ended that no more will come. */
static enum vf_code step_xz(struct archive_stream *stream, size_t *made, bool *ended,
                            struct vf_err *err)
{
    lzma_stream *xz = &stream->xz;

    xz->next_in = stream->in + stream->in_at;
    xz->avail_in = stream->in_size - stream->in_at;
    xz->next_out = stream->out;
    xz->avail_out = sizeof(stream->out);
    lzma_ret result = lzma_code(xz, stream->input_ended ? LZMA_FINISH : LZMA_RUN);
    stream->in_at = stream->in_size - xz->avail_in;
    *made = sizeof(stream->out) - xz->avail_out;
    *ended = result == LZMA_STREAM_END;
    if (result == LZMA_MEMLIMIT_ERROR)
        return vf_fail(
            err, VF_MALFORMED,
            "%s: xz data that need more than %llu MiB of memory to unpack, which is much "
            "for its size; pack it again with %s, or unpack it",
            stream->path, (unsigned long long)(stream->allowance->xz_memory >> 20),
            stream->allowance->presets);
    if (result == LZMA_MEM_ERROR)
        return vf_fail_memory(err);
    if (result != LZMA_OK && result != LZMA_STREAM_END)
        return vf_fail(err, VF_MALFORMED, "%s: damaged or cut xz data; fetch it again",
                       stream->path);
    return VF_OK;
}

static enum vf_code step_zstd(struct archive_stream *stream, size_t *made, bool *ended,
                              struct vf_err *err)
{
    ZSTD_inBuffer in = {stream->in, stream->in_size, stream->in_at};
    ZSTD_outBuffer out = {stream->out, sizeof(stream->out), 0};

    if (stream->input_ended) {
        *made = 0;
        *ended = true;
        if (stream->whole)
            return VF_OK;
        return vf_fail(err, VF_MALFORMED, "%s: cut zstd data; fetch it again", stream->path);
    }
    size_t result = ZSTD_decompressStream(stream->zstd, &out, &in);
    if (ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge)
        return vf_fail(
            err, VF_MALFORMED,
            "%s: zstd data that need a window of more than %d MiB to unpack, which is much "
            "for its size; pack it again with %s, or unpack it",
            stream->path, 1 << (stream->allowance->zstd_window - 20), stream->allowance->presets);
    if (ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation)
        return vf_fail_memory(err);
    if (ZSTD_isError(result))
        return vf_fail(err, VF_MALFORMED, "%s: zstd data that cannot be unpacked (%s)",
                       stream->path, ZSTD_getErrorName(result));
    stream->whole = result == 0;
    stream->in_at = in.pos;
    *made = out.pos;
    return VF_OK;
}

enum vf_code archive_stream_read(struct archive_stream *stream, const void **data, size_t *size,
                                 struct vf_err *err)
{
    size_t made = 0;
    bool ended = false;

    /* each turn takes input or gives output, and the input is finite */
    while (made == 0 && !ended) {
        enum vf_code code = VF_OK;
        if (stream->in_at == stream->in_size && !stream->input_ended)
            code = refill(stream, err);
        if (!code)
            code = stream->packing == ARCHIVE_XZ ? step_xz(stream, &made, &ended, err)
                                                 : step_zstd(stream, &made, &ended, err);
        if (code)
            return code;
    }
    if (made > stream->left)
        return vf_fail(err, VF_MALFORMED,
                       "%s: unpacks to far more than a driver package does; unpack it and judge "
                       "the folder",
                       stream->path);
    stream->left -= made;
    *data = stream->out;
    *size = made;
    return VF_OK;
}

void archive_stream_close(struct archive_stream *stream)
{
    if (!stream)
        return;
    lzma_end(&stream->xz);
    ZSTD_freeDStream(stream->zstd);
    if (stream->file)
        fclose(stream->file);
    free(stream);
}
