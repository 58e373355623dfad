// SPDX-License-Identifier: GPL-3.0-or-later
//
// virtio-pci against a function whose configuration space and registers come from the input: the
// probe, then a whole driver's life on whatever was found.
//
// Input: a byte of flags, changes to a valid configuration space (a count, then offset and value
// of each), six BAR lengths, and the values that registers read as, 0 once they are used up. What
// must hold: no register access leaves its region or is misaligned, every wait is bounded, and
// a queue gives back what was put into it.

#include "drivers-src/virtio/virtio.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

enum {
    CONFIG_BYTES = 256,
    BAR_STRIDE = 0x100000, // addresses of regions only name them: nothing is mapped
    QUEUES = 3,
    SIZE_CAP = 256, // larger queues only take time
    // A reset and a queue reset per queue, tried several times in one life.
    STALL_CAP_US = 16 * VDEV_RESET_US,
};

// What stands there before the input changes it: a transitional function with MSI-X, the modern
// structures in the 64-bit BAR 4 and the legacy header in the I/O BAR 0.
static const uint8_t config_template[CONFIG_BYTES] = {
    0xf4, 0x1a, 0x05, 0x10, 0x07, 0x00, 0x10, 0x00, 0x00, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x01, 0xc0, 0x00, 0x00, 0x00, 0x00, 0xbf, 0xfe, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x04, 0x00, 0x00, 0xc0, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf4, 0x1a, 0x04, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00,
    0x11, 0x50, 0x02, 0x80, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x09, 0x60, 0x10, 0x01, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00,
    0x09, 0x78, 0x14, 0x02, 0x04, 0x00, 0x00, 0x00, 0x00, 0x30, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00,
    0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x09, 0x88, 0x10, 0x03, 0x04, 0x00, 0x00, 0x00,
    0x00, 0x10, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x09, 0x00, 0x10, 0x04, 0x04, 0x00, 0x00, 0x00,
    0x00, 0x20, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00,
};

struct fuzz_pci {
    struct fuzz_input in;
    uint8_t config[CONFIG_BYTES];
    uint64_t bar_length[VPCI_BAR_COUNT];
    uint64_t stalled_us;
    struct vio_os os;
    struct vpci_bus bus;
    struct vpci_memory vpci_memory;
    struct vdev_memory vdev_memory;
};

static void fuzz_log(void *ctx, const struct vio_event *event)
{
    (void)ctx;
    FUZZ_CHECK(event->what != NULL);
}

static void fuzz_stall(void *ctx, uint32_t microseconds)
{
    struct fuzz_pci *f = ctx;

    FUZZ_CHECK(microseconds >= 1 && microseconds <= 1000);
    f->stalled_us += microseconds;
    FUZZ_CHECK(f->stalled_us <= STALL_CAP_US);
}

static void access_check(const struct fuzz_pci *f, const struct vio_region *region, uint32_t offset,
                         unsigned width)
{
    uintptr_t address = region->base + offset;
    uintptr_t bar = address / BAR_STRIDE - 1;

    FUZZ_CHECK(offset <= region->length && width <= region->length - offset);
    FUZZ_CHECK(address % width == 0);
    FUZZ_CHECK(bar < VPCI_BAR_COUNT);
    FUZZ_CHECK(address % BAR_STRIDE + width <= f->bar_length[bar]);
}

static uint8_t fuzz_read8(void *ctx, const struct vio_region *region, uint32_t offset)
{
    struct fuzz_pci *f = ctx;

    access_check(f, region, offset, 1);
    return fuzz_u8(&f->in);
}

static uint16_t fuzz_read16(void *ctx, const struct vio_region *region, uint32_t offset)
{
    struct fuzz_pci *f = ctx;

    access_check(f, region, offset, 2);
    return fuzz_u16(&f->in);
}

static uint32_t fuzz_read32(void *ctx, const struct vio_region *region, uint32_t offset)
{
    struct fuzz_pci *f = ctx;

    access_check(f, region, offset, 4);
    return fuzz_u32(&f->in);
}

static void fuzz_write8(void *ctx, const struct vio_region *region, uint32_t offset, uint8_t value)
{
    (void)value;
    access_check(ctx, region, offset, 1);
}

static void fuzz_write16(void *ctx, const struct vio_region *region, uint32_t offset,
                         uint16_t value)
{
    (void)value;
    access_check(ctx, region, offset, 2);
}

static void fuzz_write32(void *ctx, const struct vio_region *region, uint32_t offset,
                         uint32_t value)
{
    (void)value;
    access_check(ctx, region, offset, 4);
}

static enum vio_status fuzz_config_read(void *ctx, uint32_t offset, void *buffer, uint32_t len)
{
    struct fuzz_pci *f = ctx;

    FUZZ_CHECK(offset <= CONFIG_BYTES && len <= CONFIG_BYTES - offset);
    memcpy(buffer, f->config + offset, len);
    return VIO_OK;
}

static enum vio_status fuzz_bar_map(void *ctx, const struct vpci_bar *bar,
                                    struct vio_region *region)
{
    struct fuzz_pci *f = ctx;

    FUZZ_CHECK(bar->index < VPCI_BAR_COUNT);
    if (f->bar_length[bar->index] == 0)
        return VIO_E_ACCESS;
    *region = (struct vio_region){
        .base = (uintptr_t)(bar->index + 1u) * BAR_STRIDE,
        .length = f->bar_length[bar->index],
        .is_port = bar->is_port,
    };
    return VIO_OK;
}

struct memory {
    void *ring;
    void *priv;
    struct vq *vq;
};

