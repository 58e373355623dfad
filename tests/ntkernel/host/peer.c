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

#define DISK_BACKEND(id, folder)   "if=none,id=" id ",format=raw,cache=unsafe,file=" folder DISK_FILE
#define RANDOM_BACKEND(id, folder) "rng-random,id=" id ",filename=" folder RANDOM_FILE

#define NETWORK "dgram,id=backend,local.type=fd,local.str=4"

static const struct peer peers[] = {
    {.prefix = "virtio-blk",
     .file = DISK_FILE,
     .backend = "-drive",
     .argument = DISK_BACKEND("backend", ""),
     .property = ",drive=backend,id=dut",
     .second_argument = DISK_BACKEND("backend2", PEER_SECOND "/"),
     .second_property = ",drive=backend2,id=second",
     .make = make_disk,
     .check = check_disk},
    {.prefix = "virtio-scsi",
     .file = DISK_FILE,
     .backend = "-drive",
     .argument = DISK_BACKEND("backend", ""),
     .property = "",
     .child = "scsi-hd,drive=backend",
     .make = make_disk,
     .check = check_disk},
    {.prefix = "virtio-rng",
     .file = RANDOM_FILE,
     .backend = "-object",
     .argument = RANDOM_BACKEND("backend", ""),
     .property = ",rng=backend,id=dut",
     .second_argument = RANDOM_BACKEND("backend2", PEER_SECOND "/"),
     .second_property = ",rng=backend2,id=second",
     .make = make_random},
    {.prefix = "virtio-net",
     .backend = "-netdev",
     .argument = NETWORK,
     .property = ",netdev=backend,mac=52:54:00:12:34:56",
     .network = true},
    {.prefix = "virtio-balloon", .property = ",id=dut"},
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
