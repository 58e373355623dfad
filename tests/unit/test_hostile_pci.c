// SPDX-License-Identifier: GPL-3.0-or-later
//
// PCI functions that describe themselves wrongly. Each attack changes the configuration space of a
// working device and says what the probe must answer; where the probe is to succeed, the device
// must also work afterwards.

#include "tests/device/vdev_rig.h"
#include "tests/unit/rig_tests.h"

#include <string.h>

struct attack {
    const char *name;
    enum sdev_pci_kind kind;
    void (*change)(struct vdev_rig *rig);
    enum vio_status probe;
    enum vpci_kind found;    // if probe is VIO_OK
    enum vio_status started; // if probe is VIO_OK: how far the driver gets
};

static uint8_t *cap(struct vdev_rig *rig, uint8_t type)
{
    uint8_t at = sdev_pci_cap(rig->pci, type);

    assert_int_not_equal(at, 0);
    return rig->pci->cfg + at;
}

static void cap_put32(struct vdev_rig *rig, uint8_t type, unsigned field, uint32_t value)
{
    memcpy(cap(rig, type) + field, &value, sizeof(value));
}

enum {
    CAP_NEXT = 1,
    CAP_LEN = 2,
    CAP_TYPE = 3,
    CAP_BAR = 4,
    CAP_OFFSET = 8,
    CAP_LENGTH = 12,
    CAP_MULTIPLIER = 16
};

static void nothing(struct vdev_rig *rig)
{
    (void)rig;
}

// Who it is.
static void other_vendor(struct vdev_rig *rig)
{
    sdev_pci_put16(rig->pci, 0x00, 0x8086);
}

static void device_id_below_virtio(struct vdev_rig *rig)
{
    sdev_pci_put16(rig->pci, 0x02, 0x0fff);
}

static void device_id_above_virtio(struct vdev_rig *rig)
{
    sdev_pci_put16(rig->pci, 0x02, 0x1080);
}

static void header_of_a_bridge(struct vdev_rig *rig)
{
    rig->pci->cfg[0x0e] = 1;
}

static void all_ones(struct vdev_rig *rig)
{
    memset(rig->pci->cfg, 0xff, sizeof(rig->pci->cfg));
}

static void all_ones_but_the_ids(struct vdev_rig *rig)
{
    memset(rig->pci->cfg + 4, 0xff, sizeof(rig->pci->cfg) - 4);
    rig->pci->cfg[0x0e] = 0;
}

// The list.
static void no_list_bit(struct vdev_rig *rig)
{
    sdev_pci_put16(rig->pci, 0x06, 0);
}

static void list_starts_in_the_header(struct vdev_rig *rig)
{
    rig->pci->cfg[0x34] = 0x10;
}

static void list_starts_at_the_last_byte(struct vdev_rig *rig)
{
    rig->pci->cfg[0x34] = 0xff;
    memset(rig->pci->cfg + 0xfc, 0x09, 4);
}

static void first_entry_points_at_itself(struct vdev_rig *rig)
{
    rig->pci->cfg[rig->pci->cfg[0x34] + CAP_NEXT] = rig->pci->cfg[0x34];
}

static void last_entry_points_at_the_first(struct vdev_rig *rig)
{
    cap(rig, SDEV_CAP_PCI)[CAP_NEXT] = rig->pci->cfg[0x34];
}

static void list_leaves_for_the_header(struct vdev_rig *rig)
{
    cap(rig, SDEV_CAP_COMMON)[CAP_NEXT] = 0x20;
}

// The common structure.
static void common_cap_is_short(struct vdev_rig *rig)
{
    cap(rig, SDEV_CAP_COMMON)[CAP_LEN] = 15;
}

static void common_cap_has_no_length(struct vdev_rig *rig)
{
    cap(rig, SDEV_CAP_COMMON)[CAP_LEN] = 0;
}

static void common_cap_runs_over_the_end(struct vdev_rig *rig)
{
    cap(rig, SDEV_CAP_COMMON)[CAP_LEN] = 0xff;
}

