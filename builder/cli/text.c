/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "builder/cli/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/bytes.h"
#include "util/utf16.h"

#define ESCAPE  0x1B
#define DELETE  0x7F
#define C1_LEAD 0xC2 /* U+0080 to U+009F in UTF-8 begin so; terminals obey some of them too */
#define C1_LAST 0x9F

json_t *cli_text_json(const char *text)
{
    static const uint8_t replacement[] = {0xEF, 0xBF, 0xBD};
    struct vf_view all = {(const uint8_t *)text, strlen(text)};
    struct vf_buf good = VF_BUF_INIT;
    size_t at = 0;

    while (at < all.size) {
        size_t from = at;
        if (vf_utf8_next(all, &at) != UINT32_MAX) {
            vf_buf_append(&good, all.data + from, at - from);
        } else {
            vf_buf_append(&good, replacement, sizeof(replacement));
            at++;
        }
    }
    const char *result = vf_buf_text(&good);
    json_t *json = result ? json_string(result) : NULL;
    vf_buf_free(&good);
    return json;
}

const char *const cli_colors[CLI_COLORS] = {
    [CLI_PLAIN] = "\033[0m", [CLI_GOOD] = "\033[32m", [CLI_WARN] = "\033[33m",
    [CLI_BAD] = "\033[31m",  [CLI_DIM] = "\033[2m",
};

struct guard {
    int fd;
    const char *passed; /* control characters that are let through */
    uint8_t held[16];   /* the beginning of a color's sequence, or of a character */
    size_t held_size;
};

/* Is what is held one of the colors, or (whole false) the beginning of one? */
static bool is_color(const struct guard *guard, bool whole)
{
    for (size_t i = 0; i < CLI_COLORS; i++)
        if (strncmp(cli_colors[i], (const char *)guard->held, guard->held_size) == 0 &&
            (!whole || !cli_colors[i][guard->held_size]))
            return true;
    return false;
}

static void pass(struct guard *guard, uint8_t byte, struct vf_buf *out)
{
    bool control = byte < ' ' || byte == DELETE, passed = byte && strchr(guard->passed, byte);

    if (byte == ESCAPE || byte == C1_LEAD)
        guard->held[guard->held_size++] = byte;
    else
        vf_buf_append_byte(out, control && !passed ? '?' : byte);
}

static void take(struct guard *guard, uint8_t byte, struct vf_buf *out)
{
    if (!guard->held_size) {
        pass(guard, byte, out);
        return;
    }
    if (guard->held[0] == C1_LEAD) {
        guard->held_size = 0;
        if (byte >= 0x80 && byte <= C1_LAST) {
            vf_buf_append_byte(out, '?');
            return;
        }
        vf_buf_append_byte(out, C1_LEAD);
        pass(guard, byte, out);
        return;
    }
    guard->held[guard->held_size++] = byte;
    if (is_color(guard, true)) {
        vf_buf_append(out, guard->held, guard->held_size);
        guard->held_size = 0;
    } else if (!is_color(guard, false)) {
        /* the escape is not shown, and what followed it is plain text but for its last byte */
        vf_buf_append_byte(out, '?');
        vf_buf_append(out, guard->held + 1, guard->held_size - 2);
        guard->held_size = 0;
        pass(guard, byte, out);
    }
}

static ssize_t guard_write(void *cookie, const char *data, size_t size)
{
    struct guard *guard = cookie;
    struct vf_buf out = VF_BUF_INIT;

    for (size_t i = 0; i < size; i++)
        take(guard, (uint8_t)data[i], &out);
    bool good = vf_buf_ok(&out);
    for (size_t done = 0; good && done < out.size;) {
        ssize_t wrote = write(guard->fd, out.data + done, out.size - done);
        if (wrote >= 0)
            done += (size_t)wrote;
        else
            good = errno == EINTR;
    }
    vf_buf_free(&out);
    return good ? (ssize_t)size : 0;
}

static FILE *guarded(FILE *stream, struct guard *guard)
{
    const cookie_io_functions_t functions = {.write = guard_write};
    FILE *made = isatty(guard->fd) ? fopencookie(guard, "w", functions) : NULL;

    if (!made)
        return stream;
    setvbuf(made, NULL, _IOLBF, 0);
    return made;
}

void cli_guard_terminals(void)
{
    static struct guard out = {.fd = STDOUT_FILENO, .passed = "\n\t"};
    static struct guard err = {.fd = STDERR_FILENO, .passed = "\n\t\r"};

    stdout = guarded(stdout, &out);
    stderr = guarded(stderr, &err);
}
