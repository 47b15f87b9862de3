/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and sentences of the heartbeat core, and how many of them are told at once. Decides
 * nothing about anybody. */
#include "heart/heart-internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define REST_QUIET_MS 10000
#define REST_EACH_MS 60000

const char *heart_state_name(enum heart_peer_state state)
{
	static const char *const NAMES[] = {"unknown", "active", "late", "held",
					    "silent",  "gone",	 "left"};

	return (unsigned int)state < sizeof(NAMES) / sizeof(NAMES[0]) ? NAMES[state] : "unknown";
}

const char *heart_span(int64_t ms, char buf[HEART_SPAN_MAX])
{
	long long n = ms < 0 ? 0 : (long long)ms;

	if (n < 1000)
		(void)snprintf(buf, HEART_SPAN_MAX, "%lld ms", n);
	else if (n < 120000)
		(void)snprintf(buf, HEART_SPAN_MAX, "%lld.%lld s", n / 1000, n % 1000 / 100);
	else if (n < 7200000)
		(void)snprintf(buf, HEART_SPAN_MAX, "%lld min %lld s", n / 60000, n % 60000 / 1000);
	else
		(void)snprintf(buf, HEART_SPAN_MAX, "%lld h %lld min", n / 3600000,
			       n % 3600000 / 60000);
	return buf;
}

const char *heart_peer_name(const struct peer *peer, char buf[HAOPS_CLUSTER_NAME_MAX + 32])
{
	if (peer->pub.name[0])
		(void)snprintf(buf, HAOPS_CLUSTER_NAME_MAX + 32, "%s", peer->pub.name);
	else
		(void)snprintf(buf, HAOPS_CLUSTER_NAME_MAX + 32, "node number %u",
			       peer->pub.nodeid);
	return buf;
}

void heart_own_text(unsigned int flags, char *buf, size_t size)
{
	static const struct {
		unsigned int flag;
		const char *text;
	} TEXTS[] = {
		{HEART_OWN_PAUSED, "this node stood still and has not recovered yet"},
		{HEART_OWN_LAGGING, "haopsd of this node cannot keep up"},
		{HEART_OWN_NO_ECHO, "our own heartbeat does not come back"},
		{HEART_OWN_NO_CLUSTER, "Corosync of this node is down or silent"},
		{HEART_OWN_ISOLATED, "this node is the isolated one"},
		{HEART_OWN_CONVERGING, "the network may still be converging"},
		{HEART_OWN_SETTLING, "the ring is being formed anew, or was until a moment ago"},
		{HEART_OWN_STARTING, "initdead is not over"},
		{HEART_OWN_NO_QUORUM, "this node has no quorum"},
		{HEART_OWN_DISK_SLOW, "the test write to our own disk is overdue"},
	};
	size_t len = 0;

	if (size == 0)
		return;
	buf[0] = '\0';
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]) && len < size; i++) {
		if (!(flags & TEXTS[i].flag))
			continue;
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? "; " : "",
					TEXTS[i].text);
	}
}

static void refill(struct limiter_state *limit, int64_t now_ms)
{
	int64_t more = limit->tokens_at_ms == 0
			       ? HEART_LIMIT_BURST
			       : (now_ms - limit->tokens_at_ms) / HEART_LIMIT_REFILL_MS;

	if (more <= 0)
		return;
	limit->tokens =
		(unsigned int)(limit->tokens + more < HEART_LIMIT_BURST ? limit->tokens + more
									: HEART_LIMIT_BURST);
	limit->tokens_at_ms = now_ms;
}

/* Once something was held back, the rest is, until heart_tell_rest() has told their number. */
static bool may_tell(struct limiter_state *limit, int64_t now_ms)
{
	refill(limit, now_ms);
	if (limit->tokens > 0 && limit->untold == 0) {
		limit->tokens--;
		return true;
	}
	if (limit->untold++ == 0)
		limit->untold_since_ms = now_ms;
	limit->untold_last_ms = now_ms;
	return false;
}

