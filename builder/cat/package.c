/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From INFs to the catalog of their packages. */
#include "builder/cat/package.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "builder/cat/cat_private.h"
#include "inf/package.h"
#include "util/file.h"

#define DIR_ENTRIES_MAX 100000

struct gathered {
    char **paths; /* of the members, each once */
    struct cat_member *members;
    size_t count;
    struct inf_package **packages; /* the hardware ids' owners */
    size_t package_count;
    const char **ids;
    size_t id_count;
    bool trusted;
};

static void free_gathered(struct gathered *all)
{
    for (size_t i = 0; i < all->count; i++) {
        cat_member_free(&all->members[i]);
        free(all->paths[i]);
    }
    for (size_t i = 0; i < all->package_count; i++)
        inf_package_free(all->packages[i]);
    free(all->paths);
    free(all->members);
    free(all->packages);
    free(all->ids);
}

static bool is_inf(const char *name)
{
    size_t size = strlen(name);
    return size > 4 && strcasecmp(name + size - 4, ".inf") == 0;
}

enum vf_code cat_package_infs(const char *dir, char ***infs, size_t *count, struct vf_err *err)
{
    char **names;
    size_t all, found = 0;

    enum vf_code code = vf_dir_names(dir, DIR_ENTRIES_MAX, &names, &all, err);
    if (code)
        return code;
    char **paths = calloc(all ? all : 1, sizeof(*paths));
    if (!paths) {
        vf_names_free(names, all);
        return vf_fail_memory(err);
    }
    for (size_t i = 0; !code && i < all; i++) {
        if (!is_inf(names[i]))
            continue;
        paths[found] = vf_path_join(dir, names[i]);
        if (paths[found])
            found++;
        else
            code = vf_fail_memory(err);
    }
    if (!code && !found)
        code = vf_fail(err, VF_MALFORMED, "%s: expected an INF file in this folder", dir);
    vf_names_free(names, all);
    if (code) {
        vf_names_free(paths, found);
        return code;
    }
    *infs = paths;
    *count = found;
    return VF_OK;
}

static enum vf_code read_package(const char *path, struct inf_package **out, struct vf_err *err)
{
    struct inf_file *file;

    enum vf_code code = inf_read(path, &file, err);
    if (code)
        return code;
    code = inf_package_make(file, out, err);
    inf_free(file);
    return code;
}

enum vf_code cat_package_name(const char *const *infs, size_t count, char **name,
                              struct vf_err *err)
{
    enum vf_code code = VF_OK;

    *name = NULL;
    for (size_t i = 0; !code && i < count; i++) {
        struct inf_package *package;
        code = read_package(infs[i], &package, err);
        if (code)
            break;
        if (!package->catalog_count)
            code = vf_fail(err, VF_MALFORMED, "%s: expected CatalogFile in [Version]", infs[i]);
        for (size_t j = 0; !code && j < package->catalog_count; j++) {
            const char *here = package->catalogs[j].name;
            if (*name && strcmp(*name, here) != 0)
                code = vf_fail(err, VF_MALFORMED,
                               "%s:%u: catalog '%s' here, '%s' elsewhere; say which one to write",
                               infs[i], package->catalogs[j].place.line, here, *name);
            else if (!*name && !(*name = strdup(here)))
                code = vf_fail_memory(err);
        }
        inf_package_free(package);
    }
    if (code) {
        free(*name);
        *name = NULL;
    }
    return code;
}

/* The entry of dir that equals the part of a path without regard to case, as a path; or NULL. */
static char *find_entry(const char *dir, const char *part, size_t size)
{
    char **names, *found = NULL;
    size_t count;

    if (vf_dir_names(dir[0] ? dir : ".", DIR_ENTRIES_MAX, &names, &count, NULL))
        return NULL;
    for (size_t i = 0; !found && i < count; i++)
        if (strlen(names[i]) == size && strncasecmp(names[i], part, size) == 0)
            found = vf_path_join(dir, names[i]);
    vf_names_free(names, count);
    return found;
}

/* A path below dir with either slash, as it is spelled on disk; NULL where it is not there. */
static char *resolve(const char *dir, const char *path)
{
    char *at = strdup(dir);

    while (at && *path) {
        size_t size = strcspn(path, "\\/");
        if (size && !(size == 1 && *path == '.')) {
            char *next = find_entry(at, path, size);
            free(at);
            at = next;
        }
        path += size + (path[size] != '\0');
    }
    return at;
}

/* The folder of a path: "" where it has none. */
static char *folder_of(const char *path)
{
    size_t size = (size_t)(vf_path_base(path) - path);

    return strndup(path, size > 1 ? size - 1 : size);
}

/* Add a file once; takes path over. *index is its place among the members. */
static enum vf_code add_file(struct gathered *all, char *path, bool pages, size_t *index,
                             struct vf_err *err)
{
    struct vf_buf content = VF_BUF_INIT;
    enum vf_code code = VF_OK;

