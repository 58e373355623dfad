// SPDX-License-Identifier: BSD-3-Clause

#include "nt/nt_log.h"

void nt_log_init(struct nt_log *log, const char *prefix)
{
    log->prefix = prefix;
    log->window = 0;
    log->lines = 0;
}

// Counts a line, and tells its number in the present window. Two processors that enter a new window
// at once may both start its count; that costs nothing but some lines more.
static LONG count_line(struct nt_log *log)
{
    const LONG window = (LONG)(KeQueryUnbiasedInterruptTime() >> 26);

    if (__atomic_exchange_n(&log->window, window, __ATOMIC_RELAXED) != window)
        __atomic_store_n(&log->lines, 0, __ATOMIC_RELAXED);
    return __atomic_add_fetch(&log->lines, 1, __ATOMIC_RELAXED);
}

void nt_log(struct nt_log *log, enum vio_log_level level, const char *format, ...)
{
    static const ULONG levels[] = {
        [VIO_LOG_ERROR] = DPFLTR_ERROR_LEVEL,
        [VIO_LOG_WARNING] = DPFLTR_WARNING_LEVEL,
        [VIO_LOG_INFO] = DPFLTR_INFO_LEVEL,
    };
    const LONG line = count_line(log);
    va_list args;

    if (line > NT_LOG_BURST) {
        if (line == NT_LOG_BURST + 1)
            DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "%smessages dropped\n",
                       log->prefix);
        return;
    }
    va_start(args, format);
    vDbgPrintExWithPrefix(log->prefix, DPFLTR_IHVDRIVER_ID, levels[level], format, args);
    va_end(args);
}
