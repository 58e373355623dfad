/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/ntkernel/host/peer.h"
#include "tests/ntkernel/shared/pattern.h"

struct fixture {
    char path[64];
    int dir;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    strcpy(f->path, "nk_peer.XXXXXX");
    assert_non_null(mkdtemp(f->path));
    f->dir = open(f->path, O_RDONLY | O_DIRECTORY);
    assert_true(f->dir >= 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    unlinkat(f->dir, "disk.img", 0);
    unlinkat(f->dir, "random.bin", 0);
    close(f->dir);
    rmdir(f->path);
    free(f);
    return 0;
}

static void write_at(const struct fixture *f, off_t at, const void *data, size_t size)
{
    int fd = openat(f->dir, "disk.img", O_WRONLY);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, data, size, at), size);
    close(fd);
}

static void each_kind_of_device_has_its_peer(void **state)
{
    (void)state;
    assert_non_null(peer_for("virtio-blk-pci"));
    assert_non_null(peer_for("virtio-scsi-pci,packed=on"));
    assert_non_null(peer_for("virtio-rng-pci"));
    assert_null(peer_for("virtio-gpu-pci"));
    assert_null(peer_for(""));
}

static void an_untouched_disk_passes(void **state)
{
    struct fixture *f = *state;
    const struct peer *peer = peer_for("virtio-blk-pci");
    char why[128] = "";

    assert_int_equal(peer->make(f->dir, 1), 0);
    assert_true(peer->check(f->dir, 0, why, sizeof(why)));
}

static void one_wrong_bit_on_the_disk_is_found(void **state)
{
    struct fixture *f = *state;
    const struct peer *peer = peer_for("virtio-blk-pci");
    unsigned long long words[NK_SECTOR_WORDS];
    char why[128] = "";

    assert_int_equal(peer->make(f->dir, 1), 0);
    nk_sector_fill(words, 1000, 0);
    words[63] ^= 1;
    write_at(f, (off_t)1000 * NK_SECTOR_SIZE, words, sizeof(words));
    assert_false(peer->check(f->dir, 0, why, sizeof(why)));
    assert_non_null(strstr(why, "sector 1000"));
}

static void a_sector_at_the_wrong_place_is_found(void **state)
{
    struct fixture *f = *state;
    const struct peer *peer = peer_for("virtio-blk-pci");
    unsigned long long words[NK_SECTOR_WORDS];
    char why[128] = "";

    assert_int_equal(peer->make(f->dir, 1), 0);
    nk_sector_fill(words, 7, 3);
    write_at(f, (off_t)8 * NK_SECTOR_SIZE, words, sizeof(words));
    assert_false(peer->check(f->dir, 0, why, sizeof(why)));
}

/* A lost write leaves a sector that is right in itself; only the digest tells. */
static void a_lost_write_is_found(void **state)
{
    struct fixture *f = *state;
    const struct peer *peer = peer_for("virtio-blk-pci");
    unsigned long long words[NK_SECTOR_WORDS];
    uint64_t expected = 0;
    char why[128] = "";
    unsigned n;

    assert_int_equal(peer->make(f->dir, 1), 0);
    for (n = 0; n < PEER_DISK_SECTORS; n++)
        expected += nk_sector_digest(n, n == 5);
    assert_false(peer->check(f->dir, expected, why, sizeof(why)));
    assert_non_null(strstr(why, "digest"));
    nk_sector_fill(words, 5, 1);
    write_at(f, (off_t)5 * NK_SECTOR_SIZE, words, sizeof(words));
    assert_true(peer->check(f->dir, expected, why, sizeof(why)));
}

static void the_random_file_follows_from_its_seed(void **state)
{
    struct fixture *f = *state;
    const struct peer *peer = peer_for("virtio-rng-pci");
    unsigned char bytes[100];
    unsigned n;
    int fd;

    assert_int_equal(peer->make(f->dir, 42), 0);
    fd = openat(f->dir, "random.bin", O_RDONLY);
    assert_int_equal(pread(fd, bytes, sizeof(bytes), 70000), sizeof(bytes));
    close(fd);
    for (n = 0; n < sizeof(bytes); n++)
        assert_int_equal(bytes[n], nk_random_byte(42, 70000 + n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_device_has_its_peer),
        cmocka_unit_test_setup_teardown(an_untouched_disk_passes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_wrong_bit_on_the_disk_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_sector_at_the_wrong_place_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lost_write_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_random_file_follows_from_its_seed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
