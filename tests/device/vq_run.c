// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/device/vq_run.h"

#include "tests/device/sdev_worker.h"
#include "tests/device/vq_model.h"
#include "tests/device/vq_rig.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    PIECES = 8, // of memory per buffer
    PIECE_BYTES = 32,
    BUFFER_BYTES = PIECES * PIECE_BYTES,
    MAX_ELEMENTS = 320, // longer chains use pieces again
    MAX_SIZE = 300,
};

enum irq_mode { IRQ_ON, IRQ_OFF, IRQ_DELAYED };

// What the driver gave to vq_add; its address is the token.
struct shape {
    uint16_t out;
    uint16_t in;
    uint8_t salt;
    bool indirect;
    uint32_t writable;
};

struct run {
    struct vq_rig rig;
    struct vq_model model;
    struct sdev_worker *worker;
    struct sdev_rand rand;
    struct vq_run_report *report;
    uint64_t features;
    uint16_t max_size;
    unsigned buffers; // in use, of VQ_MODEL_BUFFERS
    uint8_t *arena;
    uint64_t arena_gpa;
    uint8_t *tables;
    uint64_t tables_gpa;
    struct shape shape[VQ_MODEL_BUFFERS];

    uint64_t kick_from; // linear, at the last vq_should_kick()
    enum irq_mode irq;
    bool owed; // an interrupt must come once the used count of the ring reaches irq_at
    uint64_t irq_at;
    unsigned restart_percent; // of 1000
    uint64_t popped;
    uint64_t cut;
};

