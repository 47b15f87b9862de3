/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of a planned move, told by what is seen. Whoever is found writable is believed,
 * whatever was wished; the constraint is taken away on each way out. */

#include "plan.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

static void tell(struct plan *plan, const char *format, ...) HAOPS_PRINTF(2, 3);

static void tell(struct plan *plan, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(plan->news, sizeof(plan->news), format, args);
	va_end(args);
}

static enum plan_action fail(struct plan *plan, const char *format, ...) HAOPS_PRINTF(2, 3);

/* Undoing is taking the constraint away: Pacemaker then promotes whom it would without it. */
static enum plan_action fail(struct plan *plan, const char *format, ...)
{
	va_list args;

	if (!plan->is_failed) {
		va_start(args, format);
		(void)vsnprintf(plan->why, sizeof(plan->why), format, args);
		va_end(args);
		tell(plan, "%s", plan->why);
	}
	plan->is_failed = true;
	plan->is_clearing = true;
	return PLAN_CLEAR;
}

void plan_begin(struct plan *plan, const struct snapshot *snapshot, const char *to, int64_t now_ms,
		int64_t timeout_ms)
{
	const struct db_node *primary = snapshot_primary(snapshot);
	const struct db_node *candidate = snapshot_look(snapshot, to);

	memset(plan, 0, sizeof(*plan));
	if (primary)
		(void)snprintf(plan->from, sizeof(plan->from), "%s", primary->name);
	(void)snprintf(plan->to, sizeof(plan->to), "%s", to);
	plan->began_ms = now_ms;
	plan->last_writable_ms = now_ms;
	plan->deadline_ms = now_ms + timeout_ms;
	plan->undo_ms = timeout_ms;
	plan->known_failure_s = candidate ? candidate->failure_s : 0;
}

void plan_abort(struct plan *plan, const char *why)
{
	if (!plan->is_failed && plan->phase < PLAN_STAY)
		(void)fail(plan, "%s", why);
}

int64_t plan_gap_ms(const struct plan *plan)
{
	return plan->opened_ms > 0 ? plan->opened_ms - plan->last_writable_ms : -1;
}

/* Reasons to give up before the new one is writable. True: given up. */
static bool is_hopeless(struct plan *plan, const struct snapshot *s, int64_t now_ms)
{
	const struct db_node *from = snapshot_look(s, plan->from);
	const struct db_node *to = snapshot_look(s, plan->to);
	const struct db_node *primary = snapshot_primary(s);

	if (!to || to->presence != PRESENCE_ONLINE)
		(void)fail(plan, "%s is not online any more", plan->to);
	else if (to->failure_s > 0 && to->failure_s != plan->known_failure_s)
		(void)fail(plan, "%s could not be promoted: %s", plan->to,
			   to->failure[0] ? to->failure : "no reason was given");
	else if (primary && primary != from && primary != to)
		(void)fail(plan, "%s was promoted instead", primary->name);
	else if (plan->is_closed && from && server_is_writable(&from->server))
		(void)fail(plan, "%s takes writes again: Pacemaker has changed its mind",
			   plan->from);
	else if (now_ms >= plan->deadline_ms)
		(void)fail(plan,
			   plan->is_closed ? "%s was not promoted in time"
					   : "Pacemaker did not demote the old primary for %s in "
					     "time",
			   plan->to);
	else
		return false;
	return true;
}

static enum plan_action wait_demote(struct plan *plan, const struct snapshot *s, int64_t now_ms)
{
	const struct db_node *from = snapshot_look(s, plan->from);
	const struct db_node *to = snapshot_look(s, plan->to);

	if (from && server_is_writable(&from->server))
		plan->last_writable_ms = now_ms;
	if ((from && from->server.is_answering && !from->server.status.is_writable) ||
	    (to && server_is_writable(&to->server))) {
		plan->is_closed = true;
		plan->phase = PLAN_PROMOTE;
		tell(plan, "%s takes no writes any more", plan->from);
		return PLAN_GO_ON;
	}
	return is_hopeless(plan, s, now_ms) ? PLAN_CLEAR : PLAN_WAIT;
}

static enum plan_action wait_promote(struct plan *plan, const struct snapshot *s, int64_t now_ms)
{
	const struct db_node *to = snapshot_look(s, plan->to);
	int64_t gap_ms;

