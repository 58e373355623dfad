/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is held against a driver: the state it leaves behind after each call into it, and the
 * things it took and did not give back.
 */
#ifndef NK_VERIFIER_H
#define NK_VERIFIER_H

#include "nk.h"
#include "ntos/counters.h"

/** Where each processor's last interrupt hit; the watchdog names it. */
extern void *nk_interrupted_at[NK_CPUS];

/** Name a code address: "viorng.sys+0x1234 (.text)" or "ntkernel+0x..". One of eight rotating
 * buffers. */
const char *nk_code_name(const void *address);
/** Name any address: a part of a driver, an allocation, a freed allocation, or plain hex. */
const char *nk_address_name(ULONG64 address);
/** The same for physical memory: by what is allocated there now. */
const char *nk_physical_name(ULONG64 physical);
/** True if `address` follows a place in executable driver or kernel code. */
bool nk_code_is(ULONG64 address);
bool nk_kernel_code_is(ULONG64 address);

/** A call from the kernel into the driver. On return IRQL and held locks must be as before. */
struct nk_guard {
    const char *what;
    struct nk_service service;
    ULONG64 former_deadline;
    struct nk_span span;
    unsigned locks;
    KIRQL irql;
    bool stepped;
};
void nk_guard_enter(struct nk_guard *guard, const char *what);
void nk_guard_leave(struct nk_guard *guard);

#define NK_CALL(what, call)            \
    ({                                 \
        struct nk_guard guard_;        \
        nk_guard_enter(&guard_, what); \
        __auto_type result_ = (call);  \
        nk_guard_leave(&guard_);       \
        result_;                       \
    })
#define NK_CALL_VOID(what, call)       \
    do {                               \
        struct nk_guard guard_;        \
        nk_guard_enter(&guard_, what); \
        call;                          \
        nk_guard_leave(&guard_);       \
    } while (0)

/** A lock is taken with another held; where each was taken is for reports. An order that was
 * seen the other way round is reported. */
void nk_lock_order(const KSPIN_LOCK *held, void *held_at, const KSPIN_LOCK *taken, void *taken_at);
/** What lay in this memory is a lock no more. */
void nk_lock_order_forget(const volatile void *start, ULONG64 size);

/** Kinds of things a driver takes and must give back before it is unloaded. */
enum nk_resource_kind {
    NK_POOL,
    NK_CONTIGUOUS,
    NK_MAPPING,
    NK_INTERRUPT,
    NK_DEVICE,
    NK_MDL,
    NK_WORK_ITEM,
    NK_HANDLE,
    NK_IRP,
    NK_NETWORK,
    NK_OBJECT,
    NK_REFERENCE,
    NK_RUNNING,
    NK_PAGES,
    NK_LOOKASIDE,
    NK_RESOURCE_KINDS
};

struct nk_resource {
    ULONG64 address, size;
    void *taken_at; /* NULL: the kernel's own */
    ULONG tag;
    USHORT next; /* in the chain of its address; the verifier's own */
    UCHAR kind;
    bool pageable;
};

/** Enter a thing that the driver has to give back. */
struct nk_resource *nk_resource_add(enum nk_resource_kind kind, const volatile void *address,
                                    ULONG64 size, ULONG tag);
/** The same for one that is the kernel's own affair. */
struct nk_resource *nk_resource_add_own(enum nk_resource_kind kind, const volatile void *address,
                                        ULONG64 size, ULONG tag);
/** The thing at exactly this address, or NULL. */
struct nk_resource *nk_resource_find(enum nk_resource_kind kind, const volatile void *address);
void nk_resource_remove(struct nk_resource *resource);
/** Remove the thing of this kind at `address`, or report a wrong address. */
void nk_resource_drop(enum nk_resource_kind kind, const volatile void *address);
/** Report what the driver still holds. */
void nk_resources_check(const char *driver);
unsigned nk_resource_count(enum nk_resource_kind kind);
/** Call visit() for each thing of this kind. */
void nk_resources_visit(enum nk_resource_kind kind,
                        void (*visit)(const struct nk_resource *resource, void *context),
                        void *context);

#endif
