// SPDX-License-Identifier: GPL-3.0-or-later
//
// A whole driver's life on the core against well-behaved software devices: virtio-pci modern,
// transitional and legacy, with MSI-X and with line interrupts, each ring format. The device
// checks the order of steps, register widths and every descriptor on its side.

#include "tests/device/vdev_rig.h"
#include "tests/unit/rig_tests.h"

#include <string.h>

struct flavour {
    const char *name;
    enum sdev_pci_kind kind;
    uint16_t vectors;
    uint64_t features;
};

static const struct flavour flavours[] = {
    {"modern, packed, MSI-X", SDEV_PCI_MODERN, 4, SDEV_F_ALL_RING},
    {"modern, packed, INTx", SDEV_PCI_MODERN, 0, SDEV_F_ALL_RING},
    {"modern, packed out of order", SDEV_PCI_MODERN, 4, SDEV_F_ALL_RING & ~SDEV_F_IN_ORDER},
    {"modern, split", SDEV_PCI_MODERN, 4,
     SDEV_F_ALL_RING & ~(SDEV_F_RING_PACKED | SDEV_F_IN_ORDER)},
    {"modern, split in order", SDEV_PCI_MODERN, 4, SDEV_F_ALL_RING & ~SDEV_F_RING_PACKED},
    {"modern, no options", SDEV_PCI_MODERN, 2, SDEV_F_VERSION_1},
    {"modern, notification data of the device's choice", SDEV_PCI_MODERN, 2,
     SDEV_F_VERSION_1 | SDEV_F_NOTIF_CONFIG_DATA},
    {"modern, both kinds of notification data", SDEV_PCI_MODERN, 2,
     SDEV_F_ALL_RING | SDEV_F_NOTIF_CONFIG_DATA},
    {"transitional, used as modern", SDEV_PCI_TRANSITIONAL, 4, SDEV_F_ALL_RING},
    {"legacy, MSI-X", SDEV_PCI_LEGACY, 4, SDEV_F_INDIRECT_DESC | SDEV_F_EVENT_IDX},
    {"legacy, INTx", SDEV_PCI_LEGACY, 0, SDEV_F_INDIRECT_DESC | SDEV_F_EVENT_IDX},
    {"legacy, no options", SDEV_PCI_LEGACY, 4, 0},
};

static void up(struct vdev_rig *rig, const struct flavour *flavour, struct sdev_model model)
{
    assert_true(vdev_rig_up(rig, &model, flavour->kind, flavour->vectors));
    enum vio_status status = vdev_rig_start(rig, UINT64_MAX);
    if (status != VIO_OK)
        fail_msg("start: %s", vio_status_text(status));
}

static void down(struct vdev_rig *rig)
{
    vdev_rig_reset(rig);
    if (rig->sdev->faults.count != 0)
        fail_msg("the device finds fault: %s", rig->sdev->faults.first);
    assert_int_equal(rig->logs[VIO_LOG_ERROR], 0);
    assert_int_equal(rig->broken_calls, 0);
    vdev_rig_down(rig);
}

static void the_device_is_found_and_negotiated(void **state)
{
    const struct flavour *flavour = *state;
    struct vdev_rig rig;

    up(&rig, flavour, sdev_model_echo(flavour->features | 1));
    bool legacy = flavour->kind == SDEV_PCI_LEGACY;
    assert_int_equal(vpci_get_kind(rig.vpci), legacy ? VPCI_LEGACY : VPCI_MODERN);
    assert_int_equal(vpci_device_type(rig.vpci), 42);
    assert_int_equal(vpci_msix_table_size(rig.vpci), flavour->vectors);
    assert_int_equal(vpci_msix_enabled(rig.vpci), flavour->vectors != 0);
    assert_int_equal(vdev_features(rig.dev), flavour->features | 1);
    assert_int_equal(rig.sdev->driver_features, flavour->features | 1);
    assert_int_equal(rig.sdev->status, SDEV_STATUS_ACKNOWLEDGE | SDEV_STATUS_DRIVER |
                                           SDEV_STATUS_DRIVER_OK |
                                           (legacy ? 0 : SDEV_STATUS_FEATURES_OK));
    for (unsigned i = 0; i < rig.sdev->model.queues; i++)
        assert_true(rig.sdev->vq[i].enabled);
    down(&rig);
}