static void common_cap_is_longer(struct vdev_rig *rig)
{
    cap(rig, SDEV_CAP_COMMON)[CAP_LEN] = 17; // larger than specified must be accepted (4.1.4.1)
}

static void common_bar_is_reserved(struct vdev_rig *rig)
{
    cap(rig, SDEV_CAP_COMMON)[CAP_BAR] = 6;
}

static void common_bar_is_255(struct vdev_rig *rig)
{
    cap(rig, SDEV_CAP_COMMON)[CAP_BAR] = 255;
}

static void common_bar_is_not_there(struct vdev_rig *rig)
{
    cap(rig, SDEV_CAP_COMMON)[CAP_BAR] = 2;
}

static void common_bar_is_an_upper_half(struct vdev_rig *rig)
{
    cap(rig, SDEV_CAP_COMMON)[CAP_BAR] = 5;
}

static void common_type_is_reserved(struct vdev_rig *rig)
{
    cap(rig, SDEV_CAP_COMMON)[CAP_TYPE] = 0;
}

static void common_type_is_unknown(struct vdev_rig *rig)
{
    cap(rig, SDEV_CAP_COMMON)[CAP_TYPE] = 0xff;
}

static void common_offset_is_the_bar_length(struct vdev_rig *rig)
{
    cap_put32(rig, SDEV_CAP_COMMON, CAP_OFFSET, 0x4000);
}

static void common_offset_plus_length_wraps(struct vdev_rig *rig)
{
    cap_put32(rig, SDEV_CAP_COMMON, CAP_OFFSET, 0xfffffff0u);
    cap_put32(rig, SDEV_CAP_COMMON, CAP_LENGTH, 0x40);
}

static void common_is_cut_short_by_the_bar(struct vdev_rig *rig)
{
    cap_put32(rig, SDEV_CAP_COMMON, CAP_OFFSET, 0x4000 - 32);
}

static void common_offset_is_odd(struct vdev_rig *rig)
{
    cap_put32(rig, SDEV_CAP_COMMON, CAP_OFFSET, 2);
}

static void common_length_is_zero(struct vdev_rig *rig)
{
    cap_put32(rig, SDEV_CAP_COMMON, CAP_LENGTH, 0);
}

static void common_length_is_too_small(struct vdev_rig *rig)
{
    cap_put32(rig, SDEV_CAP_COMMON, CAP_LENGTH, 55);
}

static void common_length_is_huge(struct vdev_rig *rig)
{
    cap_put32(rig, SDEV_CAP_COMMON, CAP_LENGTH, UINT32_MAX);
}

static void common_is_the_old_one(struct vdev_rig *rig)
{
    cap_put32(rig, SDEV_CAP_COMMON, CAP_LENGTH, 56);
}

// A copy of the common capability comes first and is bad; the good one stays behind it.
static void first_common_is_bad_second_is_good(struct vdev_rig *rig)
{
    uint8_t *cfg = rig->pci->cfg;

    memcpy(cfg + 0xe0, cap(rig, SDEV_CAP_COMMON), 16);
    cfg[0xe0 + CAP_BAR] = 3;
    cfg[0xe0 + CAP_NEXT] = cfg[0x34];
    cfg[0x34] = 0xe0;
}

static void second_common_is_bad(struct vdev_rig *rig)
{
    uint8_t *cfg = rig->pci->cfg;
    uint8_t *last = cap(rig, SDEV_CAP_PCI);

    memcpy(cfg + 0xe0, cap(rig, SDEV_CAP_COMMON), 16);
    cfg[0xe0 + CAP_BAR] = 3;
    cfg[0xe0 + CAP_NEXT] = 0;
    last[CAP_NEXT] = 0xe0;
}

// The others.
static void notify_cap_has_no_multiplier(struct vdev_rig *rig)
{
    cap(rig, SDEV_CAP_NOTIFY)[CAP_LEN] = 16;
}

