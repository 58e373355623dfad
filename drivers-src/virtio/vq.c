// SPDX-License-Identifier: BSD-3-Clause
//
// What both ring formats share: memory, life of a queue, poisoning, and the way to the format's
// own functions.

#include "vq_private.h"

_Static_assert(sizeof(struct vq) == offsetof(struct vq, slots), "slots follow the struct");
_Static_assert(offsetof(struct vq, ops) == 0, "vq.h looks for them there");

static const struct vq_ops broken_ops;
static const struct vq_ops stopped_ops;

static bool is_packed(uint64_t features)
{
    return features & VIO_BIT(VIO_F_RING_PACKED);
}

static bool size_valid(uint16_t size, uint64_t features)
{
    if (size == 0 || size > VQ_SIZE_MAX)
        return false;
    return is_packed(features) || (size & (size - 1)) == 0;
}

static void layout_of(uint16_t size, uint64_t features, struct vq_layout *layout)
{
    if (is_packed(features))
        vq_packed_layout(size, layout);
    else
        vq_split_layout(size, !(features & VIO_BIT(VIO_F_VERSION_1)), layout);
}

size_t vq_ring_bytes(uint16_t size, uint64_t features)
{
    struct vq_layout layout;

    if (!size_valid(size, features))
        return 0;
    layout_of(size, features, &layout);
    return layout.bytes;
}

size_t vq_ring_align(uint64_t features)
{
    return features & VIO_BIT(VIO_F_VERSION_1) ? 64 : 4096;
}

size_t vq_private_bytes(uint16_t size, uint64_t features)
{
    size_t slot;

    if (!size_valid(size, features))
        return 0;
    slot = is_packed(features) ? vq_packed_slot_bytes() : vq_split_slot_bytes();
    return sizeof(struct vq) + size * slot;
}

// Puts an empty ring of `size` descriptors into the queue's memory.
static void start(struct vq *vq, uint16_t size)
{
    struct vq_layout layout;

    layout_of(size, vq->features, &layout);
    __builtin_memset(vq->ring, 0, layout.bytes);
    __builtin_memset(vq->slots, 0, vq_private_bytes(size, vq->features) - sizeof(*vq));
    __builtin_memset(&vq->split, 0, sizeof(vq->split));
    __builtin_memset(&vq->packed, 0, sizeof(vq->packed));
    vq->areas.desc = vq->ring_pa;
    vq->areas.driver = vq->ring_pa + layout.driver;
    vq->areas.device = vq->ring_pa + layout.device;
    vq->size = size;
    vq->room = size;
    vq->published = 0;
    vq->popped_before += vq->popped;
    vq->popped = 0;
    vq->in_flight = 0;
    vq->detach_at = 0;
    vq->fault = VQ_FAULT_NONE;
    if (is_packed(vq->features))
        vq_packed_start(vq, &layout);
    else
        vq_split_start(vq, &layout);
    __atomic_store_n(&vq->state, VQ_READY, __ATOMIC_RELAXED);
}

enum vio_status vq_init(const struct vq_config *config, struct vq **out)
{
    const size_t align = vq_ring_align(config->features);
    struct vq *vq = config->priv;

    *out = NULL;
    if (config->os == NULL || config->notify == NULL || config->ring == NULL || vq == NULL ||
        !size_valid(config->size, config->features))
        return VIO_E_ARG;
    if (config->ring_bytes < vq_ring_bytes(config->size, config->features) ||
        config->priv_bytes < vq_private_bytes(config->size, config->features) ||
        (uintptr_t)config->ring % align != 0 || (config->ring_pa & (align - 1)) != 0 ||
        config->ring_pa + config->ring_bytes < config->ring_pa || (uintptr_t)vq % 16 != 0)
        return VIO_E_MEMORY;
    __builtin_memset(vq, 0, sizeof(*vq));
    vq->os = config->os;
    vq->features = config->features;
    vq->index = config->index;
    vq->notify_data = config->notify_data;
    vq->ring = config->ring;
    vq->ring_pa = config->ring_pa;
    vq->ring_bytes = config->ring_bytes;
    vq->priv_bytes = config->priv_bytes;
    vq->notify = config->notify;
    vq->notify_ctx = config->notify_ctx;
    vq->broken = config->broken;
    vq->broken_ctx = config->broken_ctx;
    vq->platform = config->features & VIO_BIT(VIO_F_ORDER_PLATFORM);
    vq->event_idx = config->features & VIO_BIT(VIO_F_EVENT_IDX);
    start(vq, config->size);
    *out = vq;
    return VIO_OK;
}

