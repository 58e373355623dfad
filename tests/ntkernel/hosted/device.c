// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ntkernel/hosted/device.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/device/sdev_models.h"
#include "tests/device/sdev_pci.h"

#define VECTORS         3
#define MAIN_BAR        4
#define MSIX_BAR        1
#define DOORBELL_UNRUNG 0xFFFFFFFFu

#define PCI_COMMAND        4
#define PCI_COMMAND_MEMORY 2

#define BLK_F_SEG_MAX  ((uint64_t)1 << 2)
#define BLK_F_BLK_SIZE ((uint64_t)1 << 6)
#define BLK_F_FLUSH    ((uint64_t)1 << 9)
#define BLK_SEG_MAX    126u

/* Properties that are on or off, named as QEMU's. */
static const struct switch_row {
    const char *name;
    uint64_t feature;
    bool on; /* by default */
} switches[] = {
    {"packed", SDEV_F_RING_PACKED, false},
    {"event_idx", SDEV_F_EVENT_IDX, true},
    {"indirect_desc", SDEV_F_INDIRECT_DESC, true},
    {"in_order", SDEV_F_IN_ORDER, false},
    {"queue_reset", SDEV_F_RING_RESET, false},
    {"notification_data", SDEV_F_NOTIFICATION_DATA, false},
    {"iommu_platform", SDEV_F_ACCESS_PLATFORM, false},
};

struct numbers {
    uint64_t vectors, queue_size, max_bytes;
    uint64_t shuffle, shadow; /* 0 or 1 */
};

static struct {
    struct sdev_dev *dev;
    struct sdev_pci *pci;
    struct sdev_disk disk;
    const uint8_t *bytes; /* of the entropy device's file */
    uint64_t byte_count, served;
    uint64_t bar_address[SDEV_PCI_BARS];
    uint64_t run_kicks; /* doorbells answered */
    bool shadow;        /* the doorbell page is plain memory */
    bool off;           /* its memory is disabled */
    bool held;          /* it serves nothing for now */
    bool busy;          /* one of the functions below is interrupted */
    int backend;
} device;

/* Making it. */

static bool parse_switch(const char *name, size_t length, const char *value, uint64_t *features)
{
    for (size_t n = 0; n < sizeof(switches) / sizeof(switches[0]); n++) {
        if (strlen(switches[n].name) != length || strncmp(name, switches[n].name, length) != 0)
            continue;
        if (strcmp(value, "on") == 0)
            *features |= switches[n].feature;
        else if (strcmp(value, "off") == 0)
            *features &= ~switches[n].feature;
        else
            return false;
        return true;
    }
    return false;
}

static bool parse_number(const char *name, size_t length, const char *value, struct numbers *out)
{
    const struct {
        const char *name;
        uint64_t *number, high;
    } rows[] = {
        {"vectors", &out->vectors, SDEV_MAX_VECTORS},
        {"queue-size", &out->queue_size, 1024},
        {"max-bytes", &out->max_bytes, UINT32_MAX},
        {"shuffle", &out->shuffle, 1},
        {"shadow", &out->shadow, 1},
    };
    char *end = NULL;

    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        if (strlen(rows[n].name) != length || strncmp(name, rows[n].name, length) != 0)
            continue;
        *rows[n].number = strtoull(value, &end, 10);
        return *value >= '0' && *value <= '9' && *end == 0 && *rows[n].number <= rows[n].high;
    }
    return false;
}

/* Properties behind the device's name, "name=value" between commas. */
static bool parse_properties(char *text, uint64_t *features, struct numbers *numbers)
{
    char *save = NULL;

    for (char *p = strtok_r(text, ",", &save); p != NULL; p = strtok_r(NULL, ",", &save)) {
        const char *value = strchr(p, '=');
        size_t length = value != NULL ? (size_t)(value - p) : 0;

        if (value == NULL || (!parse_switch(p, length, value + 1, features) &&
                              !parse_number(p, length, value + 1, numbers)))
            return false;
    }
    return true;
}