static void notify_length_is_one(struct vdev_rig *rig)
{
    cap_put32(rig, SDEV_CAP_NOTIFY, CAP_LENGTH, 1);
}

static void notify_offset_is_odd(struct vdev_rig *rig)
{
    cap_put32(rig, SDEV_CAP_NOTIFY, CAP_OFFSET, 0x3001);
}

static void notify_multiplier_is_huge(struct vdev_rig *rig)
{
    cap_put32(rig, SDEV_CAP_NOTIFY, CAP_MULTIPLIER, UINT32_MAX);
}

static void notify_multiplier_is_odd(struct vdev_rig *rig)
{
    cap_put32(rig, SDEV_CAP_NOTIFY, CAP_MULTIPLIER, 3);
}

static void notify_offset_times_multiplier_wraps(struct vdev_rig *rig)
{
    cap_put32(rig, SDEV_CAP_NOTIFY, CAP_MULTIPLIER, 0x10000);
    rig->sdev->quirks.notify_off_set = true;
    rig->sdev->quirks.notify_off = 0xffff;
}

static void notify_room_ends_before_the_queue(struct vdev_rig *rig)
{
    cap_put32(rig, SDEV_CAP_NOTIFY, CAP_LENGTH, 4); // room for queue 0 alone
}

static void notify_room_ends_inside_the_doorbell(struct vdev_rig *rig)
{
    cap_put32(rig, SDEV_CAP_NOTIFY, CAP_LENGTH, 15); // the last queue has 3 bytes of 4
}

static void isr_is_missing(struct vdev_rig *rig)
{
    cap(rig, SDEV_CAP_ISR)[CAP_TYPE] = 0x80;
}

static void isr_length_is_zero(struct vdev_rig *rig)
{
    cap_put32(rig, SDEV_CAP_ISR, CAP_LENGTH, 0);
}

static void device_config_is_outside(struct vdev_rig *rig)
{
    cap_put32(rig, SDEV_CAP_DEVICE, CAP_OFFSET, 0x80000000u);
}

// BARs.
static void main_bar_type_is_reserved(struct vdev_rig *rig)
{
    rig->pci->cfg[0x20] |= 0x06;
}

static void main_bar_is_unset(struct vdev_rig *rig)
{
    sdev_pci_put32(rig->pci, 0x20, 0x4);
    sdev_pci_put32(rig->pci, 0x24, 0);
}

static void last_bar_claims_64_bits(struct vdev_rig *rig)
{
    sdev_pci_put32(rig->pci, 0x20, 0);
    sdev_pci_put32(rig->pci, 0x24, 0xc0000004u);
    rig->pci->bar[5] = rig->pci->bar[4];
    for (unsigned type = SDEV_CAP_COMMON; type <= SDEV_CAP_DEVICE; type++)
        cap(rig, (uint8_t)type)[CAP_BAR] = 5;
}

static void system_gave_no_resources(struct vdev_rig *rig)
{
    rig->no_bars = true;
}

static void main_bar_is_tiny(struct vdev_rig *rig)
{
    rig->pci->bar[4].length = 16;
}

static void legacy_bar_is_tiny(struct vdev_rig *rig)
{
    rig->pci->bar[0].length = 16;
}

static void legacy_bar_is_memory(struct vdev_rig *rig)
{
    sdev_pci_put32(rig->pci, 0x10, 0xfe000000u);
}

static void modern_structures_are_broken(struct vdev_rig *rig)
{
    cap(rig, SDEV_CAP_COMMON)[CAP_BAR] = 7;
}

#define REFUSED VIO_E_LAYOUT, VPCI_MODERN, VIO_OK
#define WORKS   VIO_OK, VPCI_MODERN, VIO_OK

