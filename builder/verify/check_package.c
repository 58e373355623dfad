/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The family of rules about one package: an INF and what stands around it. */
#include "builder/verify/verify_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "builder/pe/pe.h"
#include "inf/index.h"
#include "inf/inf.h"
#include "inf/model.h"
#include "inf/package.h"
#include "util/file.h"

#define SERVICE_BOOT_START 0     /* winnt.h */
#define SOURCES_MAX        4096u /* files of one package that are looked at */

/* Folder names of architectures, as discs spell them and as INF files do. */
static const struct {
    const char *folder;
    enum inf_arch arch;
    uint16_t machine;
} arches[] = {
    {"amd64", INF_ARCH_AMD64, PE_MACHINE_AMD64}, {"x64", INF_ARCH_AMD64, PE_MACHINE_AMD64},
    {"x86", INF_ARCH_X86, PE_MACHINE_X86},       {"i386", INF_ARCH_X86, PE_MACHINE_X86},
    {"ARM64", INF_ARCH_ARM64, PE_MACHINE_ARM64},
};

#define ARCH_COUNT (sizeof(arches) / sizeof(arches[0]))

struct judged_catalog {
    enum inf_arch arch; /* of its CatalogFile line */
    const char *path;
    struct cat_list *list;
};

/* What is known of one package while it is judged. */
struct judged {
    const char *inf_path;
    char *dir;
    struct inf_file *inf;
    struct inf_package *package;
    enum inf_arch arch; /* by folder, or the only one the INF is for; else INF_ARCH_NONE */
    uint16_t machine;
    /* those to check against: one, or one for each architecture of an INF shared between several */
    struct judged_catalog catalogs[INF_ARCH_COUNT];
    size_t catalog_count;
    struct inf_index names; /* of the package's sources */
    bool *at_boot;          /* by the number of the first source of a name */
    struct verify_verdict *verdict;
};

static void name_part(const char *path, int from_end, char **out)
{
    const char *end = path + strlen(path);
    const char *start = end;

    for (int i = 0; i <= from_end; i++) {
        end = start > path && i ? start - 1 : start;
        start = end;
        while (start > path && start[-1] != '/')
            start--;
    }
    *out = strndup(start, (size_t)(end - start));
}

/* The table's row for a package's folder: its own name, or for a short tree "amd64/<os>" its
 * parent's. ARCH_COUNT where neither is an architecture. */
static size_t folder_arch(const char *dir, char **os)
{
    char *last, *before;
    size_t row;

    name_part(dir, 0, &last);
    name_part(dir, 1, &before);
    for (row = 0; last && before && row < ARCH_COUNT; row++) {
        if (strcasecmp(arches[row].folder, last) == 0) {
            *os = before;
            free(last);
            return row;
        }
        if (strcasecmp(arches[row].folder, before) == 0) {
            *os = last;
            free(before);
            return row;
        }
    }
    free(last);
    free(before);
    *os = strdup("");
    return ARCH_COUNT;
}

static size_t only_arch(unsigned set)
{
    size_t found = ARCH_COUNT;

    for (size_t i = 0; i < ARCH_COUNT; i++) {
        if (set == INF_ARCH_BIT(arches[i].arch)) {
            found = i;
            break;
        }
    }
    return found;
}

static enum vf_code package_slot(struct verify_report *report, struct verify_package **slot,
                                 struct vf_err *err)
{
    if (report->package_count == report->package_room) {
        size_t room = report->package_room ? 2 * report->package_room : 16;
        struct verify_package *more = reallocarray(report->packages, room, sizeof(*more));
        if (!more)
            return vf_fail_memory(err);
        report->packages = more;
        report->package_room = room;
    }
    *slot = &report->packages[report->package_count];
    memset(*slot, 0, sizeof(**slot));
    report->package_count++;
    return VF_OK;
}

static const char *source_name(const void *owner, uint32_t number)
{
    const struct inf_package *package = owner;
    return package->sources[number].name;
}

/* Mark the binaries of services that start at boot on one Windows. */
static enum vf_code note_boot_files(struct judged *j, const struct inf_release *release,
                                    struct vf_err *err)
{
    const struct inf_target target = {
        .arch = j->arch,
        .major = release->major,
        .minor = release->minor,
        .build = release->build,
        .product = release->product,
    };
    struct inf_model *model;

