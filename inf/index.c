/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inf/index.h"

#include <stdlib.h>

#include "inf/inf.h"

#define INDEX_FREE UINT32_MAX
#define INDEX_ROOM 64

/* FNV-1a over the scope and the lower-cased bytes */
static uint32_t hash_of(uint32_t scope, const char *name)
{
    uint64_t hash = (UINT64_C(0xcbf29ce484222325) ^ scope) * UINT64_C(0x100000001b3);

    for (const unsigned char *p = (const unsigned char *)name; *p; p++) {
        hash ^= *p >= 'A' && *p <= 'Z' ? (unsigned)*p + ('a' - 'A') : *p;
        hash *= UINT64_C(0x100000001b3);
    }
    return (uint32_t)(hash ^ hash >> 32);
}

uint32_t inf_index_find(const struct inf_index *index, uint32_t scope, const char *name,
                        inf_index_name *name_of, const void *owner)
{
    if (index->room == 0)
        return INDEX_FREE;

    uint32_t hash = hash_of(scope, name);
    /* ends at a free slot: at most half of them are taken */
    for (size_t at = hash & (index->room - 1);; at = (at + 1) & (index->room - 1)) {
        const struct inf_index_slot *slot = &index->slots[at];
        if (slot->number == INDEX_FREE)
            return INDEX_FREE;
        if (slot->hash == hash && slot->scope == scope &&
            inf_name_equal(name_of(owner, slot->number), name))
            return slot->number;
    }
}

static void put(struct inf_index_slot *slots, size_t room, struct inf_index_slot slot)
{
    size_t at = slot.hash & (room - 1);

    while (slots[at].number != INDEX_FREE)
        at = (at + 1) & (room - 1);
    slots[at] = slot;
}

bool inf_index_add(struct inf_index *index, uint32_t scope, const char *name, uint32_t number)
{
    if (2 * (index->count + 1) > index->room) {
        size_t room = index->room ? 2 * index->room : INDEX_ROOM;
        struct inf_index_slot *slots = calloc(room, sizeof(*slots));
        if (!slots)
            return false;
        for (size_t i = 0; i < room; i++)
            slots[i].number = INDEX_FREE;
        for (size_t i = 0; i < index->room; i++)
            if (index->slots[i].number != INDEX_FREE)
                put(slots, room, index->slots[i]);
        free(index->slots);
        index->slots = slots;
        index->room = room;
    }
    put(index->slots, index->room, (struct inf_index_slot){hash_of(scope, name), scope, number});
    index->count++;
    return true;
}

void inf_index_free(struct inf_index *index)
{
    free(index->slots);
    *index = (struct inf_index){NULL, 0, 0};
}
