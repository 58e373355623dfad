// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ntkernel/host/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/ntkernel/shared/pattern.h"

#define DISK_FILE   "disk.img"
#define RANDOM_FILE "random.bin"
#define CHUNK       65536u

static FILE *create(int dir, const char *name)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file;

    if (fd < 0)
        return NULL;
    file = fdopen(fd, "wb");
    if (!file)
        close(fd);
    return file;
}

static int close_written(FILE *file, bool good)
{
    int error = good ? 0 : errno ? errno : EIO;

    if (fclose(file) && !error)
        error = errno;
    return error;
}

static int make_disk(int dir, uint64_t seed)
{
    static unsigned long long words[CHUNK / 8];
    FILE *file = create(dir, DISK_FILE);
    bool good = true;
    unsigned n, k;

    (void)seed;
    if (!file)
        return errno;
    for (n = 0; n < PEER_DISK_SECTORS && good; n += CHUNK / NK_SECTOR_SIZE) {
        for (k = 0; k < CHUNK / NK_SECTOR_SIZE; k++)
            nk_sector_fill(words + (size_t)k * NK_SECTOR_WORDS, n + k, 0);
        good = fwrite(words, sizeof(words), 1, file) == 1;
    }
    return close_written(file, good);
}

/* Each sector must be one that the guest could have written at its place; the digest says that its
 * generation is the one the guest wrote last. */
static bool check_disk(int dir, uint64_t expected, char *why, size_t size)
{
    unsigned long long words[NK_SECTOR_WORDS], right[NK_SECTOR_WORDS];
    uint64_t digest = 0;
    int fd = openat(dir, DISK_FILE, O_RDONLY | O_CLOEXEC);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "rb");
    unsigned n;

    if (file)
        setvbuf(file, NULL, _IOFBF, CHUNK);
    if (!file) {
        if (fd >= 0)
            close(fd);
        snprintf(why, size, "the disk image cannot be read: %s", strerror(errno));
        return false;
    }
    for (n = 0; n < PEER_DISK_SECTORS; n++) {
        if (fread(words, sizeof(words), 1, file) != 1) {
            snprintf(why, size, "the disk image ends at sector %u", n);
            break;
        }
        nk_sector_fill(right, n, words[1]);
        if (memcmp(words, right, sizeof(words)) != 0) {
            snprintf(why, size,
                     "sector %u of the disk image holds what the guest never wrote there", n);
            break;
        }
        digest += nk_sector_digest(n, words[1]);
    }
    fclose(file);
    if (n < PEER_DISK_SECTORS)
        return false;
    if (expected && digest != expected) {
        snprintf(why, size, "the disk image has digest %llu, the guest wrote %llu",
                 (unsigned long long)digest, (unsigned long long)expected);
        return false;
    }
    return true;
}

static int make_random(int dir, uint64_t seed)
{
    unsigned char chunk[CHUNK];
    FILE *file = create(dir, RANDOM_FILE);
    bool good = true;
    unsigned at, n;

    if (!file)
        return errno;
    for (at = 0; at < PEER_RANDOM_BYTES && good; at += CHUNK) {
        for (n = 0; n < CHUNK; n++)
            chunk[n] = nk_random_byte(seed, at + n);
        good = fwrite(chunk, CHUNK, 1, file) == 1;
    }
    return close_written(file, good);
}

#define DISK_BACKEND "if=none,id=backend,format=raw,cache=unsafe,file=" DISK_FILE

#define NETWORK "dgram,id=backend,local.type=fd,local.str=4"

static const struct peer peers[] = {
    {"virtio-blk", DISK_FILE, "-drive", DISK_BACKEND, ",drive=backend,id=dut", NULL, false,
     make_disk, check_disk},
    {"virtio-scsi", DISK_FILE, "-drive", DISK_BACKEND, "", "scsi-hd,drive=backend", false,
     make_disk, check_disk},
    {"virtio-rng", RANDOM_FILE, "-object", "rng-random,id=backend,filename=" RANDOM_FILE,
     ",rng=backend,id=dut", NULL, false, make_random, NULL},
    {"virtio-net", NULL, "-netdev", NETWORK, ",netdev=backend,mac=52:54:00:12:34:56", NULL, true,
     NULL, NULL},
    {"virtio-balloon", NULL, NULL, NULL, ",id=dut", NULL, false, NULL, NULL},
};

const struct peer *peer_for(const char *device)
{
    size_t n;

    for (n = 0; n < sizeof(peers) / sizeof(peers[0]); n++) {
        if (!strncmp(device, peers[n].prefix, strlen(peers[n].prefix)))
            return &peers[n];
    }
    return NULL;
}
