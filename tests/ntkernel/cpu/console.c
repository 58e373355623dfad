/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The debug console, the command line, and the end of the run. */
#include "nk.h"

#define CONSOLE_PORT 0xE9
#define EXIT_PORT    0xF4

/* What QEMU's isa-debug-exit turns into the exit statuses 33 and 35. */
enum { EXIT_PASS = 0x10, EXIT_REPORT = 0x11 };

static bool reporting;
static char options[1024];

static void write_text(const char *text)
{
    while (*text)
        nk_out8(CONSOLE_PORT, (UCHAR)*text++);
}

static void log_args(const char *format, va_list args)
{
    char text[512];

    nk_vformat(text, sizeof(text), format, args);
    write_text(text);
}

void nk_log(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_args(format, args);
    va_end(args);
}

void nk_counter(const char *name, ULONG64 value)
{
    nk_log("@counter %s %llu\n", name, value);
}

static _Noreturn void leave(ULONG status)
{
    nk_cli();
    nk_out32(EXIT_PORT, status);
    for (;;)
        __asm__ volatile("hlt");
}

void nk_report(const char *kind, const char *format, ...)
{
    va_list args;

    nk_cli();
    if (reporting) {
        write_text("\n@report fault while reporting\n");
        leave(EXIT_REPORT);
    }
    reporting = true;
    nk_log("\n@report %s: ", kind);
    va_start(args, format);
    log_args(format, args);
    va_end(args);
    nk_log("\n  at IRQL %u\n", nk_irql());
    nk_trace_stack((ULONG64)__builtin_frame_address(0));
    leave(EXIT_REPORT);
}

bool nk_reporting(void)
{
    return reporting;
}

void nk_pass(void)
{
    nk_log("@pass\n");
    leave(EXIT_PASS);
}

void nk_options_set(const char *command_line)
{
    size_t n = 0;

    while (n < sizeof(options) - 1 && command_line[n]) {
        options[n] = command_line[n];
        n++;
    }
    options[n] = 0;
}

bool nk_option_text(const char *name, char *out, size_t size)
{
    size_t length = nk_strlen(name), n;
    const char *p = options;

    while (*p) {
        while (*p == ' ')
            p++;
        if (!nk_memcmp(p, name, length) && p[length] == '=') {
            p += length + 1;
            for (n = 0; p[n] && p[n] != ' ' && n < size - 1; n++)
                out[n] = p[n];
            out[n] = 0;
            return true;
        }
        while (*p && *p != ' ')
            p++;
    }
    return false;
}

ULONG64 nk_option(const char *name, ULONG64 fallback)
{
    char text[24];
    ULONG64 value = 0;
    const char *p = text;

    if (!nk_option_text(name, text, sizeof(text)))
        return fallback;
    for (; *p >= '0' && *p <= '9'; p++)
        value = value * 10 + (ULONG64)(*p - '0');
    return value;
}
