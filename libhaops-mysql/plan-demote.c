/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * read_only with a short limit for its locks, and between the tries the sessions are killed: it
 * waits for each statement under way, and for a commit that waits for a replica, for ever. The
 * waiting for replicas is never switched off for that: it would acknowledge what nobody has.
 */
#include "plan-demote.h"
#include "internal.h"
#include "text.h"

#include <inttypes.h>

#define PAUSE_MS 20

#define ER_NO_SUCH_THREAD 1094
#define ER_LOCK_WAIT_TIMEOUT 1205
#define ER_QUERY_INTERRUPTED 1317
#define ER_QUERY_TIMEOUT 3024
#define ER_STATEMENT_TIMEOUT 1969
#define ER_LOCK_DEADLOCK 1213
#define ER_CANT_UPDATE_WITH_READLOCK 1223

void plan_demote_done(struct demote *demote)
{
	sessions_done(&demote->sessions);
	free(demote->position);
	demote->position = NULL;
}

static int close_it(struct demote *demote, const struct view *view, struct step *step)
{
	int r = step_word(step, view, WORD_CLOSE);

	demote->stage = DEMOTE_CLOSING;
	step->may_fail = true;
	return r;
}

static int list(struct demote *demote, struct step *step)
{
	demote->stage = DEMOTE_LISTING;
	step->kind = STEP_RUN;
	step->statement = strdup("SHOW PROCESSLIST");
	return step->statement ? 0 : -ENOMEM;
}

static int look_again(struct demote *demote, const char *why, struct step *step)
{
	demote->stage = DEMOTE_LOOK;
	return step_pause(step, PAUSE_MS, "it may still write: %s", why);
}

/* After the last one of a list. */
static int end_of_list(struct demote *demote, const struct view *view, struct step *step)
{
	sessions_done(&demote->sessions);
	if (!demote->is_closed)
		return close_it(demote, view, step);
	return look_again(demote,
			  demote->are_gone ? "its position still moves"
					   : "sessions that were killed are still there",
			  step);
}

static int kill_next(struct demote *demote, const struct view *view, struct step *step)
{
	if (demote->at == demote->sessions.count)
		return end_of_list(demote, view, step);
	demote->stage = DEMOTE_KILLING;
	(void)step_set(step,
		       text_format("KILL CONNECTION %" PRIu64, demote->sessions.ids[demote->at++]));
	step->may_fail = true;
	return step->statement ? 0 : -ENOMEM;
}

/* Sessions that began after it was closed cannot write; those before have to be gone. */
static int take_list(struct demote *demote, const struct view *view, struct step *step)
{
	uint64_t old_max = demote->fence ? demote->fence : UINT64_MAX;
	int r = sessions_read(view->answer, view->facts->own_id, old_max, &demote->sessions);

	if (r == -EPROTO)
		return step_refuse(step, EIO, "its list of sessions is not understood");
	if (r < 0)
		return r;
	demote->at = 0;
	if (demote->is_closed && !demote->fence)
		demote->fence = demote->sessions.highest;
	demote->are_gone = demote->is_closed && !demote->sessions.last_old;
	return kill_next(demote, view, step);
}

static int refuse_close(const struct view *view, struct step *step)
{
	const struct answer *answer = view->answer;

	return step_refuse(step, answer_is_denied(answer) ? EACCES : EIO,
			   "it does not become read-only: %s (%u)", answer->text, answer->code);
}

static int take_closing(struct demote *demote, const struct view *view, struct step *step)
{
	switch (view->answer->code) {
	case ER_LOCK_WAIT_TIMEOUT:
	case ER_QUERY_INTERRUPTED:
	case ER_QUERY_TIMEOUT:
	case ER_STATEMENT_TIMEOUT:
	case ER_LOCK_DEADLOCK:
	case ER_CANT_UPDATE_WITH_READLOCK:
		return list(demote, step);
	default:
		return refuse_close(view, step);
	}
}

static int take_killing(struct demote *demote, const struct view *view, struct step *step)
{
	const struct answer *answer = view->answer;

	if (answer->code && answer->code != ER_NO_SUCH_THREAD)
		return step_refuse(step, answer_is_denied(answer) ? EACCES : EIO,
				   "a session cannot be killed: %s (%u)", answer->text,
				   answer->code);
	demote->killed += !answer->code;
	return kill_next(demote, view, step);
}

/* An event runs with its owner's rights, which may be those to write to a read-only server. */
static int stop_events(struct demote *demote, struct step *step)
{
	demote->has_stopped_events = true;
	demote->stage = DEMOTE_EVENTS;
	(void)step_set(step, strdup("SET GLOBAL event_scheduler=OFF"));
	step->may_fail = true;
	return step->statement ? 0 : -ENOMEM;
}

/* The same position at two looks with a list of sessions between them. */
static bool is_still(struct demote *demote, const struct facts *facts)
{
	return demote->position && !strcmp(demote->position, facts->position);
}

static int take_look(struct demote *demote, const struct view *view, struct step *step)
{
	const struct facts *facts = view->facts;

	demote->is_closed = facts->status.is_read_only;
	if (!demote->is_closed) {
		demote->fence = 0;
		return close_it(demote, view, step);
	}
	if (facts->has_events && !demote->has_stopped_events)
		return stop_events(demote, step);
	if (demote->are_gone && is_still(demote, facts))
		return step_done(step);
	free(demote->position);
	demote->position = strdup(facts->position);
	return demote->position ? list(demote, step) : -ENOMEM;
}

int plan_demote(void *memory, const struct view *view, struct step *step)
{
	struct demote *demote = memory;

	if (!view->answer)
		demote->stage = DEMOTE_LOOK;
	switch (demote->stage) {
	case DEMOTE_CLOSING:
		return take_closing(demote, view, step);
	case DEMOTE_LISTING:
		return take_list(demote, view, step);
	case DEMOTE_KILLING:
		return take_killing(demote, view, step);
	default:
		return take_look(demote, view, step);
	}
}