static bool wrong(struct run *run, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool wrong(struct run *run, const char *fmt, ...)
{
    if (run->report->why[0] == '\0') {
        va_list args;

        va_start(args, fmt);
        vsnprintf(run->report->why, sizeof(run->report->why), fmt, args);
        va_end(args);
    }
    return false;
}

static bool has(const struct run *run, uint64_t feature)
{
    return (run->features & feature) != 0;
}

static uint64_t element_gpa(const struct run *run, unsigned buffer, unsigned n)
{
    return run->arena_gpa + (uint64_t)buffer * BUFFER_BYTES + (uint64_t)(n % PIECES) * PIECE_BYTES;
}

static uint32_t element_len(const struct shape *shape, unsigned n)
{
    return 1 + (shape->salt * 7u + n * 13u) % PIECE_BYTES;
}

// What the device puts at the start of each element it writes.
static uint8_t answer_byte(const struct shape *shape)
{
    return (uint8_t)(255 - shape->salt);
}

// The device's work: checks that the buffer is exactly what the driver described, then fills it.
static uint32_t run_handle(void *ctx, unsigned queue, const struct sdev_chain *chain)
{
    struct run *run = ctx;

    (void)queue;
    if (chain->n_seg == 0) {
        wrong(run, "the device got a buffer without elements");
        return 0;
    }

    uint64_t offset = chain->seg[0].gpa - run->arena_gpa;
    unsigned buffer = (unsigned)(offset / BUFFER_BYTES);
    if (offset % BUFFER_BYTES != 0 || buffer >= run->buffers) {
        wrong(run, "the device got a buffer that starts at 0x%llx",
              (unsigned long long)chain->seg[0].gpa);
        return 0;
    }

    const struct shape *shape = &run->shape[buffer];
    if (chain->n_seg != (uint32_t)shape->out + shape->in || chain->indirect != shape->indirect ||
        chain->slots != run->model.buffer[buffer].slots)
        wrong(run, "buffer %u has %u elements in %u slots, added with %u in %u", buffer,
              chain->n_seg, chain->slots, (unsigned)shape->out + shape->in,
              run->model.buffer[buffer].slots);
    for (unsigned n = 0; n < chain->n_seg; n++) {
        const struct sdev_seg *seg = &chain->seg[n];

        if (seg->gpa != element_gpa(run, buffer, n) || seg->len != element_len(shape, n) ||
            seg->writable != (n >= shape->out) || seg->host == NULL) {
            wrong(run, "element %u of buffer %u is not what was added", n, buffer);
            return 0;
        }
        if (seg->writable)
            seg->host[0] = answer_byte(shape);
        else if (chain->n_seg <= PIECES && seg->host[0] != shape->salt)
            wrong(run, "element %u of buffer %u has other content", n, buffer);
    }
    // A device that reports more than there is room for: the driver must cut it.
    if (sdev_rand_percent(&run->rand, 2))
        return (uint32_t)chain->writable + 1 + sdev_rand_below(&run->rand, 1000000);
    return (uint32_t)chain->writable;
}

static void run_observe(void *ctx, const struct sdev_chain *chain, uint32_t reported, bool whole)
{
    struct run *run = ctx;
    unsigned buffer = (unsigned)((chain->seg[0].gpa - run->arena_gpa) / BUFFER_BYTES);

    if (run->report->why[0] != '\0')
        return;
    if (!vq_model_finish(&run->model, (uint16_t)buffer, reported, whole))
        wrong(run, "the device had buffer %u, which was not with it", buffer);
}

static bool worker_up(struct run *run)
{
    struct sdev_worker_cfg cfg = {
        .policy =
            {
                .shuffle = sdev_rand_percent(&run->rand, 60),
                .one_entry = sdev_rand_percent(&run->rand, 60),
                .short_percent = sdev_rand_percent(&run->rand, 50) ? 30 : 0,
            },
        .handler = run_handle,
        .observer = run_observe,
        .ctx = run,
        .seed = sdev_rand_next(&run->rand),
    };

    run->worker = sdev_worker_new(run->rig.ring, &cfg);
    run->kick_from = 0;
    run->irq = IRQ_ON; // as vq_init() and vq_restart() leave it
    run->owed = true;
    run->irq_at = 1;
    return run->worker != NULL || wrong(run, "out of memory");
}

static uint16_t random_size(struct run *run)
{
    if (has(run, SDEV_F_RING_PACKED))
        return (uint16_t)(1 + sdev_rand_below(&run->rand, run->max_size));

    uint16_t size = 1;
    while (size * 2 <= run->max_size && sdev_rand_percent(&run->rand, 80)) // at most 8 turns
        size = (uint16_t)(size * 2);
    return size;
}

static uint64_t published(const struct run *run)
{
    return has(run, SDEV_F_RING_PACKED) ? run->model.published_slots : run->model.published_buffers;
}

static unsigned random_elements(struct run *run)
{
    uint32_t pick = sdev_rand_below(&run->rand, 100);

    if (pick < 60)
        return 1 + sdev_rand_below(&run->rand, 3);
    if (pick < 98)
        return 1 + sdev_rand_below(&run->rand, PIECES);
    return 1 + sdev_rand_below(&run->rand, MAX_ELEMENTS);
}

static bool op_add(struct run *run)
{
    unsigned buffer = sdev_rand_below(&run->rand, run->buffers);
    if (run->model.buffer[buffer].state != VQ_MODEL_FREE)
        return true;

    unsigned n = random_elements(run);
    struct shape shape = {
        .out = (uint16_t)sdev_rand_below(&run->rand, n + 1),
        .salt = (uint8_t)sdev_rand_next(&run->rand),
    };
    shape.in = (uint16_t)(n - shape.out);

    bool give_table = n <= PIECES && sdev_rand_percent(&run->rand, 50);
    shape.indirect = give_table && n > 1 && has(run, SDEV_F_INDIRECT_DESC);
    uint16_t slots = shape.indirect ? 1 : (uint16_t)n;
    struct vq_table table = {
        .va = run->tables + (size_t)buffer * PIECES * VQ_DESC_BYTES,
        .pa = run->tables_gpa + (uint64_t)buffer * PIECES * VQ_DESC_BYTES,
        .entries = PIECES,
    };

    struct vq_sg sg[MAX_ELEMENTS];
    for (unsigned i = 0; i < n; i++) {
        uint8_t *piece =
            run->arena + (size_t)buffer * BUFFER_BYTES + (size_t)(i % PIECES) * PIECE_BYTES;

        sg[i] = (struct vq_sg){.pa = element_gpa(run, buffer, i), .len = element_len(&shape, i)};
        piece[0] = i < shape.out ? shape.salt : 0;
        if (i >= shape.out)
            shape.writable += sg[i].len;
    }

    enum vio_status expected = n > run->model.size       ? VIO_E_TOO_LONG
                               : slots > run->model.room ? VIO_E_FULL
                                                         : VIO_OK;
    enum vio_status got = vq_add(run->rig.vq, sg, shape.out, shape.in, &run->shape[buffer],
                                 give_table ? &table : NULL);
    if (got != expected)
        return wrong(run, "vq_add of %u elements with %u of %u free: \"%s\", expected \"%s\"", n,
                     run->model.room, run->model.size, vio_status_text(got),
                     vio_status_text(expected));
    if (got == VIO_OK) {
        run->shape[buffer] = shape;
        vq_model_add(&run->model, (uint16_t)buffer, slots);
    }
    return true;
}

// Refused buffers must leave no trace, also when the fault is in their last element.
static bool op_add_nonsense(struct run *run)
{
    struct vq_sg sg[3] = {{.pa = run->arena_gpa, .len = 8},
                          {.pa = run->arena_gpa, .len = 8},
                          {.pa = run->arena_gpa, .len = 8}};
    uint16_t out = (uint16_t)sdev_rand_below(&run->rand, 4);
    uint16_t in = (uint16_t)(3 - out);

    if (vq_add(run->rig.vq, sg, 0, 0, run, NULL) != VIO_E_ARG ||
        vq_add(run->rig.vq, sg, 1, 0, NULL, NULL) != VIO_E_ARG)
        return wrong(run, "a buffer without element or token is not refused");

    if (sdev_rand_percent(&run->rand, 50)) {
        sg[2].len = 0;
    } else {
        sg[1].len = UINT32_MAX;
        sg[2].len = 1;
    }
    if (vq_add(run->rig.vq, sg, out, in, run, NULL) == VIO_OK)
        return wrong(run, "a buffer with an empty element or of 2^32 bytes is not refused");
    if (vq_detach(run->rig.vq) != NULL)
        return wrong(run, "vq_detach gives a buffer of a running queue");
    return true;
}

static bool op_publish(struct run *run)
{
    vq_publish(run->rig.vq);
    vq_model_publish(&run->model);
    return true;
}

static bool op_should_kick(struct run *run)
{
    vq_model_publish(&run->model); // it hands over what was added

    uint64_t from = run->kick_from;
    uint64_t to = published(run);
    // A packed ring's events repeat every other lap. What lies more than a lap back the device has
    // used already, so it is the driver's choice whether that still counts.
    uint64_t recent = to - from > run->model.size ? to - run->model.size : from;
    bool may = sdev_ring_kick_wanted(run->rig.ring, from, to);
    bool must =
        has(run, SDEV_F_RING_PACKED) ? sdev_ring_kick_wanted(run->rig.ring, recent, to) : may;
    bool kick = vq_should_kick(run->rig.vq);

    run->kick_from = to;
    if ((must && !kick) || (kick && !may))
        return wrong(run, "vq_should_kick says %d for [%llu, %llu) of size %u", kick,
                     (unsigned long long)from, (unsigned long long)to, run->model.size);
    if (!kick)
        return true;

    run->report->kicks++;
    vq_notify(run->rig.vq);
    bool right = has(run, SDEV_F_NOTIFICATION_DATA)
                     ? sdev_ring_notify_data_ok(run->rig.ring, 3, to, run->rig.notify_value)
                     : run->rig.notify_value == 3;
    return right || wrong(run, "notification value 0x%x with %llu published",
                          (unsigned)run->rig.notify_value, (unsigned long long)to);
}

static bool op_device_wish(struct run *run)
{
    uint32_t pick = sdev_rand_below(&run->rand, 10);

    if (pick < 2)
        sdev_ring_kick_never(run->rig.ring);
    else if (pick < 5)
        sdev_ring_kick_always(run->rig.ring);
    else
        sdev_ring_kick_after(run->rig.ring, (uint16_t)sdev_rand_below(&run->rand, run->model.size));
    return true;
}

static bool op_device_take(struct run *run)
{
    unsigned waiting = sdev_worker_waiting(run->worker);
    unsigned shown = run->model.shown - waiting;
    unsigned max =
        sdev_rand_below(&run->rand, 8) == 0 ? UINT16_MAX : 1 + sdev_rand_below(&run->rand, 6);
    unsigned expected = max < shown ? max : shown;
    unsigned taken = sdev_worker_take(run->worker, max);

    if (taken != expected)
        return wrong(run, "the device found %u buffers, %u were to be found", taken, expected);
    return true;
}

static bool interrupt_check(struct run *run)
{
    bool due = run->owed && sdev_ring_used(run->rig.ring) >= run->irq_at;
    bool sent = sdev_ring_should_interrupt(run->rig.ring);

    if (sent) {
        run->owed = false;
        run->report->interrupts++;
    } else if (due) {
        return wrong(run, "an interrupt was promised and does not come (mode %d, %llu used)",
                     run->irq, (unsigned long long)sdev_ring_used(run->rig.ring));
    }
    if (sent && run->irq == IRQ_OFF && !has(run, SDEV_F_EVENT_IDX))
        return wrong(run, "an interrupt comes with interrupts off");
    return true;
}

static bool op_device_give(struct run *run)
{
    unsigned max =
        sdev_rand_below(&run->rand, 8) == 0 ? UINT16_MAX : 1 + sdev_rand_below(&run->rand, 6);

    sdev_worker_give(run->worker, max);
    if (run->report->why[0] != '\0')
        return false;
    // A device may well put several buffers back before it thinks of interrupts.
    return !sdev_rand_percent(&run->rand, 70) || interrupt_check(run);
}

static bool pop_right(struct run *run, const void *token, uint32_t len)
{
    int next = vq_model_next(&run->model);

    if (token == NULL) {
        if (next >= 0)
            return wrong(run, "vq_pop gives nothing, buffer %d is finished", next);
        if (len != 0)
            return wrong(run, "vq_pop gives nothing of length %u", (unsigned)len);
        if (run->irq == IRQ_ON) {
            run->owed = true;
            run->irq_at = sdev_ring_used(run->rig.ring) + 1;
        }
        return true;
    }
    if (next < 0 || token != &run->shape[next])
        return wrong(run, "vq_pop gives another buffer than %d", next);

    const struct vq_model_buffer *buffer = &run->model.buffer[next];
    const struct shape *shape = &run->shape[next];
    uint32_t expected = buffer->len;
    if (expected > shape->writable) {
        expected = shape->writable;
        run->cut += !buffer->whole;
    }
    if (buffer->whole)
        expected = shape->writable;
    if (len != expected)
        return wrong(run, "vq_pop gives length %u, expected %u", (unsigned)len, (unsigned)expected);
    if (shape->out + shape->in <= PIECES && shape->in != 0 &&
        run->arena[(size_t)next * BUFFER_BYTES + (size_t)shape->out * PIECE_BYTES] !=
            answer_byte(shape))
        return wrong(run, "buffer %d comes back without the device's data", next);
    vq_model_pop(&run->model);
    run->popped++;
    // Whoever pops goes on until there is nothing; only then is an interrupt promised again.
    run->owed = false;
    return true;
}

static bool op_pop(struct run *run)
{
    unsigned max = sdev_rand_below(&run->rand, 4) == 0 ? UINT16_MAX : 1;

    for (unsigned i = 0; i < max; i++) { // ends at the latest when all buffers are popped
        uint32_t len = UINT32_MAX;
        bool pending = vq_pending(run->rig.vq);
        void *token = vq_pop(run->rig.vq, &len);

        vq_model_publish(&run->model); // a pop hands over what was added

        if (pending != (token != NULL))
            return wrong(run, "vq_pending says %d before a pop that says %d", pending,
                         token != NULL);
        if (!pop_right(run, token, len))
            return false;
        if (token == NULL)
            break;
    }
    return true;
}

static bool op_irq_off(struct run *run)
{
    vq_irq_off(run->rig.vq);
    run->irq = IRQ_OFF;
    run->owed = false;
    return true;
}

static bool irq_armed(struct run *run, bool waiting, enum irq_mode mode, uint64_t after)
{
    bool expected = run->model.finished != 0;

    vq_model_publish(&run->model); // turning interrupts on hands over what was added
    if (waiting != expected)
        return wrong(run, "turning interrupts on says %d, %u buffers wait", waiting,
                     run->model.finished);
    run->irq = mode;
    run->owed = !waiting;
    run->irq_at = sdev_ring_used(run->rig.ring) + after;
    return true;
}

static bool op_irq_on(struct run *run)
{
    return irq_armed(run, vq_irq_on(run->rig.vq), IRQ_ON, 1);
}

// At the latest when as much is used as is out now, in the ring's own unit: newer buffers may
// overtake those that are out.
static bool op_irq_delayed(struct run *run)
{
    unsigned out =
        has(run, SDEV_F_RING_PACKED) ? run->model.size - run->model.room : run->model.in_flight;

    return irq_armed(run, vq_irq_on_delayed(run->rig.vq), IRQ_DELAYED, out == 0 ? 1 : out);
}

static bool op_restart(struct run *run)
{
    if (sdev_rand_below(&run->rand, 1000) >= run->restart_percent)
        return true;

    vq_rig_stop(&run->rig);
    sdev_worker_free(run->worker);
    run->worker = NULL;

    struct vq_sg sg = {.pa = run->arena_gpa, .len = 1};
    if (vq_state(run->rig.vq) != VQ_STOPPED ||
        vq_add(run->rig.vq, &sg, 1, 0, run, NULL) != VIO_E_STATE)
        return wrong(run, "a stopped queue takes buffers");
    if (run->model.in_flight != 0 && vq_restart(run->rig.vq, run->model.size) != VIO_E_BUSY)
        return wrong(run, "a queue restarts with buffers in it");

    while (run->model.in_flight != 0) { // each detach takes one away or ends the run
        const struct shape *shape = vq_detach(run->rig.vq);

        if (shape == NULL)
            return wrong(run, "vq_detach gives nothing, %u are in flight", run->model.in_flight);
        if (!vq_model_detach(&run->model, (uint16_t)(shape - run->shape)))
            return wrong(run, "vq_detach gives a buffer that is not in the queue");
    }
    if (vq_detach(run->rig.vq) != NULL)
        return wrong(run, "vq_detach gives more than was in flight");

    uint16_t size = random_size(run);
    if (!vq_rig_restart(&run->rig, size))
        return wrong(run, "the queue does not restart with size %u", size);
    vq_model_start(&run->model, size);
    run->report->restarts++;
    return worker_up(run);
}

static const struct {
    const char *name;
    unsigned weight;
    bool (*run)(struct run *run);
} ops[] = {
    {"add", 34, op_add},
    {"publish", 14, op_publish},
    {"should_kick", 8, op_should_kick},
    {"device takes", 12, op_device_take},
    {"device gives", 12, op_device_give},
    {"pop", 12, op_pop},
    {"device's wish", 2, op_device_wish},
    {"irq off", 1, op_irq_off},
    {"irq on", 2, op_irq_on},
    {"irq delayed", 1, op_irq_delayed},
    {"nonsense", 1, op_add_nonsense},
    {"restart", 1, op_restart},
};

enum { OPS = sizeof(ops) / sizeof(ops[0]), WEIGHTS = 100 };

static bool books_right(struct run *run)
{
    const struct vq_rig *rig = &run->rig;

    if (rig->faults.count != 0)
        return wrong(run, "the device finds fault: %s", rig->faults.first);
    if (vq_room(rig->vq) != run->model.room || vq_in_flight(rig->vq) != run->model.in_flight)
        return wrong(run, "%u free and %u in flight, expected %u and %u", vq_room(rig->vq),
                     vq_in_flight(rig->vq), run->model.room, run->model.in_flight);
    if (vq_state(rig->vq) != VQ_READY || rig->broken_calls != 0 || rig->logs[VIO_LOG_ERROR] != 0)
        return wrong(run, "the queue is broken: %s", vq_fault_text(vq_fault(rig->vq)));
    return true;
}

// Lets everything come home, so that what is left over shows.
static bool drain(struct run *run)
{
    op_publish(run);
    while (run->model.in_flight != 0) { // each turn brings at least one buffer home
        unsigned before = run->model.in_flight;

        sdev_worker_take(run->worker, UINT16_MAX);
        sdev_worker_give(run->worker, UINT16_MAX);
        while (run->model.finished != 0) {
            uint32_t len = 0;
            void *token = vq_pop(run->rig.vq, &len);

            if (!pop_right(run, token, len))
                return false;
        }
        if (run->model.in_flight == before)
            return wrong(run, "%u buffers do not come home", before);
    }

    struct vq_stats stats;
    vq_get_stats(run->rig.vq, &stats);
    if (stats.popped != run->popped || stats.clamped != run->cut)
        return wrong(run, "counted %llu popped and %llu cut, the queue %llu and %llu",
                     (unsigned long long)run->popped, (unsigned long long)run->cut,
                     (unsigned long long)stats.popped, (unsigned long long)stats.clamped);
    return books_right(run);
}

static bool round_ops(struct run *run, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        unsigned pick = sdev_rand_below(&run->rand, WEIGHTS);
        unsigned op = 0;

        while (pick >= ops[op].weight)
            pick -= ops[op++].weight;
        bool good = ops[op].run(run);
        run->report->ops++;
        if (!good || !books_right(run)) {
            char why[sizeof(run->report->why)];

            memcpy(why, run->report->why, sizeof(why));
            snprintf(run->report->why, sizeof(run->report->why), "operation %llu (%s): %.240s",
                     (unsigned long long)i, ops[op].name, why);
            return false;
        }
    }
    return drain(run);
}

