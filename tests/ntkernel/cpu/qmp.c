/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands to QEMU and its answers, by way of the log and a serial port. */
#include "cpu/memory.h"
#include "ntos/ke.h"

#define ANSWER_MS    5000
#define STEP_MS      1
#define SPIN_US      10
#define SPINS        20 /* for the rest of an answer that has begun */
#define ANSWER_LIMIT 4096

static char answer[ANSWER_LIMIT];

static void read_answer(const char *command)
{
    ULONG waited = 0, spins = 0;
    size_t used = 0;
    char c = 0;

    while (c != '\n') {
        if (nk_host_read(&c)) {
            spins = 0;
            if (used < sizeof(answer) - 1)
                answer[used++] = c;
        } else if (spins++ < SPINS) {
            nk_stall_us(SPIN_US);
        } else {
            if (waited++ * STEP_MS >= ANSWER_MS)
                nk_report("hang", "QEMU has not answered in %u ms to %s", ANSWER_MS, command);
            nk_sleep(STEP_MS);
        }
    }
    answer[used] = 0;
}

const char *nk_qmp(const char *format, ...)
{
    char command[384];
    va_list args;

    va_start(args, format);
    if (nk_vformat(command, sizeof(command), format, args) < 0)
        nk_report("kernel", "a command to QEMU is too long");
    va_end(args);
    nk_log("@qmp %s\n", command);
    read_answer(command);
    return answer;
}

/* JSON as QEMU writes it: a blank after the colon. */
bool nk_qmp_number(const char *text, const char *name, LONG64 *value)
{
    size_t length = nk_strlen(name);
    bool negative;

    for (; *text; text++) {
        if (*text != '"' || nk_memcmp(text + 1, name, length) || text[length + 1] != '"')
            continue;
        for (text += length + 2; *text == ':' || *text == ' '; text++)
            ;
        negative = *text == '-';
        text += negative;
        for (*value = 0; *text >= '0' && *text <= '9'; text++)
            *value = *value * 10 + (*text - '0');
        *value = negative ? -*value : *value;
        return true;
    }
    return false;
}
