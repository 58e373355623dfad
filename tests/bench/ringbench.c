// SPDX-License-Identifier: GPL-3.0-or-later
//
// The ring benchmark's loop: buffers prepared beforehand, a queue of 256, event index on, a device
// that returns everything in order. ringbench.sh runs it under callgrind once for each row and
// counts the instructions of the queue functions; the time printed here stands beside them.
//
//   ringbench FORMAT OUT IN INDIRECT BATCH ROUNDS    nanoseconds for each buffer
//   ringbench FORMAT OUT IN INDIRECT BATCH ROUNDS threads
//                                                    the same with the device in a second thread on
//                                                    another CPU, both polling, as many buffers in
//                                                    flight as there are slots
//   ringbench FORMAT memory                          bytes of private memory for each descriptor
//
// FORMAT is split or packed, INDIRECT 0 or 1. Rounds of a batch are driver and device in turn, with
// the device's share in the time.

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <valgrind/callgrind.h>

#include "drivers-src/virtio/vq.h"

enum {
    QUEUE_SIZE = 256,
    SLOTS = 32,
    ELEMENTS = 3,
    TABLE_ENTRIES = 4,
    WARM_UP = 8192,
    BLOCK = 256, // a measured run is a multiple of it, so that ring wraps average out
    RING_PA = 0x10000000,
};

struct slot {
    struct vq_sg sg[ELEMENTS];
    _Alignas(64) uint64_t table[2 * TABLE_ENTRIES];
    struct vq_table indirect;
};

struct row {
    bool packed;
    uint16_t out;
    uint16_t in;
    bool indirect;
    uint32_t batch;
};

// The device's side of the queue.
struct device {
    uint8_t *ring;
    struct vq_areas at; // as offsets into ring
    uint16_t next;
    uint16_t wrap;
    uint16_t used;
};

static void *allocate(size_t alignment, size_t bytes)
{
    void *memory = aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);

    if (memory == NULL) {
        fprintf(stderr, "ringbench: cannot allocate %zu bytes\n", bytes);
        exit(4);
    }
    return memory;
}

static void no_doorbell(void *ctx, uint32_t value)
{
    (void)ctx;
    (void)value;
}

static void no_stall(void *ctx, uint32_t microseconds)
{
    (void)ctx;
    (void)microseconds;
}

static void device_run_split(struct device *device)
{
    const uint16_t *avail = (const uint16_t *)(device->ring + device->at.driver);
    uint8_t *used = device->ring + device->at.device;

    while (device->next != __atomic_load_n(&avail[1], __ATOMIC_ACQUIRE)) {
        uint32_t *elem = (uint32_t *)(used + 4 + 8 * (device->used % QUEUE_SIZE));

        elem[0] = avail[2 + device->next % QUEUE_SIZE];
        elem[1] = 1;
        device->next++;
        device->used++;
    }
    // The next buffer's index: a doorbell is wanted for every publication.
    *(uint16_t *)(used + 4 + 8 * QUEUE_SIZE) = device->next;
    __atomic_store_n((uint16_t *)(used + 2), device->used, __ATOMIC_RELEASE);
}

static uint16_t *packed_half(struct device *device, uint16_t place, unsigned half)
{
    return (uint16_t *)(device->ring + 16 * place + 8) + half;
}

static void device_step_packed(struct device *device)
{
    if (++device->next == QUEUE_SIZE) {
        device->next = 0;
        device->wrap ^= 1;
    }
}

static void device_run_packed(struct device *device)
{
    for (;;) {
        const uint16_t start = device->next;
        const uint16_t used_flags = device->wrap ? 0x8080 : 0;
        uint16_t flags = __atomic_load_n(packed_half(device, start, 3), __ATOMIC_ACQUIRE);
        uint16_t id;

        if ((flags >> 7 & 1) != device->wrap || (flags >> 15 & 1) == device->wrap)
            break;
        for (;;) {
            const uint16_t place = device->next;

            id = *packed_half(device, place, 2);
            flags = *packed_half(device, place, 3);
            device_step_packed(device);
            if (!(flags & 1))
                break;
        }
        *packed_half(device, start, 0) = 1;
        *packed_half(device, start, 1) = 0;
        *packed_half(device, start, 2) = id;
        __atomic_store_n(packed_half(device, start, 3), used_flags, __ATOMIC_RELEASE);
    }
    *(uint32_t *)(device->ring + device->at.device) =
        2u << 16 | (uint32_t)device->wrap << 15 | device->next;
}