static void HAOPS_PRINTF(4, 0) tell(struct heart *heart, enum heart_level level, uint32_t nodeid,
				    const char *fmt, va_list args)
{
	char text[HEART_TEXT_MAX];

	(void)vsnprintf(text, sizeof(text), fmt, args);
	if (heart->event)
		heart->event(heart->userdata, level, nodeid, text);
}

void heart_tell_peer(struct heart *heart, struct peer *peer, enum heart_level level,
		     const char *fmt, ...)
{
	va_list args;

	if (!may_tell(&peer->limit, heart->now_ms))
		return;
	va_start(args, fmt);
	tell(heart, level, peer->pub.nodeid, fmt, args);
	va_end(args);
}

void heart_tell_own(struct heart *heart, enum heart_level level, const char *fmt, ...)
{
	va_list args;

	if (!may_tell(&heart->limit, heart->now_ms))
		return;
	va_start(args, fmt);
	tell(heart, level, heart->view.nodeid, fmt, args);
	va_end(args);
}

static int64_t rest_due_ms(const struct limiter_state *limit)
{
	int64_t quiet = limit->untold_last_ms + REST_QUIET_MS;
	int64_t each = limit->untold_since_ms + REST_EACH_MS;

	if (limit->untold == 0)
		return INT64_MAX;
	return quiet < each ? quiet : each;
}

/* Takes what was held back when it is due; its number, 0 when it is not. */
static unsigned int take_rest(struct limiter_state *limit, int64_t now_ms)
{
	unsigned int untold = limit->untold;

	if (now_ms < rest_due_ms(limit))
		return 0;
	refill(limit, now_ms);
	limit->untold = 0;
	/* Still restless: only the next number, no single ones. */
	if (now_ms - limit->untold_last_ms < REST_QUIET_MS)
		limit->tokens = 0;
	return untold;
}

static int64_t tell_rest_of(struct heart *heart, struct peer *peer, int64_t now_ms)
{
	struct limiter_state *limit = &peer->limit;
	int64_t since_ms = limit->untold_since_ms;
	unsigned int untold = take_rest(limit, now_ms);
	char name[HAOPS_CLUSTER_NAME_MAX + 32], span[HEART_SPAN_MAX], state[HEART_SPAN_MAX];
	char text[HEART_TEXT_MAX];

	if (untold == 0)
		return rest_due_ms(limit);
	(void)snprintf(text, sizeof(text),
		       "%s changes again and again: %u more changes in the last %s were not told "
		       "one by one; it is %s since %s.",
		       heart_peer_name(peer, name), untold, heart_span(now_ms - since_ms, span),
		       heart_state_name(peer->pub.state),
		       heart_span(now_ms - peer->pub.since_ms, state));
	if (heart->event)
		heart->event(heart->userdata, HEART_WARNING, peer->pub.nodeid, text);
	return INT64_MAX;
}

static int64_t tell_rest_own(struct heart *heart, int64_t now_ms)
{
	struct limiter_state *limit = &heart->limit;
	int64_t since_ms = limit->untold_since_ms;
	unsigned int untold = take_rest(limit, now_ms);
	char span[HEART_SPAN_MAX], own[HEART_TEXT_MAX / 2], text[HEART_TEXT_MAX];

	if (untold == 0)
		return rest_due_ms(limit);
	heart_own_text(heart->flags, own, sizeof(own));
	(void)snprintf(text, sizeof(text),
		       "The state of this node changes again and again: %u more changes in the "
		       "last %s were not told one by one; now: %s.",
		       untold, heart_span(now_ms - since_ms, span), own[0] ? own : "all is well");
	if (heart->event)
		heart->event(heart->userdata, HEART_WARNING, heart->view.nodeid, text);
	return INT64_MAX;
}

int64_t heart_tell_rest(struct heart *heart, int64_t now_ms)
{
	int64_t next = tell_rest_own(heart, now_ms);

	for (size_t i = 0; i < heart->peer_count; i++) {
		int64_t due = tell_rest_of(heart, &heart->peers[i], now_ms);

		next = due < next ? due : next;
	}
	return next;
}
