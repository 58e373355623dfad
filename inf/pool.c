/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inf/pool.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_ROOM ((size_t)16 << 10)

struct inf_pool_chunk {
    struct inf_pool_chunk *next;
    size_t used, room;
    char bytes[];
};

static char *take(struct inf_pool *pool, size_t size)
{
    struct inf_pool_chunk *chunk = pool->chunks;

    if (!chunk || chunk->room - chunk->used < size) {
        size_t room = size > CHUNK_ROOM ? size : CHUNK_ROOM;
        chunk = malloc(sizeof(*chunk) + room);
        if (!chunk) {
            pool->failed = true;
            return NULL;
        }
        *chunk = (struct inf_pool_chunk){pool->chunks, 0, room};
        pool->chunks = chunk;
    }
    char *bytes = chunk->bytes + chunk->used;
    chunk->used += size;
    return bytes;
}

const char *inf_pool_part(struct inf_pool *pool, const char *text, size_t size)
{
    char *copy = size ? take(pool, size + 1) : NULL;

    if (!copy)
        return "";
    memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

const char *inf_pool_copy(struct inf_pool *pool, const char *text)
{
    return inf_pool_part(pool, text, strlen(text));
}

const char *inf_pool_lower(struct inf_pool *pool, const char *text)
{
    size_t size = strlen(text);
    char *copy = size ? take(pool, size + 1) : NULL;

    if (!copy)
        return "";
    for (size_t i = 0; i <= size; i++)
        copy[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + ('a' - 'A') : text[i]);
    return copy;
}

void inf_pool_free(struct inf_pool *pool)
{
    while (pool->chunks) {
        struct inf_pool_chunk *next = pool->chunks->next;
        free(pool->chunks);
        pool->chunks = next;
    }
}
