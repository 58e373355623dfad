/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ntos/verifier.h"
#include "cpu/delivery.h"
#include "image/image.h"

#define RESOURCE_LIMIT   16384
#define BUCKETS          4096
#define FREED_LIMIT      256
#define CALL_DEADLINE_MS 10000

extern UCHAR nk_text_start[], nk_rodata_start[];

void *nk_interrupted_at[NK_CPUS];

static struct nk_resource resources[RESOURCE_LIMIT];
static unsigned resource_high; /* entries at and above were never used */
/* Entries by address, and the unused ones below resource_high: chains of numbers from 1, 0 ends. */
static USHORT buckets[BUCKETS], unused;
static struct nk_resource freed[FREED_LIMIT];
static unsigned freed_next;

static const char *const kind_names[NK_RESOURCE_KINDS] = {
    [NK_POOL] = "pool block",
    [NK_CONTIGUOUS] = "contiguous memory",
    [NK_MAPPING] = "mapping",
    [NK_INTERRUPT] = "connected interrupt",
    [NK_DEVICE] = "device object",
    [NK_MDL] = "MDL",
    [NK_WORK_ITEM] = "work item",
    [NK_HANDLE] = "handle",
    [NK_IRP] = "IRP",
    [NK_NETWORK] = "object of NDIS",
    [NK_OBJECT] = "object",
    [NK_REFERENCE] = "reference to an object",
    [NK_RUNNING] = "running thread",
    [NK_PAGES] = "set of pages of an MDL",
    [NK_LOOKASIDE] = "lookaside list",
};

static char *name_buffer(void)
{
    static char buffers[8][160];
    static unsigned next;

    return buffers[__atomic_fetch_add(&next, 1, __ATOMIC_RELAXED) % NK_COUNT(buffers)];
}

bool nk_kernel_code_is(ULONG64 address)
{
    return address - (ULONG64)nk_text_start < (ULONG64)(nk_rodata_start - nk_text_start);
}

const char *nk_code_name(const void *pointer)
{
    char *out = name_buffer();
    ULONG64 address = (ULONG64)pointer;
    const struct nk_pe_section *section;
    const struct nk_image *image = nk_image_at(address, &section);

    if (image)
        nk_format(out, 160, "%s+0x%llx (%s)", image->name, address - image->base,
                  section ? section->name : "headers");
    else if (nk_kernel_code_is(address))
        nk_format(out, 160, "ntkernel+0x%llx", address);
    else
        nk_format(out, 160, "%016llx", address);
    return out;
}

bool nk_code_is(ULONG64 address)
{
    const struct nk_pe_section *section;

    if (nk_image_at(address, &section))
        return section && section->flags & NK_SECTION_EXECUTE;
    return nk_kernel_code_is(address);
}

static const char *tag_text(ULONG tag)
{
    char *out = name_buffer();
    unsigned n;

    for (n = 0; n < 4; n++) {
        char c = (char)(tag >> 8 * n);

        out[n] = c >= 32 && c < 127 ? c : '.';
    }
    out[4] = 0;
    return out;
}

static const char *describe(const struct nk_resource *r, ULONG64 address, const char *state)
{
    char *out = name_buffer();

    nk_format(out, 160,
              "%llx: %s%lld bytes from the start of a %s of %llu bytes (tag %s) taken at %s",
              address, state, (LONG64)(address - r->address), kind_names[r->kind], r->size,
              tag_text(r->tag), nk_code_name(r->taken_at));
    return out;
}

/* The guard pages belong to the block beside them. */
static bool near(const struct nk_resource *r, ULONG64 address)
{
    return address >= (r->address & ~0xFFFull) - NK_PAGE_SIZE &&
           address < ((r->address + r->size + 0xFFF) & ~0xFFFull) + NK_PAGE_SIZE;
}

const char *nk_address_name(ULONG64 address)
{
    char *out;
    unsigned n;
    const struct nk_pe_section *section;

    if (nk_image_at(address, &section))
        return nk_code_name((void *)address);
    for (n = 0; n < resource_high; n++) {
        if (resources[n].address && near(&resources[n], address))
            return describe(&resources[n], address, "");
    }
    for (n = 0; n < FREED_LIMIT; n++) {
        if (freed[n].address && near(&freed[n], address))
            return describe(&freed[n], address, "FREED, ");
    }
    out = name_buffer();
    nk_format(out, 160, "address %016llx", address);
    return out;
}

const char *nk_physical_name(ULONG64 physical)
{
    char *out;
    unsigned n;

    for (n = 0; n < resource_high; n++) {
        const struct nk_resource *r = &resources[n];
        ULONG64 at = r->address & ~0xFFFull;

        for (; r->address && at < r->address + r->size; at += NK_PAGE_SIZE) {
            if (nk_physical((void *)at) == physical)
                return describe(r, at < r->address ? r->address : at, "");
        }
    }
    out = name_buffer();
    nk_format(out, 160, "physical address %llx", physical);
    return out;
}

