/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where everything goes: identifiers, sorted directories, extents. */
#include <stdlib.h>
#include <string.h>
#include <search.h>

#include "iso/ecma119.h"
#include "iso/name.h"
#include "iso/writer_private.h"
#include "util/utf16.h"

#define DESCRIPTORS 3 /* primary, Joliet, end; a boot record would come second (El Torito 2.0) */

/* attempts to make a primary name unique; more than the nodes of an image can take */
#define ATTEMPTS_MAX (ISO_WRITER_NODES_MAX + 1)

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(struct iso_node *const *)a)->name, (*(struct iso_node *const *)b)->name);
}

/*
 * The order of 9.3 is that of the name, filled up with spaces, then of the extension. All
 * d-characters are greater than the dot, so comparing the identifiers without version number as
 * they are comes to the same. Joliet compares its characters' values in the same way.
 */
static int compare_ids(const struct iso_node *a, const struct iso_node *b, enum iso_tree tree)
{
    const struct iso_place *x = &a->place[tree], *y = &b->place[tree];
    size_t common = x->id_size < y->id_size ? x->id_size : y->id_size;

    int order = memcmp(x->id, y->id, common);
    return order ? order : x->id_size - y->id_size;
}

static int compare_primary(const void *a, const void *b)
{
    return compare_ids(*(struct iso_node *const *)a, *(struct iso_node *const *)b, ISO_PRIMARY);
}

static int compare_joliet(const void *a, const void *b)
{
    return compare_ids(*(struct iso_node *const *)a, *(struct iso_node *const *)b, ISO_JOLIET);
}