    enum vf_code code = inf_model_make(j->inf, &target, &model, err);
    if (code)
        return code;
    for (size_t i = 0; i < model->service_count; i++) {
        if (model->services[i].start != SERVICE_BOOT_START)
            continue;
        uint32_t number =
            inf_index_find(&j->names, 0, model->services[i].file, source_name, j->package);
        if (number != UINT32_MAX)
            j->at_boot[number] = true;
    }
    inf_model_free(model);
    return VF_OK;
}

/*
 * Find the binaries of services that start at boot on any Windows the INF serves. The releases
 * differ in their decorated sections, so each is asked; once for the package, as a model takes the
 * time of reading the INF.
 */
static enum vf_code find_boot_files(struct verify_run *run, struct judged *j, struct vf_err *err)
{
    const struct inf_package *package = j->package;
    const struct inf_release *release;
    enum vf_code code = VF_OK;
    struct vf_err fault;

    j->at_boot = calloc(package->source_count + 1, sizeof(*j->at_boot));
    if (!j->at_boot)
        return vf_fail_memory(err);
    for (size_t i = 0; i < package->source_count; i++) {
        const char *name = package->sources[i].name;
        if (inf_index_find(&j->names, 0, name, source_name, package) == UINT32_MAX &&
            !inf_index_add(&j->names, 0, name, (uint32_t)i))
            return vf_fail_memory(err);
    }
    for (size_t r = 0; !code && (release = inf_release_at(r)); r++)
        code = note_boot_files(j, release, &fault);
    if (code)
        verify_add(run->report, RULE_INF_SYNTAX, j->inf_path, 0, "%s", fault.text);
    return VF_OK;
}

static bool starts_at_boot(const struct judged *j, const char *name)
{
    uint32_t number = inf_index_find(&j->names, 0, name, source_name, j->package);
    return number != UINT32_MAX && j->at_boot[number];
}

/*
 * A file against the catalog for its architecture; one for all architectures is looked for in each,
 * as every file of a name has its own content.
 */
static void check_listed(struct verify_run *run, const struct judged *j, enum inf_arch arch,
                         const char *path, struct vf_view content)
{
    size_t chosen = 0;
    enum cat_verdict verdict;

    if (!j->catalog_count)
        return;
    for (size_t i = 0; i < j->catalog_count && j->catalog_count > 1; i++) {
        const struct judged_catalog *catalog = &j->catalogs[i];
        if (arch != INF_ARCH_NONE
                ? catalog->arch == arch
                : cat_check(catalog->list, path, content, &verdict, NULL) == VF_OK &&
                      verdict == CAT_COVERED) {
            chosen = i;
            break;
        }
    }
    verify_listed(run, j->catalogs[chosen].path, j->catalogs[chosen].list, path, content);
}

/* Is the package for Windows 10 or later, by any of its catalogs? Without one it may be. */
static bool is_for_10(const struct judged *j)
{
    size_t i = 0;

    while (i < j->catalog_count && !verify_is_for_10(j->catalogs[i].list))
        i++;
    return i < j->catalog_count || !j->catalog_count;
}

/* One file of the package: what it is, and that the catalog lists it. */
static enum vf_code check_file(struct verify_run *run, const struct judged *j, enum inf_arch arch,
                               const struct tree_file *file, struct vf_err *err)
{
    struct vf_buf content = VF_BUF_INIT;

    enum vf_code code = verify_read(run, file, VERIFY_MEMBER_MAX, &content, err);
    if (code)
        goto release;
    bool driver = tree_has_extension(file->path, ".sys");
    if (driver || pe_is_image(vf_view_of(&content))) {
        const struct verify_asked asked = {
            .boot = starts_at_boot(j, vf_path_base(file->path)),
            .integrity = is_for_10(j),
            .machine = driver ? j->machine : 0,
        };
        bool embedded = verify_binary(run, file->path, vf_view_of(&content), &asked);
        if (driver)
            verdict_add_driver(j->verdict, embedded);
    }
    check_listed(run, j, arch, file->path, vf_view_of(&content));
release:
    vf_buf_free(&content);
    return code;
}

/* On its architecture, a decorated section's line counts in the place of the bare section's. */
static bool is_overridden(const struct judged *j, const struct inf_source *source)
{
    if (source->arch != INF_ARCH_NONE || j->arch == INF_ARCH_NONE)
        return false;
    for (size_t i = 0; i < j->package->source_count; i++)
        if (j->package->sources[i].arch == j->arch &&
            strcmp(j->package->sources[i].name, source->name) == 0)
            return true;
    return false;
}

