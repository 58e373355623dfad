// SPDX-License-Identifier: BSD-3-Clause
//
// Error texts, and the one place that hands events to the OS table's log.

#include "vio_status.h"

#include <stddef.h>

#include "vio_os.h"

static const char *const status_texts[VIO_STATUS_COUNT] = {
    [VIO_OK] = "success",
    [VIO_E_ARG] = "invalid argument",
    [VIO_E_FULL] = "no free descriptors",
    [VIO_E_TOO_LONG] = "buffer too long for the queue",
    [VIO_E_BROKEN] = "queue is broken",
    [VIO_E_STATE] = "call not allowed in this state",
    [VIO_E_BUSY] = "buffers are still in flight",
    [VIO_E_MEMORY] = "memory too small or not aligned",
    [VIO_E_NO_QUEUE] = "no such queue",
    [VIO_E_NO_FEATURE] = "required feature not available",
    [VIO_E_FEATURES] = "device refused the features",
    [VIO_E_VECTOR] = "device refused the interrupt vector",
    [VIO_E_TIMEOUT] = "device did not answer in time",
    [VIO_E_GONE] = "device is gone",
    [VIO_E_RANGE] = "outside of the structure",
    [VIO_E_UNSTABLE] = "configuration kept changing",
    [VIO_E_LAYOUT] = "unusable capability or BAR layout",
    [VIO_E_ACCESS] = "bus access failed",
};

const char *vio_status_text(enum vio_status status)
{
    if ((unsigned)status >= VIO_STATUS_COUNT)
        return "unknown status";
    return status_texts[status];
}

void vio_log(const struct vio_os *os, enum vio_log_level level, const char *what, uint32_t queue,
             uint64_t value, uint64_t limit)
{
    const struct vio_event event = {level, what, queue, value, limit};

    if (os->log != NULL)
        os->log(os->ctx, &event);
}
