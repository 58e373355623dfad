/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "iso/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cdio/iso9660.h>
#include <cdio/logging.h>

#include "iso/ecma119.h"
#include "iso/name.h"
#include "iso/reader_private.h"
#include "util/utf16.h"

#define HEAD_SIZE    ((ISO_SYSTEM_BLOCKS + 1) * ISO_BLOCK)
#define CHUNK_BLOCKS 64

/* An entry, and the key that is equal for paths that differ in case only. */
struct listed {
    struct iso_entry entry;
    char *path;
    char *key;
};

struct iso_reader {
    char *path;
    char *label;
    bool joliet;
    uint64_t size;
    iso9660_t *image;
    struct listed *entries; /* sorted by path */
    size_t count, capacity;
    struct listed **by_key; /* sorted by key, then by path */
};

/* Refuse what is no disc image, by its first bytes. */
static enum vf_code check_signature(const struct iso_image *image, struct vf_err *err)
{
    uint8_t head[HEAD_SIZE];
    size_t size = image->size < HEAD_SIZE ? (size_t)image->size : HEAD_SIZE;

    enum vf_code code = iso_image_read(image, 0, head, size, err);
    if (code)
        return code;
    if (size == HEAD_SIZE &&
        memcmp(head + ISO_SYSTEM_BLOCKS * ISO_BLOCK + ISO_VD_ID, ISO_MAGIC, ISO_MAGIC_SIZE) == 0)
        return VF_OK;
    const char *what = iso_signature((struct vf_view){head, size}, image->size);
    if (what)
        return vf_fail(err, VF_MALFORMED, "%s: not an ISO 9660 disc image but %s", image->path,
                       what);
    return vf_fail(err, VF_MALFORMED,
                   "%s: not an ISO 9660 disc image: no volume descriptor at offset %zu",
                   image->path, ISO_SYSTEM_BLOCKS * ISO_BLOCK);
}

static enum vf_code check_file(const char *path, struct iso_checked *checked, uint64_t *size,
                               struct vf_err *err)
{
    struct stat st;
    enum vf_code code;

    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return vf_fail_errno(err, errno, "%s: cannot open", path);
    if (fstat(fd, &st) != 0) {
        code = vf_fail_errno(err, errno, "%s: cannot examine", path);
    } else if (!S_ISREG(st.st_mode)) {
        code = vf_fail(err, VF_MALFORMED, "%s: %s, not a disc image", path,
                       S_ISDIR(st.st_mode) ? "a directory" : "not a regular file");
    } else {
        struct iso_image image = {fd, path, (uint64_t)st.st_size};
        *size = image.size;
        code = check_signature(&image, err);
        if (!code)
            code = iso_check(&image, checked, err);
    }
    close(fd);
    return code;
}

/* A name without version number, and in the primary tree without an empty extension (7.5.1). */
static void strip_version(char *name, bool joliet)
{
    char *semicolon = strrchr(name, ';');

    if (semicolon && semicolon != name && strspn(semicolon + 1, "0123456789") > 0 &&
        semicolon[1 + strspn(semicolon + 1, "0123456789")] == '\0')
        *semicolon = '\0';
    size_t size = strlen(name);
    if (!joliet && size > 1 && name[size - 1] == '.')
        name[size - 1] = '\0';
}

/* Also those above ASCII, which some terminals obey. */
static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

/* A phrase why a name cannot be used below a directory of the host; NULL where it can. */
static const char *name_fault(const char *name)
{
    struct vf_view view = {(const uint8_t *)name, strlen(name)};
    size_t offset = 0;

    if (view.size == 0)
        return "is empty";
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return "leads out of its directory";
    while (offset < view.size) {
        uint32_t c = vf_utf8_next(view, &offset);
        if (c == UINT32_MAX)
            return "is not UTF-8";
        if (is_control(c))
            return "holds a control character";
        if (c == '/' || c == '\\')
            return "holds a slash or backslash";
    }
    return NULL;
}

