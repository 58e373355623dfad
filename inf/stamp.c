/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inf/stamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inf/change.h"
#include "inf/inf_private.h"
#include "inf/package.h"

#define VARIABLE_NAME_MAX 64

/* from this build on, every build of a release runs drivers from the driver store */
#define STORE_BUILD_FIRST 16299u

static bool is_name(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The variable that begins at an offset: its span with both signs; false where there is none. */
static bool variable_at(struct vf_view text, size_t at, struct inf_span *span,
                        char name[VARIABLE_NAME_MAX + 1])
{
    size_t end = at + 1;

    while (end < text.size && is_name(text.data[end]))
        end++;
    size_t size = end - at - 1;
    if (end == text.size || text.data[end] != '$' || size == 0 || size > VARIABLE_NAME_MAX)
        return false;
    memcpy(name, text.data + at + 1, size);
    name[size] = '\0';
    *span = (struct inf_span){(uint32_t)at, (uint32_t)end + 1};
    return strcmp(name, "CHICAGO") != 0;
}

static const char *variable_value(const struct inf_stamp *stamp, const char *name)
{
    for (size_t i = 0; i < stamp->variable_count; i++)
        if (strcmp(stamp->variables[i].name, name) == 0)
            return stamp->variables[i].value;
    return NULL;
}

void inf_stamp_target(const struct inf_target *target,
                      struct inf_variable variables[INF_TARGET_VARIABLES])
{
    bool store = target->build >= STORE_BUILD_FIRST;

    variables[0] = (struct inf_variable){"ARCH", inf_arch_name(target->arch)};
    variables[1] = (struct inf_variable){"OS", store ? "10.0...16299" : "10.0"};
    variables[2] = (struct inf_variable){"DIRID", store ? "13" : "12"};
}

/* The line end at an offset where line ends are to change; false where there is none. */
static bool newline_at(struct vf_view text, size_t at, const struct inf_stamp *stamp,
                       struct inf_span *span)
{
    if (!stamp->newline || (text.data[at] != '\r' && text.data[at] != '\n'))
        return false;
    bool pair = text.data[at] == '\r' && at + 1 < text.size && text.data[at + 1] == '\n';
    *span = (struct inf_span){(uint32_t)at, (uint32_t)at + 1 + pair};
    return true;
}

/* Append the file with every variable filled in and every line end as wanted. */
static enum vf_code fill(const struct inf_file *file, const struct inf_stamp *stamp,
                         struct vf_buf *out, struct vf_err *err)
{
    struct vf_view text = inf_text(file);
    struct inf_edit *edits = NULL;
    size_t count = 0, room = 0, at = 0;
    enum vf_code code = VF_OK;
    char name[VARIABLE_NAME_MAX + 1];
    struct inf_span span;

    while (at < text.size && !code) {
        const char *value = NULL;
        if (text.data[at] == '$' && variable_at(text, at, &span, name)) {
            value = variable_value(stamp, name);
        } else if (newline_at(text, at, stamp, &span)) {
            value = stamp->newline;
        } else {
            at++;
            continue;
        }
        if (!value) {
            struct inf_place place = inf_place_of(file, span.begin);
            code = vf_fail(err, VF_USAGE, "%s:%u:%u: the variable $%s$ was given no value",
                           inf_name(file), place.line, place.column, name);
        } else if (!inf_grow((void **)&edits, &room, count, sizeof(*edits))) {
            code = vf_fail_memory(err);
        } else {
            edits[count++] = (struct inf_edit){span, value};
        }
        at = span.end;
    }
    if (!code)
        code = inf_write(file, edits, count, out, err);
    free(edits);
    return code;
}

static enum vf_code driver_ver(const struct inf_file *file, const struct inf_stamp *stamp,
                               const struct inf_section *section, char *value, size_t room,
                               struct vf_err *err)
{
    const struct inf_line *line = inf_line_find(file, section, "DriverVer");
    const char *date = line ? inf_field(file, line, 0) : "";
    const char *version = line ? inf_field(file, line, 1) : "";
    unsigned y, m, d, parts[4];
    char text[48];

    if (stamp->year) {
        snprintf(text, sizeof(text), "%02u/%02u/%04u", stamp->month, stamp->day, stamp->year);
        date = text;
    }
    if (stamp->version)
        version = stamp->version;
    if (!inf_date_parse(date, &y, &m, &d))
        return vf_fail(err, VF_USAGE, "%s: '%s' is no date for DriverVer; expected mm/dd/yyyy",
                       inf_name(file), date);
    if (inf_version_parse(version, parts) != 4 || !(parts[0] | parts[1] | parts[2] | parts[3]))
        return vf_fail(err, VF_USAGE,
                       "%s: '%s' is no version for DriverVer; expected w.x.y.z, each part below "
                       "65536 and not all 0",
                       inf_name(file), version);
    snprintf(value, room, "%02u/%02u/%04u,%u.%u.%u.%u", m, d, y, parts[0], parts[1], parts[2],
             parts[3]);
    return VF_OK;
}

static enum vf_code check_catalog(const struct inf_file *file, const char *name, struct vf_err *err)
{
    if (strpbrk(name, "\\/:*?\"<>|,;= \t\r\n") || !inf_name_ends(name, ".cat") ||
        strlen(name) <= strlen(".cat"))
        return vf_fail(err, VF_USAGE, "%s: '%s' is no catalog name; expected NAME.cat, no folder",
                       inf_name(file), name);
    return VF_OK;
}

/* Append a file without variables, DriverVer and CatalogFile set. */
static enum vf_code set_version(const struct inf_file *file, const struct inf_stamp *stamp,
                                struct vf_buf *out, struct vf_err *err)
{
    const char *name = stamp->section ? stamp->section : "Version";
    const struct inf_section *section = inf_section_find(file, name);
    const struct inf_section *version = inf_section_find(file, "Version");
    struct inf_change changes[2];
    size_t count = 0;
    char value[64];
    enum vf_code code = VF_OK;

    if (!section || !version)
        return vf_fail(err, VF_MALFORMED, "%s: there is no [%s] section to stamp", inf_name(file),
                       version ? name : "Version");
    if (stamp->version || stamp->year) {
        code = driver_ver(file, stamp, section, value, sizeof(value), err);
        changes[count++] = (struct inf_change){INF_SET, name, "DriverVer", value};
    }
    if (!code && stamp->catalog) {
        code = check_catalog(file, stamp->catalog, err);
        changes[count++] = (struct inf_change){INF_SET, "Version", "CatalogFile", stamp->catalog};
    }
    return code ? code : inf_apply(file, changes, count, out, err);
}

enum vf_code inf_stamp(const struct inf_file *file, const struct inf_stamp *stamp,
                       struct vf_buf *out, struct vf_err *err)
{
    struct vf_buf filled = VF_BUF_INIT;
    struct inf_file *again = NULL;

    enum vf_code code = fill(file, stamp, &filled, err);
    if (!code)
        code = inf_parse(vf_view_of(&filled), inf_name(file), &again, err);
    if (!code)
        code = set_version(again, stamp, out, err);
    inf_free(again);
    vf_buf_free(&filled);
    return code;
}

bool inf_coinstaller_version(const char *text, char out[6])
{
    unsigned parts[4];

    if (inf_version_parse(text, parts) < 2 || parts[0] > 99 || parts[1] > 999)
        return false;
    snprintf(out, 6, "%02u%03u", parts[0], parts[1]);
    return true;
}
