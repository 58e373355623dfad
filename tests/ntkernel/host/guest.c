// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ntkernel/host/guest.h"
#include "tests/ntkernel/host/net.h"
#include "tests/ntkernel/host/qmp.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DRIVER_LIMIT (16u << 20)
#define LOG_LIMIT    (8u << 20)

#define QEMU_STATUS_ERROR 1 /* as for an option it does not know; no guest ends it with that */

/* What a user ends a run by; the guest and the run's directory go first. */
static const int end_signals[] = {SIGHUP, SIGINT, SIGTERM};
#define END_SIGNALS (sizeof(end_signals) / sizeof(end_signals[0]))

static volatile sig_atomic_t end_signal; /* the one that came, or 0 */

struct run {
    const struct guest_options *options;
    const struct peer *peer;
    struct guest_result *result;
    char directory[PATH_MAX];
    int dir, second; /* the latter is -1 where there is no second device */
    pid_t child;
    int output;
    struct qmp qmp;
    struct net *net; /* what a network device is connected to, and QEMU's end of it */
    int device;
    sigset_t mask; /* outside the run */
    struct sigaction actions[END_SIGNALS];
};

const char *guest_end_name(enum guest_end end)
{
    static const char *const names[] = {"pass", "report",  "data",  "hang",
                                        "died", "crashed", "failed"};

    return names[end];
}

static void fail(struct run *r, enum guest_end end, const char *what, const char *detail)
{
    r->result->end = end;
    snprintf(r->result->message, sizeof(r->result->message), "%.300s%s%.200s", what,
             *detail ? ": " : "", detail);
}

static void on_end_signal(int number)
{
    end_signal = number;
}

/* From here on they are taken only where read_log() waits, or when the run is over. */
static void hold_signals(struct run *r)
{
    struct sigaction action = {.sa_handler = on_end_signal};
    sigset_t set;
    size_t n;

    sigemptyset(&set);
    for (n = 0; n < END_SIGNALS; n++) {
        sigaction(end_signals[n], NULL, &r->actions[n]);
        if (r->actions[n].sa_handler == SIG_IGN)
            continue;
        sigaction(end_signals[n], &action, NULL);
        sigaddset(&set, end_signals[n]);
    }
    sigprocmask(SIG_BLOCK, &set, &r->mask);
}

/* One that came ends the program now, if that is what it does. */
static void release_signals(struct run *r)
{
    size_t n;

    for (n = 0; n < END_SIGNALS; n++)
        sigaction(end_signals[n], &r->actions[n], NULL);
    if (end_signal)
        raise(end_signal);
    sigprocmask(SIG_SETMASK, &r->mask, NULL);
}

