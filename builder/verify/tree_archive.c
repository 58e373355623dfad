/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An archive as a tree: zip, cabinet and tar (plain or packed with gzip, bzip2, xz or zstd),
 * through libarchive with its other readers left off.
 *
 * The files are unpacked once, in order, into memory, and nothing is ever written to disk. Memory
 * is bounded before it is taken: an archive may unpack to ARCHIVE_FREE_BYTES and ARCHIVE_RATIO
 * times its own size, and to no more than ARCHIVE_BYTES_MAX. Whatever a program that unpacks it
 * might put elsewhere or read in two ways is refused: absolute paths, "..", backslashes, drive
 * letters, links, devices, encrypted files, one path twice.
 */
#include "builder/verify/tree_private.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "builder/verify/archive_stream.h"
#include "util/utf16.h"

#define ARCHIVE_BYTES_MAX  ((uint64_t)1 << 30)
#define ARCHIVE_FREE_BYTES ((uint64_t)7 << 20)
#define ARCHIVE_RATIO      24u
#define ARCHIVE_PATH_MAX   1024u
#define PIECE_SIZE         ((size_t)64 << 10)
/* Two records of zeros end a tar; more may follow to fill its last block, and signatures. */
#define STREAM_SLACK ((uint64_t)4 << 20)
#define HEAD_SIZE    512u

struct member {
    char *path;
    struct vf_buf content;
};

struct archive_source {
    struct member *members; /* sorted by path once all are read */
    size_t count, room;
};

/* What is open while the archive is read. */
struct unpacking {
    struct tree *tree;
    struct archive *archive;
    struct archive_stream *stream; /* NULL where libarchive reads the file itself */
    struct archive_source *source;
    uint64_t limit; /* unpacked bytes allowed in all */
    uint64_t left;
    unsigned entries;
    struct vf_err stream_err; /* why the stream's callback failed; code VF_OK where it did not */
};

static const struct signature {
    unsigned offset, size;
    const char *bytes;
    enum archive_packing packing;
} signatures[] = {
    {0, 4, "PK\x03\x04", ARCHIVE_PLAIN},
    {0, 4, "PK\x05\x06", ARCHIVE_PLAIN},
    {0, 4, "MSCF", ARCHIVE_PLAIN},
    {257, 5, "ustar", ARCHIVE_PLAIN},
    {0, 3, "\x1F\x8B\x08", ARCHIVE_PLAIN},
    {0, 3, "BZh", ARCHIVE_PLAIN},
    {0, 6, "\xFD\x37\x7A\x58\x5A\x00", ARCHIVE_XZ},
    {0, 4, "\x28\xB5\x2F\xFD", ARCHIVE_ZSTD},
};

static const struct signature *find_signature(const char *path)
{
    uint8_t head[HEAD_SIZE];

    FILE *file = fopen(path, "rbe");
    if (!file)
        return NULL;
    size_t size = fread(head, 1, sizeof(head), file);
    fclose(file);
    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        const struct signature *s = &signatures[i];
        if (s->offset + s->size <= size && memcmp(head + s->offset, s->bytes, s->size) == 0)
            return s;
    }
    return NULL;
}

bool tree_is_archive_file(const char *path)
{
    return find_signature(path) != NULL;
}

static int member_order(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    return strcmp(x->path, y->path);
}

static enum vf_code archive_tree_read(void *source, const struct tree_file *file, size_t limit,
                                      struct vf_buf *out, struct vf_err *err)
{
    const struct archive_source *all = source;
    const struct member wanted = {.path = file->path};
    (void)limit; /* tree_read() has compared it with the size, which is the content's own */

    const struct member *found =
        bsearch(&wanted, all->members, all->count, sizeof(*all->members), member_order);
    if (!found)
        return vf_fail(err, VF_MALFORMED, "%s: no longer in the archive", file->path);
    vf_buf_append_view(out, vf_view_of(&found->content));
    return vf_buf_ok(out) ? VF_OK : vf_fail_memory(err);
}

