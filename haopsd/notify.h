/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_NOTIFY_H
#define HAOPSD_NOTIFY_H

/*
 * What a service manager wants to hear (sd_notify(3)): assignments in a datagram to the socket that
 * NOTIFY_SOCKET names. Without one, nothing is done. Never waits.
 */

#include <stdbool.h>
#include <stdint.h>

struct notify {
	int fd;		     /* -1: nobody wants to hear */
	int64_t watchdog_ms; /* it wants a sign of life that often; 0: it does not */
};

/* Reads and removes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, so that no child has them.
 * -EINVAL: a value is none; -errno: the socket cannot be reached. */
int notify_open(struct notify *notify);
void notify_close(struct notify *notify);
bool notify_is_wanted(const struct notify *notify);
/* assignments: one in each line, such as "READY=1\nSTATUS=...". 0 or -errno. */
int notify_send(const struct notify *notify, const char *assignments);

#endif