// One batch; false if the queue did not behave.
static bool round_trip(struct vq *vq, struct device *device, struct slot *slots,
                       const struct row *row, uint64_t *kicks)
{
    uint32_t len;

    for (uint32_t i = 0; i < row->batch; i++) {
        if (vq_add(vq, slots[i].sg, row->out, row->in, &slots[i],
                   row->indirect ? &slots[i].indirect : NULL) != VIO_OK)
            return false;
    }
    *kicks += vq_should_kick(vq);
    if (row->packed)
        device_run_packed(device);
    else
        device_run_split(device);
    for (uint32_t i = 0; i < row->batch; i++) {
        if (vq_pop(vq, &len) != &slots[i])
            return false;
    }
    return true;
}

// The device in a thread of its own, until told to stop.
struct device_thread {
    struct device *device;
    bool packed;
    bool stop; // atomic
};

static void *device_thread_run(void *arg)
{
    struct device_thread *thread = arg;

    while (!__atomic_load_n(&thread->stop, __ATOMIC_RELAXED)) {
        if (thread->packed)
            device_run_packed(thread->device);
        else
            device_run_split(thread->device);
    }
    return NULL;
}

// Moves `count` buffers through a queue whose device runs by itself. False if one comes back that
// was not sent next.
static bool stream(struct vq *vq, struct slot *slots, const struct row *row, uint64_t count)
{
    uint64_t sent = 0;
    uint64_t back = 0;
    uint32_t len;
    void *token;

    while (back < count) {
        while (sent < count && sent - back < SLOTS) {
            struct slot *slot = &slots[sent % SLOTS];

            if (vq_add(vq, slot->sg, row->out, row->in, slot,
                       row->indirect ? &slot->indirect : NULL) != VIO_OK)
                break;
            sent++;
        }
        (void)vq_should_kick(vq);
        while ((token = vq_pop(vq, &len)) != NULL) {
            if (token != &slots[back % SLOTS])
                return false;
            back++;
        }
        if (vq_state(vq) != VQ_READY)
            return false;
    }
    return true;
}

static uint64_t now_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static struct slot *make_slots(void)
{
    struct slot *slots = allocate(64, SLOTS * sizeof(*slots));

    memset(slots, 0, SLOTS * sizeof(*slots));
    for (uint32_t i = 0; i < SLOTS; i++) {
        for (uint32_t e = 0; e < ELEMENTS; e++)
            slots[i].sg[e] = (struct vq_sg){0x20000000 + 0x10000 * i + 0x1000 * e, 16 + e};
        slots[i].indirect.va = slots[i].table;
        slots[i].indirect.pa = 0x30000000 + 64 * i;
        slots[i].indirect.entries = TABLE_ENTRIES;
    }
    return slots;
}

static struct vq *make_queue(const struct row *row, const struct vio_os *os, struct device *device)
{
    const uint64_t features = VIO_BIT(VIO_F_VERSION_1) | VIO_BIT(VIO_F_EVENT_IDX) |
                              VIO_BIT(VIO_F_INDIRECT_DESC) |
                              (row->packed ? VIO_BIT(VIO_F_RING_PACKED) : 0);
    struct vq_config config = {
        .os = os,
        .features = features,
        .size = QUEUE_SIZE,
        .ring_pa = RING_PA,
        .ring_bytes = vq_ring_bytes(QUEUE_SIZE, features),
        .priv_bytes = vq_private_bytes(QUEUE_SIZE, features),
        .notify = no_doorbell,
    };
    struct vq *vq;

    config.ring = allocate(4096, config.ring_bytes);
    config.priv = allocate(64, config.priv_bytes);
    if (vq_init(&config, &vq) != VIO_OK)
        return NULL;
    vq_get_areas(vq, &device->at);
    device->ring = config.ring;
    device->at.driver -= RING_PA;
    device->at.device -= RING_PA;
    device->wrap = 1;
    if (row->packed)
        device_run_packed(device);
    return vq;
}

