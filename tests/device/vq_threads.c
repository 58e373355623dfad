// SPDX-License-Identifier: GPL-3.0-or-later
//
// vq_threads BUFFERS: driver and device each in a thread of its own, for every ring format and
// feature combination, polling and sleeping. Made for the thread sanitizer, which sees a missing
// acquire or release as a race on descriptors or data; a missing fence shows as a thread that
// sleeps for ever. Exit status 0: all came through, 1: not, 2: usage.

#include "tests/device/sdev_worker.h"
#include "tests/device/vq_rig.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { POOL = 64, SLEEP_SECONDS = 60 };

// Each buffer: the driver writes a number, the device answers with its complement.
struct cell {
    uint64_t question;
    uint64_t answer;
};

struct pair {
    struct vq_rig rig;
    bool sleeping; // else both sides poll
    uint64_t buffers;
    uint64_t seed;
    struct cell *cell;
    uint64_t cell_gpa;
    uint8_t *tables;
    uint64_t tables_gpa;
    sem_t kick;
    sem_t irq;
    bool stop; // atomic: one side has failed, the other shall not wait
    uint64_t kicks;
    uint64_t interrupts;
    const char *why; // of the driver's thread
    const char *device_why;
};

static bool sem_sleep(struct pair *pair, sem_t *sem)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += SLEEP_SECONDS;
    while (sem_timedwait(sem, &until) != 0) { // ends with a post or the time
        if (errno != EINTR)
            return false;
    }
    return !__atomic_load_n(&pair->stop, __ATOMIC_RELAXED);
}

static void stop_both(struct pair *pair)
{
    __atomic_store_n(&pair->stop, true, __ATOMIC_RELAXED);
    sem_post(&pair->kick);
    sem_post(&pair->irq);
}

static uint32_t answer(void *ctx, unsigned queue, const struct sdev_chain *chain)
{
    uint64_t value = 0;

    (void)ctx;
    (void)queue;
    sdev_chain_read(chain, 0, &value, sizeof(value));
    value = ~value;
    return (uint32_t)sdev_chain_write(chain, 0, &value, sizeof(value));
}

static void *device_thread(void *arg)
{
    struct pair *pair = arg;
    struct sdev_ring *ring = pair->rig.ring;
    struct sdev_worker_cfg cfg = {
        .policy = {.shuffle = true, .one_entry = true},
        .handler = answer,
        .seed = pair->seed,
    };
    struct sdev_worker *worker = sdev_worker_new(ring, &cfg);
    uint64_t done = 0;

    sdev_ring_kick_never(ring);
    while (worker != NULL && done < pair->buffers) {
        done += sdev_worker_take(worker, UINT16_MAX);
        sdev_worker_give(worker, UINT16_MAX);
        if (sdev_ring_should_interrupt(ring)) {
            pair->interrupts++;
            sem_post(&pair->irq);
        }
        if (done == pair->buffers || __atomic_load_n(&pair->stop, __ATOMIC_RELAXED))
            break;
        if (!pair->sleeping) {
            sched_yield();
            continue;
        }
        sdev_ring_kick_after(ring, 0);
        if (!sdev_ring_available(ring) && !sem_sleep(pair, &pair->kick)) {
            pair->device_why = "the device sleeps, nobody kicks it";
            break;
        }
        sdev_ring_kick_never(ring);
    }
    sdev_worker_free(worker);
    if (done != pair->buffers) {
        if (pair->device_why == NULL && !__atomic_load_n(&pair->stop, __ATOMIC_RELAXED))
            pair->device_why = "the device did not see every buffer";
        stop_both(pair);
    }
    return NULL;
}

struct driver {
    struct pair *pair;
    uint64_t added;
    uint64_t popped;
    uint16_t free[POOL];
    unsigned frees;
    struct sdev_rand rand;
};

// Adds as many buffers as there is room for, in batches of random size.
static bool driver_add(struct driver *d)
{
    struct pair *pair = d->pair;
    uint32_t batch = 1 + sdev_rand_below(&d->rand, 8);

    for (uint32_t i = 0; i < batch && d->frees != 0 && d->added < pair->buffers; i++) {
        uint16_t n = d->free[d->frees - 1];
        struct vq_sg sg[2] = {
            {.pa = pair->cell_gpa + n * sizeof(struct cell), .len = 8},
            {.pa = pair->cell_gpa + n * sizeof(struct cell) + 8, .len = 8},
        };
        struct vq_table table = {
            .va = pair->tables + (size_t)n * 2 * VQ_DESC_BYTES,
            .pa = pair->tables_gpa + (uint64_t)n * 2 * VQ_DESC_BYTES,
            .entries = 2,
        };

        pair->cell[n].question = d->added;
        pair->cell[n].answer = 0;
        enum vio_status status = vq_add(pair->rig.vq, sg, 1, 1, &pair->cell[n], &table);
        if (status == VIO_E_FULL)
            break;
        if (status != VIO_OK) {
            pair->why = "vq_add fails";
            return false;
        }
        d->frees--;
        d->added++;
    }
    vq_publish(pair->rig.vq);
    if (vq_should_kick(pair->rig.vq)) {
        pair->kicks++;
        sem_post(&pair->kick);
    }
    return true;
}