static void archive_tree_close(void *source)
{
    struct archive_source *all = source;

    for (size_t i = 0; i < all->count; i++) {
        vf_buf_free(&all->members[i].content);
        free(all->members[i].path);
    }
    free(all->members);
    free(all);
}

static const struct tree_ops archive_ops = {archive_tree_read, archive_tree_close};

static enum vf_code fail_entry(const struct unpacking *u, const char *path, const char *what,
                               struct vf_err *err)
{
    return vf_fail(err, VF_MALFORMED, "%s: '%s': %s", u->tree->path, path, what);
}

/*
 * Why a path is not one of a file inside the folder that the archive would be unpacked to; NULL
 * where it is.
 */
static const char *path_fault(const char *path)
{
    struct vf_view view = {(const uint8_t *)path, strlen(path)};
    unsigned depth = 0;

    if (view.size > ARCHIVE_PATH_MAX)
        return "a path of more than 1024 bytes";
    if (*path == '/')
        return "an absolute path, which would be unpacked elsewhere";
    for (size_t offset = 0; offset < view.size;) {
        uint32_t c = vf_utf8_next(view, &offset);
        if (c == UINT32_MAX)
            return "a name that is not UTF-8";
        if (c < 0x20 || c == 0x7F)
            return "a control character in a name";
        if (c == '\\' || c == ':')
            return "a backslash or colon in a name, which Windows takes for a path";
    }
    for (const char *part = path; *part;) {
        size_t length = strcspn(part, "/");
        if (length == 2 && part[0] == '.' && part[1] == '.')
            return "a path with '..', which would be unpacked elsewhere";
        if (length == 0 || (length == 1 && part[0] == '.'))
            return "a path with an empty part or '.'";
        if (++depth > TREE_DEPTH_MAX)
            return "folders deeper than 32 levels";
        part += length;
        part += *part == '/';
    }
    return NULL;
}

/*
 * The entry's path without "./" before it and '/' behind it, as a new string in *path; "" for the
 * root itself. *path stays NULL on failure.
 */
static enum vf_code entry_path(const struct unpacking *u, struct archive_entry *entry, char **path,
                               struct vf_err *err)
{
    const char *name = archive_entry_pathname_utf8(entry);
    if (!name)
        name = archive_entry_pathname(entry); /* bytes of no known character set */
    if (!name || !*name)
        return vf_fail(err, VF_MALFORMED, "%s: entry %u has no name that can be read",
                       u->tree->path, u->entries);
    while (name[0] == '.' && name[1] == '/')
        name += 2;
    size_t length = strlen(name);
    if (length > 1 && name[length - 1] == '/')
        length--;
    if (length == 1 && name[0] == '.')
        length = 0;
    *path = strndup(name, length);
    if (!*path)
        return vf_fail_memory(err);
    const char *fault = path_fault(*path);
    if (!fault)
        return VF_OK;
    enum vf_code code = fail_entry(u, *path, fault, err);
    free(*path);
    *path = NULL;
    return code;
}

