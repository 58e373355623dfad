// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ntkernel/host/net.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/ntkernel/shared/frame.h"

#define QUEUE 4096u /* answers that may wait */

struct answer {
    unsigned char from[6]; /* of the question */
    unsigned length, sequence;
};

struct net {
    int fd;
    uint64_t seed, frames, digest;
    size_t scanned;          /* of the log */
    unsigned first, waiting; /* of the queue */
    struct answer queue[QUEUE];
    char wrong[160]; /* the first thing wrong */
};

struct net *net_open(uint64_t seed, int *device)
{
    struct net *net = calloc(1, sizeof(*net));
    int fds[2];

    if (!net)
        return NULL;
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds)) {
        free(net);
        return NULL;
    }
    net->fd = fds[0];
    net->seed = seed;
    *device = fds[1];
    return net;
}

struct pollfd net_events(const struct net *net)
{
    return (struct pollfd){.fd = net->fd, .events = net->waiting ? POLLIN | POLLOUT : POLLIN};
}

static void complain(struct net *net, const char *what, unsigned sequence, unsigned length)
{
    if (!net->wrong[0])
        snprintf(net->wrong, sizeof(net->wrong), "frame %u of %u bytes, the %lluth: %s", sequence,
                 length, (unsigned long long)net->frames, what);
}

/* A frame that is not the scenario's (a driver may announce itself) is passed over. */
static void take(struct net *net, const struct nk_ethernet *f, unsigned length)
{
    static const unsigned char type[2] = {NK_FRAME_TYPE >> 8, NK_FRAME_TYPE & 0xFF};
    struct nk_ethernet right;
    unsigned n;

    if (length < 24 || memcmp(f->type, type, sizeof(type)) != 0)
        return;
    net->frames++;
    net->digest += nk_frame_digest(f->sequence, length);
    if (length < NK_FRAME_MIN || length > NK_FRAME_MAX) {
        complain(net, "has a length nobody sent", f->sequence, length);
        return;
    }
    nk_frame_fill(&right, length, net->seed, f->sequence, 0);
    for (n = 0; n < sizeof(right.to); n++) {
        if (f->to[n] != NK_FRAME_PEER)
            complain(net, "is for another address", f->sequence, length);
    }
    if (memcmp(f->type, right.type, length - offsetof(struct nk_ethernet, type)) != 0)
        complain(net, "has wrong contents", f->sequence, length);
    if (net->waiting == QUEUE) {
        complain(net, "comes when too many answers wait", f->sequence, length);
        return;
    }
    struct answer *a = &net->queue[(net->first + net->waiting++) % QUEUE];

    memcpy(a->from, f->from, sizeof(a->from));
    a->length = length;
    a->sequence = f->sequence;
}

/* False when the device takes no more for now. */
static bool answer(struct net *net)
{
    const struct answer *a = &net->queue[net->first];
    struct nk_ethernet f;

    nk_frame_fill(&f, a->length, net->seed, a->sequence, 1);
    memcpy(f.to, a->from, sizeof(f.to));
    memset(f.from, NK_FRAME_PEER, sizeof(f.from));
    if (send(net->fd, &f, a->length, MSG_NOSIGNAL) < 0)
        return false;
    net->first = (net->first + 1) % QUEUE;
    net->waiting--;
    return true;
}

void net_serve(struct net *net, short events)
{
    struct nk_ethernet f;
    ssize_t n;

    if (events & POLLIN) {
        while ((n = recv(net->fd, &f, sizeof(f), MSG_TRUNC)) > 0)
            take(net, &f, n > (ssize_t)sizeof(f) ? 0 : (unsigned)n);
    }
    while (net->waiting && answer(net))
        ;
}

/* Those that the device does not take at once are lost. */
static void burst(struct net *net, unsigned long count)
{
    struct nk_ethernet f = {.type = {NK_FRAME_TYPE >> 8, (NK_FRAME_TYPE & 0xFF) + 1}};

    memset(f.to, 0xFF, sizeof(f.to));
    memset(f.from, NK_FRAME_PEER, sizeof(f.from));
    while (count-- && send(net->fd, &f, NK_FRAME_MIN, MSG_NOSIGNAL) > 0)
        ;
}

void net_commands(struct net *net, const char *log, size_t size)
{
    const char *end;

    while ((end = memchr(log + net->scanned, '\n', size - net->scanned)) != NULL) {
        const char *line = log + net->scanned;

        if (end - line > 8 && !memcmp(line, "@frames ", 8))
            burst(net, strtoul(line + 8, NULL, 10));
        net->scanned = (size_t)(end - log) + 1;
    }
}

bool net_check(const struct net *net, uint64_t digest, char *why, size_t size)
{
    if (net->wrong[0]) {
        snprintf(why, size, "%s", net->wrong);
        return false;
    }
    if (digest && digest != net->digest) {
        snprintf(why, size, "%llu frames came, with digest %llu; the guest sent %llu",
                 (unsigned long long)net->frames, (unsigned long long)net->digest,
                 (unsigned long long)digest);
        return false;
    }
    return true;
}

void net_close(struct net *net)
{
    if (net) {
        close(net->fd);
        free(net);
    }
}