static bool driver_pop(struct driver *d)
{
    struct pair *pair = d->pair;
    uint32_t len = 0;
    struct cell *cell = NULL;

    while ((cell = vq_pop(pair->rig.vq, &len)) != NULL) { // at most as many as are in flight
        if (len != 8 || cell->answer != ~cell->question) {
            pair->why = "a buffer comes back without its answer";
            return false;
        }
        d->free[d->frees++] = (uint16_t)(cell - pair->cell);
        d->popped++;
    }
    if (vq_state(pair->rig.vq) != VQ_READY)
        pair->why = "the queue is broken";
    return pair->why == NULL;
}

static void *driver_thread(void *arg)
{
    struct pair *pair = arg;
    struct driver d = {.pair = pair, .rand = sdev_rand_seed(pair->seed), .frees = POOL};

    for (unsigned i = 0; i < POOL; i++)
        d.free[i] = (uint16_t)i;
    if (!pair->sleeping)
        vq_irq_off(pair->rig.vq);
    while (d.popped < pair->buffers) {
        uint64_t before = d.popped + d.added;

        if (!driver_add(&d) || !driver_pop(&d) || __atomic_load_n(&pair->stop, __ATOMIC_RELAXED))
            break;
        if (d.popped + d.added != before)
            continue;
        if (!pair->sleeping) {
            sched_yield();
            continue;
        }
        // The pop that found nothing has promised an interrupt; now and then ask in other ways.
        bool waiting = false;
        switch (sdev_rand_below(&d.rand, 3)) {
        case 0:
            vq_irq_off(pair->rig.vq);
            waiting = vq_irq_on(pair->rig.vq);
            break;
        case 1:
            waiting = vq_irq_on_delayed(pair->rig.vq);
            break;
        default:
            waiting = vq_irq_on(pair->rig.vq);
            break;
        }
        if (!waiting && !sem_sleep(pair, &pair->irq)) {
            pair->why = "the driver sleeps, no interrupt comes";
            break;
        }
    }
    if (d.popped != pair->buffers) {
        if (pair->why == NULL && !__atomic_load_n(&pair->stop, __ATOMIC_RELAXED))
            pair->why = "not every buffer came back";
        stop_both(pair);
    }
    return NULL;
}

static bool pair_run(struct pair *pair, uint16_t size, uint64_t features)
{
    pthread_t driver;
    pthread_t device;

    if (!vq_rig_up(&pair->rig, size, features)) {
        pair->why = "the queue cannot be set up";
        return false;
    }
    pair->cell = sdev_mem_alloc(pair->rig.mem, POOL * sizeof(*pair->cell), 64, &pair->cell_gpa);
    pair->tables =
        sdev_mem_alloc(pair->rig.mem, (size_t)POOL * 2 * VQ_DESC_BYTES, 64, &pair->tables_gpa);
    sem_init(&pair->kick, 0, 0);
    sem_init(&pair->irq, 0, 0);
    if (pair->cell == NULL || pair->tables == NULL ||
        pthread_create(&device, NULL, device_thread, pair) != 0) {
        pair->why = "out of memory or threads";
    } else {
        if (pthread_create(&driver, NULL, driver_thread, pair) != 0)
            stop_both(pair);
        else
            pthread_join(driver, NULL);
        pthread_join(device, NULL);
    }
    if (pair->why == NULL)
        pair->why = pair->device_why;
    if (pair->rig.faults.count != 0)
        pair->why = pair->rig.faults.first;
    if (pair->why != NULL)
        fprintf(stderr, "size %u, features 0x%llx, %s: %s\n", size, (unsigned long long)features,
                pair->sleeping ? "sleeping" : "polling", pair->why);
    sem_destroy(&pair->kick);
    sem_destroy(&pair->irq);
    vq_rig_down(&pair->rig);
    return pair->why == NULL;
}

int main(int argc, char **argv)
{
    static const uint64_t choices[] = {SDEV_F_RING_PACKED, SDEV_F_EVENT_IDX, SDEV_F_INDIRECT_DESC,
                                       SDEV_F_IN_ORDER};
    static const uint16_t split_sizes[] = {2, 8, 128};
    static const uint16_t packed_sizes[] = {2, 7, 100};
    uint64_t buffers = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
    uint64_t kicks = 0;
    uint64_t interrupts = 0;
    unsigned runs = 0;

    if (buffers == 0) {
        fprintf(stderr, "usage: %s BUFFERS\n", argv[0]);
        return 2;
    }
    for (unsigned combination = 0; combination < 32; combination++) {
        uint64_t features = SDEV_F_VERSION_1;

        for (unsigned i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
            if ((combination >> i & 1) != 0)
                features |= choices[i];
        }
        for (unsigned i = 0; i < 3; i++) {
            struct pair pair = {
                .sleeping = combination >= 16, .buffers = buffers, .seed = combination * 3 + i};
            uint16_t size = (features & SDEV_F_RING_PACKED) != 0 ? packed_sizes[i] : split_sizes[i];

            if (!pair_run(&pair, size, features))
                return 1;
            kicks += pair.kicks;
            interrupts += pair.interrupts;
            runs++;
        }
    }
    printf("%u runs of %llu buffers, %llu kicks, %llu interrupts\n", runs,
           (unsigned long long)buffers, (unsigned long long)kicks, (unsigned long long)interrupts);
    return 0;
}