static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint64_t used_ms(const struct rusage *usage)
{
    return (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000 +
           (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1000;
}

/* QEMU splits module names at commas and blanks, so the driver gets a name without. */
static void choose_name(struct run *r)
{
    const char *path = r->options->driver, *slash = strrchr(path, '/');
    char *p;

    snprintf(r->result->driver_name, sizeof(r->result->driver_name), "%s",
             slash ? slash + 1 : path);
    for (p = r->result->driver_name; *p; p++) {
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", *p))
            *p = '_';
    }
}

/* Only a regular file: another may have no end, or let its reader wait for one who writes. */
static FILE *open_driver(struct run *r)
{
    const char *path = r->options->driver;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    FILE *file = NULL;

    if (fd < 0 || fstat(fd, &status))
        fail(r, GUEST_FAILED, path, strerror(errno));
    else if (!S_ISREG(status.st_mode))
        fail(r, GUEST_FAILED, path, "is not a regular file");
    else if (!(file = fdopen(fd, "rb")))
        fail(r, GUEST_FAILED, path, strerror(errno));
    if (!file && fd >= 0)
        close(fd);
    return file;
}

static bool copy_driver(struct run *r)
{
    FILE *in = open_driver(r), *out;
    char buffer[65536];
    size_t n, total = 0;
    int fd;
    bool good = true;

    if (!in)
        return false;
    choose_name(r);
    fd = openat(r->dir, r->result->driver_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    out = fd < 0 ? NULL : fdopen(fd, "wb");
    if (!out) {
        if (fd >= 0)
            close(fd);
        fclose(in);
        fail(r, GUEST_FAILED, r->directory, strerror(errno));
        return false;
    }
    while (good && (n = fread(buffer, 1, sizeof(buffer), in)) > 0) {
        total += n;
        good = total <= DRIVER_LIMIT && fwrite(buffer, 1, n, out) == n;
    }
    good = !ferror(in) && good && total > 0;
    fclose(in);
    good = !fclose(out) && good;
    if (!good)
        fail(r, GUEST_FAILED, r->options->driver, "is empty, too large or cannot be copied");
    return good;
}

/* The second device's data differ from the first's. */
static int make_second(struct run *r)
{
    if (mkdirat(r->dir, PEER_SECOND, 0700))
        return errno;
    r->second = openat(r->dir, PEER_SECOND, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (r->second < 0)
        return errno;
    return r->peer->make ? r->peer->make(r->second, r->options->seed + 1) : 0;
}

static bool prepare(struct run *r)
{
    const char *tmp = getenv("TMPDIR");
    int error;

    r->peer = peer_for(r->options->device);
    if (!r->peer) {
        fail(r, GUEST_FAILED, r->options->device, "there is no host side for this device");
        return false;
    }
    if (r->options->second && !r->peer->second_argument) {
        fail(r, GUEST_FAILED, r->options->device, "there is no host side for a second one");
        return false;
    }
    if (snprintf(r->directory, sizeof(r->directory), "%s/ntrun.XXXXXX",
                 tmp && *tmp ? tmp : "/tmp") >= (int)sizeof(r->directory) ||
        !mkdtemp(r->directory)) {
        fail(r, GUEST_FAILED, r->directory, strerror(errno));
        r->directory[0] = 0;
        return false;
    }
    r->dir = open(r->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (r->dir < 0) {
        fail(r, GUEST_FAILED, r->directory, strerror(errno));
        return false;
    }
    if (r->peer->network)
        r->net = net_open(r->options->seed, &r->device);
    error = r->peer->network && !r->net ? errno
            : r->peer->make             ? r->peer->make(r->dir, r->options->seed)
                                        : 0;
    if (!error && r->options->second)
        error = make_second(r);
    if (error) {
        fail(r, GUEST_FAILED, r->directory, strerror(error));
        return false;
    }
    return copy_driver(r);
}

/* Give descriptors the numbers QEMU knows them by, whichever numbers they have now: from
 * GUEST_FD_FIRST on, in this order. Those that are absent (negative) leave their numbers free. */
static bool place(int *descriptors, int count)
{
    int n;

    for (n = 0; n < count; n++) {
        if (descriptors[n] < 0)
            continue;
        descriptors[n] = fcntl(descriptors[n], F_DUPFD_CLOEXEC, GUEST_FD_FIRST + count);
        if (descriptors[n] < 0)
            return false;
    }
    for (n = 0; n < count; n++) {
        if (descriptors[n] >= 0 && dup2(descriptors[n], GUEST_FD_FIRST + n) < 0)
            return false;
    }
    return true;
}

/* In the child. */
static _Noreturn void become_guest(struct run *r, int output, int qmp, int serial)
{
    int descriptors[] = {qmp, r->net ? r->device : -1, serial};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    release_signals(r);
    if (fchdir(r->dir) || dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0 ||
        dup2(open("/dev/null", O_RDONLY), STDIN_FILENO) < 0 ||
        !place(descriptors, sizeof(descriptors) / sizeof(descriptors[0])))
        _exit(GUEST_STATUS_NO_START);
    guest_machine.become(r->options, r->peer, r->result->driver_name);
    _exit(GUEST_STATUS_NO_START);
}

void guest_command_line(const struct guest_options *o, char *out, size_t size)
{
    snprintf(out, size, "scenario=%s seed=%" PRIu64 " sectors=%u processors=%u iommu=%d spin=%d %s",
             o->scenario, o->seed, PEER_DISK_SECTORS, o->cpus, o->iommu, o->icount, o->settings);
}

static void close_pair(const int *pair)
{
    close(pair[0]);
    close(pair[1]);
}

static bool start(struct run *r)
{
    int pipes[2], qmp[2], serial[2];

    if (pipe2(pipes, O_CLOEXEC)) {
        fail(r, GUEST_FAILED, "pipe", strerror(errno));
        return false;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, qmp)) {
        fail(r, GUEST_FAILED, "socketpair", strerror(errno));
        close_pair(pipes);
        return false;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, serial)) {
        fail(r, GUEST_FAILED, "socketpair", strerror(errno));
        close_pair(pipes);
        close_pair(qmp);
        return false;
    }
    r->child = fork();
    if (r->child < 0) {
        fail(r, GUEST_FAILED, "fork", strerror(errno));
        close_pair(pipes);
        close_pair(qmp);
        close_pair(serial);
        return false;
    }
    if (!r->child)
        become_guest(r, pipes[1], qmp[1], serial[1]);
    close(serial[1]);
    close(pipes[1]);
    close(qmp[1]);
    if (r->net)
        close(r->device);
    r->output = pipes[0];
    qmp_start(&r->qmp, qmp[0], serial[0], guest_machine.is_virtual);
    return true;
}

static int wait_for(struct pollfd *p, nfds_t count, uint64_t ms, const sigset_t *mask)
{
    struct timespec limit = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};

    return ppoll(p, count, &limit, mask);
}

/* Read until QEMU closes its end; false at the deadline, when the log runs over, or when a signal
 * ends the run. */
static bool read_log(struct run *r)
{
    uint64_t end = now_ms() + r->options->deadline_s * 1000ull;
    size_t size = 0, room = 65536;
    char *log = malloc(room);
    bool good = log != NULL, listening = true;

    while (good) {
        struct pollfd p[3] = {{.fd = r->output, .events = POLLIN},
                              {.fd = listening ? r->qmp.monitor : -1, .events = POLLIN},
                              {.fd = -1}};
        uint64_t now = now_ms();
        ssize_t n;

        if (r->net)
            p[2] = net_events(r->net);
        if (now >= end || wait_for(p, 3, end - now, &r->mask) == 0 || end_signal) {
            good = false;
            break;
        }
        if (p[2].revents)
            net_serve(r->net, p[2].revents);
        if (p[1].revents)
            listening = qmp_answers(&r->qmp);
        if (!p[0].revents)
            continue;
        if (size + 4096 > room) {
            char *larger = room < LOG_LIMIT ? realloc(log, room * 2) : NULL;

            if (!larger) {
                good = false;
                break;
            }
            log = larger;
            room *= 2;
        }
        n = read(r->output, log + size, room - size - 1);
        if (n == 0)
            break;
        if (n > 0) {
            size += (size_t)n;
            qmp_commands(&r->qmp, log, size);
            if (r->net)
                net_commands(r->net, log, size);
        } else if (errno != EINTR) {
            good = false;
        }
    }
    if (log)
        log[size] = 0;
    r->result->log = log;
    return good;
}

/* A guest that hangs need not heed SIGTERM: QEMU does not, for one, at the end of a file that
 * serves random numbers. */
static int stop(struct run *r, bool kill_it)
{
    struct rusage usage = {0};
    int status = 0;

    if (kill_it)
        kill(r->child, SIGKILL);
    while (wait4(r->child, &status, 0, &usage) < 0 && errno == EINTR)
        ;
    r->result->cpu_ms = used_ms(&usage);
    close(r->output);
    qmp_stop(&r->qmp);
    return status;
}

/* Lines "@counter NAME VALUE"; a name may hold blanks. */
static void read_counter(struct run *r, const char *line, size_t length)
{
    char name[128];
    const char *value = line + length;

    while (value > line && value[-1] != ' ')
        value--;
    if (value <= line + 1 || (size_t)(value - line) > sizeof(name))
        return;
    memcpy(name, line, (size_t)(value - line - 1));
    name[value - line - 1] = 0;
    json_object_set_new(r->result->counters, name,
                        json_integer((json_int_t)strtoull(value, NULL, 10)));
}

static bool starts(const char *line, const char *prefix)
{
    return !strncmp(line, prefix, strlen(prefix));
}

/* Of a line "@what FIRST SECOND". */
static uint64_t second_number(const char *line)
{
    line += strcspn(line, " ") + 1;
    return strtoull(line + strcspn(line, " "), NULL, 10);
}

/* Notes the digests the guest gives for its disk or frames, and for its second disk; 0 if none. */
static void read_lines(struct run *r, uint64_t digests[2])
{
    const char *line = r->result->log, *end;
    size_t count = 0;

    for (; line && *line; line = *end ? end + 1 : end) {
        end = line + strcspn(line, "\n");
        if (starts(line, "@counter "))
            read_counter(r, line + 9, (size_t)(end - line - 9));
        else if (starts(line, "@disk ") || starts(line, "@net "))
            digests[count++ % 2] = second_number(line);
        else if (starts(line, "@report "))
            snprintf(r->result->message, sizeof(r->result->message), "%.*s", (int)(end - line - 8),
                     line + 8);
    }
}

/* QEMU's trace has a line for each; a machine without a trace counts for itself. */
static void count_doorbells(struct run *r)
{
    int fd = openat(r->dir, GUEST_TRACE_FILE, O_RDONLY | O_CLOEXEC), c;
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    json_int_t lines = 0;

    if (!file) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((c = getc(file)) != EOF)
        lines += c == '\n';
    fclose(file);
    json_object_set_new(r->result->counters, "doorbells", json_integer(lines));
}

/* What a program that fails says last is why. */
static const char *last_line(const char *log, char *out, size_t size)
{
    size_t end = log ? strlen(log) : 0, start;

    while (end && log[end - 1] == '\n')
        end--;
    for (start = end; start && log[start - 1] != '\n'; start--)
        ;
    snprintf(out, size, "%.*s", (int)(end - start), log ? log + start : "");
    return out;
}

static void judge(struct run *r, bool in_time, int status)
{
    uint64_t digests[2] = {0};
    char why[256] = "";

    read_lines(r, digests);
    if (WIFEXITED(status) && WEXITSTATUS(status) == GUEST_STATUS_NO_START) {
        fail(r, GUEST_FAILED, guest_machine.no_start, r->result->log ? r->result->log : "");
    } else if (in_time && WIFSIGNALED(status) && guest_machine.is_virtual) {
        snprintf(why, sizeof(why), "%d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
        fail(r, GUEST_CRASHED, "QEMU itself was ended by signal", why);
    } else if (r->qmp.refused[0]) {
        fail(r, GUEST_FAILED, r->qmp.refused, "");
    } else if (!in_time) {
        fail(r, GUEST_HANG, "the guest was killed at its deadline", "");
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == GUEST_STATUS_REPORT) {
        r->result->end = GUEST_REPORT;
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == QEMU_STATUS_ERROR &&
               guest_machine.is_virtual) {
        fail(r, GUEST_FAILED, "QEMU has refused", last_line(r->result->log, why, sizeof(why)));
    } else if (!WIFEXITED(status) || WEXITSTATUS(status) != GUEST_STATUS_PASS) {
        fail(r, GUEST_DIED, "the guest ended without a verdict of the kernel", "");
    } else if (r->net && !net_check(r->net, digests[0], why, sizeof(why))) {
        fail(r, GUEST_DATA, "the host's check failed", why);
    } else if (r->peer->check && !r->peer->check(r->dir, digests[0], why, sizeof(why))) {
        fail(r, GUEST_DATA, "the host's check failed", why);
    } else if (r->second >= 0 && r->peer->check &&
               !r->peer->check(r->second, digests[1], why, sizeof(why))) {
        fail(r, GUEST_DATA, "the host's check of the second device failed", why);
    } else {
        r->result->end = GUEST_PASS;
        r->result->message[0] = 0;
    }
}

static void clean(struct run *r)
{
    static const char *const files[] = {"disk.img", "random.bin", GUEST_TRACE_FILE};
    size_t n;

    if (r->second >= 0) {
        unlinkat(r->second, r->peer->file, 0);
        close(r->second);
    }
    if (r->dir >= 0) {
        unlinkat(r->dir, PEER_SECOND, AT_REMOVEDIR);
        for (n = 0; n < sizeof(files) / sizeof(files[0]); n++)
            unlinkat(r->dir, files[n], 0);
        if (r->result->driver_name[0])
            unlinkat(r->dir, r->result->driver_name, 0);
        close(r->dir);
    }
    if (r->directory[0])
        rmdir(r->directory);
    net_close(r->net);
}

void guest_run(const struct guest_options *options, struct guest_result *result)
{
    struct run r = {.options = options, .result = result, .dir = -1, .second = -1};
    uint64_t begin = now_ms();
    struct rusage own;

    *result = (struct guest_result){.end = GUEST_FAILED, .counters = json_object()};
    hold_signals(&r);
    if (prepare(&r) && start(&r)) {
        bool in_time = read_log(&r);

        judge(&r, in_time, stop(&r, !in_time));
        count_doorbells(&r);
    }
    clean(&r);
    release_signals(&r);
    getrusage(RUSAGE_SELF, &own);
    result->cpu_ms += used_ms(&own);
    result->wall_ms = now_ms() - begin;
}

void guest_result_free(struct guest_result *result)
{
    free(result->log);
    json_decref(result->counters);
}