static enum vf_code check_source(struct verify_run *run, const struct judged *j,
                                 const struct inf_source *source, struct vf_err *err)
{
    char relative[512];

    int used = snprintf(relative, sizeof(relative), "%s%s%s", source->directory,
                        *source->directory ? "/" : "", source->name);
    if (used < 0 || (size_t)used >= sizeof(relative)) {
        verify_add(run->report, RULE_INF_FILE, j->inf_path, source->place.line,
                   "a path too long to be on a disc");
        verdict_add_missing(j->verdict, source->arch);
        return VF_OK;
    }
    for (char *p = relative; *p; p++)
        if (*p == '\\')
            *p = '/';
    /* a line of another architecture's section, in an INF shared between several */
    if (source->arch != INF_ARCH_NONE && j->arch != INF_ARCH_NONE && source->arch != j->arch)
        return VF_OK;
    if (is_overridden(j, source))
        return VF_OK;
    const struct tree_file *file = tree_find(run->tree, j->dir, relative);
    if (!file) {
        verify_add(run->report, RULE_INF_FILE, j->inf_path, source->place.line,
                   "%s is not in the package", relative);
        verdict_add_missing(j->verdict, source->arch);
        return VF_OK;
    }
    return check_file(run, j, source->arch, file, err);
}

static void check_version(struct verify_run *run, const struct judged *j)
{
    const struct inf_driver_ver *ver = &j->package->driver_ver;

    if (!*ver->date_text && !*ver->version_text)
        verify_add(run->report, RULE_INF_DRIVERVER, j->inf_path, 0, "no DriverVer");
    else if (!ver->date_valid || !ver->version_valid)
        verify_add(run->report, RULE_INF_DRIVERVER, j->inf_path, ver->place.line,
                   "'%s,%s' is not a date and a version", ver->date_text, ver->version_text);
}

/* Has an earlier line named the same file? An INF may name one in several sections. */
static bool named_before(const struct inf_package *package, size_t index)
{
    const struct inf_source *source = &package->sources[index];

    for (size_t i = 0; i < index; i++)
        if (strcmp(package->sources[i].name, source->name) == 0 &&
            strcmp(package->sources[i].directory, source->directory) == 0 &&
            package->sources[i].arch == source->arch)
            return true;
    return false;
}

static enum vf_code open_catalog(struct verify_run *run, struct judged *j,
                                 const struct inf_catalog *catalog, struct verify_package *package,
                                 struct vf_err *err)
{
    char *signer = package->signer;

    const struct tree_file *file = tree_find(run->tree, j->dir, catalog->name);
    if (!file) {
        verify_add(run->report, RULE_CAT_MISSING, j->inf_path, catalog->place.line,
                   "%s is not in the package", catalog->name);
        return VF_OK;
    }
    struct judged_catalog *slot = &j->catalogs[j->catalog_count];
    package->signer = NULL;
    enum vf_code code = verify_catalog(run, file, &slot->list, package, err);
    if (signer) { /* of several catalogs, the first one's */
        free(package->signer);
        package->signer = signer;
    }
    if (slot->list) {
        slot->arch = catalog->arch;
        slot->path = file->path;
        j->catalog_count++;
    }
    return code;
}

/* The catalog for the package's architecture; where it is for several, that of each. */
static enum vf_code open_catalogs(struct verify_run *run, struct judged *j,
                                  struct verify_package *package, struct vf_err *err)
{
    const struct inf_catalog *only = inf_package_catalog(j->package, j->arch);
    enum vf_code code = VF_OK;

    if (!only && (j->arch != INF_ARCH_NONE || !j->package->catalog_count)) {
        verify_add(run->report, RULE_INF_CATALOG, j->inf_path, 0, "no CatalogFile for it");
        return VF_OK;
    }
    if (only)
        return open_catalog(run, j, only, package, err);
    for (size_t i = 0; !code && i < j->package->catalog_count; i++) {
        const struct inf_catalog *catalog = &j->package->catalogs[i];
        bool known = j->catalog_count == INF_ARCH_COUNT;
        for (size_t k = 0; k < i; k++)
            known = known || j->package->catalogs[k].arch == catalog->arch;
        if (!known)
            code = open_catalog(run, j, catalog, package, err);
    }
    return code;
}