	if (!to || snapshot_primary(s) != to)
		return is_hopeless(plan, s, now_ms) ? PLAN_CLEAR : PLAN_WAIT;
	plan->opened_ms = now_ms;
	plan->phase = PLAN_FOLLOW;
	gap_ms = plan_gap_ms(plan);
	tell(plan, "%s takes writes: nobody did for %" PRId64 ".%03" PRId64 " s at most", plan->to,
	     gap_ms / 1000, gap_ms % 1000);
	return PLAN_GO_ON;
}

static enum plan_action wait_follow(struct plan *plan, const struct snapshot *s, int64_t now_ms)
{
	const struct db_node *from = snapshot_look(s, plan->from);
	const struct db_node *to = snapshot_look(s, plan->to);

	if (from && to && server_replicates(&from->server) &&
	    strcmp(from->server.status.source_host, to->host) == 0) {
		plan->phase = PLAN_SETTLE;
		tell(plan, "%s replicates from %s", plan->from, plan->to);
		return PLAN_GO_ON;
	}
	if (now_ms < plan->deadline_ms)
		return PLAN_WAIT;
	return fail(plan, "%s does not replicate from %s%s%s", plan->from, plan->to,
		    from && from->server.status.receiver_error[0] ? ": " : "",
		    from ? from->server.status.receiver_error : "");
}

/* Without the constraint the scores decide, and nothing may move back. */
static bool is_settled(const struct plan *plan, const struct snapshot *s)
{
	const struct db_node *to = snapshot_look(s, plan->to);

	if (!to || to->role != ROLE_PROMOTED || !to->has_score)
		return false;
	for (size_t i = 0; i < s->node_count; i++) {
		const struct db_node *node = &s->nodes[i];

		if (node != to && node->has_score && node->score >= to->score)
			return false;
	}
	return true;
}

static enum plan_action wait_settle(struct plan *plan, const struct snapshot *s, int64_t now_ms)
{
	if (!is_settled(plan, s) && now_ms < plan->deadline_ms)
		return PLAN_WAIT;
	plan->is_clearing = true;
	return PLAN_CLEAR;
}

static enum plan_action end(struct plan *plan, enum plan_result result)
{
	plan->phase = PLAN_END;
	plan->result = result;
	return PLAN_FINISH;
}

static enum plan_result result_of(const struct plan *plan, const struct db_node *primary)
{
	if (strcmp(primary->name, plan->from) == 0)
		return PLAN_UNDONE;
	if (strcmp(primary->name, plan->to) != 0)
		return PLAN_ELSEWHERE;
	return plan->is_failed ? PLAN_ALONE : PLAN_MOVED;
}

/* Whoever is the primary when Pacemaker has nothing more to do, is it. */
static enum plan_action look_who(struct plan *plan, const struct snapshot *s, int64_t now_ms)
{
	const struct db_node *primary = snapshot_primary(s);

	if (primary && primary->role == ROLE_PROMOTED) {
		if (plan->is_failed || strcmp(primary->name, plan->to) != 0)
			tell(plan, "%s takes writes", primary->name);
		return end(plan, result_of(plan, primary));
	}
	if (now_ms < plan->deadline_ms)
		return PLAN_WAIT;
	tell(plan, "nobody takes writes: see haops mysql status");
	return end(plan, PLAN_NOBODY);
}

void plan_cleared(struct plan *plan, int64_t now_ms)
{
	plan->is_clearing = false;
	plan->phase = plan->is_failed ? PLAN_BACK : PLAN_STAY;
	plan->deadline_ms = now_ms + plan->undo_ms;
}

enum plan_action plan_step(struct plan *plan, const struct snapshot *snapshot, int64_t now_ms)
{
	plan->news[0] = '\0';
	if (plan->is_clearing)
		return PLAN_CLEAR;
	switch (plan->phase) {
	case PLAN_DEMOTE:
		return wait_demote(plan, snapshot, now_ms);
	case PLAN_PROMOTE:
		return wait_promote(plan, snapshot, now_ms);
	case PLAN_FOLLOW:
		return wait_follow(plan, snapshot, now_ms);
	case PLAN_SETTLE:
		return wait_settle(plan, snapshot, now_ms);
	case PLAN_STAY:
	case PLAN_BACK:
		return look_who(plan, snapshot, now_ms);
	case PLAN_END:
		break;
	}
	return PLAN_FINISH;
}