void vq_get_areas(const struct vq *vq, struct vq_areas *areas)
{
    *areas = vq->areas;
}

enum vio_status vq_add_error(const struct vq *vq, uint32_t elements)
{
    if (elements == 0)
        return VIO_E_ARG;
    return elements > vq->size ? VIO_E_TOO_LONG : VIO_E_FULL;
}

enum vq_add_way vq_add_way(const struct vq *vq)
{
    if (!(vq->features & VIO_BIT(VIO_F_INDIRECT_DESC)))
        return VQ_ADD_DIRECT;
    return vq->size < VQ_SHORT_MAX ? VQ_ADD_SMALL : VQ_ADD_USUAL;
}

void vq_notify(struct vq *vq)
{
    uint32_t value = vq->notify_data;

    if (vq->features & VIO_BIT(VIO_F_NOTIFICATION_DATA))
        value |= (uint32_t)vio_load16(&vq->published) << 16;
    // No single addition: on x86 that would be a second full fence.
    __atomic_store_n(&vq->kicks, __atomic_load_n(&vq->kicks, __ATOMIC_RELAXED) + 1,
                     __ATOMIC_RELAXED);
    vq->notify(vq->notify_ctx, value);
}

void vq_kick(struct vq *vq)
{
    if (vq_should_kick(vq))
        vq_notify(vq);
}

bool vq_pending(const struct vq *vq)
{
    return vq->ops.pending(vq);
}

void vq_irq_off(struct vq *vq)
{
    vq->ops.irq_off(vq);
}

bool vq_irq_on(struct vq *vq)
{
    vq_publish(vq);
    return vq->ops.irq_on(vq, false);
}

bool vq_irq_on_delayed(struct vq *vq)
{
    vq_publish(vq);
    return vq->ops.irq_on(vq, true);
}

// At most size steps over the whole of a detaching.
void *vq_detach(struct vq *vq)
{
    if (vq->state != VQ_STOPPED)
        return NULL;
    while (vq->detach_at < vq->size) {
        void *token = vq->ops.take(vq, vq->detach_at++);

        if (token != NULL) {
            vq->in_flight--;
            vq->detached++;
            return token;
        }
    }
    return NULL;
}

// Replaces the operations that a queue in use needs; the rest stays the format's.
static void refuse(struct vq *vq, enum vq_state state, const struct vq_ops *refusals)
{
    struct vq_ops ops = *refusals;

    ops.in_flight = vq->ops.in_flight;
    ops.take = vq->ops.take;
    vq->ops = ops;
    __atomic_store_n(&vq->state, state, __ATOMIC_RELAXED);
}

void vq_stop(struct vq *vq)
{
    if (vq->state == VQ_STOPPED)
        return;
    vq->in_flight = vq->ops.in_flight(vq);
    refuse(vq, VQ_STOPPED, &stopped_ops);
}

enum vio_status vq_restart(struct vq *vq, uint16_t size)
{
    if (vq->state != VQ_STOPPED)
        return VIO_E_STATE;
    if (vq->in_flight != 0)
        return VIO_E_BUSY;
    if (!size_valid(size, vq->features))
        return VIO_E_ARG;
    if (vq->ring_bytes < vq_ring_bytes(size, vq->features) ||
        vq->priv_bytes < vq_private_bytes(size, vq->features))
        return VIO_E_MEMORY;
    start(vq, size);
    return VIO_OK;
}

