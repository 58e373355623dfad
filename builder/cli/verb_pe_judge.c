/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "vioforge pe show" and "vioforge pe check". */
#include <stdio.h>
#include <string.h>

#include "builder/cli/sign_options.h"
#include "builder/cli/sign_report.h"
#include "builder/cli/text.h"
#include "builder/cli/verbs.h"
#include "builder/pe/check.h"
#include "inf/target.h"
#include "util/file.h"

/* An image and its signature. */
struct image {
    struct vf_buf file;
    struct pe_image pe;
    struct sign_roots *roots;
    struct sign_report report;
};

static enum vf_code open_image(const struct cli_call *call, const char *path, struct image *out,
                               struct vf_err *err)
{
    memset(out, 0, sizeof(*out));
    enum vf_code code = cli_sign_roots(call, &out->roots, err);
    if (!code)
        code = vf_file_read(path, PE_FILE_MAX, &out->file, err);
    if (code)
        return code;
    code = pe_read(vf_view_of(&out->file), &out->pe, err);
    if (!code)
        code = sign_inspect(vf_view_of(&out->file), out->roots, &out->report, err);
    if (code)
        vf_err_prefix(err, "%s", path);
    return code;
}

static void close_image(struct image *image)
{
    sign_roots_free(image->roots);
    vf_buf_free(&image->file);
}

static void guid_text(const uint8_t guid[16], char out[37])
{
    snprintf(out, 37, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", vf_le32(guid),
             vf_le16(guid + 4), vf_le16(guid + 6), guid[8], guid[9], guid[10], guid[11], guid[12],
             guid[13], guid[14], guid[15]);
}

/* "r-x" and then "discardable", "not paged" */
static void flags_text(uint32_t flags, char out[48])
{
    snprintf(out, 48, "%c%c%c%s%s", flags & PE_SECTION_READ ? 'r' : '-',
             flags & PE_SECTION_WRITE ? 'w' : '-', flags & PE_SECTION_EXECUTE ? 'x' : '-',
             flags & PE_SECTION_DISCARDABLE ? " discardable" : "",
             flags & PE_SECTION_NOT_PAGED ? " not-paged" : "");
}

static enum vf_code digest_text(const struct pe_image *pe, char out[VF_DIGEST_HEX_MAX],
                                struct vf_err *err)
{
    struct vf_digest digest;

    enum vf_code code = pe_digest(pe, VF_SHA256, &digest, err);
    if (!code)
        vf_digest_hex(&digest, out);
    return code;
}

static bool print_import(void *context, const char *dll, const char *name, uint16_t ordinal)
{
    (void)context;
    if (name)
        printf("  %s %s\n", dll, name);
    else
        printf("  %s #%u\n", dll, ordinal);
    return true;
}

static void print_header(const struct pe_image *pe, const char *digest)
{
    const char *machine = pe_machine_name(pe->machine);
    char time[CLI_TIME_SIZE];
    uint32_t computed = pe_checksum(pe);

    cli_time_text(pe->timestamp, time);
    printf("machine:     %s, %s\n", machine ? machine : "unknown", pe->plus ? "PE32+" : "PE32");
    printf("subsystem:   %u%s, version %u.%u\n", pe->subsystem,
           pe->subsystem == PE_SUBSYSTEM_NATIVE ? " (native)" : "", pe->subsystem_major,
           pe->subsystem_minor);
    printf("system:      %u.%u\n", pe->os_major, pe->os_minor);
    printf("time stamp:  %s (0x%08x)\n", time, pe->timestamp);
    printf("base:        0x%llx, 0x%x bytes\n", (unsigned long long)pe->base, pe->image_size);
    printf("alignment:   0x%x in memory, 0x%x in the file\n", pe->section_alignment,
           pe->file_alignment);
    printf("flags:       0x%04x\n", pe->dll_characteristics);
    printf("checksum:    0x%08x%s\n", pe->checksum, pe->checksum == computed ? "" : " (wrong)");
    printf("sha256:      %s\n", digest);
}

static void print_sections(const struct pe_image *pe)
{
    puts("sections:");
    for (unsigned i = 0; i < pe->section_count; i++) {
        struct pe_section section;
        char flags[48];
        pe_section_at(pe, i, &section);
        flags_text(section.flags, flags);
        printf("  %-8s 0x%08x 0x%06x %s\n", section.name, section.address, section.virtual_size,
               flags);
    }
}

