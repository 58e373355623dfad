// SPDX-License-Identifier: GPL-3.0-or-later
//
// The software device's function as a system sees it: configuration space that can be written, and
// the MSI-X table (PCI 3.0, 6.2.5 and 6.8.2). Memory of the caller's.

#include "tests/device/sdev_models.h"
#include "tests/device/sdev_pci.h"
#include "tests/unit/unit.h"

enum { MAIN_BAR = 4, MSIX_BAR = 1, VECTORS = 3, BAR_4 = 0x20, BAR_0 = 0x10 };

struct fixture {
    struct sdev_dev *dev;
    struct sdev_pci *pci;
    uint8_t msix;
    unsigned messages;
    uint64_t address;
    uint32_t data;
};

static void on_message(void *ctx, uint64_t address, uint32_t data)
{
    struct fixture *f = ctx;

    f->messages++;
    f->address = address;
    f->data = data;
}

static void up(struct fixture *f)
{
    struct sdev_model model = sdev_model_echo(SDEV_F_VERSION_1);

    *f = (struct fixture){.dev = sdev_dev_new(&model, false)};
    assert_non_null(f->dev);
    f->pci = sdev_pci_new(f->dev, SDEV_PCI_MODERN, VECTORS);
    assert_non_null(f->pci);
    f->msix = sdev_pci_cap(f->pci, SDEV_CAP_MSIX);
    sdev_pci_messages(f->pci, on_message, f);
}

static void down(struct fixture *f)
{
    sdev_pci_free(f->pci);
    sdev_dev_free(f->dev);
}

static uint32_t cfg_read(struct fixture *f, uint8_t offset)
{
    uint32_t value = 0;

    sdev_pci_cfg_read(f->pci, offset, &value, sizeof(value));
    return value;
}

static void cfg_write(struct fixture *f, uint8_t offset, uint32_t value)
{
    sdev_pci_cfg_write(f->pci, offset, &value, sizeof(value));
}

static void base_addresses_tell_their_size(void **state)
{
    struct fixture f;

    (void)state;
    up(&f);
    cfg_write(&f, BAR_4, UINT32_MAX);
    assert_int_equal(cfg_read(&f, BAR_4), 0xffffc004u); // 16 KiB, 64 bits wide
    cfg_write(&f, BAR_4 + 4, UINT32_MAX);
    assert_int_equal(cfg_read(&f, BAR_4 + 4), UINT32_MAX);
    cfg_write(&f, BAR_0, UINT32_MAX);
    assert_int_equal(cfg_read(&f, BAR_0), 0);
    cfg_write(&f, 0, 0); // the identification
    assert_int_equal(cfg_read(&f, 0) & 0xffff, 0x1af4);
    assert_int_equal(f.dev->faults.count, 0);
    cfg_write(&f, 254, 0);
    assert_int_equal(f.dev->faults.count, 1);
    down(&f);
}

static void messages_are_those_of_the_table(void **state)
{
    struct fixture f;

    (void)state;
    up(&f);
    f.dev->status = SDEV_STATUS_DRIVER_OK;
    f.dev->config_vector = 2;
    sdev_pci_write(f.pci, MSIX_BAR, 2 * 16, 4, 0xfee01000u);
    sdev_pci_write(f.pci, MSIX_BAR, 2 * 16 + 8, 4, 0x51);
    assert_int_equal(sdev_pci_read(f.pci, MSIX_BAR, 2 * 16 + 8, 4), 0x51);
    sdev_pci_write(f.pci, MSIX_BAR, 2 * 16 + 12, 4, 1); // masked
    sdev_dev_config_change(f.dev, 0, "x", 1);
    assert_int_equal(f.messages, 0);
    sdev_pci_write(f.pci, MSIX_BAR, 2 * 16 + 12, 4, 0);
    assert_int_equal(f.messages, 1);
    assert_true(f.address == 0xfee01000u && f.data == 0x51);
    sdev_dev_config_change(f.dev, 0, "y", 1);
    assert_int_equal(f.messages, 2);

    // Switched off, there is a line and no message.
    cfg_write(&f, (uint8_t)(f.msix), 0);
    assert_int_equal(f.dev->vectors, 0);
    sdev_dev_config_change(f.dev, 0, "z", 1);
    assert_int_equal(f.messages, 2);
    assert_int_equal(f.dev->intx, 1);
    cfg_write(&f, (uint8_t)(f.msix), 0x80000000u);
    assert_int_equal(f.dev->vectors, VECTORS);

    // Behind the table is nothing.
    assert_int_equal(f.dev->faults.count, 0);
    sdev_pci_write(f.pci, MSIX_BAR, VECTORS * 16, 4, 0);
    assert_int_equal(f.dev->faults.count, 1);
    down(&f);
}

static void memory_of_the_callers_is_used_and_left(void **state)
{
    struct sdev_faults faults = {0};
    struct sdev_mem *mem = sdev_mem_new(&faults, 1);
    uint64_t gpa = 0;
    uint8_t ram[64];

    (void)state;
    assert_true(sdev_mem_share(mem, 0x1000, ram, sizeof(ram)));
    assert_false(sdev_mem_share(mem, 0x1020, ram, sizeof(ram))); // overlaps
    assert_ptr_equal(sdev_mem_at(mem, 0x1010, 48, "test"), ram + 16);
    assert_null(sdev_mem_at(mem, 0x1010, 49, "test"));
    assert_non_null(sdev_mem_alloc(mem, 16, 16, &gpa));
    assert_true(gpa >= 0x1000 + sizeof(ram) + SDEV_PAGE);
    sdev_mem_release(mem, 0x1000);
    assert_int_equal(sdev_mem_ranges(mem), 1);
    sdev_mem_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base_addresses_tell_their_size),
        cmocka_unit_test(messages_are_those_of_the_table),
        cmocka_unit_test(memory_of_the_callers_is_used_and_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
