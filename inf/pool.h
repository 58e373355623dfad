/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many small texts with one owner: they stay where they are and go all at once. */
#ifndef INF_POOL_H
#define INF_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct inf_pool_chunk;

struct inf_pool {
    struct inf_pool_chunk *chunks;
    bool failed; /* an earlier request found memory short */
};

/* A copy of text; "" (and failed set) where memory is short, so that callers check once. */
const char *inf_pool_copy(struct inf_pool *pool, const char *text);
/* The same, ASCII letters lower-cased, as names are kept that compare without case. */
const char *inf_pool_lower(struct inf_pool *pool, const char *text);
/* The first size bytes of text. */
const char *inf_pool_part(struct inf_pool *pool, const char *text, size_t size);
void inf_pool_free(struct inf_pool *pool);

#endif
