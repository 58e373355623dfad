// SPDX-License-Identifier: GPL-3.0-or-later
//
// A small repeatable random source: the same seed gives the same run on every machine.

#ifndef TESTS_DEVICE_SDEV_RAND_H
#define TESTS_DEVICE_SDEV_RAND_H

#include <stdbool.h>
#include <stdint.h>

struct sdev_rand {
    uint64_t state;
};

static inline struct sdev_rand sdev_rand_seed(uint64_t seed)
{
    return (struct sdev_rand){.state = seed};
}

// A Weyl sequence put through two multiply-xorshift rounds.
static inline uint64_t sdev_rand_next(struct sdev_rand *rand)
{
    uint64_t x = rand->state += 0x9e3779b97f4a7c15u;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

// A number below limit (> 0). The bias for the small limits used here does not matter.
static inline uint32_t sdev_rand_below(struct sdev_rand *rand, uint32_t limit)
{
    return (uint32_t)((sdev_rand_next(rand) >> 32) * limit >> 32);
}

static inline bool sdev_rand_percent(struct sdev_rand *rand, unsigned percent)
{
    return sdev_rand_below(rand, 100) < percent;
}

#endif