void nk_guard_enter(struct nk_guard *guard, const char *what)
{
    static ULONG deadline;

    if (!deadline)
        deadline = (ULONG)nk_option("watchdog", CALL_DEADLINE_MS);
    guard->what = what;
    guard->service = nk_service_clear();
    guard->irql = nk_irql();
    guard->locks = nk_lock_count();
    guard->former_deadline = nk_watchdog_arm(what, deadline);
    guard->stepped = nk_delivery_step_begin();
    nk_span_begin(&guard->span);
}

void nk_guard_leave(struct nk_guard *guard)
{
    ULONG64 cycles = nk_span_end(&guard->span);
    char lock[160];

    if (guard->stepped)
        nk_delivery_step_end();
    nk_machine_after_call();
    nk_watchdog_restore(guard->former_deadline);
    nk_service_set(guard->service);
    if (nk_lock_count() != guard->locks) {
        nk_lock_describe(lock, sizeof(lock));
        nk_report("lock", "%s returned with %u locks held instead of %u: %s", guard->what,
                  nk_lock_count(), guard->locks, lock);
    }
    if (nk_irql() != guard->irql)
        nk_report("irql", "%s was called at IRQL %u and returned at IRQL %u", guard->what,
                  guard->irql, nk_irql());
    nk_count_call(guard->what, cycles);
}

static USHORT *bucket_of(const volatile void *address)
{
    ULONG64 a = (ULONG64)address;

    return &buckets[(a >> 4 ^ a >> 12) % BUCKETS];
}

static struct nk_resource *add(enum nk_resource_kind kind, ULONG64 address, ULONG64 size, ULONG tag,
                               void *taken_at)
{
    bool on = nk_critical_enter();
    USHORT *bucket = bucket_of((void *)address);
    struct nk_resource *r;

    if (!unused && resource_high == RESOURCE_LIMIT)
        nk_report("memory", "more than %u resources are held at once", RESOURCE_LIMIT);
    r = unused ? &resources[unused - 1] : &resources[resource_high++];
    if (unused)
        unused = r->next;
    *r = (struct nk_resource){.address = address,
                              .size = size,
                              .taken_at = taken_at,
                              .tag = tag,
                              .kind = (UCHAR)kind,
                              .next = *bucket};
    *bucket = (USHORT)(r - resources + 1);
    nk_critical_leave(on);
    return r;
}

struct nk_resource *nk_resource_add(enum nk_resource_kind kind, const volatile void *address,
                                    ULONG64 size, ULONG tag)
{
    return add(kind, (ULONG64)address, size, tag, nk_taker());
}

struct nk_resource *nk_resource_add_own(enum nk_resource_kind kind, const volatile void *address,
                                        ULONG64 size, ULONG tag)
{
    return add(kind, (ULONG64)address, size, tag, NULL);
}

struct nk_resource *nk_resource_find(enum nk_resource_kind kind, const volatile void *address)
{
    struct nk_resource *found = NULL;
    bool on = nk_critical_enter();
    USHORT n;

    for (n = address ? *bucket_of(address) : 0; n && !found; n = resources[n - 1].next) {
        if (resources[n - 1].address == (ULONG64)address && resources[n - 1].kind == kind)
            found = &resources[n - 1];
    }
    nk_critical_leave(on);
    return found;
}

void nk_resource_remove(struct nk_resource *resource)
{
    bool on = nk_critical_enter();
    USHORT number = (USHORT)(resource - resources + 1);
    USHORT *link = bucket_of((const void *)resource->address);

    freed[freed_next++ % FREED_LIMIT] = *resource;
    while (*link != number)
        link = &resources[*link - 1].next;
    *link = resource->next;
    resource->address = 0;
    resource->next = unused;
    unused = number;
    nk_critical_leave(on);
}

void nk_resource_drop(enum nk_resource_kind kind, const volatile void *address)
{
    struct nk_resource *resource = nk_resource_find(kind, address);

    if (!resource)
        nk_report("argument", "%s is not a live %s", nk_address_name((ULONG64)address),
                  kind_names[kind]);
    nk_resource_remove(resource);
}

void nk_resources_check(const char *driver)
{
    unsigned n, leaks = 0;
    struct nk_resource *first = NULL;

    for (n = 0; n < resource_high; n++) {
        struct nk_resource *r = &resources[n];

        if (!r->address || !r->taken_at)
            continue;
        nk_log("leak: %s of %llu bytes, tag %s, taken at %s\n", kind_names[r->kind], r->size,
               tag_text(r->tag), nk_code_name(r->taken_at));
        first = first ? first : r;
        leaks++;
    }
    if (first && !nk_option("lenient", 0))
        nk_report("leak",
                  "%s still holds %u things after unload, the first a %s (tag %s) taken at %s",
                  driver, leaks, kind_names[first->kind], tag_text(first->tag),
                  nk_code_name(first->taken_at));
}

unsigned nk_resource_count(enum nk_resource_kind kind)
{
    unsigned n, found = 0;

    for (n = 0; n < resource_high; n++)
        found += resources[n].address && resources[n].taken_at && resources[n].kind == kind;
    return found;
}

void nk_resources_visit(enum nk_resource_kind kind,
                        void (*visit)(const struct nk_resource *resource, void *context),
                        void *context)
{
    unsigned n;

    for (n = 0; n < resource_high; n++) {
        if (resources[n].address && resources[n].kind == kind)
            visit(&resources[n], context);
    }
}