static const struct attack attacks[] = {
    {"nothing is wrong", SDEV_PCI_MODERN, nothing, WORKS},
    {"other vendor", SDEV_PCI_MODERN, other_vendor, REFUSED},
    {"device id below virtio", SDEV_PCI_MODERN, device_id_below_virtio, REFUSED},
    {"device id above virtio", SDEV_PCI_MODERN, device_id_above_virtio, REFUSED},
    {"header of a bridge", SDEV_PCI_MODERN, header_of_a_bridge, REFUSED},
    {"all ones", SDEV_PCI_MODERN, all_ones, REFUSED},
    {"all ones but the ids", SDEV_PCI_MODERN, all_ones_but_the_ids, REFUSED},
    {"no list bit", SDEV_PCI_MODERN, no_list_bit, REFUSED},
    {"list starts in the header", SDEV_PCI_MODERN, list_starts_in_the_header, REFUSED},
    {"list starts at the last byte", SDEV_PCI_MODERN, list_starts_at_the_last_byte, REFUSED},
    {"first entry points at itself", SDEV_PCI_MODERN, first_entry_points_at_itself, REFUSED},
    {"last entry points at the first", SDEV_PCI_MODERN, last_entry_points_at_the_first, WORKS},
    {"list leaves for the header", SDEV_PCI_MODERN, list_leaves_for_the_header, REFUSED},
    {"common capability is short", SDEV_PCI_MODERN, common_cap_is_short, REFUSED},
    {"common capability has no length", SDEV_PCI_MODERN, common_cap_has_no_length, REFUSED},
    {"common capability runs over the end", SDEV_PCI_MODERN, common_cap_runs_over_the_end, REFUSED},
    {"common capability is longer", SDEV_PCI_MODERN, common_cap_is_longer, WORKS},
    {"common BAR is reserved", SDEV_PCI_MODERN, common_bar_is_reserved, REFUSED},
    {"common BAR is 255", SDEV_PCI_MODERN, common_bar_is_255, REFUSED},
    {"common BAR is not there", SDEV_PCI_MODERN, common_bar_is_not_there, REFUSED},
    {"common BAR is an upper half", SDEV_PCI_MODERN, common_bar_is_an_upper_half, REFUSED},
    {"common type is reserved", SDEV_PCI_MODERN, common_type_is_reserved, REFUSED},
    {"common type is unknown", SDEV_PCI_MODERN, common_type_is_unknown, REFUSED},
    {"common offset is the BAR's length", SDEV_PCI_MODERN, common_offset_is_the_bar_length,
     REFUSED},
    {"common offset plus length wraps", SDEV_PCI_MODERN, common_offset_plus_length_wraps, REFUSED},
    {"common is cut short by the BAR", SDEV_PCI_MODERN, common_is_cut_short_by_the_bar, REFUSED},
    {"common offset is odd", SDEV_PCI_MODERN, common_offset_is_odd, REFUSED},
    {"common length is zero", SDEV_PCI_MODERN, common_length_is_zero, REFUSED},
    {"common length is too small", SDEV_PCI_MODERN, common_length_is_too_small, REFUSED},
    {"common length is huge", SDEV_PCI_MODERN, common_length_is_huge, WORKS},
    {"common is the old one", SDEV_PCI_MODERN, common_is_the_old_one, WORKS},
    {"first common is bad, second is good", SDEV_PCI_MODERN, first_common_is_bad_second_is_good,
     WORKS},
    {"second common is bad", SDEV_PCI_MODERN, second_common_is_bad, WORKS},
    {"notify capability has no multiplier", SDEV_PCI_MODERN, notify_cap_has_no_multiplier, REFUSED},
    {"notify length is one", SDEV_PCI_MODERN, notify_length_is_one, REFUSED},
    {"notify offset is odd", SDEV_PCI_MODERN, notify_offset_is_odd, REFUSED},
    {"notify multiplier is huge", SDEV_PCI_MODERN, notify_multiplier_is_huge, VIO_OK, VPCI_MODERN,
     VIO_E_RANGE},
    {"notify multiplier is odd", SDEV_PCI_MODERN, notify_multiplier_is_odd, VIO_OK, VPCI_MODERN,
     VIO_E_RANGE},
    {"notify offset times multiplier wraps", SDEV_PCI_MODERN, notify_offset_times_multiplier_wraps,
     VIO_OK, VPCI_MODERN, VIO_E_RANGE},
    {"notify room ends before the queue", SDEV_PCI_MODERN, notify_room_ends_before_the_queue,
     VIO_OK, VPCI_MODERN, VIO_E_RANGE},
    {"notify room ends inside the doorbell", SDEV_PCI_MODERN, notify_room_ends_inside_the_doorbell,
     VIO_OK, VPCI_MODERN, VIO_E_RANGE},
    {"ISR is missing", SDEV_PCI_MODERN, isr_is_missing, REFUSED},
    {"ISR length is zero", SDEV_PCI_MODERN, isr_length_is_zero, REFUSED},
    {"device configuration is outside", SDEV_PCI_MODERN, device_config_is_outside, WORKS},
    {"main BAR type is reserved", SDEV_PCI_MODERN, main_bar_type_is_reserved, REFUSED},
    {"main BAR is unset", SDEV_PCI_MODERN, main_bar_is_unset, REFUSED},
    {"last BAR claims 64 bits", SDEV_PCI_MODERN, last_bar_claims_64_bits, REFUSED},
    {"system gave no resources", SDEV_PCI_MODERN, system_gave_no_resources, REFUSED},
    {"main BAR is tiny", SDEV_PCI_MODERN, main_bar_is_tiny, REFUSED},
    {"transitional: nothing is wrong", SDEV_PCI_TRANSITIONAL, nothing, WORKS},
    {"transitional: modern structures are broken", SDEV_PCI_TRANSITIONAL,
     modern_structures_are_broken, VIO_OK, VPCI_LEGACY, VIO_OK},
    {"legacy: nothing is wrong", SDEV_PCI_LEGACY, nothing, VIO_OK, VPCI_LEGACY, VIO_OK},
    {"legacy: BAR is tiny", SDEV_PCI_LEGACY, legacy_bar_is_tiny, REFUSED},
    {"legacy: BAR is memory", SDEV_PCI_LEGACY, legacy_bar_is_memory, REFUSED},
    {"legacy: system gave no resources", SDEV_PCI_LEGACY, system_gave_no_resources, REFUSED},
};