static void every_queue_carries_data(void **state)
{
    const struct flavour *flavour = *state;
    struct vdev_rig rig;
    uint8_t question[300];
    uint8_t answer[300];

    up(&rig, flavour, sdev_model_echo(flavour->features));
    for (unsigned turn = 0; turn < 600; turn++) { // more than twice round each ring
        uint32_t len = 0;

        for (unsigned i = 0; i < sizeof(question); i++)
            question[i] = (uint8_t)(turn + i);
        assert_true(vdev_rig_transact(&rig, (uint16_t)(turn % 4), question, sizeof(question),
                                      answer, sizeof(answer), &len));
        assert_int_equal(len, sizeof(answer));
        assert_memory_equal(question, answer, sizeof(answer));
    }
    down(&rig);
}

static void interrupts_reach_the_driver(void **state)
{
    const struct flavour *flavour = *state;
    struct vdev_rig rig;
    uint8_t byte = 0;
    uint32_t len = 0;

    up(&rig, flavour, sdev_model_echo(flavour->features));
    assert_true(vdev_rig_transact(&rig, 0, "x", 1, &byte, 1, &len));
    if (flavour->vectors != 0) {
        assert_int_equal(rig.sdev->irqs[0], 1);
        assert_int_equal(rig.sdev->intx, 0);
    } else {
        assert_int_equal(rig.sdev->intx, 1);
        assert_int_equal(vdev_isr(rig.dev), VDEV_ISR_QUEUE);
        assert_int_equal(vdev_isr(rig.dev), 0); // reading clears
        byte = 0x99;
        sdev_dev_config_change(rig.sdev, 3, &byte, 1);
        assert_int_equal(vdev_isr(rig.dev), VDEV_ISR_CONFIG);
    }
    down(&rig);
}

static void configuration_is_read_and_written_whole(void **state)
{
    const struct flavour *flavour = *state;
    struct vdev_rig rig;
    uint8_t byte = 0;
    uint16_t half = 0;
    uint32_t word = 0;
    uint64_t wide = 0;
    uint8_t all[16];

    up(&rig, flavour, sdev_model_echo(flavour->features));
    assert_int_equal(vdev_config_read8(rig.dev, 1, &byte), VIO_OK);
    assert_int_equal(byte, 0x11);
    assert_int_equal(vdev_config_read16(rig.dev, 2, &half), VIO_OK);
    assert_int_equal(half, 0x1312);
    assert_int_equal(vdev_config_read32(rig.dev, 4, &word), VIO_OK);
    assert_int_equal(word, 0x17161514);
    assert_int_equal(vdev_config_read64(rig.dev, 8, &wide), VIO_OK);
    assert_true(wide == 0x1f1e1d1c1b1a1918u);
    assert_int_equal(vdev_config_read(rig.dev, 0, all, sizeof(all)), VIO_OK);
    assert_memory_equal(all, rig.sdev->model.config, sizeof(all));

    word = 0xdeadbeef;
    assert_int_equal(vdev_config_write(rig.dev, 12, &word, sizeof(word)), VIO_OK);
    assert_memory_equal(rig.sdev->model.config + 12, &word, sizeof(word));

    byte = 0x77;
    sdev_dev_config_change(rig.sdev, 1, &byte, 1);
    byte = 0;
    assert_int_equal(vdev_config_read8(rig.dev, 1, &byte), VIO_OK);
    assert_int_equal(byte, 0x77);
    down(&rig);
}

static void a_reset_gives_everything_back_and_starts_anew(void **state)
{
    const struct flavour *flavour = *state;
    struct vdev_rig rig;

    up(&rig, flavour, sdev_model_echo(flavour->features));
    for (unsigned turn = 0; turn < 3; turn++) {
        struct vq_sg sg = {.len = 4};
        uint8_t byte = 0;
        uint32_t len = 0;
        void *host = sdev_mem_alloc(rig.sdev->mem, 4, 4, &sg.pa);

        assert_non_null(host);
        for (unsigned i = 0; i < 5; i++)
            assert_int_equal(vq_add(rig.queue[1].vq, &sg, 1, 0, host, NULL), VIO_OK);
        vq_publish(rig.queue[1].vq);
        assert_int_equal(vdev_queue_stop(rig.dev, rig.queue[1].vq), VIO_E_STATE);
        assert_int_equal(vdev_rig_reset(&rig), 5);
        assert_int_equal(rig.sdev->status, 0);
        sdev_mem_release(rig.sdev->mem, sg.pa);

        assert_int_equal(vdev_rig_start(&rig, UINT64_MAX), VIO_OK);
        assert_true(vdev_rig_transact(&rig, 1, "x", 1, &byte, 1, &len));
        assert_int_equal(byte, 'x');
    }
    down(&rig);
}

