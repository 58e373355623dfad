// SPDX-License-Identifier: BSD-3-Clause
//
// The drivers' log: lines for the kernel debugger (DbgPrint, component IHVDRIVER), each with the
// driver's name. Rate limited, as a device can provoke lines at will.

#ifndef NT_LOG_H
#define NT_LOG_H

#include "nt/kdk.h"
#include "virtio/vio_os.h"

// At most so many lines in a window of 2^26 * 100 ns (6.7 seconds); one more says that others were
// dropped.
#define NT_LOG_BURST 32

struct nt_log {
    const char *prefix; // "viorng: "
    LONG window;        // number of the present window
    LONG lines;         // written or dropped in it
};

// Makes a log. `prefix` is static text. Any IRQL.
void nt_log_init(struct nt_log *log, const char *prefix);

// Writes one line; `format` as of DbgPrint, with the line's end, and without %ws and its like,
// which need PASSIVE_LEVEL. Any IRQL.
void nt_log(struct nt_log *log, enum vio_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
