/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks the ping targets every keepalive, inside the caller's loop, and tells how many groups are
 * up. Packets: packet.c, sockets: wire.c, who is up: group.c. */
#include "ping/ping.h"
#include "bell.h"
#include "ping/group.h"
#include "ping/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIRES 2
#define RECEIVE_MAX 64	   /* in one turn; the loop comes back for the rest */
#define EXCUSE_MAX_MS 1000 /* a round that is later than that was held up here */

struct pinger {
	struct haops_ctx *ctx;
	qb_loop_t *loop;
	struct pinger_handlers handlers;
	void *userdata;
	int64_t keepalive_ms;
	struct bell timer;
	int64_t round_ms; /* when the last round was */
	uint16_t seq;
	struct ping_wire wires[WIRES];
	int told_error; /* of opening sockets */
	int send_error; /* last one */
	bool is_told;	/* changed() was called */
	unsigned int up, total;
	struct ping_groups *groups;
};

static int64_t now_ms(void)
{
	return ping_now_us() / 1000;
}

static void HAOPS_PRINTF(3, 4)
	tell(struct pinger *pinger, enum haops_log_level level, const char *fmt, ...)
{
	char text[512];
	va_list args;

	if (!pinger->handlers.event)
		return;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	pinger->handlers.event(pinger->userdata, level, text);
}

static void tell_down(struct pinger *pinger, const struct ping_group *group)
{
	char since[64] = "it never did", why[128] = "";
	int64_t age_ms = now_ms() - group->last_ms;

	if (group->last_ms > 0)
		(void)snprintf(since, sizeof(since), "the last answer came %lld.%lld s ago",
			       (long long)age_ms / 1000, (long long)age_ms % 1000 / 100);
	if (pinger->send_error)
		(void)snprintf(why, sizeof(why), "; sending: %s", strerror(-pinger->send_error));
	tell(pinger, HAOPS_LOG_WARNING,
	     "Ping target %s does not answer: %s (deadping %lld.%lld s)%s.", group->name, since,
	     (long long)pinger->groups->deadping_ms / 1000,
	     (long long)pinger->groups->deadping_ms % 1000 / 100, why);
}

/* The first answer of all is no news. */
static void judge_group(struct pinger *pinger, struct ping_group *group)
{
	bool was_known = group->is_known;

	switch (ping_group_judge(group, pinger->groups->deadping_ms, now_ms())) {
	case PING_CAME_UP:
		if (was_known)
			tell(pinger, HAOPS_LOG_INFO, "Ping target %s answers again.", group->name);
		break;
	case PING_WENT_DOWN:
		tell_down(pinger, group);
		break;
	case PING_SAME:
		break;
	}
}

static void judge(struct pinger *pinger)
{
	unsigned int up, total;

	for (size_t i = 0; i < pinger->groups->count; i++)
		judge_group(pinger, &pinger->groups->groups[i]);
	if (!ping_groups_count(pinger->groups, &up, &total))
		return;
	if (pinger->is_told ? up == pinger->up && total == pinger->total : total == 0)
		return;
	pinger->is_told = true;
	pinger->up = up;
	pinger->total = total;
	pinger->handlers.changed(pinger->userdata, up, total);
}

static void close_wire(struct pinger *pinger, struct ping_wire *wire)
{
	if (wire->fd >= 0)
		(void)qb_loop_poll_del(pinger->loop, wire->fd);
	ping_wire_close(wire);
}

/* What waits, but no more than the loop can bear. False: the socket is of no use any more. */
static bool receive(struct pinger *pinger, struct ping_wire *wire)
{
	int failed = 0;

	for (int i = 0; i < RECEIVE_MAX; i++) {
		struct haops_addr from;
		struct ping_echo echo;
		int r = ping_wire_receive(wire, &from, &echo);

		if (r == -EAGAIN)
			return true;
		if (r == 0)
			(void)ping_groups_answered(pinger->groups, &from, &echo, ping_now_us());
		else if (r != -EBADMSG && ++failed == RECEIVE_MAX / 2)
			return false;
	}
	return true;
}

static int32_t on_readable(int32_t fd, int32_t revents, void *userdata)
{
	struct pinger *pinger = userdata;
	struct ping_wire *wire = NULL;

	(void)revents;
	for (size_t i = 0; i < WIRES; i++)
		if (pinger->wires[i].fd == fd)
			wire = &pinger->wires[i];
	if (!wire)
		return -1;
	/* The next round opens a new one. */
	if (!receive(pinger, wire))
		close_wire(pinger, wire);
	judge(pinger);
	return 0;
}

static bool has_family(const struct pinger *pinger, sa_family_t family)
{
	for (size_t i = 0; i < pinger->groups->count; i++)
		for (size_t j = 0; j < pinger->groups->groups[i].target_count; j++)
			if (pinger->groups->groups[i].targets[j].addr.family == family)
				return true;
	return false;
}

static int open_wire(struct pinger *pinger, struct ping_wire *wire, sa_family_t family)
{
	int r = ping_wire_open(wire, pinger->ctx, family);

	if (r < 0)
		return r;
	r = qb_loop_poll_add(pinger->loop, QB_LOOP_MED, wire->fd, POLLIN, pinger, on_readable);
	if (r < 0)
		ping_wire_close(wire);
	return r;
}