static void run_attack(void **state)
{
    const struct attack *attack = *state;
    struct sdev_model model = sdev_model_echo(SDEV_F_ALL_RING);
    struct vdev_rig rig;
    char answer[8] = "";
    uint32_t len = 0;

    assert_true(vdev_rig_up(&rig, &model, attack->kind, 4));
    attack->change(&rig);
    enum vio_status status = vdev_rig_probe(&rig);
    assert_string_equal(vio_status_text(status), vio_status_text(attack->probe));
    assert_true(rig.pci->cfg_reads <= 2 * VPCI_CAPS_MAX + 8);
    if (status != VIO_OK) {
        assert_null(rig.vpci);
        assert_int_equal(rig.logs[VIO_LOG_ERROR], 1); // says why, once
        assert_int_equal(rig.pci->bar_writes, 0);     // and touched nothing
    } else {
        assert_int_equal(vpci_get_kind(rig.vpci), attack->found);
        status = vdev_rig_start(&rig, UINT64_MAX);
        assert_string_equal(vio_status_text(status), vio_status_text(attack->started));
        if (status == VIO_OK) {
            assert_true(vdev_rig_transact(&rig, 3, "echo", 5, answer, 5, &len));
            assert_string_equal(answer, "echo");
        }
        vdev_rig_reset(&rig);
    }
    if (rig.sdev->faults.count != 0)
        fail_msg("the device finds fault: %s", rig.sdev->faults.first);
    vdev_rig_down(&rig);
}

int main(void)
{
    static struct rig_tests tests;

    for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
        rig_tests_add(&tests, attacks[i].name, NULL, run_attack, &attacks[i]);
    return _cmocka_run_group_tests("hostile_pci", tests.test, tests.count, NULL, NULL);
}
