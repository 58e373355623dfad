// SPDX-License-Identifier: BSD-3-Clause
//
// The core's error codes. One list serves queues, devices and transports; a driver maps it to
// NTSTATUS (or an SRB status) in one place of its own.

#ifndef VIO_STATUS_H
#define VIO_STATUS_H

enum vio_status {
    VIO_OK = 0,
    VIO_E_ARG,        // the caller broke the function's contract; nothing was changed
    VIO_E_FULL,       // not enough free descriptors now; pop some and try again
    VIO_E_TOO_LONG,   // the chain can never fit: more elements or bytes than the queue allows
    VIO_E_BROKEN,     // the queue is poisoned: the device must be reset
    VIO_E_STATE,      // the call does not fit the present state (see the guide in virtio.h)
    VIO_E_BUSY,       // buffers are still with the device; detach them first
    VIO_E_MEMORY,     // the memory given is too small or not aligned
    VIO_E_NO_QUEUE,   // the device has no queue of this number, or one of a forbidden size
    VIO_E_NO_FEATURE, // a required feature is not offered, or the feature is not negotiated
    VIO_E_FEATURES,   // the device refused the feature set (FEATURES_OK did not stay set)
    VIO_E_VECTOR,     // the device could not map the MSI-X vector
    VIO_E_TIMEOUT,    // the device did not answer within the bound
    VIO_E_GONE,       // registers read as all ones: the device was removed
    VIO_E_RANGE,      // an access would leave the structure, BAR or configuration space
    VIO_E_UNSTABLE,   // configuration kept changing while it was read
    VIO_E_LAYOUT,     // PCI capabilities or BARs do not describe a usable device
    VIO_E_ACCESS,     // the caller's reader or mapper failed
    VIO_STATUS_COUNT
};

// Returns a short English phrase for `status` in static storage, never NULL; an unknown value
// gives "unknown status". Any IRQL.
const char *vio_status_text(enum vio_status status);

#endif
