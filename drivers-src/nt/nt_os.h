// SPDX-License-Identifier: BSD-3-Clause
//
// What the virtio core needs of the system, for drivers that may call the kernel directly (WDM).

#ifndef NT_OS_H
#define NT_OS_H

#include "nt/nt_log.h"
#include "virtio/vio_os.h"
#include "virtio/vio_status.h"

// Fills the core's table; its log goes to `log`, which must outlive the table. Any IRQL.
void nt_os_init(struct vio_os *os, struct nt_log *log);

// The NTSTATUS for a status of the core's. Any IRQL.
NTSTATUS nt_status(enum vio_status status);

#endif
