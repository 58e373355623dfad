/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log, the command line, and the end of the run. */
#include "nk.h"
#include "cpu/memory.h"
#include "image/image.h"
#include "ntos/verifier.h"

static bool reporting;
static char options[1024];

static void log_args(const char *format, va_list args)
{
    char text[512];

    nk_vformat(text, sizeof(text), format, args);
    nk_console_write(text);
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

void nk_report(const char *kind, const char *format, ...)
{
    const struct nk_service service = nk_service();
    va_list args;

    nk_cli();
    if (reporting) {
        nk_console_write("\n@report fault while reporting\n");
        nk_machine_leave(false);
    }
    reporting = true;
    nk_log("\n@report %s: ", kind);
    va_start(args, format);
    log_args(format, args);
    va_end(args);
    if (service.function)
        nk_log(", in %s called at %s", service.function->name, nk_code_name(service.caller));
    nk_log("\n  at IRQL %u\n", nk_irql());
    nk_trace_stack((ULONG64)__builtin_frame_address(0));
    nk_machine_leave(false);
}

bool nk_reporting(void)
{
    return reporting;
}

void nk_pass(void)
{
    nk_log("@pass\n");
    nk_machine_leave(true);
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
        for (n = 0; n < length && (p[n] | 32) == (name[n] | 32); n++) /* names have no case */
            ;
        if (n == length && p[length] == '=') {
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