static enum vf_code append_entry(struct iso_reader *reader, const char *directory,
                                 const iso9660_stat_t *stat, struct vf_err *err)
{
    struct vf_buf key = VF_BUF_INIT, path = VF_BUF_INIT;
    struct tm tm = stat->tm;

    char *name = strdup(stat->filename);
    if (!name)
        return vf_fail_memory(err);
    if (stat->rr.b3_rock != yep)
        strip_version(name, reader->joliet);
    const char *fault = name_fault(name);
    if (fault) {
        /* the name itself may be unfit for a message */
        free(name);
        return vf_fail(err, VF_MALFORMED, "%s: a name in /%s %s", reader->path, directory, fault);
    }
    vf_buf_printf(&path, "%s%s%s", directory, directory[0] ? "/" : "", name);
    free(name);
    if (!vf_buf_text(&path) || !iso_name_key(vf_buf_text(&path), &key) ||
        reader->count == reader->capacity) {
        vf_buf_free(&key);
        vf_buf_free(&path);
        return vf_fail_memory(err);
    }
    struct listed *listed = &reader->entries[reader->count++];
    listed->path = (char *)path.data;
    listed->key = (char *)key.data;
    listed->entry = (struct iso_entry){
        .path = listed->path,
        .directory = stat->type == _STAT_DIR,
        .size = stat->type == _STAT_DIR ? 0 : stat->size,
        .extent = (uint32_t)stat->lsn,
        .date = mktime(&tm),
    };
    return VF_OK;
}

/* One directory: the path that libiso9660 knows it by, and ours, which may be stripped. */
static enum vf_code list_directory(struct iso_reader *reader, const char *directory,
                                   struct vf_err *err)
{
    enum vf_code code = VF_OK;
    CdioListNode_t *node;

    CdioISO9660FileList_t *list = iso9660_ifs_readdir(reader->image, directory);
    if (!list)
        return vf_fail(err, VF_MALFORMED, "%s: libiso9660 cannot read the directory /%s",
                       reader->path, directory);
    _CDIO_LIST_FOREACH(node, list)
    {
        const iso9660_stat_t *stat = _cdio_list_node_data(node);
        if (strcmp(stat->filename, ".") == 0 || strcmp(stat->filename, "..") == 0)
            continue;
        if (!code && reader->count == reader->capacity)
            code = vf_fail(err, VF_MALFORMED, "%s: libiso9660 finds more entries than there are",
                           reader->path);
        if (!code)
            code = append_entry(reader, directory, stat, err);
    }
    iso9660_filelist_free(list);
    return code;
}

/* Directories are appended behind those listed, so the walk ends with the last entry. */
static enum vf_code list_all(struct iso_reader *reader, struct vf_err *err)
{
    enum vf_code code = list_directory(reader, "", err);

    for (size_t i = 0; i < reader->count && !code; i++)
        if (reader->entries[i].entry.directory)
            code = list_directory(reader, reader->entries[i].path, err);
    if (!code && reader->count != reader->capacity)
        code = vf_fail(err, VF_MALFORMED, "%s: libiso9660 finds %zu of %zu entries", reader->path,
                       reader->count, reader->capacity);
    return code;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(((const struct listed *)a)->path, ((const struct listed *)b)->path);
}

static int compare_keys(const void *a, const void *b)
{
    const struct listed *x = *(struct listed *const *)a, *y = *(struct listed *const *)b;
    int order = strcmp(x->key, y->key);

    return order ? order : strcmp(x->path, y->path);
}