static uint32_t serve_bytes(void *ctx, unsigned queue, const struct sdev_chain *chain)
{
    uint64_t left = device.byte_count - device.served, length = chain->writable;

    (void)ctx;
    (void)queue;
    if (length > left)
        length = left;
    length = sdev_chain_write(chain, 0, device.bytes + device.served, length);
    device.served += length;
    return (uint32_t)length;
}

static struct sdev_model make_rng(uint64_t features, uint8_t *file, uint64_t size, uint64_t max)
{
    struct sdev_model model = sdev_model_rng(features, NULL);

    device.bytes = file;
    device.byte_count = max != 0 && max < size ? max : size;
    model.handler = serve_bytes;
    return model;
}

static struct sdev_model make_blk(uint64_t features, uint8_t *file, uint64_t size)
{
    static const uint32_t seg_max = BLK_SEG_MAX, block = 512; /* virtio 1.2, 5.2.4 */
    struct sdev_model model;

    device.disk = (struct sdev_disk){.data = file, .sectors = size / 512};
    model = sdev_model_blk(features | BLK_F_SEG_MAX | BLK_F_BLK_SIZE | BLK_F_FLUSH, &device.disk);
    memcpy(model.config + 12, &seg_max, sizeof(seg_max));
    memcpy(model.config + 20, &block, sizeof(block));
    return model;
}

static void tell_message(void *ctx, uint64_t address, uint32_t data)
{
    (void)ctx;
    (void)address;
    kernel_interrupt(data & 0xFF);
}

static uint64_t bar_address(unsigned bar)
{
    uint32_t low = 0, high = 0;

    memcpy(&low, device.pci->cfg + 0x10 + (size_t)4 * bar, sizeof(low));
    if (device.pci->bar[bar].is_64)
        memcpy(&high, device.pci->cfg + 0x14 + (size_t)4 * bar, sizeof(high));
    return (low & ~15u) | (uint64_t)high << 32;
}

/* The system enables MSI-X when it has filled the table. */
static void msix_off(void)
{
    static const uint16_t off = 0;
    uint8_t msix = sdev_pci_cap(device.pci, SDEV_CAP_MSIX);

    if (msix != 0)
        sdev_pci_cfg_write(device.pci, msix + 2u, &off, sizeof(off));
}

static const char *make_function(const struct sdev_model *model, const struct numbers *numbers)
{
    device.dev = sdev_dev_new(model, true);
    device.pci = device.dev == NULL
                     ? NULL
                     : sdev_pci_new(device.dev, SDEV_PCI_MODERN, (uint16_t)numbers->vectors);
    if (device.pci == NULL || !sdev_mem_share(device.dev->mem, 0, os_direct(), OS_RAM_SIZE))
        return "out of memory";
    device.dev->policy.shuffle = numbers->shuffle != 0;
    device.bar_address[MAIN_BAR] = bar_address(MAIN_BAR);
    device.bar_address[MSIX_BAR] = bar_address(MSIX_BAR);
    sdev_pci_messages(device.pci, tell_message, NULL);
    memset((uint8_t *)os_direct() + OS_RAM_SIZE, 0xFF, (size_t)DEVICE_PAGES * OS_PAGE);
    msix_off();
    return NULL;
}

static const char *parse(const char *text, char *name, size_t size, uint64_t *features,
                         struct numbers *numbers)
{
    size_t length = strcspn(text, ",");
    char properties[256];

    for (size_t n = 0; n < sizeof(switches) / sizeof(switches[0]); n++)
        *features |= switches[n].on ? switches[n].feature : 0;
    if (length > 4 && strncmp(text + length - 4, "-pci", 4) == 0)
        snprintf(name, size, "%.*s", (int)length - 4, text);
    else
        snprintf(name, size, "%.*s", (int)length, text);
    if (snprintf(properties, sizeof(properties), "%s", text + length) >= (int)sizeof(properties) ||
        !parse_properties(properties, features, numbers))
        return "a property of the device is not known, or has a wrong value";
    return NULL;
}

