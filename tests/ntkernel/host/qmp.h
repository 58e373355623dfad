/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the guest asks of QEMU: each line "@qmp {...}" of its log is a command; QEMU's answer, one
 * line of JSON, goes back to the guest by way of a serial port. Events stay here.
 */
#ifndef NTRUN_QMP_H
#define NTRUN_QMP_H

#include <stdbool.h>
#include <stddef.h>

#define QMP_LINE_LIMIT 65536

struct qmp {
    int monitor, serial; /* our ends */
    size_t scanned;      /* of the log, for commands */
    size_t used;         /* of line[] */
    bool active;         /* there is a QEMU */
    bool greeted;        /* the answer to the first command, which is ours, has come */
    char refused[256];   /* the first command that failed, or nothing */
    char line[QMP_LINE_LIMIT];
};

/** Open negotiation on a fresh monitor, if `active`. Takes over both descriptors. */
void qmp_start(struct qmp *qmp, int monitor, int serial, bool active);
void qmp_stop(struct qmp *qmp);
/** Pass on the commands in the log's new lines. */
void qmp_commands(struct qmp *qmp, const char *log, size_t size);
/** Take what QEMU has said; false when it has closed its end. */
bool qmp_answers(struct qmp *qmp);

#endif
