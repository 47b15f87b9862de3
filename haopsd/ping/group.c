/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups of ping targets: questions, answers, up and down. Sends nothing. */
#include "ping/group.h"

#include <string.h>

static bool is_same(const struct ping_group *group, const struct config_ping_group *config)
{
	if (strcmp(group->name, config->name) != 0 || group->target_count != config->addr_count)
		return false;
	for (size_t i = 0; i < group->target_count; i++)
		if (memcmp(&group->targets[i].addr, &config->addrs[i], sizeof(config->addrs[i])) !=
		    0)
			return false;
	return true;
}

static void init_group(struct ping_group *group, const struct config_ping_group *config,
		       const struct ping_groups *old, int64_t now_ms)
{
	for (size_t i = 0; old && i < old->count; i++) {
		if (!is_same(&old->groups[i], config))
			continue;
		*group = old->groups[i];
		return;
	}
	memcpy(group->name, config->name, sizeof(group->name));
	group->since_ms = now_ms;
	group->target_count = config->addr_count;
	for (size_t i = 0; i < config->addr_count; i++)
		group->targets[i].addr = config->addrs[i];
}

void ping_groups_init(struct ping_groups *groups, const struct config *config,
		      const struct ping_groups *old, int64_t now_ms)
{
	memset(groups, 0, sizeof(*groups));
	groups->deadping_ms = config->deadping_ms;
	groups->count = config->group_count;
	for (size_t i = 0; i < config->group_count; i++)
		init_group(&groups->groups[i], &config->groups[i], old, now_ms);
}

void ping_target_asked(struct ping_target *target, const struct ping_echo *echo, int64_t now_us)
{
	target->questions[echo->seq % PING_UNDER_WAY] =
		(struct ping_question){.echo = *echo, .sent_us = now_us, .is_open = true};
}

static struct ping_question *find_question(struct ping_target *target, const struct ping_echo *echo)
{
	struct ping_question *question = &target->questions[echo->seq % PING_UNDER_WAY];

	if (!question->is_open || question->echo.seq != echo->seq ||
	    question->echo.id != echo->id ||
	    memcmp(question->echo.cookie, echo->cookie, sizeof(echo->cookie)) != 0)
		return NULL;
	return question;
}

static bool group_answered(struct ping_group *group, const struct haops_addr *from,
			   const struct ping_echo *echo, int64_t now_us)
{
	for (size_t i = 0; i < group->target_count; i++) {
		struct ping_target *target = &group->targets[i];
		struct ping_question *question;
		int64_t rtt_us;

		if (memcmp(&target->addr, from, sizeof(*from)) != 0)
			continue;
		question = find_question(target, echo);
		if (!question)
			continue;
		question->is_open = false;
		rtt_us = now_us - question->sent_us;
		group->rtt_us = rtt_us < UINT32_MAX ? (uint32_t)rtt_us : UINT32_MAX;
		group->last_ms = now_us / 1000;
		group->since_ms = group->last_ms;
		return true;
	}
	return false;
}

bool ping_groups_answered(struct ping_groups *groups, const struct haops_addr *from,
			  const struct ping_echo *echo, int64_t now_us)
{
	for (size_t i = 0; i < groups->count; i++)
		if (group_answered(&groups->groups[i], from, echo, now_us))
			return true;
	return false;
}

void ping_groups_excuse(struct ping_groups *groups, int64_t now_ms)
{
	for (size_t i = 0; i < groups->count; i++)
		groups->groups[i].since_ms = now_ms;
}

enum ping_change ping_group_judge(struct ping_group *group, int64_t deadping_ms, int64_t now_ms)
{
	bool is_silent = now_ms - group->since_ms >= deadping_ms;
	bool has_answered = !is_silent && group->last_ms == group->since_ms && group->last_ms > 0;

	if (has_answered && !group->is_up) {
		group->is_up = true;
		group->is_known = true;
		return PING_CAME_UP;
	}
	if (!is_silent || (group->is_known && !group->is_up))
		return PING_SAME;
	group->is_up = false;
	group->is_known = true;
	return PING_WENT_DOWN;
}

bool ping_groups_count(const struct ping_groups *groups, unsigned int *ret_up,
		       unsigned int *ret_total)
{
	unsigned int up = 0;

	for (size_t i = 0; i < groups->count; i++) {
		if (!groups->groups[i].is_known)
			return false;
		up += groups->groups[i].is_up;
	}
	*ret_up = up;
	*ret_total = (unsigned int)groups->count;
	return true;
}
