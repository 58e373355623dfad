// SPDX-License-Identifier: GPL-3.0-or-later
//
// vq_scribble ROUNDS: a device that writes into its areas while the driver looks at them. Ids and
// lengths flip between right and wrong at full speed, so a value that is checked and then read
// again is a wrong one sooner or later. What must hold is what fuzz_vq.c asks for: buffers come
// back at most once, with lengths that fit, and all of them after a stop.
//
// Under the thread sanitizer it also shows that the core reads those areas with atomic accesses
// alone. The packed ring's descriptors belong to both sides, so there the device only scribbles
// its event suppression in that build.
//
// Exit status 0: all held, 1: not, 2: usage.

#include "tests/device/sdev_rand.h"
#include "tests/device/vq_rig.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 16, BUFFERS = SIZE, LEN = 8, POPS = 1000, TURNS = 30 };

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SCRIBBLE_TSAN 1
#endif
#endif
#ifndef SCRIBBLE_TSAN
#define SCRIBBLE_TSAN 0
#endif

struct scribble {
    struct vq_rig rig;
    struct vq_areas areas;
    bool stop; // atomic
    uint64_t seed;
    uint64_t gpa;
    bool out[BUFFERS];
    uint32_t writable[BUFFERS];
    unsigned outs;
    uint8_t token[BUFFERS]; // only addresses count
    uint64_t popped;
    uint64_t broken;
    const char *why;
};

static void put16(void *at, uint16_t value)
{
    __atomic_store_n((uint16_t *)at, value, __ATOMIC_RELEASE);
}

static void put32(void *at, uint32_t value)
{
    __atomic_store_n((uint32_t *)at, value, __ATOMIC_RELAXED);
}

// Mostly an id that may be right.
static uint32_t any_id(struct sdev_rand *rand)
{
    return sdev_rand_percent(rand, 95) ? sdev_rand_below(rand, SIZE)
                                       : (uint32_t)sdev_rand_next(rand);
}

static void scribble_split(struct scribble *s, struct sdev_rand *rand)
{
    uint8_t *used = sdev_mem_peek(s->rig.mem, s->areas.device, 4);
    uint16_t *avail = sdev_mem_peek(s->rig.mem, s->areas.driver, 4);
    uint8_t *entry = used + 4 + (size_t)sdev_rand_below(rand, SIZE) * 8;

    put32(entry, any_id(rand));
    put32(entry + 4, (uint32_t)sdev_rand_next(rand));
    uint16_t shown = __atomic_load_n(avail + 1, __ATOMIC_ACQUIRE);
    put16(used + 2, sdev_rand_percent(rand, 99) ? shown : (uint16_t)sdev_rand_next(rand));
    put16(used, (uint16_t)sdev_rand_next(rand));
    put16(used + 4 + (size_t)SIZE * 8, (uint16_t)sdev_rand_next(rand)); // avail_event
}

static void scribble_packed(struct scribble *s, struct sdev_rand *rand)
{
    uint8_t *event = sdev_mem_peek(s->rig.mem, s->areas.device, 4);

    put16(event, (uint16_t)sdev_rand_next(rand));
    put16(event + 2, (uint16_t)sdev_rand_next(rand));
    if (SCRIBBLE_TSAN)
        return;

    uint8_t *desc = sdev_mem_peek(s->rig.mem, s->areas.desc, 16ull * SIZE);
    desc += (size_t)sdev_rand_below(rand, SIZE) * 16;
    put16(desc + 12, (uint16_t)any_id(rand));
    put32(desc + 8, (uint32_t)sdev_rand_next(rand));
    put16(desc + 14, sdev_rand_percent(rand, 50) ? SDEV_DESC_F_AVAIL | SDEV_DESC_F_USED : 0);
}

static void *device_thread(void *arg)
{
    struct scribble *s = arg;
    struct sdev_rand rand = sdev_rand_seed(s->seed);
    bool packed = (s->rig.features & SDEV_F_RING_PACKED) != 0;

    while (!__atomic_load_n(&s->stop, __ATOMIC_RELAXED)) { // ends with the driver's round
        if (packed)
            scribble_packed(s, &rand);
        else
            scribble_split(s, &rand);
    }
    return NULL;
}

static bool wrong(struct scribble *s, const char *why)
{
    if (s->why == NULL)
        s->why = why;
    return false;
}

static bool token_back(struct scribble *s, const uint8_t *token, uint32_t len)
{
    size_t n = (size_t)(token - s->token);

    if (n >= BUFFERS || !s->out[n])
        return wrong(s, "a buffer comes back that is not out");
    if (len > s->writable[n])
        return wrong(s, "a length exceeds its buffer");
    s->out[n] = false;
    s->outs--;
    return true;
}