void vq_poison(struct vq *vq, enum vq_fault fault, uint64_t value, uint64_t limit)
{
    refuse(vq, VQ_BROKEN, &broken_ops);
    vq->fault = fault;
    vio_log(vq->os, VIO_LOG_ERROR, vq_fault_text(fault), vq->index, value, limit);
    if (vq->broken != NULL)
        vq->broken(vq->broken_ctx, vq->index, fault);
}

void *vq_pop_poison(struct vq *vq, uint32_t *len, enum vq_fault fault, uint32_t id)
{
    *len = 0;
    vq_poison(vq, fault, id, vq->size);
    return NULL;
}

enum vq_state vq_state(const struct vq *vq)
{
    return __atomic_load_n(&vq->state, __ATOMIC_RELAXED);
}

enum vq_fault vq_fault(const struct vq *vq)
{
    return vq->fault;
}

const char *vq_fault_text(enum vq_fault fault)
{
    static const char *const texts[VQ_FAULT_COUNT] = {
        [VQ_FAULT_NONE] = "no fault",
        [VQ_FAULT_USED_INDEX] = "used index runs ahead of the available index",
        [VQ_FAULT_USED_ID] = "used id is out of range",
        [VQ_FAULT_IDLE_ID] = "used id is not in flight",
        [VQ_FAULT_IN_ORDER] = "used batch is longer than the used index allows",
    };

    return (unsigned)fault < VQ_FAULT_COUNT ? texts[fault] : "unknown fault";
}

uint16_t vq_index(const struct vq *vq)
{
    return vq->index;
}

uint16_t vq_size(const struct vq *vq)
{
    return (uint16_t)vq->size;
}

uint16_t vq_room(const struct vq *vq)
{
    return (uint16_t)vq->room;
}

uint16_t vq_in_flight(const struct vq *vq)
{
    return vq->state == VQ_STOPPED ? vq->in_flight : vq->ops.in_flight(vq);
}

void vq_get_stats(const struct vq *vq, struct vq_stats *stats)
{
    stats->popped = vq->popped_before + vq->popped;
    stats->added = stats->popped + vq->detached + vq_in_flight(vq);
    stats->clamped = vq->clamped;
    stats->kicks = __atomic_load_n(&vq->kicks, __ATOMIC_RELAXED);
}

// A queue that is not VQ_READY answers every call here, so the ready ones need not ask.
static enum vio_status refuse_broken(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                     uint32_t in, void *token, const struct vq_table *table)
{
    (void)vq, (void)sg, (void)out, (void)in, (void)token, (void)table;
    return VIO_E_BROKEN;
}

static enum vio_status refuse_stopped(struct vq *vq, const struct vq_sg *sg, uint32_t out,
                                      uint32_t in, void *token, const struct vq_table *table)
{
    (void)vq, (void)sg, (void)out, (void)in, (void)token, (void)table;
    return VIO_E_STATE;
}

static void do_nothing(struct vq *vq)
{
    (void)vq;
}

static bool never(struct vq *vq)
{
    (void)vq;
    return false;
}

static bool never_pending(const struct vq *vq)
{
    (void)vq;
    return false;
}

static void *pop_nothing(struct vq *vq, uint32_t *len)
{
    (void)vq;
    *len = 0;
    return NULL;
}

static bool arm_nothing(struct vq *vq, bool delayed)
{
    (void)vq, (void)delayed;
    return false;
}

static const struct vq_ops broken_ops = {
    .add = refuse_broken,
    .publish = do_nothing,
    .should_kick = never,
    .pop = pop_nothing,
    .pending = never_pending,
    .irq_off = do_nothing,
    .irq_on = arm_nothing,
};

static const struct vq_ops stopped_ops = {
    .add = refuse_stopped,
    .publish = do_nothing,
    .should_kick = never,
    .pop = pop_nothing,
    .pending = never_pending,
    .irq_off = do_nothing,
    .irq_on = arm_nothing,
};
