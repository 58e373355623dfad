/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout of a driver disc, read back from the image. */
#include "tests/unit/iso_fixture.h"

#include <jansson.h>
#include <string.h>

#include "iso/layout/layout.h"
#include "iso/reader.h"
#include "util/outfile.h"

static enum vf_code describe(void *context, const char *path, struct vf_view inf,
                             struct iso_layout_inf *out, struct vf_err *err)
{
    if (context && strstr(path, context))
        return vf_fail(err, VF_MALFORMED, "%s: no INF", path);
    out->name = strndup((const char *)inf.data, inf.size);
    out->version = strdup("100.0.1.2");
    return out->name && out->version ? VF_OK : vf_fail_memory(err);
}

static void make_packages(void)
{
    static const char *const drivers[] = {"viostor", "viorng"};
    static const char *const places[] = {"w11/amd64", "w11/ARM64", "w10/amd64", "w10/x86",
                                         "2k12R2/amd64"};
    for (size_t d = 0; d < 2; d++) {
        for (size_t p = 0; p < 5; p++) {
            struct vf_buf path = VF_BUF_INIT;
            static const char *const extensions[] = {"inf", "sys", "cat", "PDB"};
            for (size_t e = 0; e < 4; e++) {
                path.size = 0;
                vf_buf_printf(&path, "packages/%s/%s/%s.%s", drivers[d], places[p], drivers[d],
                              extensions[e]);
                fixture_file(vf_buf_text(&path), drivers[d]);
            }
            vf_buf_free(&path);
        }
    }
}

static enum vf_code lay_out(struct iso_layout *layout, struct vf_err *err)
{
    struct iso_writer *writer = fixture_writer();
    layout->packages = "packages";
    layout->label = FIXTURE_LABEL;
    layout->describe = describe;
    enum vf_code code = iso_layout_virtio_win(layout, writer, err);
    if (code)
        iso_writer_close(writer);
    else
        fixture_write(writer, "disc.iso");
    return code;
}

static struct iso_reader *open_disc(void)
{
    struct iso_reader *reader;
    assert_int_equal(iso_reader_open("disc.iso", &reader, NULL), VF_OK);
    return reader;
}

static struct vf_buf read_file(struct iso_reader *reader, const char *path)
{
    struct vf_buf content = VF_BUF_INIT;
    const struct iso_entry *entry = iso_reader_find(reader, path);
    assert_non_null(entry);
    assert_string_equal(entry->path, path);
    assert_int_equal(iso_reader_read(reader, entry, 1u << 20, &content, NULL), VF_OK);
    assert_non_null(vf_buf_text(&content));
    return content;
}

static void packages_go_where_virtio_win_has_them(void **state)
{
    (void)state;
    struct iso_layout layout = {0};
    make_packages();
    assert_int_equal(lay_out(&layout, NULL), VF_OK);
    struct iso_reader *reader = open_disc();
    const struct iso_entry *sys = iso_reader_find(reader, "viostor/w11/amd64/viostor.sys");
    assert_non_null(sys);
    assert_int_equal(iso_reader_find(reader, "amd64/w11/viostor.sys")->extent, sys->extent);
    assert_non_null(iso_reader_find(reader, "i386/w10/viostor.inf"));
    assert_non_null(iso_reader_find(reader, "ARM64/w11/viostor.cat"));
    assert_non_null(iso_reader_find(reader, "viorng/w10/x86/viorng.sys"));
    /* the short trees: storage only, and not for old systems */
    assert_null(iso_reader_find(reader, "amd64/w11/viorng.sys"));
    assert_null(iso_reader_find(reader, "amd64/2k12R2"));
    assert_non_null(iso_reader_find(reader, "viostor/2k12R2/amd64/viostor.sys"));
    iso_reader_close(reader);
}