static void tell_socket_error(struct pinger *pinger, int error)
{
	if (error == pinger->told_error)
		return;
	pinger->told_error = error;
	if (error)
		tell(pinger, HAOPS_LOG_ERROR,
		     "Ping targets cannot be asked, so nothing is known of them: no ICMP socket: "
		     "%s (haopsd needs CAP_NET_RAW, or its group in net.ipv4.ping_group_range).",
		     strerror(-error));
	else
		tell(pinger, HAOPS_LOG_INFO, "Ping targets are asked again.");
}

/* One for each family that is needed; 0 or the -errno of one that cannot be had. */
static int open_wires(struct pinger *pinger)
{
	static const sa_family_t FAMILIES[WIRES] = {AF_INET, AF_INET6};
	int error = 0;

	for (size_t i = 0; i < WIRES; i++) {
		struct ping_wire *wire = &pinger->wires[i];
		bool is_needed = has_family(pinger, FAMILIES[i]);
		int r = 0;

		if (is_needed && wire->fd < 0)
			r = open_wire(pinger, wire, FAMILIES[i]);
		if (!is_needed)
			close_wire(pinger, wire);
		error = r < 0 ? r : error;
	}
	tell_socket_error(pinger, error);
	return error;
}

static void ask(struct pinger *pinger, struct ping_target *target)
{
	struct ping_wire *wire = &pinger->wires[target->addr.family == AF_INET ? 0 : 1];
	struct ping_echo echo = {.seq = pinger->seq};
	int r;

	if (wire->fd < 0 || !ping_random(echo.cookie, sizeof(echo.cookie)))
		return;
	r = ping_wire_send(wire, &target->addr, &echo);
	if (r == 0)
		ping_target_asked(target, &echo, ping_now_us());
	pinger->send_error = r;
}

static void ask_all(struct pinger *pinger)
{
	pinger->seq++;
	for (size_t i = 0; i < pinger->groups->count; i++)
		for (size_t j = 0; j < pinger->groups->groups[i].target_count; j++)
			ask(pinger, &pinger->groups->groups[i].targets[j]);
}

/* Half of deadping, when that is less: what is left of it would be no time to answer. */
static int64_t excuse_ms(const struct pinger *pinger)
{
	int64_t half_ms = pinger->groups->deadping_ms / 2;

	return half_ms < EXCUSE_MAX_MS ? half_ms : EXCUSE_MAX_MS;
}

static void run_round(struct pinger *pinger)
{
	int64_t now = now_ms();
	int64_t late_ms = pinger->round_ms ? now - pinger->round_ms - pinger->keepalive_ms : 0;

	pinger->round_ms = now;
	for (size_t i = 0; i < WIRES; i++)
		if (pinger->wires[i].fd >= 0 && !receive(pinger, &pinger->wires[i]))
			close_wire(pinger, &pinger->wires[i]);
	/* Their silence is ours when we did not ask. */
	if (open_wires(pinger) < 0 || late_ms > excuse_ms(pinger))
		ping_groups_excuse(pinger->groups, now);
	judge(pinger);
	ask_all(pinger);
}

static void on_timer(void *userdata)
{
	struct pinger *pinger = userdata;
	int64_t spent_ms;

	run_round(pinger);
	spent_ms = now_ms() - pinger->round_ms;
	if (pinger->groups->count > 0)
		(void)bell_set(&pinger->timer, spent_ms < pinger->keepalive_ms
						       ? pinger->keepalive_ms - spent_ms
						       : 1);
}

int pinger_reconfigure(struct pinger *pinger, const struct config *config)
{
	struct ping_groups *groups = calloc(1, sizeof(*groups));

	if (!groups)
		return -ENOMEM;
	ping_groups_init(groups, config, pinger->groups, now_ms());
	free(pinger->groups);
	pinger->groups = groups;
	pinger->keepalive_ms = config->keepalive_ms;
	pinger->round_ms = 0;
	return bell_set(&pinger->timer, 0);
}

struct pinger *pinger_new(struct haops_ctx *ctx, qb_loop_t *loop, const struct config *config,
			  const struct pinger_handlers *handlers, void *userdata)
{
	struct pinger *pinger = calloc(1, sizeof(*pinger));

	if (!pinger)
		return NULL;
	pinger->ctx = ctx;
	pinger->loop = loop;
	pinger->handlers = *handlers;
	pinger->userdata = userdata;
	pinger->wires[0] = pinger->wires[1] = (struct ping_wire){.ctx = ctx, .fd = -1};
	pinger->timer = (struct bell){.loop = loop, .ring = on_timer, .data = pinger};
	if (bell_open(&pinger->timer, QB_LOOP_MED) == 0 && pinger_reconfigure(pinger, config) == 0)
		return pinger;
	pinger_free(pinger);
	return NULL;
}

void pinger_free(struct pinger *pinger)
{
	if (!pinger)
		return;
	bell_close(&pinger->timer);
	for (size_t i = 0; i < WIRES; i++)
		close_wire(pinger, &pinger->wires[i]);
	free(pinger->groups);
	free(pinger);
}

bool pinger_get(const struct pinger *pinger, unsigned int *ret_up, unsigned int *ret_total)
{
	return ping_groups_count(pinger->groups, ret_up, ret_total);
}

size_t pinger_count(const struct pinger *pinger)
{
	return pinger->groups->count;
}

void pinger_group_at(const struct pinger *pinger, size_t index, struct pinger_group *ret_group)
{
	const struct ping_group *group = &pinger->groups->groups[index];

	*ret_group = (struct pinger_group){.name = group->name,
					   .is_known = group->is_known,
					   .is_up = group->is_up,
					   .last_ms = group->last_ms,
					   .rtt_us = group->rtt_us};
}
