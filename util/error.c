/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/error.h"

#include <stdio.h>
#include <string.h>

/* the analyser's stand-ins are for callers */
#undef vf_err_prefix
#undef vf_fail
#undef vf_fail_errno
#undef vf_fail_memory

__attribute__((format(printf, 3, 0))) static void err_set(struct vf_err *err, enum vf_code code,
                                                          const char *format, va_list args)
{
    err->code = code;
    vsnprintf(err->text, sizeof(err->text), format, args);
}

enum vf_code vf_fail(struct vf_err *err, enum vf_code code, const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        err_set(err, code, format, args);
        va_end(args);
    }
    return code;
}

enum vf_code vf_fail_errno(struct vf_err *err, int errnum, const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        err_set(err, VF_IO, format, args);
        va_end(args);

        char reason[128] = "unknown error";
        const char *text = strerror_r(errnum, reason, sizeof(reason));
        size_t used = strlen(err->text);
        snprintf(err->text + used, sizeof(err->text) - used, ": %s", text);
    }
    return VF_IO;
}

enum vf_code vf_fail_memory(struct vf_err *err)
{
    return vf_fail(err, VF_IO, "out of memory");
}

enum vf_code vf_err_prefix(struct vf_err *err, const char *format, ...)
{
    if (!err)
        return VF_IO;

    char text[VF_ERR_TEXT_MAX];
    memcpy(text, err->text, sizeof(text));

    va_list args;
    va_start(args, format);
    int used = vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    if (used >= 0 && (size_t)used < sizeof(err->text))
        snprintf(err->text + used, sizeof(err->text) - (size_t)used, ": %s", text);
    return err->code;
}
