/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A hash index from names, compared without case, to numbers the caller chose. Names live in
 * scopes (a section's keys, say): equal names of different scopes are different entries.
 */
#ifndef INF_INDEX_H
#define INF_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inf_index_slot {
    uint32_t hash;
    uint32_t scope;
    uint32_t number; /* UINT32_MAX: the slot is free */
};

struct inf_index {
    struct inf_index_slot *slots;
    size_t room; /* 0 or a power of two */
    size_t count;
};

/* The name that a number stands for; owner is the caller's. */
typedef const char *inf_index_name(const void *owner, uint32_t number);

/* The number added for a name; UINT32_MAX where there is none. */
uint32_t inf_index_find(const struct inf_index *index, uint32_t scope, const char *name,
                        inf_index_name *name_of, const void *owner);

/* Add a name that is not there yet; false where memory is short. */
bool inf_index_add(struct inf_index *index, uint32_t scope, const char *name, uint32_t number);

void inf_index_free(struct inf_index *index);

#endif