/* Why an entry that is no folder cannot be taken; NULL where it can. */
static const char *entry_fault(struct archive *archive, struct archive_entry *entry)
{
    if (archive_entry_hardlink(entry) || archive_entry_symlink(entry))
        return "a link; a driver package holds files and folders only";
    if (archive_entry_filetype(entry) != AE_IFREG)
        return "neither a file nor a folder";
    if (archive_entry_is_encrypted(entry))
        return "an encrypted file; unpack it with its password and judge the folder";
    /* zip's rarer methods state windows of their own choice, and Windows cannot unpack them */
    if ((archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP) {
        const char *format = archive_format_name(archive);
        if (!strstr(format, "(deflation)") && !strstr(format, "(uncompressed)"))
            return "a zip method other than deflation; pack it again, or unpack it";
    }
    return NULL;
}

static enum vf_code fail_size(const struct unpacking *u, struct vf_err *err)
{
    return vf_fail(err, VF_MALFORMED,
                   "%s: unpacks to more than %llu bytes, which is more than a driver archive of "
                   "its size does; unpack it and judge the folder",
                   u->tree->path, (unsigned long long)u->limit);
}

/* libarchive's own account of a failure, or the stream's where that was the cause. */
static enum vf_code fail_archive(const struct unpacking *u, struct vf_err *err)
{
    const char *text = archive_error_string(u->archive);

    if (u->stream_err.code)
        return vf_fail(err, u->stream_err.code, "%s", u->stream_err.text);
    if (archive_errno(u->archive) == ENOMEM)
        return vf_fail_memory(err);
    return vf_fail(err, VF_MALFORMED,
                   "%s: not a whole zip, cabinet or tar archive (%s); fetch it again",
                   u->tree->path, text ? text : "no more is known");
}

static enum vf_code read_content(struct unpacking *u, struct vf_buf *content, struct vf_err *err)
{
    uint8_t piece[PIECE_SIZE];

    for (;;) {
        la_ssize_t size = archive_read_data(u->archive, piece, sizeof(piece));
        if (size < 0)
            return fail_archive(u, err);
        if (size == 0)
            return VF_OK;
        if ((uint64_t)size > u->left)
            return fail_size(u, err);
        u->left -= (uint64_t)size;
        vf_buf_append(content, piece, (size_t)size);
        if (!vf_buf_ok(content))
            return vf_fail_memory(err);
    }
}

static enum vf_code new_member(struct archive_source *source, char *path, struct member **out,
                               struct vf_err *err)
{
    if (source->count == source->room) {
        size_t room = source->room ? 2 * source->room : 64;
        struct member *more = reallocarray(source->members, room, sizeof(*more));
        if (!more)
            return vf_fail_memory(err);
        source->members = more;
        source->room = room;
    }
    *out = &source->members[source->count++];
    **out = (struct member){path, VF_BUF_INIT};
    return VF_OK;
}

static enum vf_code take_file(struct unpacking *u, struct archive_entry *entry, char *path,
                              struct vf_err *err)
{
    struct member *member = NULL;

    const char *fault = *path ? entry_fault(u->archive, entry) : "a file without a name";
    enum vf_code code = fault ? fail_entry(u, path, fault, err) : VF_OK;
    if (!code)
        code = new_member(u->source, path, &member, err);
    if (!member) {
        free(path);
        return code;
    }
    code = read_content(u, &member->content, err);
    return code ? code : tree_add(u->tree, path, member->content.size, err);
}

static enum vf_code take_entry(struct unpacking *u, struct archive_entry *entry, struct vf_err *err)
{
    char *path = NULL;

    if (++u->entries > TREE_FILES_MAX)
        return vf_fail(err, VF_MALFORMED, "%s: more than %u entries", u->tree->path,
                       TREE_FILES_MAX);
    enum vf_code code = entry_path(u, entry, &path, err);
    if (!path)
        return code;
    /* what is stated, and headers that are no entries, take time even where nothing is kept */
    int64_t size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : 0;
    if (size < 0 || (uint64_t)size > u->left ||
        (uint64_t)archive_filter_bytes(u->archive, 0) > u->limit + STREAM_SLACK) {
        free(path);
        return fail_size(u, err);
    }
    if (archive_entry_filetype(entry) != AE_IFDIR || archive_entry_hardlink(entry))
        return take_file(u, entry, path, err);
    u->left -= (uint64_t)size;
    free(path);
    return VF_OK;
}

/* One path twice: what is unpacked last wins, or first, as the program likes. */
static enum vf_code sort_members(const struct unpacking *u, struct vf_err *err)
{
    struct archive_source *source = u->source;

    if (source->count)
        qsort(source->members, source->count, sizeof(*source->members), member_order);
    for (size_t i = 1; i < source->count; i++)
        if (strcmp(source->members[i - 1].path, source->members[i].path) == 0)
            return fail_entry(u, source->members[i].path, "there twice; which one counts?", err);
    return VF_OK;
}

static la_ssize_t stream_read(struct archive *archive, void *data, const void **out)
{
    struct unpacking *u = data;
    size_t size = 0;

    if (archive_stream_read(u->stream, out, &size, &u->stream_err)) {
        archive_set_error(archive, EINVAL, "unpacking failed");
        return -1;
    }
    return (la_ssize_t)size;
}

static enum vf_code open_archive(struct unpacking *u, enum archive_packing packing,
                                 struct vf_err *err)
{
    int result = archive_read_support_format_tar(u->archive);

    if (packing == ARCHIVE_PLAIN) {
        /* The readers that are on; a disc inside a compressed file must not reach another one. */
        result |= archive_read_support_format_zip_seekable(u->archive);
        result |= archive_read_support_format_cab(u->archive);
        result |= archive_read_support_filter_gzip(u->archive);
        result |= archive_read_support_filter_bzip2(u->archive);
        if (result != ARCHIVE_OK ||
            archive_read_open_filename(u->archive, u->tree->path, PIECE_SIZE) != ARCHIVE_OK)
            return fail_archive(u, err);
        return VF_OK;
    }
    enum vf_code code =
        archive_stream_open(u->tree->path, packing, u->limit + STREAM_SLACK, &u->stream, err);
    if (code)
        return code;
    if (result != ARCHIVE_OK ||
        archive_read_open(u->archive, u, NULL, stream_read, NULL) != ARCHIVE_OK)
        return fail_archive(u, err);
    return VF_OK;
}

static enum vf_code read_entries(struct unpacking *u, struct vf_err *err)
{
    for (;;) {
        struct archive_entry *entry;
        int result = archive_read_next_header(u->archive, &entry);
        if (result == ARCHIVE_EOF && u->entries == 0)
            return vf_fail(err, VF_MALFORMED,
                           "%s: no files in it; expected a driver package in a zip, cabinet or tar "
                           "archive",
                           u->tree->path);
        if (result == ARCHIVE_EOF)
            return sort_members(u, err);
        /* a warning is a name in no known character set, which entry_path() judges */
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
            return fail_archive(u, err);
        enum vf_code code = take_entry(u, entry, err);
        if (code)
            return code;
    }
}

enum vf_code tree_load_archive(struct tree *tree, struct vf_err *err)
{
    struct stat st;

    const struct signature *signature = find_signature(tree->path);
    if (!signature || stat(tree->path, &st) != 0)
        return vf_fail(err, VF_IO, "%s: cannot be read, or changes while it is", tree->path);
    struct unpacking u = {.tree = tree, .stream_err = {VF_OK, ""}};
    u.limit = (uint64_t)st.st_size > ARCHIVE_BYTES_MAX / ARCHIVE_RATIO
                  ? ARCHIVE_BYTES_MAX
                  : (uint64_t)st.st_size * ARCHIVE_RATIO + ARCHIVE_FREE_BYTES;
    if (u.limit > ARCHIVE_BYTES_MAX)
        u.limit = ARCHIVE_BYTES_MAX;
    u.left = u.limit;
    u.source = calloc(1, sizeof(*u.source));
    u.archive = archive_read_new();
    if (!u.source || !u.archive) {
        archive_read_free(u.archive);
        free(u.source);
        return vf_fail_memory(err);
    }
    tree->kind = TREE_ARCHIVE;
    tree->ops = &archive_ops;
    tree->source = u.source; /* the tree's from here on, whatever happens */
    enum vf_code code = open_archive(&u, signature->packing, err);
    if (!code)
        code = read_entries(&u, err);
    archive_read_free(u.archive);
    archive_stream_close(u.stream);
    return code;
}
