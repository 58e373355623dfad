/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The other end of a network device: a socket pair, no network. Each frame of the scenario's is
 * checked and answered; the answers wait here until the device takes them.
 */
#ifndef NTRUN_NET_H
#define NTRUN_NET_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct net;

/** `*device` gets the descriptor for QEMU. NULL with errno set if there is no memory or socket. */
struct net *net_open(uint64_t seed, int *device);
/** What to wait for; then net_serve() with what came. */
struct pollfd net_events(const struct net *net);
void net_serve(struct net *net, short events);
/** Obey the commands in the log's new lines: "@frames N" sends N frames nobody asked for. */
void net_commands(struct net *net, const char *log, size_t size);
/** Whether all frames were as they must be, and their digest, if not 0, is this. On failure writes
 * why to `why`. */
bool net_check(const struct net *net, uint64_t digest, char *why, size_t size);
void net_close(struct net *net);

#endif