const char *device_make(const char *text, int backend)
{
    struct numbers numbers = {.vectors = VECTORS, .shadow = 1};
    uint64_t features = SDEV_F_VERSION_1;
    char name[32];
    const char *wrong = parse(text, name, sizeof(name), &features, &numbers);
    struct sdev_model model;
    struct stat st;
    uint8_t *file;

    if (wrong != NULL)
        return wrong;
    if (strcmp(name, "virtio-blk") != 0 && strcmp(name, "virtio-rng") != 0)
        return "the software devices are virtio-blk and virtio-rng";
    if (fstat(backend, &st) != 0)
        return "the file behind the device cannot be read";
    file = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, backend, 0);
    if (file == MAP_FAILED)
        return "the file behind the device cannot be mapped";
    if (strcmp(name, "virtio-blk") == 0)
        model = make_blk(features, file, (uint64_t)st.st_size);
    else
        model = make_rng(features, file, (uint64_t)st.st_size, numbers.max_bytes);
    if (numbers.queue_size != 0)
        model.queue_size = (uint16_t)numbers.queue_size;
    device.shadow = numbers.shadow != 0;
    device.backend = backend;
    return make_function(&model, &numbers);
}

/* Its registers. */

static bool find_bar(os_word physical, unsigned *bar, uint64_t *offset)
{
    static const unsigned bars[] = {MAIN_BAR, MSIX_BAR};

    for (size_t n = 0; n < sizeof(bars) / sizeof(bars[0]); n++) {
        *bar = bars[n];
        *offset = physical - device.bar_address[*bar];
        if (device.bar_address[*bar] != 0 && *offset < device.pci->bar[*bar].length)
            return true;
    }
    return false;
}

/* The page that holds the doorbells and nothing else. */
static uint64_t doorbell_page(void)
{
    return device.pci->at[SDEV_CAP_NOTIFY].offset;
}

os_word device_page(os_word physical, bool *trapped)
{
    uint64_t offset;
    unsigned bar;

    if (!find_bar(physical, &bar, &offset))
        return 0;
    *trapped = !device.shadow || bar != MAIN_BAR || offset / OS_PAGE != doorbell_page() / OS_PAGE;
    return OS_RAM_SIZE + (bar == MAIN_BAR ? offset : (size_t)(DEVICE_PAGES - 1) * OS_PAGE);
}

os_word device_read(os_word physical, unsigned width)
{
    os_word value = ~0ull;
    uint64_t offset;
    unsigned bar;

    if (device.off || !find_bar(physical, &bar, &offset))
        return value;
    device.busy = true;
    if (width <= 4)
        value = sdev_pci_read(device.pci, bar, offset, width);
    else
        sdev_fault(&device.dev->faults, "read of %u bytes at once",
                   width); /* virtio 1.2, 4.1.3.1 */
    device.busy = false;
    return value;
}

void device_write(os_word physical, unsigned width, os_word value)
{
    uint64_t offset;
    unsigned bar;

    if (device.off || !find_bar(physical, &bar, &offset))
        return;
    device.busy = true;
    if (width <= 4)
        sdev_pci_write(device.pci, bar, offset, width, (uint32_t)value);
    else
        sdev_fault(&device.dev->faults, "write of %u bytes at once", width);
    device.busy = false;
}

unsigned device_config_read(unsigned offset, unsigned size)
{
    uint32_t value = 0;

    sdev_pci_cfg_read(device.pci, offset, &value, size);
    return value;
}

/* A function whose memory is switched off answers no more; its queues end as in a reset. */
void device_config_write(unsigned offset, unsigned size, unsigned value)
{
    sdev_pci_cfg_write(device.pci, offset, &value, size);
    device.off = (device.pci->cfg[PCI_COMMAND] & PCI_COMMAND_MEMORY) == 0;
    if (device.off) {
        sdev_dev_set_status(device.dev, 0);
        sdev_dev_status(device.dev); /* not a reset of the driver's, whose end it would await */
    }
}

