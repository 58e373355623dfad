// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/device/vq_model.h"

#include <string.h>

void vq_model_start(struct vq_model *model, uint16_t size)
{
    memset(model, 0, sizeof(*model));
    model->size = size;
    model->room = size;
}

void vq_model_add(struct vq_model *model, uint16_t buffer, uint16_t slots)
{
    model->buffer[buffer].state = VQ_MODEL_ADDED;
    model->buffer[buffer].slots = slots;
    model->add_order[model->added++] = buffer;
    model->room = (uint16_t)(model->room - slots);
    model->in_flight++;
}

void vq_model_publish(struct vq_model *model)
{
    for (unsigned i = 0; i < model->added; i++) {
        struct vq_model_buffer *b = &model->buffer[model->add_order[i]];

        b->state = VQ_MODEL_SHOWN;
        model->published_slots += b->slots;
    }
    model->published_buffers += model->added;
    model->shown = (uint16_t)(model->shown + model->added);
    model->added = 0;
}

bool vq_model_finish(struct vq_model *model, uint16_t buffer, uint32_t len, bool whole)
{
    struct vq_model_buffer *b = &model->buffer[buffer];

    if (b->state != VQ_MODEL_SHOWN)
        return false;
    b->state = VQ_MODEL_FINISHED;
    b->len = len;
    b->whole = whole;
    model->shown--;
    model->finish_order[(model->finished_first + model->finished) % VQ_MODEL_BUFFERS] = buffer;
    model->finished++;
    return true;
}

int vq_model_next(const struct vq_model *model)
{
    return model->finished == 0 ? -1 : model->finish_order[model->finished_first];
}

static void buffer_free(struct vq_model *model, uint16_t buffer)
{
    model->buffer[buffer].state = VQ_MODEL_FREE;
    model->room = (uint16_t)(model->room + model->buffer[buffer].slots);
    model->in_flight--;
}

void vq_model_pop(struct vq_model *model)
{
    buffer_free(model, model->finish_order[model->finished_first]);
    model->finished_first = (model->finished_first + 1) % VQ_MODEL_BUFFERS;
    model->finished--;
}

bool vq_model_detach(struct vq_model *model, uint16_t buffer)
{
    if (model->buffer[buffer].state == VQ_MODEL_FREE)
        return false;
    buffer_free(model, buffer);
    return true;
}
