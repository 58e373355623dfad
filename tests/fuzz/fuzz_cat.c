// SPDX-License-Identifier: GPL-3.0-or-later
//
// Catalogs and the signatures around them: the input is the file. What must hold: each is refused
// with a message, or what was read can be written, and read and written again to the same bytes.

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "builder/cat/diff.h"
#include "builder/cat/origin.h"

static bool see_difference(void *context, const char *text)
{
    size_t *length = context;

    *length += strlen(text);
    return true;
}

static void rewrite(const struct cat_list *list)
{
    struct vf_buf once = VF_BUF_INIT, twice = VF_BUF_INIT;
    struct cat_list *back = NULL;
    size_t length = 0;
    bool same;

    FUZZ_CHECK(cat_write(list, &once, NULL) == VF_OK);
    FUZZ_CHECK(cat_read(vf_view_of(&once), &back, NULL) == VF_OK);
    FUZZ_CHECK(back->entry_count == list->entry_count && back->unknown == 0);
    FUZZ_CHECK(cat_write(back, &twice, NULL) == VF_OK);
    FUZZ_CHECK(vf_view_equal(vf_view_of(&once), vf_view_of(&twice)));
    FUZZ_CHECK(cat_diff(list, back, see_difference, &length, &same, NULL) == VF_OK);
    cat_list_free(back);
    vf_buf_free(&once);
    vf_buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct vf_view member = {(const uint8_t *)"member", 6};
    struct vf_view file = {data, size};
    struct cat_list *list;
    struct sign_report report;
    enum cat_verdict verdict;
    struct vf_err err = {VF_OK, ""};

    if (cat_read(file, &list, &err)) {
        FUZZ_CHECK(err.text[0]);
        return 0;
    }
    rewrite(list);
    FUZZ_CHECK(cat_check(list, "driver.sys", member, &verdict, NULL) == VF_OK);
    if (sign_inspect(file, NULL, &report, &err) == VF_OK)
        FUZZ_CHECK(cat_origin_text(cat_origin_of(list, &report))[0]);
    cat_list_free(list);
    return 0;
}
