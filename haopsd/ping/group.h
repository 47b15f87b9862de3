/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PING_GROUP_H
#define HAOPSD_PING_GROUP_H

/* Groups of ping targets: which echoes are under way, which answer belongs to one, who is up. Pure:
 * times and bytes go in. */

#include "heart/config.h"
#include "ping/packet.h"

/* Echoes of one address that can be under way; an answer that comes later than that many is lost.
 */
#define PING_UNDER_WAY 8

struct ping_question {
	struct ping_echo echo;
	int64_t sent_us;
	bool is_open;
};

struct ping_target {
	struct haops_addr addr;
	struct ping_question questions[PING_UNDER_WAY];
};

struct ping_group {
	char name[64];
	bool is_known;
	bool is_up;
	int64_t since_ms; /* asked since, or last answer: from when its silence counts */
	int64_t last_ms;
	uint32_t rtt_us;
	size_t target_count;
	struct ping_target targets[CONFIG_PINGS_MAX];
};

struct ping_groups {
	int64_t deadping_ms;
	size_t count;
	struct ping_group groups[CONFIG_GROUPS_MAX];
};

/* The groups of a configuration. Those of the same name and addresses in old keep their state. */
void ping_groups_init(struct ping_groups *groups, const struct config *config,
		      const struct ping_groups *old, int64_t now_ms);

/* An echo was sent. */
void ping_target_asked(struct ping_target *target, const struct ping_echo *echo, int64_t now_us);

/* An answer came from an address. True when it belongs to a question; each is answered once. */
bool ping_groups_answered(struct ping_groups *groups, const struct haops_addr *from,
			  const struct ping_echo *echo, int64_t now_us);

/* Nobody could be asked until now: silence counts from now on. */
void ping_groups_excuse(struct ping_groups *groups, int64_t now_ms);

/* What changed with a group by the clock or by answers. */
enum ping_change { PING_SAME, PING_CAME_UP, PING_WENT_DOWN };
enum ping_change ping_group_judge(struct ping_group *group, int64_t deadping_ms, int64_t now_ms);

/* False while one of them is not known. */
bool ping_groups_count(const struct ping_groups *groups, unsigned int *ret_up,
		       unsigned int *ret_total);

#endif
