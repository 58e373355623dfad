// SPDX-License-Identifier: GPL-3.0-or-later
//
// The full fences of the core, each made to matter: the core is built with a call in the place of
// its fence, and in that call the device does what it would do in the moment that the fence is
// there for. What the core stores before must be seen by then, what it decides by must be read
// after. A fence that is missing is a call that does not come.

#include "tests/device/vq_rig.h"
#include "tests/unit/fence_hook.h"
#include "tests/unit/rig_tests.h"

#include <string.h>

enum { SIZE = 8 };

struct kind {
    const char *name;
    uint64_t features;
};

static const struct kind kinds[] = {
    {"split", SDEV_F_VERSION_1},
    {"split, event index", SDEV_F_VERSION_1 | SDEV_F_EVENT_IDX},
    {"split in order, event index", SDEV_F_VERSION_1 | SDEV_F_EVENT_IDX | SDEV_F_IN_ORDER},
    {"packed", SDEV_F_VERSION_1 | SDEV_F_RING_PACKED},
    {"packed, event index", SDEV_F_VERSION_1 | SDEV_F_RING_PACKED | SDEV_F_EVENT_IDX},
    {"packed in order, event index",
     SDEV_F_VERSION_1 | SDEV_F_RING_PACKED | SDEV_F_EVENT_IDX | SDEV_F_IN_ORDER},
};

struct fixture {
    struct vq_rig rig;
    uint64_t gpa;
    unsigned fences;
    struct sdev_chain *chain; // what the device holds
    bool seen;                // at the fence: the device found a buffer
    bool interrupt;           // at the fence: the driver wanted an interrupt
};

// What the device does at the next fence. The core knows nothing of a context for its fences.
static struct fixture *at_fence;
static void (*act)(struct fixture *f);

void fence_hook(bool platform)
{
    (void)platform;
    assert_non_null(at_fence);
    at_fence->fences++;
    if (act != NULL)
        act(at_fence);
    act = NULL;
}

static void up(struct fixture *f, void **state)
{
    const struct kind *kind = *state;

    memset(f, 0, sizeof(*f));
    at_fence = f;
    act = NULL;
    assert_true(vq_rig_up(&f->rig, SIZE, kind->features));
    assert_non_null(sdev_mem_alloc(f->rig.mem, 16, 16, &f->gpa));
}

static void down(struct fixture *f)
{
    assert_null(act); // the fence came
    if (f->rig.faults.count != 0)
        fail_msg("the device finds fault: %s", f->rig.faults.first);
    vq_rig_down(&f->rig);
    at_fence = NULL;
}

static void add_shown(struct fixture *f)
{
    struct vq_sg sg = {.pa = f->gpa, .len = 16};

    assert_int_equal(vq_add(f->rig.vq, &sg, 0, 1, f, NULL), VIO_OK);
    vq_publish(f->rig.vq);
}

// The device is about to sleep: it asks for a doorbell, then looks once more.
static void device_goes_to_sleep(struct fixture *f)
{
    sdev_ring_kick_after(f->rig.ring, 0);
    f->seen = sdev_ring_available(f->rig.ring);
}

// The device finishes a buffer and asks whether an interrupt is wanted.
static void device_finishes(struct fixture *f)
{
    sdev_ring_use(f->rig.ring, f->chain, 1);
    f->interrupt = sdev_ring_should_interrupt(f->rig.ring);
}

static void no_doorbell_is_missed(void **state)
{
    struct fixture f;

    up(&f, state);
    for (unsigned turn = 0; turn < 3 * SIZE; turn++) {
        uint32_t len = 0;

        sdev_ring_kick_never(f.rig.ring);
        f.fences = 0;
        add_shown(&f);
        act = device_goes_to_sleep;
        assert_true(vq_should_kick(f.rig.vq)); // the wish is read after the fence
        assert_true(f.seen);                   // the buffer was shown before it
        assert_int_equal(f.fences, 1);         // and there is but one
        sdev_ring_use(f.rig.ring, sdev_ring_fetch(f.rig.ring), 1);
        assert_ptr_equal(vq_pop(f.rig.vq, &len), &f);
        assert_int_equal(f.fences, 1); // none for a pop that finds something
    }
    down(&f);
}

static void turning_interrupts_on_misses_none(void **state)
{
    struct fixture f;

    up(&f, state);
    for (unsigned turn = 0; turn < 3 * SIZE; turn++) {
        uint32_t len = 0;

        vq_irq_off(f.rig.vq);
        add_shown(&f);
        f.chain = sdev_ring_fetch(f.rig.ring);
        assert_non_null(f.chain);
        act = device_finishes;
        assert_true(vq_irq_on(f.rig.vq)); // the look comes after the fence
        assert_true(f.interrupt);         // the wish came before it
        assert_ptr_equal(vq_pop(f.rig.vq, &len), &f);
    }
    down(&f);
}

// With the event index a pop asks for the next interrupt itself, so one that finds nothing must
// look again behind a fence. Without it interrupts just stay on.
static void a_pop_that_finds_nothing_misses_none(void **state)
{
    const struct kind *kind = *state;
    struct fixture f;

    up(&f, state);
    for (unsigned turn = 0; turn < 3 * SIZE; turn++) {
        uint32_t len = 0;
        void *token = NULL;

        add_shown(&f);
        f.chain = sdev_ring_fetch(f.rig.ring);
        assert_non_null(f.chain);
        if ((kind->features & SDEV_F_EVENT_IDX) != 0) {
            act = device_finishes;
            token = vq_pop(f.rig.vq, &len);
        } else {
            assert_null(vq_pop(f.rig.vq, &len));
            device_finishes(&f);
            token = vq_pop(f.rig.vq, &len);
        }
        assert_true(f.interrupt);
        assert_ptr_equal(token, &f);
    }
    down(&f);
}

static const struct {
    const char *name;
    CMUnitTestFunction run;
} behaviours[] = {
    {"no doorbell is missed", no_doorbell_is_missed},
    {"turning interrupts on misses none", turning_interrupts_on_misses_none},
    {"a pop that finds nothing misses none", a_pop_that_finds_nothing_misses_none},
};

int main(void)
{
    static struct rig_tests tests;

    for (size_t b = 0; b < sizeof(behaviours) / sizeof(behaviours[0]); b++) {
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
            rig_tests_add(&tests, behaviours[b].name, kinds[k].name, behaviours[b].run, &kinds[k]);
    }
    return _cmocka_run_group_tests("vq_fence", tests.test, tests.count, NULL, NULL);
}