static bool round_run(uint64_t seed, uint64_t count, struct vq_run_report *report)
{
    static const uint64_t choices[] = {SDEV_F_RING_PACKED, SDEV_F_EVENT_IDX, SDEV_F_INDIRECT_DESC,
                                       SDEV_F_IN_ORDER, SDEV_F_NOTIFICATION_DATA};
    struct run run = {.rand = sdev_rand_seed(seed), .report = report, .features = SDEV_F_VERSION_1};

    for (unsigned i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
        if ((seed >> i & 1) != 0)
            run.features |= choices[i];
    }
    run.max_size = (uint16_t)(1 + sdev_rand_below(&run.rand, MAX_SIZE));
    run.restart_percent = sdev_rand_percent(&run.rand, 50) ? 100 : 0;

    uint16_t size = run.max_size;
    if (!has(&run, SDEV_F_RING_PACKED)) {
        while ((size & (size - 1)) != 0) // clears one bit each time
            size &= (uint16_t)(size - 1);
        run.max_size = size;
    }
    run.buffers = size + 8u < VQ_MODEL_BUFFERS ? size + 8u : VQ_MODEL_BUFFERS;
    if (!vq_rig_up(&run.rig, size, run.features))
        return wrong(&run, "a queue of size %u cannot be set up: %s", size, run.rig.faults.first);

    run.arena = sdev_mem_alloc(run.rig.mem, (size_t)run.buffers * BUFFER_BYTES, 64, &run.arena_gpa);
    run.tables = sdev_mem_alloc(run.rig.mem, (size_t)run.buffers * PIECES * VQ_DESC_BYTES, 64,
                                &run.tables_gpa);
    vq_model_start(&run.model, size);
    bool good =
        run.arena != NULL && run.tables != NULL && worker_up(&run) && round_ops(&run, count);
    report->rounds++;
    report->buffers += run.popped;
    report->clamped += run.cut;
    sdev_worker_free(run.worker);
    vq_rig_down(&run.rig);
    return good;
}

bool vq_run(uint64_t seed, uint64_t count, struct vq_run_report *report)
{
    *report = (struct vq_run_report){0};
    while (report->ops < count) {
        uint64_t left = count - report->ops;

        report->failed_seed = seed;
        if (!round_run(seed, left < VQ_RUN_ROUND_OPS ? left : VQ_RUN_ROUND_OPS, report))
            return false;
        seed++;
    }
    return true;
}