static enum vf_code sort_all(struct iso_reader *reader, struct vf_err *err)
{
    qsort(reader->entries, reader->count, sizeof(reader->entries[0]), compare_paths);
    for (size_t i = 1; i < reader->count; i++)
        if (strcmp(reader->entries[i - 1].path, reader->entries[i].path) == 0)
            return vf_fail(err, VF_MALFORMED, "%s: '%s' is there twice", reader->path,
                           reader->entries[i].path);
    reader->by_key = calloc(reader->count + 1, sizeof(struct listed *));
    if (!reader->by_key)
        return vf_fail_memory(err);
    for (size_t i = 0; i < reader->count; i++)
        reader->by_key[i] = &reader->entries[i];
    qsort(reader->by_key, reader->count, sizeof(struct listed *), compare_keys);
    return VF_OK;
}

/* A copy of text as UTF-8 without control characters; what is neither becomes '?'. */
static char *printable(const char *text)
{
    struct vf_view view = {(const uint8_t *)text, strlen(text)};
    struct vf_buf out = VF_BUF_INIT;
    size_t offset = 0;

    while (offset < view.size) {
        size_t start = offset;
        uint32_t c = vf_utf8_next(view, &offset);
        if (c == UINT32_MAX)
            offset++;
        if (c == UINT32_MAX || is_control(c))
            vf_buf_append_byte(&out, '?');
        else
            vf_buf_append(&out, view.data + start, offset - start);
    }
    vf_buf_append_byte(&out, 0);
    if (vf_buf_ok(&out))
        return (char *)out.data;
    vf_buf_free(&out);
    return NULL;
}

static enum vf_code open_library(struct iso_reader *reader, bool joliet, struct vf_err *err)
{
    char *label = NULL;

    /* the library would print its own warnings on stderr; all that matters is checked here */
    cdio_loglevel_default = CDIO_LOG_ASSERT;
    reader->image = iso9660_open_ext(reader->path, ISO_EXTENSION_JOLIET);
    if (!reader->image)
        return vf_fail(err, VF_MALFORMED, "%s: libiso9660 cannot open the image", reader->path);
    reader->joliet = iso9660_ifs_get_joliet_level(reader->image) > 0;
    if (reader->joliet != joliet)
        return vf_fail(err, VF_MALFORMED, "%s: libiso9660 chooses another tree than expected",
                       reader->path);
    if (!iso9660_ifs_get_volume_id(reader->image, &label))
        label = NULL;
    reader->label = printable(label ? label : "");
    free(label);
    return reader->label ? VF_OK : vf_fail_memory(err);
}

enum vf_code iso_reader_open(const char *path, struct iso_reader **reader, struct vf_err *err)
{
    struct iso_checked checked = {false, 0, 0};
    uint64_t size = 0;

    enum vf_code code = check_file(path, &checked, &size, err);
    if (code)
        return code;
    struct iso_reader *r = calloc(1, sizeof(*r));
    if (!r)
        return vf_fail_memory(err);
    r->size = size;
    r->capacity = checked.entries;
    r->path = strdup(path);
    r->entries = calloc(checked.entries + 1, sizeof(r->entries[0]));
    if (!r->path || !r->entries) {
        iso_reader_close(r);
        return vf_fail_memory(err);
    }
    code = open_library(r, checked.joliet, err);
    if (!code)
        code = list_all(r, err);
    if (!code)
        code = sort_all(r, err);
    if (code) {
        iso_reader_close(r);
        return code;
    }
    *reader = r;
    return VF_OK;
}

void iso_reader_close(struct iso_reader *reader)
{
    if (!reader)
        return;
    for (size_t i = 0; i < reader->count; i++) {
        free(reader->entries[i].path);
        free(reader->entries[i].key);
    }
    free(reader->entries);
    free(reader->by_key);
    if (reader->image)
        iso9660_close(reader->image);
    free(reader->label);
    free(reader->path);
    free(reader);
}

const char *iso_reader_path(const struct iso_reader *reader)
{
    return reader->path;
}

const char *iso_reader_label(const struct iso_reader *reader)
{
    return reader->label;
}

bool iso_reader_is_joliet(const struct iso_reader *reader)
{
    return reader->joliet;
}

uint64_t iso_reader_size(const struct iso_reader *reader)
{
    return reader->size;
}

