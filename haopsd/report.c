/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Losses on their way from the watcher to Pacemaker: when they may be reported, what became of it,
 * when to look again. How they are seen and told is the matter of watch/ and pcmk/.
 */
#include "daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool find_entry(const struct daemon *daemon, const char *resource,
		       struct watcher_entry *ret_entry)
{
	for (size_t i = 0; i < watcher_count(daemon->watcher); i++) {
		watcher_entry_at(daemon->watcher, i, ret_entry);
		if (strcmp(ret_entry->watch->resource, resource) == 0)
			return true;
	}
	return false;
}

static void give_back(struct daemon *daemon, struct loss *loss, int64_t now_ms)
{
	if (loss->has_slot)
		limiter_give_back(daemon->limiter, loss->resource, now_ms);
	loss->has_slot = false;
}

static void tell_answer(struct daemon *daemon, const struct loss *loss, enum pcmk_result result,
			const char *text)
{
	switch (result) {
	case PCMK_REPORTED:
		daemon_tell(daemon, HAOPS_LOG_INFO,
			    "%s: Pacemaker has the loss, %" PRId64 " ms after it was noticed",
			    loss->resource, host_boottime_ms() - loss->noticed_ms);
		return;
	case PCMK_UNMANAGED:
		daemon_tell(daemon, HAOPS_LOG_INFO,
			    "%s: not reported, because it is unmanaged or in maintenance (%s); "
			    "looked at again each %d s",
			    loss->resource, text, LOSSES_UNMANAGED_MS / 1000);
		return;
	case PCMK_NOT_HERE:
		daemon_tell(daemon, HAOPS_LOG_INFO,
			    "%s: not reported, because Pacemaker does not run it here (%s)",
			    loss->resource, text);
		return;
	case PCMK_UNAVAILABLE:
		daemon_tell(daemon, HAOPS_LOG_WARNING,
			    "%s: the loss cannot be reported yet (%s); tried again", loss->resource,
			    text);
		return;
	}
}

static void take_answer(struct daemon *daemon, struct loss *loss, enum pcmk_result result,
			const char *text)
{
	int64_t now_ms = host_boottime_ms();

	if (result == PCMK_REPORTED)
		daemon->reports++;
	else if (loss->tries == 0)
		daemon->reports_held++;
	if (result != PCMK_REPORTED)
		give_back(daemon, loss, now_ms);
	if (losses_answered(loss, result, now_ms))
		tell_answer(daemon, loss, result, text);
	agenda_hurry(&daemon->agenda, JOB_LOSSES, loss->due_ms);
}

static void send_report(struct daemon *daemon, struct loss *loss, int64_t now_ms)
{
	struct watcher_entry entry;
	uint64_t id = 0;
	int r;

	if (!find_entry(daemon, loss->resource, &entry)) {
		give_back(daemon, loss, now_ms);
		losses_remove(daemon->losses, loss);
		return;
	}
	/* Asked first: an answer may come out of the call. */
	losses_asked(loss, 0, now_ms);
	r = pcmk_report(daemon->pcmk, entry.watch, entry.is_idle ? PCMK_LOOK : PCMK_RECOVER,
			loss->reason, &id);
	if (r < 0)
		take_answer(daemon, loss, PCMK_UNAVAILABLE, strerror(-r));
	else if (loss->state == LOSS_ASKED)
		loss->id = id;
}

static void run_one(struct daemon *daemon, struct loss *loss, int64_t now_ms)
{
	char resource[HAOPS_WATCH_NAME_MAX];

	switch (loss->state) {
	case LOSS_WAITING:
		send_report(daemon, loss, now_ms);
		return;
	case LOSS_ASKED:
		take_answer(daemon, loss, PCMK_UNAVAILABLE, "no answer");
		return;
	case LOSS_RECHECKING:
	case LOSS_HELD:
		losses_recheck(loss, now_ms);
		/* The look may end with settled(), which frees the loss. */
		memcpy(resource, loss->resource, sizeof(resource));
		watcher_retry(daemon->watcher, resource);
		return;
	case LOSS_REPORTED:
		loss->due_ms = LOSSES_NEVER;
		return;
	}
}

void report_run(struct daemon *daemon, int64_t now_ms)
{
	struct loss *loss;

	/* What we saw before or during a pause of our own is old news. */
	if (daemon->runs_losses || (heart_own_flags(daemon->heart) & HEART_OWN_PAUSED))
		return;
	daemon->runs_losses = true;
	while ((loss = losses_due(daemon->losses, now_ms)))
		run_one(daemon, loss, now_ms);
	daemon->runs_losses = false;
	agenda_set(&daemon->agenda, JOB_LOSSES, losses_next_ms(daemon->losses));
}

