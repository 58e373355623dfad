// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/device/sdev_worker.h"

#include <stdlib.h>
#include <string.h>

struct sdev_worker {
    struct sdev_ring *ring;
    struct sdev_worker_cfg cfg;
    struct sdev_rand rand;
    bool in_order;
    unsigned waiting;
    struct sdev_chain *wait[]; // room for the queue size, oldest first
};

struct sdev_worker *sdev_worker_new(struct sdev_ring *ring, const struct sdev_worker_cfg *cfg)
{
    size_t room = sdev_ring_num(ring) * sizeof(struct sdev_chain *);
    struct sdev_worker *worker = calloc(1, sizeof(*worker) + room);

    if (worker == NULL)
        return NULL;
    worker->ring = ring;
    worker->cfg = *cfg;
    worker->rand = sdev_rand_seed(cfg->seed);
    worker->in_order = (sdev_ring_features(ring) & SDEV_F_IN_ORDER) != 0;
    return worker;
}

void sdev_worker_free(struct sdev_worker *worker)
{
    free(worker);
}

unsigned sdev_worker_take(struct sdev_worker *worker, unsigned max)
{
    unsigned taken = 0;

    while (taken < max && worker->waiting < sdev_ring_num(worker->ring)) {
        struct sdev_chain *chain = sdev_ring_fetch(worker->ring);

        if (chain == NULL)
            break;
        worker->wait[worker->waiting++] = chain;
        taken++;
    }
    return taken;
}

// Has the buffer worked on; returns the length to report.
static uint32_t work(struct sdev_worker *worker, const struct sdev_chain *chain, bool whole)
{
    const struct sdev_worker_cfg *cfg = &worker->cfg;
    uint32_t len = cfg->handler(cfg->ctx, cfg->queue, chain);

    if (len != 0 && sdev_rand_percent(&worker->rand, cfg->policy.short_percent))
        len = sdev_rand_below(&worker->rand, len);
    if (cfg->observer != NULL)
        cfg->observer(cfg->ctx, chain, len, whole);
    return len;
}

static unsigned give_one_entry(struct sdev_worker *worker, unsigned count)
{
    uint32_t len = 0;

    for (unsigned i = 0; i < count; i++)
        len = work(worker, worker->wait[i], i + 1 < count);
    sdev_ring_use_batch(worker->ring, worker->wait[count - 1], len);
    return count;
}

unsigned sdev_worker_give(struct sdev_worker *worker, unsigned max)
{
    const struct sdev_policy *policy = &worker->cfg.policy;
    unsigned count = max < worker->waiting ? max : worker->waiting;

    if (count == 0)
        return 0;
    if (worker->in_order && policy->one_entry) {
        give_one_entry(worker, count);
    } else {
        for (unsigned i = 0; i < count; i++) {
            unsigned left = worker->waiting - i;

            if (policy->shuffle && !worker->in_order) {
                unsigned pick = i + sdev_rand_below(&worker->rand, left);
                struct sdev_chain *chain = worker->wait[pick];

                worker->wait[pick] = worker->wait[i];
                worker->wait[i] = chain;
            }
            sdev_ring_use(worker->ring, worker->wait[i], work(worker, worker->wait[i], false));
        }
    }
    worker->waiting -= count;
    memmove(worker->wait, worker->wait + count, worker->waiting * sizeof(struct sdev_chain *));
    return count;
}

bool sdev_worker_step(struct sdev_worker *worker)
{
    sdev_worker_take(worker, sdev_ring_num(worker->ring));
    if (worker->waiting >= worker->cfg.policy.hold)
        sdev_worker_give(worker, worker->waiting);
    return sdev_ring_should_interrupt(worker->ring);
}

unsigned sdev_worker_waiting(const struct sdev_worker *worker)
{
    return worker->waiting;
}
