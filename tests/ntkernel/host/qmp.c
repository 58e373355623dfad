// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ntkernel/host/qmp.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A guest that has ended takes nothing any more, and how it ended says the rest: it need not wait
 * for what it asked. */
static bool send_all(int fd, const char *text, size_t length)
{
    ssize_t n = send(fd, text, length, MSG_NOSIGNAL);

    return n == (ssize_t)length || (n < 0 && (errno == EPIPE || errno == ECONNRESET));
}

/* Sent as compact JSON, whatever the guest's blanks. */
static void send_command(struct qmp *q, const char *command, size_t length)
{
    json_t *json = json_loadb(command, length, 0, NULL);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

    if (!text || !send_all(q->monitor, text, strlen(text)))
        snprintf(q->refused, sizeof(q->refused), "not sent to QEMU: %.*s",
                 (int)(length < 200 ? length : 200), command);
    free(text);
    json_decref(json);
}

void qmp_start(struct qmp *q, int monitor, int serial, bool active)
{
    static const char capabilities[] = "{\"execute\": \"qmp_capabilities\"}";

    *q = (struct qmp){.monitor = monitor, .serial = serial, .active = active};
    if (active)
        send_command(q, capabilities, strlen(capabilities));
}

void qmp_stop(struct qmp *q)
{
    close(q->monitor);
    close(q->serial);
}

void qmp_commands(struct qmp *q, const char *log, size_t size)
{
    const char *end;

    while (q->active && (end = memchr(log + q->scanned, '\n', size - q->scanned)) != NULL) {
        const char *line = log + q->scanned;

        if (end - line > 5 && !memcmp(line, "@qmp ", 5))
            send_command(q, line + 5, (size_t)(end - line - 5));
        q->scanned = (size_t)(end - log) + 1;
    }
}

/* A line is the greeting, an event or an answer. Numbers may be larger than jansson's. */
static void take_line(struct qmp *q)
{
    json_t *json = json_loadb(q->line, q->used, JSON_DECODE_INT_AS_REAL, NULL);
    bool error = json_object_get(json, "error") != NULL;

    if (error && !q->refused[0])
        snprintf(q->refused, sizeof(q->refused), "QEMU refused a command: %.*s",
                 (int)(q->used < 200 ? q->used : 200), q->line);
    if (error || json_object_get(json, "return")) {
        q->line[q->used] = '\n';
        if (q->greeted && !send_all(q->serial, q->line, q->used + 1) && !q->refused[0])
            snprintf(q->refused, sizeof(q->refused), "the guest does not take QEMU's answer");
        q->greeted = true;
    }
    json_decref(json);
}

bool qmp_answers(struct qmp *q)
{
    char text[4096];
    ssize_t n = recv(q->monitor, text, sizeof(text), MSG_DONTWAIT), at;

    if (n <= 0)
        return n < 0 && (errno == EAGAIN || errno == EINTR);
    for (at = 0; at < n; at++) {
        if (text[at] == '\n') {
            take_line(q);
            q->used = 0;
        } else if (text[at] != '\r' && q->used < sizeof(q->line) - 1) {
            q->line[q->used++] = text[at];
        }
    }
    return true;
}
