/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one error type of everything that runs on Linux.
 *
 * A function that can fail returns enum vf_code and fills the caller's struct vf_err with one
 * sentence for a person: which file (and line or offset), what was expected, what to do. The code
 * is also the command's exit status, so the mapping exists in one place only.
 */
#ifndef UTIL_ERROR_H
#define UTIL_ERROR_H

#include <stdarg.h>

enum vf_code {
    VF_OK = 0,        /* done */
    VF_FINDINGS = 1,  /* the input was judged and did not pass */
    VF_USAGE = 2,     /* the command line or a call's arguments are wrong */
    VF_MALFORMED = 3, /* an input is not what its format demands */
    VF_IO = 4,        /* the operating system refused: files, memory, devices */
    VF_POLICY = 5,    /* a signature, key or policy forbids it */
};

#define VF_ERR_TEXT_MAX 1024

struct vf_err {
    enum vf_code code;
    char text[VF_ERR_TEXT_MAX]; /* UTF-8, cut at the buffer's end, never empty after a failure */
};

/*
 * Record a failure and return its code, so that "return vf_fail(err, ...)" reads well.
 * err may be NULL: then only the code is returned.
 */
enum vf_code vf_fail(struct vf_err *err, enum vf_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As vf_fail, with the text of an errno value appended: "...: No space left on device". */
enum vf_code vf_fail_errno(struct vf_err *err, int errnum, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Shorthand for the one answer to a failed allocation (VF_IO). */
enum vf_code vf_fail_memory(struct vf_err *err);

/*
 * Put "context: " in front of the recorded text; returns err's code.
 * For a caller that knows the file when the callee knew only the bytes.
 */
enum vf_code vf_err_prefix(struct vf_err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#if defined(__clang_analyzer__) && !defined(__cppcheck__)
/* The analyser sees one file at a time: tell it that a recorded failure is never VF_OK. */
#define vf_fail(err, code, ...)          \
    ({                                   \
        vf_fail(err, code, __VA_ARGS__); \
        (code);                          \
    })
#define vf_fail_errno(err, errnum, ...)          \
    ({                                           \
        vf_fail_errno(err, errnum, __VA_ARGS__); \
        VF_IO;                                   \
    })
#define vf_err_prefix(err, ...)          \
    ({                                   \
        vf_err_prefix(err, __VA_ARGS__); \
        VF_IO;                           \
    })
#define vf_fail_memory(err)  \
    ({                       \
        vf_fail_memory(err); \
        VF_IO;               \
    })
#endif

#endif