static void one_queue_is_reset_and_resized(void **state)
{
    static const uint16_t sizes[] = {256, 64, 1, 128};
    const struct flavour *flavour = *state;
    struct vdev_rig rig;
    uint8_t byte = 0;
    uint32_t len = 0;

    up(&rig, flavour, sdev_model_echo(flavour->features));
    struct vq *vq = rig.queue[2].vq;
    if ((flavour->features & SDEV_F_RING_RESET) == 0) {
        assert_int_equal(vdev_queue_reset(rig.dev, vq), VIO_E_NO_FEATURE);
        down(&rig);
        return;
    }
    for (unsigned i = 0; i < 4; i++) {
        struct vq_sg sg = {.pa = rig.queue[2].ring_gpa, .len = 1};

        assert_int_equal(vq_add(vq, &sg, 1, 0, &sg, NULL), VIO_OK);
        vq_publish(vq);
        assert_int_equal(vdev_queue_reset(rig.dev, vq), VIO_OK);
        assert_int_equal(vdev_queue_restart(rig.dev, vq, sizes[i], 0), VIO_E_BUSY);
        assert_ptr_equal(vq_detach(vq), &sg);
        assert_int_equal(vdev_queue_restart(rig.dev, vq, sizes[i],
                                            rig.sdev->vectors != 0 ? 0 : VTRANSPORT_NO_VECTOR),
                         VIO_OK);
        assert_int_equal(rig.sdev->vq[2].size, sizes[i]);
        assert_true(rig.sdev->vq[2].enabled);
        if (sizes[i] > 1)
            assert_true(vdev_rig_transact(&rig, 2, "y", 1, &byte, 1, &len));
        assert_true(vdev_rig_transact(&rig, 3, "z", 1, &byte, 1, &len)); // not touched by it
    }
    down(&rig);
}

static void doorbells_say_the_right_thing(void **state)
{
    const struct flavour *flavour = *state;
    struct vdev_rig rig;
    uint8_t byte = 0;
    uint32_t len = 0;
    uint32_t name = 3;

    up(&rig, flavour, sdev_model_echo(flavour->features));
    if ((flavour->features & SDEV_F_NOTIF_CONFIG_DATA) != 0)
        name += 0x40;
    assert_true(vdev_rig_transact(&rig, 3, "x", 1, &byte, 1, &len));
    assert_int_equal(rig.sdev->vq[3].kicks, 1);
    if ((flavour->features & SDEV_F_NOTIFICATION_DATA) != 0)
        assert_true(sdev_ring_notify_data_ok(rig.sdev->vq[3].ring, (uint16_t)name,
                                             sdev_ring_is_packed(rig.sdev->vq[3].ring) ? 2 : 1,
                                             rig.sdev->vq[3].last_kick));
    else
        assert_int_equal(rig.sdev->vq[3].last_kick, name);
    assert_int_equal(rig.sdev->vq[0].kicks, 0);
    down(&rig);
}

static void no_doorbell_rings_before_the_device_is_ready(void **state)
{
    const struct flavour *flavour = *state;
    struct sdev_model model = sdev_model_echo(flavour->features);
    struct vdev_rig rig;
    struct vq_sg sg = {.len = 4};
    uint32_t len = 0;

    assert_true(vdev_rig_up(&rig, &model, flavour->kind, flavour->vectors));
    void *host = sdev_mem_alloc(rig.sdev->mem, 4, 4, &sg.pa);
    assert_non_null(host);
    assert_int_equal(vdev_rig_probe(&rig), VIO_OK);
    assert_int_equal(vdev_negotiate(rig.dev, UINT64_MAX, 0), VIO_OK);
    assert_int_equal(vdev_rig_queue(&rig, 0, 0, VTRANSPORT_NO_VECTOR), VIO_OK);
    assert_int_equal(vq_add(rig.queue[0].vq, &sg, 0, 1, host, NULL), VIO_OK);
    vq_kick(rig.queue[0].vq); // swallowed
    assert_int_equal(rig.sdev->vq[0].kicks, 0);
    assert_int_equal(vdev_ready(rig.dev), VIO_OK);
    assert_int_equal(vdev_ready(rig.dev), VIO_E_STATE);
    vq_notify(rig.queue[0].vq);
    assert_int_equal(rig.sdev->vq[0].kicks, 1);
    sdev_dev_run(rig.sdev);
    assert_ptr_equal(vq_pop(rig.queue[0].vq, &len), host);
    down(&rig);
}

