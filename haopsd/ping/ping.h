/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PING_H
#define HAOPSD_PING_H

/*
 * Ping targets as in ha.cf: "ping" and "ping_group" of the configuration, an ICMP or ICMPv6 echo to
 * each address every keepalive. A group is up when any of its addresses answered within deadping.
 * Descriptors and timers are in the caller's qb_loop; no call blocks. Only an answer from the very
 * address, to an echo that is under way, with its identifier, sequence and random bytes counts.
 */

#include "heart/config.h"

#include <haops/haops.h>
#include <qb/qbloop.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pinger;

struct pinger_handlers {
	/* The number of groups that are up changed, or is known for the first time: then each group
	 * has answered, or had deadping to do so. total is 0 after the last group was removed. */
	void (*changed)(void *userdata, unsigned int up, unsigned int total);
	/* One sentence for people: a group went down or came back, no socket could be made. */
	void (*event)(void *userdata, enum haops_log_level level, const char *text);
};

struct pinger_group { /* for status */
	const char *name;
	bool is_known; /* answered once, or had deadping to do so */
	bool is_up;
	int64_t last_ms; /* last answer, CLOCK_BOOTTIME; 0 never */
	uint32_t rtt_us; /* of the last answer */
};

/* config and handlers are copied. NULL: memory is short. Sockets that cannot be made are tried
 * again each keepalive and told by event once; nothing is said of the groups meanwhile. */
struct pinger *pinger_new(struct haops_ctx *ctx, qb_loop_t *loop, const struct config *config,
			  const struct pinger_handlers *handlers, void *userdata);
void pinger_free(struct pinger *pinger);
/* Other settings from now on. A group of the same name and addresses keeps its state. 0, -ENOMEM
 * with the old settings still in force, or -EIO: without a timer nobody is asked. */
int pinger_reconfigure(struct pinger *pinger, const struct config *config);

/* False while the groups are not all known. */
bool pinger_get(const struct pinger *pinger, unsigned int *ret_up, unsigned int *ret_total);
size_t pinger_count(const struct pinger *pinger);
void pinger_group_at(const struct pinger *pinger, size_t index, struct pinger_group *ret_group);

#endif