    for (*index = 0; *index < all->count; ++*index) {
        if (strcmp(all->paths[*index], path) == 0) {
            free(path);
            return VF_OK;
        }
    }
    if (!cat_grow((void **)&all->paths, all->count, sizeof(*all->paths)) ||
        !cat_grow((void **)&all->members, all->count, sizeof(*all->members)))
        code = vf_fail_memory(err);
    if (!code)
        code = vf_file_read(path, CAT_MEMBER_MAX, &content, err);
    if (!code)
        code = cat_member_make(path, vf_view_of(&content), pages, &all->members[all->count], err);
    vf_buf_free(&content);
    if (code) {
        free(path);
        return code;
    }
    all->paths[all->count++] = path;
    return VF_OK;
}

/* A file that an INF lists, with what the INF says of it. */
static enum vf_code add_source(struct gathered *all, char *path, const struct inf_file *inf,
                               const struct inf_source *source, unsigned arches, bool pages,
                               struct vf_err *err)
{
    size_t before = all->count, index;

    enum vf_code code =
        add_file(all, path, pages || cat_attributes_pages(inf, source->name), &index, err);
    if (code)
        return code;
    struct cat_member *member = &all->members[index];
    /* an install section for all takes the files of every architecture with it */
    if (arches && source->arch != INF_ARCH_NONE)
        arches = INF_ARCH_BIT(source->arch);
    /* one that is for all already, as the INFs are, stays so */
    if (index == before || member->arches)
        member->arches = arches ? member->arches | arches : 0;
    return cat_attributes_add(inf, source->name, member) ? VF_OK : vf_fail_memory(err);
}

/* Is the file for one of the systems? Others, of an INF shared between machines, may be absent. */
static bool is_wanted(const struct inf_source *source, const struct cat_package_options *options)
{
    bool wanted = source->arch == INF_ARCH_NONE;

    for (size_t i = 0; i < options->system_count; i++)
        wanted = wanted || cat_os_arch(options->systems[i]) == source->arch;
    return wanted;
}

static enum vf_code add_sources(struct gathered *all, const struct inf_file *inf,
                                const struct inf_package *package,
                                const struct cat_package_options *options, struct vf_err *err)
{
    unsigned arches = cat_attributes_arches(inf);
    enum vf_code code = VF_OK;

    char *dir = folder_of(inf_name(inf));
    if (!dir)
        return vf_fail_memory(err);
    for (size_t i = 0; !code && i < package->source_count; i++) {
        const struct inf_source *source = &package->sources[i];
        size_t size = strlen(source->name);
        if (size > 4 && strcmp(source->name + size - 4, ".cat") == 0)
            continue;
        char *folder = resolve(dir, source->directory);
        char *path = folder ? resolve(folder, source->name) : NULL;
        free(folder);
        if (path)
            code = add_source(all, path, inf, source, arches, options->pages, err);
        else if (is_wanted(source, options))
            code = vf_fail(err, VF_MALFORMED, "%s:%u: expected the file '%s%s%s' beside the INF",
                           inf_name(inf), source->place.line, source->directory,
                           source->directory[0] ? "\\" : "", source->name);
    }
    free(dir);
    return code;
}

static enum vf_code add_ids(struct gathered *all, const struct inf_package *package,
                            struct vf_err *err)
{
    for (size_t i = 0; i < package->id_count; i++) {
        if (!cat_grow((void **)&all->ids, all->id_count, sizeof(*all->ids)))
            return vf_fail_memory(err);
        all->ids[all->id_count++] = package->ids[i].id;
    }
    return VF_OK;
}

static enum vf_code add_package(struct gathered *all, const struct inf_file *inf,
                                const struct cat_package_options *options, struct vf_err *err)
{
    struct inf_package *package;
    size_t index;

    if (!cat_grow((void **)&all->packages, all->package_count, sizeof(struct inf_package *)))
        return vf_fail_memory(err);
    enum vf_code code = inf_package_make(inf, &package, err);
    if (code)
        return code;
    all->packages[all->package_count++] = package;
    all->trusted = all->trusted || cat_attributes_trusted(inf);
    char *path = strdup(inf_name(inf));
    code = path ? add_file(all, path, options->pages, &index, err) : vf_fail_memory(err);
    if (!code)
        code = add_sources(all, inf, package, options, err);
    if (!code)
        code = add_ids(all, package, err);
    return code;
}

static enum vf_code add_inf(struct gathered *all, const char *path,
                            const struct cat_package_options *options, struct vf_err *err)
{
    struct inf_file *inf;

    enum vf_code code = inf_read(path, &inf, err);
    if (code)
        return code;
    code = add_package(all, inf, options, err);
    inf_free(inf);
    return code;
}

enum vf_code cat_package_create(const char *const *infs, size_t count,
                                const struct cat_package_options *options, struct cat_list **out,
                                struct vf_err *err)
{
    struct gathered all = {.paths = NULL};
    enum vf_code code = VF_OK;

    for (size_t i = 0; !code && i < count; i++)
        code = add_inf(&all, infs[i], options, err);
    if (!code) {
        const struct cat_spec spec = {
            .members = all.members,
            .member_count = all.count,
            .hardware_ids = all.ids,
            .hardware_id_count = all.id_count,
            .systems = options->systems,
            .system_count = options->system_count,
            .version = options->version,
            .identifier = options->identifier,
            .time = options->time,
            .trusted = all.trusted,
        };
        code = cat_create(&spec, out, err);
    }
    free_gathered(&all);
    return code;
}