/* From the watcher ---------------------------------------------------------------------------- */

static void on_lost(void *userdata, const struct haops_watch *watch, const char *reason,
		    int64_t noticed_ms)
{
	struct daemon *daemon = userdata;
	int64_t now_ms = daemon_enter(daemon);
	bool is_known = losses_find(daemon->losses, watch->resource) != NULL;
	struct loss *loss = NULL;
	int r;

	if (!is_known)
		daemon_tell(daemon, HAOPS_LOG_WARNING, "%s: %s%s", watch->resource, reason,
			    watch->is_pacemaker ? "" : " (not Pacemaker's, only told here)");
	r = watch->is_pacemaker
		    ? losses_add(daemon->losses, watch->resource, reason, noticed_ms, &loss)
		    : 0;
	if (r < 0)
		daemon_tell(daemon, HAOPS_LOG_ERROR, "%s: the loss cannot be reported: %s",
			    watch->resource, strerror(-r));
	if (loss) {
		losses_wait(loss, loss->has_slot ? now_ms
						 : limiter_next_ms(daemon->limiter, loss->resource,
								   now_ms));
		loss->has_slot = true;
		if (loss->due_ms > now_ms)
			daemon_tell(daemon, HAOPS_LOG_INFO,
				    "%s: reported in %" PRId64 " ms, as losses are many",
				    loss->resource, loss->due_ms - now_ms);
		agenda_hurry(&daemon->agenda, JOB_LOSSES, loss->due_ms);
		report_run(daemon, now_ms);
	}
	daemon_leave(daemon);
}

static void on_settled(void *userdata, const char *resource)
{
	struct daemon *daemon = userdata;
	int64_t now_ms = daemon_enter(daemon);
	struct loss *loss = losses_find(daemon->losses, resource);

	if (loss) {
		if (loss->state != LOSS_REPORTED && loss->state != LOSS_ASKED) {
			daemon_tell(daemon, HAOPS_LOG_INFO,
				    "%s: whole again or stopped, nothing to report", resource);
			give_back(daemon, loss, now_ms);
		}
		/* It may still wait behind others. */
		if (loss->state == LOSS_ASKED)
			pcmk_withdraw(daemon->pcmk, loss->id);
		losses_remove(daemon->losses, loss);
	}
	daemon_leave(daemon);
}

static void on_watcher_links(void *userdata)
{
	struct daemon *daemon = userdata;
	int64_t now_ms = daemon_enter(daemon);

	own_carrier(daemon, now_ms);
	daemon_leave(daemon);
}

static void on_event(void *userdata, enum haops_log_level level, const char *text)
{
	daemon_tell(userdata, level, "%s", text);
}

/* From Pacemaker ------------------------------------------------------------------------------ */

static void on_reported(void *userdata, uint64_t id, enum pcmk_result result, const char *text)
{
	struct daemon *daemon = userdata;
	struct loss *loss;

	(void)daemon_enter(daemon);
	if (!judge_fenced(daemon, id, result, text)) {
		loss = losses_by_id(daemon->losses, id);
		if (loss)
			take_answer(daemon, loss, result, text);
		else if (result == PCMK_REPORTED)
			daemon->reports++; /* settled in the meantime */
	}
	daemon_leave(daemon);
}

static void on_alive(void *userdata, int64_t asked_ms)
{
	struct daemon *daemon = userdata;

	(void)daemon_enter(daemon);
	daemon->pacemaker_ms = asked_ms;
	daemon_leave(daemon);
}

/* Life ---------------------------------------------------------------------------------------- */

int report_open(struct daemon *daemon)
{
	static const struct watcher_handlers watch = {.lost = on_lost,
						      .settled = on_settled,
						      .links = on_watcher_links,
						      .event = on_event};
	static const struct pcmk_handlers pacemaker = {.reported = on_reported,
						       .alive = on_alive,
						       .event = on_event};
	int r;

	daemon->limiter = limiter_new();
	daemon->losses = losses_new();
	if (!daemon->limiter || !daemon->losses)
		return -ENOMEM;
	r = pcmk_new(daemon->ctx, daemon->loop, &pacemaker, daemon, &daemon->pcmk);
	if (r < 0)
		return r;
	r = watcher_new(daemon->ctx, daemon->loop, &watch, daemon, &daemon->watcher);
	if (r == 0)
		watcher_set_database_interval(daemon->watcher, daemon->config.database_interval_ms);
	return r;
}

void report_close(struct daemon *daemon)
{
	if (daemon->watcher)
		watcher_free(daemon->watcher);
	if (daemon->pcmk)
		pcmk_free(daemon->pcmk);
	losses_free(daemon->losses);
	limiter_free(daemon->limiter);
}
