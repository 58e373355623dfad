// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a virtqueue is, without rings: buffers that are free, added, shown to the device or
// finished, and the order in which finished ones come back. A run of the core is held against it.

#ifndef TESTS_DEVICE_VQ_MODEL_H
#define TESTS_DEVICE_VQ_MODEL_H

#include <stdbool.h>
#include <stdint.h>

enum { VQ_MODEL_BUFFERS = 512 };

enum vq_model_state {
    VQ_MODEL_FREE,
    VQ_MODEL_ADDED,    // not yet published
    VQ_MODEL_SHOWN,    // with the device
    VQ_MODEL_FINISHED, // used by the device, not yet popped
};

struct vq_model_buffer {
    enum vq_model_state state;
    uint16_t slots; // descriptors it takes in the ring
    uint32_t len;   // what the device reported, once finished
    bool whole;     // in-order batch: counted as fully written
};

struct vq_model {
    uint16_t size;
    uint16_t room;      // free descriptors
    uint16_t in_flight; // buffers that are not free
    uint16_t shown;
    uint64_t published_buffers; // since the last start, linear
    uint64_t published_slots;
    unsigned added; // waiting for publish
    uint16_t add_order[VQ_MODEL_BUFFERS];
    unsigned finished_first; // ring of finished buffers
    unsigned finished;
    uint16_t finish_order[VQ_MODEL_BUFFERS];
    struct vq_model_buffer buffer[VQ_MODEL_BUFFERS];
};

// An empty queue of size descriptors; all buffers become free.
void vq_model_start(struct vq_model *model, uint16_t size);

// buffer is free and slots <= room.
void vq_model_add(struct vq_model *model, uint16_t buffer, uint16_t slots);

// Shows all that were added.
void vq_model_publish(struct vq_model *model);

// The device gives a buffer back. False when the device did not have it.
bool vq_model_finish(struct vq_model *model, uint16_t buffer, uint32_t len, bool whole);

// The buffer that the next pop must give, or -1; and the pop itself.
int vq_model_next(const struct vq_model *model);
void vq_model_pop(struct vq_model *model);

// A detach gave this buffer back. False when the queue did not have it.
bool vq_model_detach(struct vq_model *model, uint16_t buffer);

#endif