static void symbols_are_there_only_when_asked_for(void **state)
{
    (void)state;
    struct iso_layout layout = {0};
    make_packages();
    assert_int_equal(lay_out(&layout, NULL), VF_OK);
    struct iso_reader *reader = open_disc();
    assert_null(iso_reader_find(reader, "viostor/w11/amd64/viostor.pdb"));
    iso_reader_close(reader);
    layout.pdb = true;
    assert_int_equal(lay_out(&layout, NULL), VF_OK);
    reader = open_disc();
    assert_non_null(iso_reader_find(reader, "viostor/w11/amd64/viostor.pdb"));
    iso_reader_close(reader);
}

static void info_json_lists_every_inf_of_the_long_tree(void **state)
{
    (void)state;
    struct iso_layout layout = {0};
    make_packages();
    assert_int_equal(lay_out(&layout, NULL), VF_OK);
    struct iso_reader *reader = open_disc();
    struct vf_buf text = read_file(reader, "data/info.json");
    json_t *info = json_loads(vf_buf_text(&text), 0, NULL);
    json_t *drivers = json_object_get(info, "drivers");
    assert_int_equal(json_array_size(drivers), 10);
    const char *arch, *version, *path, *name, *windows;
    assert_int_equal(json_unpack(json_array_get(drivers, 0), "{ss, ss, ss, ss, ss !}", "arch",
                                 &arch, "driver_version", &version, "inf_path", &path, "name",
                                 &name, "windows_version", &windows),
                     0);
    assert_string_equal(arch, "amd64");
    assert_string_equal(version, "100.0.1.2");
    assert_string_equal(path, "viorng/2k12R2/amd64/viorng.inf");
    assert_string_equal(name, "viorng");
    assert_string_equal(windows, "2k12R2");
    json_decref(info);
    vf_buf_free(&text);
    iso_reader_close(reader);
}

static void sums_cover_every_other_file(void **state)
{
    (void)state;
    struct iso_layout layout = {0};
    make_packages();
    assert_int_equal(lay_out(&layout, NULL), VF_OK);
    struct iso_reader *reader = open_disc();
    struct vf_buf sums = read_file(reader, "SHA256SUMS");
    struct vf_buf expected = VF_BUF_INIT;
    const struct iso_entry *entry;
    for (size_t i = 0; (entry = iso_reader_entry(reader, i)); i++) {
        struct vf_digest digest;
        char hex[VF_DIGEST_HEX_MAX];
        if (entry->directory || strcmp(entry->path, "SHA256SUMS") == 0)
            continue;
        assert_int_equal(iso_reader_digest(reader, entry, VF_SHA256, &digest, NULL), VF_OK);
        vf_digest_hex(&digest, hex);
        vf_buf_printf(&expected, "%s  %s\n", hex, entry->path);
    }
    assert_string_equal(vf_buf_text(&sums), vf_buf_text(&expected));
    vf_buf_free(&sums);
    vf_buf_free(&expected);
    iso_reader_close(reader);
}

static void readme_is_plain_text_for_windows(void **state)
{
    (void)state;
    struct iso_layout layout = {0};
    make_packages();
    assert_int_equal(lay_out(&layout, NULL), VF_OK);
    struct iso_reader *reader = open_disc();
    struct vf_buf readme = read_file(reader, "README.txt");
    for (size_t i = 0; i < readme.size; i++) {
        assert_true(readme.data[i] < 0x7F &&
                    (readme.data[i] >= ' ' || readme.data[i] == '\r' || readme.data[i] == '\n'));
        if (readme.data[i] == '\n')
            assert_int_equal(readme.data[i - 1], '\r');
    }
    const char *text = vf_buf_text(&readme);
    assert_non_null(strstr(text, FIXTURE_LABEL));
    assert_non_null(strstr(text, "  viostor      w11     ARM64 amd64\r\n"));
    assert_non_null(strstr(text, "pnputil"));
    assert_null(strstr(text, "SPDX"));
    assert_null(strchr(text, '@'));
    assert_null(strstr(text, "testsigning"));
    vf_buf_free(&readme);
    iso_reader_close(reader);
}

