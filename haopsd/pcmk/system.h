/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PCMK_SYSTEM_H
#define HAOPSD_PCMK_SYSTEM_H

/*
 * The few contacts with the kernel that haopsd's end of the helper, and the helper, have besides
 * libhaops' table: a socket pair that keeps the borders of packets, and CLOCK_BOOTTIME.
 */

#include "packet.h"

#include <stdint.h>

/* A pair of connected sockets, close-on-exec, type SOCK_SEQPACKET. 0 or -errno. */
int pcmk_system_pair(int fds[2]);
/* Never waits: 0, -EAGAIN when the other end does not read, or another -errno. */
int pcmk_system_send(int fd, const struct packet *packet);
/* Never waits: 1 and a packet; 0 at the end of the connection; -EAGAIN; -EBADMSG for one that is
 * rubbish; another -errno. */
int pcmk_system_receive(int fd, struct packet *ret_packet);
int64_t pcmk_system_boottime_ms(void);
/* A number that nobody guesses or draws a second time; never 0. */
uint64_t pcmk_system_random(void);

#endif