static void driver_add(struct scribble *s, struct sdev_rand *rand)
{
    unsigned n = sdev_rand_below(rand, BUFFERS);
    struct vq_sg sg[2] = {{.pa = s->gpa, .len = LEN}, {.pa = s->gpa, .len = LEN}};
    uint16_t out = (uint16_t)sdev_rand_below(rand, 2);

    if (s->out[n] || vq_add(s->rig.vq, sg, out, 1, &s->token[n], NULL) != VIO_OK)
        return;
    s->out[n] = true;
    s->writable[n] = LEN;
    s->outs++;
}

// Goes on until the queue breaks or POPS buffers came back, or TURNS brought nothing.
static bool driver_round(struct scribble *s, struct sdev_rand *rand)
{
    unsigned idle = 0;
    unsigned pops = 0;

    while (idle < TURNS && pops < POPS && vq_state(s->rig.vq) == VQ_READY) {
        uint32_t len = 0;
        unsigned before = pops;
        const uint8_t *token = NULL;

        for (unsigned i = 0; i < SIZE; i++)
            driver_add(s, rand);
        if (sdev_rand_percent(rand, 50))
            vq_kick(s->rig.vq);
        if (sdev_rand_percent(rand, 10))
            vq_irq_on_delayed(s->rig.vq);
        while ((token = vq_pop(s->rig.vq, &len)) != NULL) { // at most as many as are out
            if (!token_back(s, token, len))
                return false;
            pops++;
        }
        if (pops == before) {
            idle++;
            sched_yield();
        }
    }
    s->popped += pops;
    return true;
}

static bool round_run(struct scribble *s, struct sdev_rand *rand)
{
    pthread_t device;

    s->stop = false;
    s->seed = sdev_rand_next(rand);
    if (pthread_create(&device, NULL, device_thread, s) != 0)
        return wrong(s, "no thread");
    bool good = driver_round(s, rand);
    __atomic_store_n(&s->stop, true, __ATOMIC_RELAXED);
    pthread_join(device, NULL);
    if (!good)
        return false;

    bool is_broken = vq_state(s->rig.vq) == VQ_BROKEN;
    if (s->rig.broken_calls != is_broken)
        return wrong(s, "a broken queue tells of it once");
    s->broken += is_broken;
    s->rig.broken_calls = 0;

    const uint8_t *token = NULL;
    vq_rig_stop(&s->rig);
    while ((token = vq_detach(s->rig.vq)) != NULL) { // token_back ends it if one comes twice
        if (!token_back(s, token, 0))
            return false;
    }
    if (s->outs != 0)
        return wrong(s, "a stopped queue keeps buffers");
    return vq_rig_restart(&s->rig, SIZE) || wrong(s, "a queue does not restart");
}

static bool kind_run(uint64_t features, uint64_t rounds)
{
    struct scribble s = {0};
    struct sdev_rand rand = sdev_rand_seed(features);

    if (!vq_rig_up(&s.rig, SIZE, features) || sdev_mem_alloc(s.rig.mem, LEN, 16, &s.gpa) == NULL) {
        fprintf(stderr, "features 0x%llx: no queue\n", (unsigned long long)features);
        return false;
    }
    vq_get_areas(s.rig.vq, &s.areas);
    bool good = true;
    for (uint64_t i = 0; good && i < rounds; i++)
        good = round_run(&s, &rand);
    vq_rig_down(&s.rig);
    printf("features 0x%llx: %llu buffers popped, broken %llu times\n",
           (unsigned long long)features, (unsigned long long)s.popped,
           (unsigned long long)s.broken);
    if (!good)
        fprintf(stderr, "features 0x%llx: %s\n", (unsigned long long)features, s.why);
    return good;
}

int main(int argc, char **argv)
{
    static const uint64_t kinds[] = {
        SDEV_F_VERSION_1,
        SDEV_F_VERSION_1 | SDEV_F_EVENT_IDX,
        SDEV_F_VERSION_1 | SDEV_F_EVENT_IDX | SDEV_F_IN_ORDER,
        SDEV_F_VERSION_1 | SDEV_F_RING_PACKED,
        SDEV_F_VERSION_1 | SDEV_F_RING_PACKED | SDEV_F_EVENT_IDX,
        SDEV_F_VERSION_1 | SDEV_F_RING_PACKED | SDEV_F_EVENT_IDX | SDEV_F_IN_ORDER,
    };
    uint64_t rounds = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;

    if (rounds == 0) {
        fprintf(stderr, "usage: %s ROUNDS\n", argv[0]);
        return 2;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!kind_run(kinds[i], rounds))
            return 1;
    }
    return 0;
}