static enum vf_code check_content(struct verify_run *run, struct judged *j,
                                  struct verify_package *package, struct vf_view inf,
                                  struct vf_err *err)
{
    enum vf_code code = open_catalogs(run, j, package, err);
    for (size_t i = 0; !code && i < j->catalog_count; i++) {
        const struct judged_catalog *catalog = &j->catalogs[i];
        enum inf_arch arch = j->arch ? j->arch : catalog->arch;
        verify_listed(run, catalog->path, catalog->list, j->inf_path, inf);
        code = verify_claims(run, catalog->path, catalog->list, j->package,
                             arch ? INF_ARCH_BIT(arch) : 0, err);
    }
    if (j->package->source_count > SOURCES_MAX) {
        verify_add(run->report, RULE_INF_FILE, j->inf_path, 0, "names more than %u files",
                   SOURCES_MAX);
        verdict_add_missing(j->verdict, INF_ARCH_NONE);
        return code;
    }
    if (!code)
        code = find_boot_files(run, j, err);
    for (size_t i = 0; i < j->package->source_count && !code; i++)
        if (!named_before(j->package, i))
            code = check_source(run, j, &j->package->sources[i], err);
    return code;
}

enum vf_code verify_package(struct verify_run *run, const struct tree_file *inf, struct vf_err *err)
{
    struct judged j = {.inf_path = inf->path};
    struct vf_buf content = VF_BUF_INIT;
    struct vf_err fault;
    struct verify_package *package = NULL;
    size_t before = run->report->finding_count;

    enum vf_code code = package_slot(run->report, &package, err);
    if (!package)
        return code;
    j.verdict = &package->verdict;
    j.dir = tree_dirname(inf->path);
    package->inf = strdup(inf->path);
    package->name = strndup(vf_path_base(inf->path), strlen(vf_path_base(inf->path)) - 4);
    size_t row = j.dir ? folder_arch(j.dir, &package->os) : ARCH_COUNT;
    bool by_folder = row < ARCH_COUNT;

    code = verify_read(run, inf, VERIFY_INF_MAX, &content, err);
    if (code)
        goto release;
    if (inf_parse(vf_view_of(&content), inf->path, &j.inf, &fault)) {
        verify_add(run->report, RULE_INF_SYNTAX, inf->path, 0, "%s", fault.text);
        goto describe;
    }
    code = inf_package_make(j.inf, &j.package, err);
    if (code)
        goto release;
    if (!by_folder)
        row = only_arch(j.package->arches);
    if (row < ARCH_COUNT) {
        j.arch = arches[row].arch;
        j.machine = arches[row].machine;
    }
    if (by_folder && !(j.package->arches & INF_ARCH_BIT(j.arch)))
        verify_add(run->report, RULE_INF_MACHINE, inf->path, 0,
                   "no models section is decorated for %s", inf_arch_name(j.arch));
    if (verdict_add_systems(j.verdict, j.inf,
                            j.arch == INF_ARCH_NONE ? j.package->arches : INF_ARCH_BIT(j.arch),
                            &fault))
        verify_add(run->report, RULE_INF_SYNTAX, inf->path, 0, "%s", fault.text);
    check_version(run, &j);
    code = check_content(run, &j, package, vf_view_of(&content), err);
    if (!code && asprintf(&package->driver_ver, "%s,%s", j.package->driver_ver.date_text,
                          j.package->driver_ver.version_text) < 0)
        package->driver_ver = NULL;
describe:
    package->arch = strdup(row < ARCH_COUNT ? inf_arch_name(arches[row].arch) : "");
    if (!package->driver_ver)
        package->driver_ver = strdup("");
    if (!package->signer)
        package->signer = strdup("");
    for (size_t i = before; i < run->report->finding_count; i++) {
        verdict_add_finding(&package->verdict, run->report->findings[i].rule);
        if (verify_rule(run->report->findings[i].rule)->level == VERIFY_ERROR)
            package->errors++;
        else
            package->warnings++;
    }
    if (!code && (!j.dir || !package->inf || !package->name || !package->os || !package->arch ||
                  !package->driver_ver || !package->signer))
        code = vf_fail_memory(err);
release:
    for (size_t i = 0; i < j.catalog_count; i++)
        cat_list_free(j.catalogs[i].list);
    free(j.at_boot);
    inf_index_free(&j.names);
    inf_package_free(j.package);
    inf_free(j.inf);
    vf_buf_free(&content);
    free(j.dir);
    return code;
}