static void certificate_and_licences_have_their_places(void **state)
{
    (void)state;
    static const char *const licenses[] = {"texts/BSD.txt", "texts/Other.txt"};
    struct iso_layout layout = {
        .certificate = "keys/my.cer", .licenses = licenses, .license_count = 2};
    make_packages();
    fixture_file("keys/my.cer", "certificate");
    fixture_file("texts/BSD.txt", "bsd");
    fixture_file("texts/Other.txt", "other");
    assert_int_equal(lay_out(&layout, NULL), VF_OK);
    struct iso_reader *reader = open_disc();
    assert_non_null(iso_reader_find(reader, "cert/my.cer"));
    assert_non_null(iso_reader_find(reader, "licenses/BSD.txt"));
    assert_non_null(iso_reader_find(reader, "licenses/Other.txt"));
    struct vf_buf readme = read_file(reader, "README.txt");
    assert_non_null(strstr(vf_buf_text(&readme), "-addstore Root E:\\cert\\my.cer\r\n"));
    assert_non_null(strstr(vf_buf_text(&readme), "testsigning on"));
    assert_null(strchr(vf_buf_text(&readme), '@'));
    vf_buf_free(&readme);
    iso_reader_close(reader);
}

static void assert_refused(const char *reason)
{
    struct iso_layout layout = {0};
    struct vf_err err = {VF_OK, ""};
    assert_int_equal(lay_out(&layout, &err), VF_MALFORMED);
    if (!strstr(err.text, reason))
        print_error("'%s' should mention '%s'\n", err.text, reason);
    assert_non_null(strstr(err.text, reason));
}

static void folders_of_unknown_systems_are_refused(void **state)
{
    (void)state;
    fixture_file("packages/viostor/w12/amd64/viostor.inf", "");
    assert_refused("packages/viostor/w12: 'w12'");
}

static void folders_of_unknown_processors_are_refused(void **state)
{
    (void)state;
    fixture_file("packages/viostor/w11/arm64/viostor.inf", "");
    assert_refused("packages/viostor/w11/arm64: 'arm64'");
}

static void packages_without_inf_are_refused(void **state)
{
    (void)state;
    fixture_file("packages/viostor/w11/amd64/viostor.sys", "");
    assert_refused("packages/viostor/w11/amd64: a package without INF");
}

static void files_among_the_folders_are_refused(void **state)
{
    (void)state;
    fixture_file("packages/viostor/notes.txt", "");
    assert_refused("'notes.txt' is no folder");
    fixture_file("packages/stray.inf", "");
    assert_refused("packages/stray.inf: a file where a folder is expected");
}

static void a_folder_without_packages_is_refused(void **state)
{
    (void)state;
    assert_int_equal(vf_make_dirs("packages", NULL), VF_OK);
    assert_refused("packages: no packages");
}

static void what_describe_refuses_is_refused(void **state)
{
    (void)state;
    struct iso_layout layout = {.context = (void *)"viorng/w10/x86"};
    struct vf_err err;
    make_packages();
    assert_int_equal(lay_out(&layout, &err), VF_MALFORMED);
    assert_non_null(strstr(err.text, "packages/viorng/w10/x86/viorng.inf: no INF"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, fixture_enter, fixture_leave)
    const struct CMUnitTest tests[] = {
        CASE(packages_go_where_virtio_win_has_them),
        CASE(symbols_are_there_only_when_asked_for),
        CASE(info_json_lists_every_inf_of_the_long_tree),
        CASE(sums_cover_every_other_file),
        CASE(readme_is_plain_text_for_windows),
        CASE(certificate_and_licences_have_their_places),
        CASE(folders_of_unknown_systems_are_refused),
        CASE(folders_of_unknown_processors_are_refused),
        CASE(packages_without_inf_are_refused),
        CASE(files_among_the_folders_are_refused),
        CASE(a_folder_without_packages_is_refused),
        CASE(what_describe_refuses_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
