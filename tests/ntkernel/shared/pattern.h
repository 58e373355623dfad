/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Data both sides can compute: the guest's scenarios and the host's runner.
 *
 * A disk sector names itself: its number, how often it was written, then words that follow from
 * both. A random-number file is a sequence of words that follow from their position.
 */
#ifndef NK_PATTERN_H
#define NK_PATTERN_H

#define NK_SECTOR_SIZE  512u
#define NK_SECTOR_WORDS (NK_SECTOR_SIZE / 8)
#define NK_WORD_STEP    0x9E3779B97F4A7C15ull

/** The splitmix64 sequence's step and mixing function. */
static inline unsigned long long nk_mix(unsigned long long x)
{
    x += NK_WORD_STEP;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
}

/** Fill one sector (64 words). */
static inline void nk_sector_fill(unsigned long long *words, unsigned long long sector,
                                  unsigned long long generation)
{
    unsigned long long word = nk_mix(sector << 24 ^ generation);
    unsigned n;

    words[0] = sector;
    words[1] = generation;
    for (n = 2; n < NK_SECTOR_WORDS; n++)
        words[n] = word += NK_WORD_STEP;
}

/** A sector's part of the disk's digest: the sum of all parts is independent of their order. */
static inline unsigned long long nk_sector_digest(unsigned long long sector,
                                                  unsigned long long generation)
{
    return nk_mix(nk_mix(sector) ^ generation);
}

/** Byte `at` of the random-number file with this seed. */
static inline unsigned char nk_random_byte(unsigned long long seed, unsigned long long at)
{
    return (unsigned char)(nk_mix(seed + at / 8) >> 8 * (at % 8));
}

#endif