static enum vf_code print_image(const struct cli_call *call, const struct image *image,
                                struct vf_err *err)
{
    char digest[VF_DIGEST_HEX_MAX], guid[37];
    struct pe_pdb pdb;
    bool found;
    uint32_t build;
    unsigned unknown;

    enum vf_code code = digest_text(&image->pe, digest, err);
    if (!code)
        code = pe_imports_build(&image->pe, &build, &unknown, err);
    if (!code)
        code = pe_pdb(&image->pe, &pdb, &found, err);
    if (code)
        return code;
    print_header(&image->pe, digest);
    if (found) {
        guid_text(pdb.guid, guid);
        printf("symbols:     %s, %s, age %u\n", pdb.path, guid, pdb.age);
    }
    cli_sign_report_print(call, &image->report, "");
    print_sections(&image->pe);
    puts("imports:");
    code = pe_imports(&image->pe, print_import, NULL, err);
    if (!code && build)
        printf("imports exist since build %u%s\n", build,
               build <= 7600 ? " (Windows 7) or earlier" : "");
    if (!code && unknown)
        printf("imports not known: %u\n", unknown);
    return code;
}

static bool import_json(void *context, const char *dll, const char *name, uint16_t ordinal)
{
    json_t *imports = context;

    json_array_append_new(
        imports,
        name ? json_pack("{s:o, s:o}", "module", cli_text_json(dll), "name", cli_text_json(name))
             : json_pack("{s:o, s:i}", "module", cli_text_json(dll), "ordinal", (int)ordinal));
    return true;
}

static json_t *sections_json(const struct pe_image *pe)
{
    json_t *array = json_array();

    for (unsigned i = 0; array && i < pe->section_count; i++) {
        struct pe_section section;
        char flags[48];
        pe_section_at(pe, i, &section);
        flags_text(section.flags, flags);
        json_array_append_new(array, json_pack("{s:o, s:I, s:I, s:I, s:I, s:s}", "name",
                                               cli_text_json(section.name), "address",
                                               (json_int_t)section.address, "virtual_size",
                                               (json_int_t)section.virtual_size, "file_offset",
                                               (json_int_t)section.file_offset, "file_size",
                                               (json_int_t)section.file_size, "flags", flags));
    }
    return array;
}

static enum vf_code image_json(const struct image *image, json_t **out, struct vf_err *err)
{
    const struct pe_image *pe = &image->pe;
    const char *machine = pe_machine_name(pe->machine);
    char digest[VF_DIGEST_HEX_MAX];
    json_t *imports = json_array();
    uint32_t build = 0;
    unsigned unknown = 0;

    enum vf_code code = digest_text(pe, digest, err);
    if (!code)
        code = pe_imports(pe, import_json, imports, err);
    if (!code)
        code = pe_imports_build(pe, &build, &unknown, err);
    if (code) {
        json_decref(imports);
        return code;
    }
    *out = json_pack("{s:s, s:i, s:i, s:I, s:i, s:I, s:b, s:s, s:o, s:o, s:I, s:i, s:o}", "machine",
                     machine ? machine : "unknown", "bits", pe->plus ? 64 : 32, "subsystem",
                     (int)pe->subsystem, "time_stamp", (json_int_t)pe->timestamp, "flags",
                     (int)pe->dll_characteristics, "checksum", (json_int_t)pe->checksum,
                     "checksum_right", pe->checksum == pe_checksum(pe), "sha256", digest,
                     "sections", sections_json(pe), "imports", imports, "imports_build",
                     (json_int_t)build, "imports_unknown", (int)unknown, "signature",
                     cli_sign_report_json(&image->report));
    return VF_OK;
}

static enum vf_code run_show(const struct cli_call *call, struct vf_err *err)
{
    struct image image;
    json_t *json = NULL;

    enum vf_code code = open_image(call, cli_operand(call, 0), &image, err);
    if (code)
        goto done;
    code = cli_json(call) ? image_json(&image, &json, err) : print_image(call, &image, err);
    if (code)
        vf_err_prefix(err, "%s", cli_operand(call, 0));
    else if (cli_json(call))
        code = cli_json_print("pe.show", 1, json, err);
done:
    close_image(&image);
    return code;
}

struct findings {
    const struct cli_call *call;
    const char *path;
    json_t *array; /* NULL: print */
    size_t bad;    /* errors and warnings of all files */
};

