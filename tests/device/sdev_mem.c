// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/device/sdev_mem.h"

#include <stdlib.h>
#include <string.h>

struct range {
    uint64_t gpa;
    uint64_t len;
    uint8_t *host;
    bool shared; // the caller's
};

struct sdev_mem {
    struct sdev_faults *faults;
    uint64_t next;
    size_t count;
    struct range range[SDEV_MEM_MAX_RANGES];
};

struct sdev_mem *sdev_mem_new(struct sdev_faults *faults, int low)
{
    struct sdev_mem *mem = calloc(1, sizeof(*mem));

    if (mem == NULL)
        return NULL;
    mem->faults = faults;
    mem->next = low ? 0x00100000u : 0x0000000123400000u;
    return mem;
}

void sdev_mem_free(struct sdev_mem *mem)
{
    if (mem == NULL)
        return;
    for (size_t i = 0; i < mem->count; i++) {
        if (!mem->range[i].shared)
            free(mem->range[i].host);
    }
    free(mem);
}

void *sdev_mem_alloc(struct sdev_mem *mem, size_t len, size_t align, uint64_t *gpa)
{
    if (mem->count == SDEV_MEM_MAX_RANGES || len == 0)
        return NULL;

    // The host pointer is aligned like the address, which the atomic accesses to ring fields need.
    void *host = NULL;
    if (posix_memalign(&host, align < sizeof(void *) ? sizeof(void *) : align, len) != 0)
        return NULL;
    memset(host, 0, len);

    uint64_t at = (mem->next + align - 1) & ~((uint64_t)align - 1);
    struct range *r = &mem->range[mem->count++];
    *r = (struct range){.gpa = at, .len = len, .host = host};
    mem->next = (at + len + SDEV_PAGE + SDEV_PAGE - 1) & ~(uint64_t)(SDEV_PAGE - 1);
    *gpa = at;
    return host;
}

bool sdev_mem_share(struct sdev_mem *mem, uint64_t gpa, void *host, size_t len)
{
    const struct range *last = mem->count != 0 ? &mem->range[mem->count - 1] : NULL;

    if (mem->count == SDEV_MEM_MAX_RANGES || len == 0 || len > UINT64_MAX - gpa - 2 * SDEV_PAGE ||
        (last != NULL && gpa < last->gpa + last->len))
        return false;
    mem->range[mem->count++] = (struct range){.gpa = gpa, .len = len, .host = host, .shared = true};
    mem->next = (gpa + len + 2 * SDEV_PAGE - 1) & ~(uint64_t)(SDEV_PAGE - 1);
    return true;
}

// Ranges are added with rising addresses, so the table is always sorted.
static const struct range *range_find(const struct sdev_mem *mem, uint64_t gpa)
{
    size_t low = 0;
    size_t high = mem->count;

    while (low < high) { // halves each time
        size_t mid = low + (high - low) / 2;
        const struct range *r = &mem->range[mid];

        if (gpa < r->gpa)
            high = mid;
        else if (gpa - r->gpa < r->len)
            return r;
        else
            low = mid + 1;
    }
    return NULL;
}

void sdev_mem_release(struct sdev_mem *mem, uint64_t gpa)
{
    const struct range *r = range_find(mem, gpa);

    if (r == NULL || r->gpa != gpa) {
        sdev_fault(mem->faults, "release of memory at 0x%llx that is not the start of a range",
                   (unsigned long long)gpa);
        return;
    }

    size_t index = (size_t)(r - mem->range);
    if (!r->shared)
        free(mem->range[index].host);
    mem->count--;
    memmove(&mem->range[index], &mem->range[index + 1], (mem->count - index) * sizeof(*r));
}

void *sdev_mem_peek(const struct sdev_mem *mem, uint64_t gpa, uint64_t len)
{
    const struct range *r = range_find(mem, gpa);

    if (r == NULL || len > r->len - (gpa - r->gpa))
        return NULL;
    return r->host + (gpa - r->gpa);
}

void *sdev_mem_at(struct sdev_mem *mem, uint64_t gpa, uint64_t len, const char *what)
{
    if (len == 0)
        return NULL;

    void *host = sdev_mem_peek(mem, gpa, len);
    if (host == NULL)
        sdev_fault(mem->faults, "%s: %llu bytes at 0x%llx are not registered memory", what,
                   (unsigned long long)len, (unsigned long long)gpa);
    return host;
}

uint64_t sdev_mem_gpa(const struct sdev_mem *mem, const void *host)
{
    for (size_t i = 0; i < mem->count; i++) {
        const struct range *r = &mem->range[i];
        uintptr_t offset = (uintptr_t)host - (uintptr_t)r->host;

        if (offset < r->len)
            return r->gpa + offset;
    }
    return 0;
}

size_t sdev_mem_ranges(const struct sdev_mem *mem)
{
    return mem->count;
}