static bool parse(char **argv, struct row *row, uint64_t *rounds)
{
    row->packed = strcmp(argv[1], "packed") == 0;
    row->out = (uint16_t)strtoul(argv[2], NULL, 10);
    row->in = (uint16_t)strtoul(argv[3], NULL, 10);
    row->indirect = strcmp(argv[4], "1") == 0;
    row->batch = (uint32_t)strtoul(argv[5], NULL, 10);
    *rounds = strtoull(argv[6], NULL, 10);
    return (row->packed || strcmp(argv[1], "split") == 0) && row->out + row->in >= 1 &&
           row->out + row->in <= ELEMENTS && row->batch >= 1 && row->batch <= SLOTS &&
           *rounds >= BLOCK && *rounds % BLOCK == 0;
}

// Keeps a thread on the `n`th of the CPUs that the process may use.
static bool keep_on_cpu(pthread_t thread, unsigned n)
{
    cpu_set_t allowed;
    cpu_set_t one;

    if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
        return false;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &allowed) || n-- != 0)
            continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        return pthread_setaffinity_np(thread, sizeof(one), &one) == 0;
    }
    return false;
}

static int run_threads(struct vq *vq, struct device *device, struct slot *slots,
                       const struct row *row, uint64_t count)
{
    struct device_thread thread = {device, row->packed, false};
    uint64_t start;
    uint64_t end;
    pthread_t id;
    bool good;

    if (pthread_create(&id, NULL, device_thread_run, &thread) != 0)
        return 1;
    // the device first: from one CPU, the second of those allowed cannot be told any more
    good = keep_on_cpu(id, 1) && keep_on_cpu(pthread_self(), 0);
    if (!good)
        fprintf(stderr, "ringbench: two CPUs are needed\n");
    good = good && stream(vq, slots, row, BLOCK * SLOTS);
    start = now_ns();
    good = good && stream(vq, slots, row, count);
    end = now_ns();
    __atomic_store_n(&thread.stop, true, __ATOMIC_RELAXED);
    pthread_join(id, NULL);
    if (!good)
        return 1;
    printf("%.1f\n", (double)(end - start) / (double)count);
    return 0;
}

static int print_memory(const char *format)
{
    const uint64_t features =
        VIO_BIT(VIO_F_VERSION_1) | (strcmp(format, "packed") == 0 ? VIO_BIT(VIO_F_RING_PACKED) : 0);

    printf("%zu\n",
           (vq_private_bytes(2 * QUEUE_SIZE, features) - vq_private_bytes(QUEUE_SIZE, features)) /
               QUEUE_SIZE);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct vio_os os = {.stall = no_stall};
    struct device device = {0};
    struct row row;
    struct slot *slots;
    struct vq *vq;
    uint64_t rounds;
    uint64_t kicks = 0;
    uint64_t start;
    uint64_t end;

    if (argc == 3 && strcmp(argv[2], "memory") == 0)
        return print_memory(argv[1]);
    if (argc < 7 || argc > 8 || !parse(argv, &row, &rounds)) {
        fprintf(stderr, "usage: ringbench split|packed OUT IN INDIRECT BATCH ROUNDS [threads]\n"
                        "       ringbench split|packed memory\n"
                        "OUT + IN is 1 to 3, BATCH 1 to 32, ROUNDS a multiple of 256\n");
        return 2;
    }
    slots = make_slots();
    vq = make_queue(&row, &os, &device);
    if (vq == NULL)
        return 1;
    if (argc == 8)
        return run_threads(vq, &device, slots, &row, rounds * row.batch);
    for (uint32_t i = 0; i < WARM_UP; i++) {
        if (!round_trip(vq, &device, slots, &row, &kicks))
            return 1;
    }
    kicks = 0;
    start = now_ns();
    CALLGRIND_START_INSTRUMENTATION;
    for (uint64_t i = 0; i < rounds; i++) {
        if (!round_trip(vq, &device, slots, &row, &kicks))
            return 1;
    }
    CALLGRIND_STOP_INSTRUMENTATION;
    end = now_ns();
    if (kicks != rounds)
        return 1;
    printf("%.1f\n", (double)(end - start) / (double)(rounds * row.batch));
    return 0;
}