static const struct {
    const char *text;
    enum cli_tone tone;
} levels[] = {
    [PE_NOTE] = {"note", CLI_DIM},
    [PE_WARNING] = {"warning", CLI_WARN},
    [PE_ERROR] = {"error", CLI_BAD},
};

static bool note_finding(void *context, enum pe_level level, const char *code, const char *text)
{
    struct findings *findings = context;

    findings->bad += level != PE_NOTE;
    if (findings->array)
        json_array_append_new(findings->array,
                              json_pack("{s:o, s:s, s:s, s:o}", "path",
                                        cli_text_json(findings->path), "level", levels[level].text,
                                        "code", code, "text", cli_text_json(text)));
    else
        printf("%s: %s%s%s: %s [%s]\n", findings->path,
               cli_tone_on(findings->call, levels[level].tone), levels[level].text,
               cli_tone_off(findings->call), text, code);
    return true;
}

static void check_signature(struct findings *findings, const struct sign_report *report)
{
    if (!report->present)
        note_finding(
            findings, PE_NOTE, "pe.unsigned",
            "carries no signature; drivers that start at boot need one, others may rely on "
            "their catalog");
    else if (!cli_sign_report_good(report))
        note_finding(findings, PE_ERROR, "pe.signature",
                     report->why[0] ? report->why : "nothing vouches for the signer's certificate");
}

static enum vf_code check_one(const struct cli_call *call, const char *path,
                              const struct pe_target *target, struct findings *findings,
                              struct vf_err *err)
{
    struct image image;

    findings->path = path;
    enum vf_code code = open_image(call, path, &image, err);
    if (!code) {
        code = pe_check(&image.pe, target, note_finding, findings, err);
        if (code)
            vf_err_prefix(err, "%s", path);
        else
            check_signature(findings, &image.report);
    }
    close_image(&image);
    return code;
}

static enum vf_code wanted_target(const struct cli_call *call, struct pe_target *out,
                                  struct vf_err *err)
{
    const char *text = cli_value(call, "for");
    struct inf_target target;

    *out = (struct pe_target){0, 0, 0};
    if (!text)
        return VF_OK;
    if (!inf_target_parse(text, &target))
        return vf_fail(err, VF_USAGE,
                       "--for takes a Windows such as w10/amd64 or "
                       "10.0.19041/amd64, not '%s'",
                       text);
    *out = (struct pe_target){target.major, target.minor, target.build};
    return VF_OK;
}

static enum vf_code run_check(const struct cli_call *call, struct vf_err *err)
{
    struct findings findings = {call, NULL, cli_json(call) ? json_array() : NULL, 0};
    struct pe_target target;

    enum vf_code code = wanted_target(call, &target, err);
    for (size_t i = 0; !code && i < cli_operand_count(call); i++)
        code = check_one(call, cli_operand(call, i), &target, &findings, err);
    if (!code && cli_json(call))
        code = cli_json_print(
            "pe.check", 1,
            json_pack("{s:b, s:O}", "good", findings.bad == 0, "findings", findings.array), err);
    json_decref(findings.array);
    return code ? code : findings.bad ? VF_FINDINGS : VF_OK;
}

static const struct cli_option show_options[] = {CLI_ROOT_OPTION, CLI_OPTIONS_END};

static const char *const show_examples[] = {
    "vioforge pe show viostor.sys",
    NULL,
};

const struct cli_verb verb_pe_show = {
    .name = "pe show",
    .summary = "print what a driver image says: headers, sections, imports, signature",
    .operands = "FILE",
    .operands_min = 1,
    .operands_max = 1,
    .options = show_options,
    .examples = show_examples,
    .run = run_show,
};

static const struct cli_option check_options[] = {
    {0, "for", "WINDOWS", "the oldest Windows it is meant for: w10/amd64, 10.0.19041/amd64"},
    CLI_ROOT_OPTION,
    CLI_OPTIONS_END,
};

static const char *const check_examples[] = {
    "vioforge pe check --for w10/amd64 viostor.sys",
    NULL,
};

const struct cli_verb verb_pe_check = {
    .name = "pe check",
    .summary = "tell why Windows would refuse a driver image",
    .operands = "FILE...",
    .operands_min = 1,
    .operands_max = -1,
    .options = check_options,
    .examples = check_examples,
    .run = run_check,
};