/* Doorbells and work. */

/* Each slot has four bytes; a doorbell writes two of them, or all with NOTIFICATION_DATA. One rung
 * twice within a call is seen once: what a driver rings for is there then, too. */
void device_doorbells(void)
{
    uint32_t *slots = (uint32_t *)((uint8_t *)os_direct() + OS_RAM_SIZE + doorbell_page());
    unsigned queues = device.dev->model.queues;

    for (unsigned n = 0; device.shadow && n < queues; n++) {
        uint32_t value = slots[n];

        if (value == DOORBELL_UNRUNG)
            continue;
        slots[n] = DOORBELL_UNRUNG;
        if (device.off)
            continue;
        sdev_pci_write(device.pci, MAIN_BAR, doorbell_page() + 4ull * n,
                       value >> 16 == 0xFFFF ? 2 : 4,
                       value >> 16 == 0xFFFF ? value & 0xFFFF : value);
    }
}

os_word device_doorbell_count(void)
{
    os_word count = 0;

    for (unsigned n = 0; n < device.dev->model.queues; n++)
        count += device.dev->vq[n].kicks;
    return count;
}

/* Having emptied its rings, it wants to be told of the next buffer (virtio 1.2, 2.7.10, 2.8.10). */
static void ask_for_doorbells(void)
{
    for (unsigned n = 0; n < device.dev->model.queues; n++) {
        if (device.dev->vq[n].enabled && (device.dev->driver_features & SDEV_F_EVENT_IDX) != 0)
            sdev_ring_kick_after(device.dev->vq[n].ring, 0);
    }
}

/* It looks at its rings once a doorbell has rung, and an entropy device has nothing to look for
 * once it has served all it may. */
bool device_run(void)
{
    bool any = false;

    if (device.busy)
        return false;
    device.busy = true;
    device_doorbells();
    if (device_doorbell_count() != device.run_kicks && !device.held &&
        (device.bytes == NULL || device.served < device.byte_count)) {
        device.run_kicks = device_doorbell_count();
        any = sdev_dev_run(device.dev);
        ask_for_doorbells();
    }
    device.busy = false;
    if (device_line())
        kernel_interrupt(0);
    return any;
}

bool device_line(void)
{
    return device.dev->vectors == 0 && device.dev->isr != 0;
}

const char *device_fault(void)
{
    return device.dev != NULL && device.dev->faults.count != 0 ? device.dev->faults.first : NULL;
}

/* Commands. */

static const char *throttle(json_int_t iops)
{
    device.held = iops != 0;
    return NULL;
}

static const char *resize(json_int_t size)
{
    uint64_t sectors = (uint64_t)size / 512;
    uint8_t *file;

    if (device.disk.data == NULL || size <= 0 || ftruncate(device.backend, size) != 0)
        return "the disk cannot be resized";
    file = mremap(device.disk.data, device.disk.sectors * 512, (size_t)size, MREMAP_MAYMOVE);
    if (file == MAP_FAILED)
        return "the disk cannot be mapped again";
    device.disk.data = file;
    device.disk.sectors = sectors;
    sdev_dev_config_change(device.dev, 0, &sectors, sizeof(sectors));
    return NULL;
}

const char *device_command(const char *json)
{
    static const struct {
        const char *name, *argument;
        const char *(*run)(json_int_t value);
    } commands[] = {{"block_set_io_throttle", "iops", throttle}, {"block_resize", "size", resize}};
    json_t *command = json_loads(json, JSON_DISABLE_EOF_CHECK, NULL);
    const char *name = json_string_value(json_object_get(command, "execute"));
    const char *wrong = "the software device has no such command";

    for (size_t n = 0; name != NULL && n < sizeof(commands) / sizeof(commands[0]); n++) {
        if (strcmp(name, commands[n].name) == 0)
            wrong = commands[n].run(json_integer_value(
                json_object_get(json_object_get(command, "arguments"), commands[n].argument)));
    }
    json_decref(command);
    return wrong;
}