static void entropy_flows(void **state)
{
    const struct flavour *flavour = *state;
    struct sdev_rand rand = sdev_rand_seed(7);
    struct vdev_rig rig;
    uint8_t bytes[64] = {0};
    uint32_t len = 0;
    unsigned zeros = 0;

    up(&rig, flavour, sdev_model_rng(flavour->features, &rand));
    rig.sdev->vq[0].kicks = 0;
    for (unsigned turn = 0; turn < 200; turn++) {
        assert_true(vdev_rig_transact(&rig, 0, NULL, 0, bytes, sizeof(bytes), &len));
        assert_int_equal(len, sizeof(bytes));
        for (unsigned i = 0; i < sizeof(bytes); i++)
            zeros += bytes[i] == 0;
    }
    assert_true(zeros < 200 * sizeof(bytes) / 64);
    down(&rig);
}

enum { SECTORS = 64, SECTOR = 512 };

static uint8_t blk_request(struct vdev_rig *rig, uint32_t type, uint64_t sector, uint8_t *data)
{
    struct sdev_blk_header header = {.type = type, .sector = sector};
    uint8_t out[sizeof(header) + SECTOR];
    uint8_t in[SECTOR + 1] = {0};
    bool write = type == SDEV_BLK_T_OUT;
    bool read = type == SDEV_BLK_T_IN;
    uint32_t in_len = read ? SECTOR + 1 : 1;
    uint32_t len = 0;

    memcpy(out, &header, sizeof(header));
    if (write)
        memcpy(out + sizeof(header), data, SECTOR);
    assert_true(vdev_rig_transact(rig, 0, out, (uint32_t)(sizeof(header) + (write ? SECTOR : 0)),
                                  in, in_len, &len));
    if (read && len == in_len)
        memcpy(data, in, SECTOR);
    return in[in_len - 1];
}

static void a_disk_keeps_what_is_written(void **state)
{
    static uint8_t memory[SECTORS * SECTOR];
    const struct flavour *flavour = *state;
    struct sdev_disk disk = {.data = memory, .sectors = SECTORS};
    struct vdev_rig rig;
    uint8_t data[SECTOR];
    uint64_t capacity = 0;

    memset(memory, 0, sizeof(memory));
    up(&rig, flavour, sdev_model_blk(flavour->features, &disk));
    assert_int_equal(vdev_config_read64(rig.dev, 0, &capacity), VIO_OK);
    assert_int_equal(capacity, SECTORS);
    for (uint64_t sector = 0; sector < SECTORS; sector++) {
        memset(data, (int)(sector + 1), sizeof(data));
        assert_int_equal(blk_request(&rig, SDEV_BLK_T_OUT, sector, data), SDEV_BLK_S_OK);
    }
    for (uint64_t sector = SECTORS; sector-- > 0;) {
        memset(data, 0, sizeof(data));
        assert_int_equal(blk_request(&rig, SDEV_BLK_T_IN, sector, data), SDEV_BLK_S_OK);
        for (unsigned i = 0; i < SECTOR; i++)
            assert_int_equal(data[i], (uint8_t)(sector + 1));
        assert_int_equal(memory[sector * SECTOR], (uint8_t)(sector + 1));
    }
    assert_int_equal(blk_request(&rig, SDEV_BLK_T_IN, SECTORS, data), SDEV_BLK_S_IOERR);
    assert_int_equal(blk_request(&rig, SDEV_BLK_T_FLUSH, 0, data), SDEV_BLK_S_OK);
    assert_int_equal(blk_request(&rig, 99, 0, data), SDEV_BLK_S_UNSUPP);
    assert_int_equal(disk.flushes, 1);
    down(&rig);
}

static const struct {
    const char *name;
    CMUnitTestFunction run;
} behaviours[] = {
    {"the device is found and negotiated", the_device_is_found_and_negotiated},
    {"every queue carries data", every_queue_carries_data},
    {"interrupts reach the driver", interrupts_reach_the_driver},
    {"configuration is read and written whole", configuration_is_read_and_written_whole},
    {"a reset gives everything back", a_reset_gives_everything_back_and_starts_anew},
    {"one queue is reset and resized", one_queue_is_reset_and_resized},
    {"doorbells say the right thing", doorbells_say_the_right_thing},
    {"no doorbell rings before ready", no_doorbell_rings_before_the_device_is_ready},
    {"entropy flows", entropy_flows},
    {"a disk keeps what is written", a_disk_keeps_what_is_written},
};

int main(void)
{
    static struct rig_tests tests;

    for (size_t b = 0; b < sizeof(behaviours) / sizeof(behaviours[0]); b++) {
        for (size_t i = 0; i < sizeof(flavours) / sizeof(flavours[0]); i++)
            rig_tests_add(&tests, behaviours[b].name, flavours[i].name, behaviours[b].run,
                          &flavours[i]);
    }
    return _cmocka_run_group_tests("vdev_device", tests.test, tests.count, NULL, NULL);
}