static void queue_try(struct vdev *dev, uint16_t index, struct memory *memory)
{
    uint64_t features = vdev_features(dev);
    uint16_t size = vdev_queue_size(dev, index);
    size_t align = vq_ring_align(features);

    if (size > SIZE_CAP && vdev_has(dev, VIO_F_VERSION_1))
        size = SIZE_CAP;
    size_t ring_bytes = vq_ring_bytes(size, features);
    size_t priv_bytes = vdev_queue_private_bytes(dev, size);
    FUZZ_CHECK(size == 0 || (ring_bytes != 0 && priv_bytes != 0));
    if (size == 0)
        return;

    FUZZ_CHECK(posix_memalign(&memory->ring, align, ring_bytes) == 0);
    memory->priv = malloc(priv_bytes);
    struct vdev_queue queue = {
        .index = index,
        .size = size,
        .vector = index,
        .ring = memory->ring,
        .ring_pa = 0x100000,
        .ring_bytes = ring_bytes,
        .priv = memory->priv,
        .priv_bytes = priv_bytes,
    };
    if (vdev_queue_start(dev, &queue, &memory->vq) != VIO_OK)
        FUZZ_CHECK(memory->vq == NULL);
}

static void queue_use(struct vdev *dev, struct vq *vq)
{
    struct vq_sg sg = {.pa = 0x200000, .len = 16};
    uint32_t len = 0;

    if (vq_add(vq, &sg, 0, 1, vq, NULL) == VIO_OK)
        vq_kick(vq);
    vq_pop(vq, &len);
    if (vdev_queue_reset(dev, vq) == VIO_OK) {
        vq_detach(vq);
        vdev_queue_restart(dev, vq, vq_size(vq), VTRANSPORT_NO_VECTOR);
    }
}

static void config_use(struct fuzz_pci *f, struct vdev *dev)
{
    uint8_t buffer[24];
    uint64_t wide = 0;
    uint32_t word = 0;
    uint16_t half = 0;
    uint32_t offset = fuzz_u16(&f->in);
    uint32_t len = fuzz_u8(&f->in) % sizeof(buffer);

    vdev_config_read(dev, offset, buffer, len);
    vdev_config_read(dev, UINT32_MAX - 3, buffer, len);
    vdev_config_write(dev, offset, buffer, len);
    vdev_config_read64(dev, 0, &wide);
    vdev_config_read32(dev, offset & 0xfc, &word);
    vdev_config_read16(dev, 6, &half);
}

static void life(struct fuzz_pci *f, struct vpci *vpci, uint8_t flags)
{
    struct vdev *dev = vdev_init(&f->vdev_memory, &f->os, vpci_ops(vpci), vpci_transport(vpci));
    struct memory memory[QUEUES] = {0};

    vpci_set_msix(vpci, (flags & 2) != 0);
    enum vio_status status = vdev_negotiate(dev, UINT64_MAX, 0);
    FUZZ_CHECK(status == VIO_OK || vdev_ready(dev) == VIO_E_STATE);
    if (status == VIO_OK) {
        FUZZ_CHECK((vdev_features(dev) & ~vdev_offered(dev)) == 0);
        config_use(f, dev);
        vdev_config_vector(dev, 0);
        for (unsigned i = 0; i < QUEUES; i++)
            queue_try(dev, (uint16_t)i, &memory[i]);
        vdev_ready(dev);
        vdev_isr(dev);
        for (unsigned i = 0; i < QUEUES; i++) {
            if (memory[i].vq != NULL)
                queue_use(dev, memory[i].vq);
        }
        vdev_needs_reset(dev);
    }
    vdev_reset(dev);
    for (unsigned i = 0; i < QUEUES; i++) {
        if (memory[i].vq != NULL) {
            FUZZ_CHECK(vdev_queue_stop(dev, memory[i].vq) == VIO_OK);
            while (vq_detach(memory[i].vq) != NULL) // at most one was added
                ;
            FUZZ_CHECK(vq_in_flight(memory[i].vq) == 0);
        }
        free(memory[i].ring);
        free(memory[i].priv);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_pci f = {.in = {.at = data, .left = size}};
    struct vpci *vpci = NULL;
    uint8_t flags = fuzz_u8(&f.in);
    uint8_t changes = fuzz_u8(&f.in) % 64;

    memcpy(f.config, config_template, sizeof(f.config));
    if ((flags & 1) != 0)
        f.config[0x02] = 0x44; // not transitional
    for (unsigned i = 0; i < changes; i++) {
        uint8_t offset = fuzz_u8(&f.in);

        f.config[offset] = fuzz_u8(&f.in);
    }
    for (unsigned i = 0; i < VPCI_BAR_COUNT; i++) {
        uint8_t length = fuzz_u8(&f.in);

        f.bar_length[i] = length < 8 ? 0x4000 : length == 8 ? 0 : length * 4u;
    }
    f.os = (struct vio_os){.log = fuzz_log,
                           .stall = fuzz_stall,
                           .read8 = fuzz_read8,
                           .read16 = fuzz_read16,
                           .read32 = fuzz_read32,
                           .write8 = fuzz_write8,
                           .write16 = fuzz_write16,
                           .write32 = fuzz_write32,
                           .ctx = &f};
    f.bus = (struct vpci_bus){.config_read = fuzz_config_read, .bar_map = fuzz_bar_map, .ctx = &f};

    enum vio_status status = vpci_probe(&f.vpci_memory, &f.os, &f.bus, &vpci);
    FUZZ_CHECK((status == VIO_OK) == (vpci != NULL));
    if (status == VIO_OK)
        life(&f, vpci, flags);
    return 0;
}
