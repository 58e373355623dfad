/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an archive of 1 MiB can cost: each is opened by a process that has 64 MiB of address space
 * left, and must be read or refused for what it is, not for want of memory.
 */
#include "tests/unit/scratch.h"

#include <malloc.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "builder/verify/tree.h"
#include "tests/unit/archive_fixture.h"
#include "util/file.h"

#define MIB          ((size_t)1 << 20)
#define ROOM         (64 * MIB)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

/* The address space in use, by the kernel's account. */
static size_t address_space(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu", &pages), 1);
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Open the archive "a" in a child with `room` bytes more; its verdict. */
static enum vf_code open_within(size_t room)
{
    int status;

    fflush(stdout);
    malloc_trim(0); /* what earlier tests gave back is not to be had again */
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct rlimit limit = {address_space() + room, address_space() + room};
        struct tree *tree = NULL;
        struct vf_err err = {VF_OK, ""};
        if (setrlimit(RLIMIT_AS, &limit) != 0)
            _exit(100);
        enum vf_code code = tree_open("a", &tree, &err);
        if (code)
            fprintf(stderr, "refused: %s\n", err.text);
        tree_close(tree);
        _exit((int)code);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return (enum vf_code)WEXITSTATUS(status);
}

/* Noise that does not pack, then what packs to nothing: about 1 MiB that unpacks to the most. */
static uint8_t *make_content(size_t noise, size_t size)
{
    uint8_t *content = calloc(1, size);
    uint32_t x = 1;

    assert_non_null(content);
    for (size_t i = 0; i < noise; i++)
        content[i] = (uint8_t)((x = x * 1664525u + 1013904223u) >> 24);
    return content;
}

static const struct kind {
    int format, filter;
    const char *options;
} kinds[] = {
    {ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, NULL},
    {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP, NULL},
    {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_BZIP2, NULL},
    {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ, NULL},
    {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ, "xz:compression-level=7"},
    {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ, "xz:compression-level=9"},
    {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_ZSTD, NULL},
    {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_ZSTD, "zstd:compression-level=22"},
};

/* One file of the most that may be unpacked, and a little more: read, and refused. */
static void packed_archives_stay_within_64_mib(void **state)
{
    static const size_t sizes[] = {20 * MIB, 36 * MIB};
    (void)state;
#ifdef SANITIZED
    skip(); /* a sanitizer's shadow takes all the address space */
#endif
    uint8_t *content = make_content(MIB - 64 * 1024, sizes[1]);
    for (size_t i = 0; i < COUNT(kinds) * COUNT(sizes); i++) {
        const struct kind *kind = &kinds[i / COUNT(sizes)];
        size_t size = sizes[i % COUNT(sizes)];
        struct made_archive made = archive_make("a", kind->format, kind->filter, kind->options);
        archive_put(&made, "file", AE_IFREG, content, size);
        archive_done(&made);
        enum vf_code code = open_within(ROOM);
        if (code != VF_OK && code != VF_MALFORMED)
            fail_msg("kind %zu, %zu bytes: verdict %d", i / COUNT(sizes), size, (int)code);
        if (size == sizes[1])
            assert_int_equal(code, VF_MALFORMED);
        else if (!kind->options)
            assert_int_equal(code, VF_OK);
    }
    free(content);
}

/* gzip in gzip in gzip: each turn unpacks a thousandfold. */
static void nested_filters_stay_within_64_mib(void **state)
{
    (void)state;
#ifdef SANITIZED
    skip();
#endif
    uint8_t *content = make_content(0, 64 * MIB);
    struct archive *writer = archive_write_new();
    struct made_archive made = {writer};
    assert_int_equal(archive_write_set_format(writer, ARCHIVE_FORMAT_TAR_USTAR), ARCHIVE_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(archive_write_add_filter_gzip(writer), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(writer, "a"), ARCHIVE_OK);
    archive_put(&made, "file", AE_IFREG, content, 64 * MIB);
    archive_done(&made);
    assert_int_equal(open_within(ROOM), VF_MALFORMED);
    free(content);
}

/* A cabinet whose header states as much of everything as its fields can hold. */
static void stated_sizes_cost_nothing(void **state)
{
    (void)state;
#ifdef SANITIZED
    skip();
#endif
    static const struct {
        size_t offset, size;
    } fields[] = {{8, 4}, {16, 4}, {26, 2}, {28, 2}, {36, 4}, {40, 2}, {44, 4}, {48, 4}};
    uint8_t cabinet[128] = "MSCF";
    cabinet[24] = 3;
    cabinet[25] = 1;
    cabinet[26] = 1; /* folders */
    cabinet[28] = 1; /* files */
    vf_put_le32(cabinet + 8, sizeof(cabinet));
    vf_put_le32(cabinet + 16, 44);
    vf_put_le32(cabinet + 36, 64); /* the folder's data */
    vf_put_le16(cabinet + 40, 1);
    memcpy(cabinet + 44 + 16, "a", 2);
    for (size_t i = 0; i <= COUNT(fields); i++) {
        uint8_t bent[sizeof(cabinet)];
        memcpy(bent, cabinet, sizeof(bent));
        for (size_t j = 0; j < COUNT(fields); j++)
            if (i == j || i == COUNT(fields))
                memset(bent + fields[j].offset, i == COUNT(fields) ? 0x7F : 0xFF, fields[j].size);
        assert_int_equal(vf_out_file("a", true, (struct vf_view){bent, sizeof(bent)}, NULL), VF_OK);
        assert_int_equal(open_within(ROOM), VF_MALFORMED);
    }
}

/* The measure measures: what needs more than there is ends otherwise. */
static void too_little_room_is_told_apart(void **state)
{
    (void)state;
#ifdef SANITIZED
    skip();
#endif
    uint8_t *content = make_content(0, 6 * MIB);
    struct made_archive made =
        archive_make("a", ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, NULL);
    archive_put(&made, "file", AE_IFREG, content, 6 * MIB);
    archive_done(&made);
    assert_int_equal(open_within(ROOM), VF_OK);
    assert_int_equal(open_within(2 * MIB), VF_IO);
    free(content);
}

int main(void)
{
    mallopt(M_MMAP_THRESHOLD,
            128 * 1024); /* as it is at first, so that large blocks are unmapped */
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(packed_archives_stay_within_64_mib),
        SCRATCH_TEST(nested_filters_stay_within_64_mib),
        SCRATCH_TEST(stated_sizes_cost_nothing),
        SCRATCH_TEST(too_little_room_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