static int compare_taken(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void keep_id(void *id)
{
    (void)id; /* belongs to its node */
}

static enum vf_code joliet_id(struct iso_node *node, struct vf_err *err)
{
    struct vf_buf id = VF_BUF_INIT;
    struct vf_view name = {(const uint8_t *)node->name, strlen(node->name)};

    if (!vf_utf8_to_utf16(name, VF_BIG, &id)) {
        vf_buf_free(&id);
        return vf_fail_memory(err);
    }
    /* names are checked when they are added: at most 64 characters of the basic plane */
    node->place[ISO_JOLIET].id = id.data;
    node->place[ISO_JOLIET].id_size = (uint8_t)id.size;
    return VF_OK;
}

/* Primary identifiers of one directory; taken holds those given so far. */
static enum vf_code primary_ids(struct iso_node **children, size_t count, struct vf_err *err)
{
    enum vf_code code = VF_OK;
    void *taken = NULL;

    for (size_t i = 0; i < count && !code; i++) {
        struct iso_place *place = &children[i]->place[ISO_PRIMARY];
        char id[ISO_PRIMARY_MAX];
        unsigned attempt = 0;
        do
            iso_name_primary(children[i]->name, children[i]->directory, attempt, id);
        while (tfind(id, &taken, compare_taken) && ++attempt < ATTEMPTS_MAX);
        place->id = (uint8_t *)strdup(id);
        place->id_size = (uint8_t)strlen(id);
        if (!place->id || !tsearch(place->id, &taken, compare_taken))
            code = vf_fail_memory(err);
    }
    tdestroy(taken, keep_id);
    return code;
}

/* Bytes of a directory's records, no record crossing a block (6.8.1.1). */
static bool directory_size(const struct iso_node *directory, enum iso_tree tree, uint32_t *size)
{
    uint64_t used = 2 * ISO_ROOT_RECORD_SIZE;

    for (size_t i = 0; i < directory->child_count; i++) {
        size_t record = iso_record_size(directory->place[tree].children[i], tree);
        if (used % ISO_BLOCK + record > ISO_BLOCK)
            used += ISO_BLOCK - used % ISO_BLOCK;
        used += record;
    }
    used = (used + ISO_BLOCK - 1) / ISO_BLOCK * ISO_BLOCK;
    *size = (uint32_t)used;
    return used <= UINT32_MAX;
}

static enum vf_code sort_directory(struct iso_node *directory, struct vf_err *err)
{
    static int (*const compare[ISO_TREES])(const void *, const void *) = {compare_primary,
                                                                          compare_joliet};
    size_t count = directory->child_count;

    if (count) {
        /* from here on the order of addition is forgotten */
        qsort(directory->children, count, sizeof(struct iso_node *), compare_names);
        enum vf_code code = primary_ids(directory->children, count, err);
        for (size_t i = 0; i < count && !code; i++)
            code = joliet_id(directory->children[i], err);
        if (code)
            return code;
    }
    for (enum iso_tree tree = 0; tree < ISO_TREES; tree++) {
        struct iso_place *place = &directory->place[tree];
        place->children = calloc(count + 1, sizeof(struct iso_node *));
        if (!place->children)
            return vf_fail_memory(err);
        if (count) {
            memcpy(place->children, directory->children, count * sizeof(struct iso_node *));
            qsort(place->children, count, sizeof(struct iso_node *), compare[tree]);
        }
        if (!directory_size(directory, tree, &place->size))
            return vf_fail(err, VF_MALFORMED, "%s: too many files in one directory of a disc",
                           directory->name);
    }
    return VF_OK;
}

/* identifiers, order and size of every directory; the depth of a disc bounds the recursion */
static enum vf_code sort_tree(struct iso_node *directory, size_t *directories, struct vf_err *err)
{
    enum vf_code code = sort_directory(directory, err);

    ++*directories;
    for (size_t i = 0; i < directory->child_count && !code; i++)
        if (directory->children[i]->directory)
            code = sort_tree(directory->children[i], directories, err);
    return code;
}

/* Number the directories level by level, each level in order of parent and identifier (6.9.1). */
static enum vf_code number_directories(struct iso_writer *writer, struct iso_plan *plan,
                                       enum iso_tree tree, struct vf_err *err)
{
    struct iso_node **list = calloc(plan->directory_count, sizeof(struct iso_node *));
    size_t known = 1;

    if (!list)
        return vf_fail_memory(err);
    plan->directories[tree] = list;
    list[0] = writer->root;
    for (size_t i = 0; i < known; i++) {
        struct iso_place *place = &list[i]->place[tree];
        size_t id_size = i ? place->id_size : 1;
        place->number = (uint16_t)(i + 1);
        plan->path_table_size[tree] += (uint32_t)(ISO_PATH_RECORD_SIZE + id_size + id_size % 2);
        for (size_t c = 0; c < list[i]->child_count; c++)
            if (place->children[c]->directory)
                list[known++] = place->children[c];
    }
    return VF_OK;
}

static uint64_t blocks(uint64_t bytes)
{
    return (bytes + ISO_BLOCK - 1) / ISO_BLOCK;
}

/* Give out blocks in the order of writer.h. */
static enum vf_code place_extents(struct iso_writer *writer, struct iso_plan *plan,
                                  struct vf_err *err)
{
    /* 200000 nodes of less than 4 GiB: no sum here comes near 64 bits */
    uint64_t next = ISO_SYSTEM_BLOCKS + DESCRIPTORS;

    for (enum iso_tree tree = 0; tree < ISO_TREES; tree++) {
        plan->path_table_l[tree] = (uint32_t)next;
        next += blocks(plan->path_table_size[tree]);
        plan->path_table_m[tree] = (uint32_t)next;
        next += blocks(plan->path_table_size[tree]);
    }
    for (enum iso_tree tree = 0; tree < ISO_TREES; tree++) {
        for (size_t i = 0; i < plan->directory_count; i++) {
            struct iso_place *place = &plan->directories[tree][i]->place[tree];
            /* the list has directory_count nodes, which the analyser cannot know */
            /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
            place->extent = (uint32_t)next;
            next += blocks(place->size);
        }
    }
    plan->data = (uint32_t)next;
    for (size_t i = 0; i < writer->file_count; i++) {
        struct iso_node *file = writer->files[i];
        file->extent = 0;
        if (file->twin != file || file->size == 0)
            continue;
        file->extent = (uint32_t)next;
        next += blocks(file->size);
    }
    /* libraries keep block numbers in 31 bits */
    if (next > INT32_MAX)
        return vf_fail(err, VF_MALFORMED, "the files need %llu blocks; a disc has less than 2^31",
                       (unsigned long long)next);
    plan->end = (uint32_t)next;
    return VF_OK;
}

enum vf_code iso_plan_make(struct iso_writer *writer, struct iso_plan *plan, struct vf_err *err)
{
    *plan = (struct iso_plan){0};
    enum vf_code code = sort_tree(writer->root, &plan->directory_count, err);
    if (!code && plan->directory_count > ISO_DIRECTORIES_MAX)
        code = vf_fail(err, VF_MALFORMED, "%zu directories; a disc has at most %d",
                       plan->directory_count, ISO_DIRECTORIES_MAX);
    for (enum iso_tree tree = 0; tree < ISO_TREES && !code; tree++)
        code = number_directories(writer, plan, tree, err);
    if (!code)
        code = place_extents(writer, plan, err);
    return code;
}

static void forget_places(struct iso_node *node)
{
    for (enum iso_tree tree = 0; tree < ISO_TREES; tree++) {
        free(node->place[tree].id);
        free(node->place[tree].children);
        node->place[tree] = (struct iso_place){0};
    }
    for (size_t i = 0; i < node->child_count; i++)
        forget_places(node->children[i]);
}

void iso_plan_free(struct iso_writer *writer, struct iso_plan *plan)
{
    for (enum iso_tree tree = 0; tree < ISO_TREES; tree++)
        free(plan->directories[tree]);
    forget_places(writer->root);
}