size_t iso_reader_count(const struct iso_reader *reader)
{
    return reader->count;
}

const struct iso_entry *iso_reader_entry(const struct iso_reader *reader, size_t index)
{
    return index < reader->count ? &reader->entries[index].entry : NULL;
}

/* The first entry with this key. */
static size_t lower_bound(const struct iso_reader *reader, const char *key)
{
    size_t low = 0, high = reader->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(reader->by_key[middle]->key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct iso_entry *iso_reader_find(const struct iso_reader *reader, const char *path)
{
    struct vf_buf key = VF_BUF_INIT;
    const struct iso_entry *found = NULL;

    if (iso_name_key(path, &key)) {
        const char *wanted = (const char *)key.data;
        for (size_t i = lower_bound(reader, wanted);
             i < reader->count && strcmp(reader->by_key[i]->key, wanted) == 0; i++)
            if (!found || strcmp(reader->by_key[i]->path, path) == 0)
                found = &reader->by_key[i]->entry;
    }
    vf_buf_free(&key);
    return found;
}

enum vf_code iso_reader_pass(struct iso_reader *reader, const struct iso_entry *entry,
                             iso_sink *sink, void *context, struct vf_err *err)
{
    enum vf_code code = VF_OK;
    uint64_t left = entry->size;
    lsn_t at = (lsn_t)entry->extent;

    if (entry->directory)
        return vf_fail(err, VF_USAGE, "%s: '%s' is a directory, a file is expected", reader->path,
                       entry->path);
    uint8_t *chunk = malloc(CHUNK_BLOCKS * ISO_BLOCK);
    if (!chunk)
        return vf_fail_memory(err);
    while (left && !code) {
        size_t size = left < CHUNK_BLOCKS * ISO_BLOCK ? (size_t)left : CHUNK_BLOCKS * ISO_BLOCK;
        long wanted = (long)((size + ISO_BLOCK - 1) / ISO_BLOCK);
        if (iso9660_iso_seek_read(reader->image, chunk, at, wanted) != wanted * (long)ISO_BLOCK)
            code = vf_fail(err, VF_IO, "%s: cannot read '%s' at block %ld", reader->path,
                           entry->path, (long)at);
        else
            code = sink(context, chunk, size, err);
        left -= size;
        at += (lsn_t)wanted;
    }
    free(chunk);
    return code;
}

static enum vf_code sink_buf(void *context, const uint8_t *data, size_t size, struct vf_err *err)
{
    vf_buf_append(context, data, size);
    return vf_buf_ok(context) ? VF_OK : vf_fail_memory(err);
}

enum vf_code iso_reader_read(struct iso_reader *reader, const struct iso_entry *entry, size_t limit,
                             struct vf_buf *out, struct vf_err *err)
{
    size_t before = out->size;

    if (entry->size > limit)
        return vf_fail(err, VF_MALFORMED,
                       "%s: '%s' has %llu bytes, more than the %zu expected at most", reader->path,
                       entry->path, (unsigned long long)entry->size, limit);
    enum vf_code code = iso_reader_pass(reader, entry, sink_buf, out, err);
    if (code)
        out->size = before;
    return code;
}

static enum vf_code sink_hasher(void *context, const uint8_t *data, size_t size, struct vf_err *err)
{
    (void)err;
    vf_hasher_update(context, data, size);
    return VF_OK;
}

enum vf_code iso_reader_digest(struct iso_reader *reader, const struct iso_entry *entry,
                               enum vf_hash hash, struct vf_digest *digest, struct vf_err *err)
{
    struct vf_hasher *hasher = vf_hasher_new(hash);
    if (!hasher)
        return vf_fail_memory(err);
    enum vf_code code = iso_reader_pass(reader, entry, sink_hasher, hasher, err);
    if (!code)
        code = vf_hasher_finish(hasher, digest, err);
    vf_hasher_free(hasher);
    return code;
}
