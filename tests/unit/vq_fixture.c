// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/unit/vq_fixture.h"

#include <stdlib.h>
#include <string.h>

static void on_log(void *ctx, const struct vio_event *event)
{
    struct vqf *f = ctx;

    if (event->level != VIO_LOG_ERROR)
        return;
    f->errors++;
    f->error_value = event->value;
}

static void on_notify(void *ctx, uint32_t value)
{
    struct vqf *f = ctx;

    f->notified++;
    f->notify_value = value;
}

static void on_broken(void *ctx, uint16_t index, enum vq_fault fault)
{
    struct vqf *f = ctx;

    assert_int_equal(index, 5);
    f->broken++;
    f->fault = fault;
}

void vqf_up(struct vqf *f, uint16_t size, uint64_t features)
{
    const size_t ring_bytes = vq_ring_bytes(size, features);
    const size_t priv_bytes = vq_private_bytes(size, features);
    struct vq_config config;
    struct vq_areas areas;

    memset(f, 0, sizeof(*f));
    f->features = features;
    f->size = size;
    f->os.log = on_log;
    f->os.ctx = f;
    f->ring = aligned_alloc(4096, (ring_bytes + 4095) / 4096 * 4096);
    f->priv = aligned_alloc(64, (priv_bytes + 63) / 64 * 64);
    assert_non_null(f->ring);
    assert_non_null(f->priv);
    // What the core leaves of this in the ring is seen by the tests.
    memset(f->ring, 0xa5, ring_bytes);
    memset(f->priv, 0xa5, priv_bytes);
    memset(&config, 0, sizeof(config));
    config.os = &f->os;
    config.features = features;
    config.index = 5;
    config.notify_data = 5;
    config.size = size;
    config.ring = f->ring;
    config.ring_pa = VQF_PA;
    config.ring_bytes = ring_bytes;
    config.priv = f->priv;
    config.priv_bytes = priv_bytes;
    config.notify = on_notify;
    config.notify_ctx = f;
    config.broken = on_broken;
    config.broken_ctx = f;
    assert_int_equal(vq_init(&config, &f->vq), VIO_OK);
    vq_get_areas(f->vq, &areas);
    f->desc = f->ring + (areas.desc - VQF_PA);
    f->driver = f->ring + (areas.driver - VQF_PA);
    f->device = f->ring + (areas.device - VQF_PA);
}

void vqf_down(struct vqf *f)
{
    free(f->ring);
    free(f->priv);
}

uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

uint32_t get32(const uint8_t *at)
{
    return get16(at) | (uint32_t)get16(at + 2) << 16;
}

uint64_t get64(const uint8_t *at)
{
    return get32(at) | (uint64_t)get32(at + 4) << 32;
}

void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

void put32(uint8_t *at, uint32_t value)
{
    put16(at, (uint16_t)value);
    put16(at + 2, (uint16_t)(value >> 16));
}

void *vqf_token(unsigned n)
{
    return (void *)(uintptr_t)n;
}

enum vio_status vqf_add(struct vqf *f, unsigned n, uint16_t out, uint16_t in)
{
    const size_t count = (size_t)out + in;
    struct vq_sg *sg = calloc(count + 1, sizeof(*sg));
    enum vio_status status;

    assert_non_null(sg);
    for (size_t i = 0; i < count; i++)
        sg[i] = (struct vq_sg){.pa = 0x1000 * (i + 1), .len = 16};
    status = vq_add(f->vq, sg, out, in, vqf_token(n), NULL);
    free(sg);
    return status;
}

void vqf_put(struct vqf *f, unsigned n, uint16_t out, uint16_t in)
{
    assert_int_equal(vqf_add(f, n, out, in), VIO_OK);
}

void vqf_give(struct vqf *f, unsigned n, uint16_t out, uint16_t in)
{
    vqf_put(f, n, out, in);
    vq_publish(f->vq);
}

void vqf_expect(struct vqf *f, unsigned n, uint32_t len)
{
    uint32_t got = 0xdeadbeef;

    assert_ptr_equal(vq_pop(f->vq, &got), vqf_token(n));
    assert_int_equal(got, len);
}

void vqf_expect_broken(struct vqf *f, enum vq_fault fault, uint32_t value)
{
    vqf_expect(f, 0, 0);
    vqf_expect(f, 0, 0);
    assert_int_equal(vq_state(f->vq), VQ_BROKEN);
    assert_int_equal(vq_fault(f->vq), fault);
    assert_int_equal(f->errors, 1);
    assert_int_equal(f->error_value, value);
    assert_int_equal(f->broken, 1);
    assert_int_equal(f->fault, fault);
    assert_int_equal(vqf_add(f, 99, 1, 0), VIO_E_BROKEN);
    assert_false(vq_pending(f->vq));
    assert_false(vq_irq_on(f->vq));
}
