/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haops switchover mysql: does what the plan says, and looks again. Whatever happens, the
 * constraint is taken away; if this program is killed, it ends by itself. */

#include "client.h"
#include "pacemaker.h"
#include "plan.h"
#include "run.h"
#include "steps.h"
#include "writes.h"

#include "util/cleanup.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define POLL_MS 50
#define PACEMAKER_EVERY_MS 250
#define OTHERS_EVERY_MS 1000
#define ASK_MS 1000
#define SETTLE_MS 30000
/* How long taking the constraint away is tried. */
#define CLEAR_MS 60000
#define LIFETIME_MARGIN_S 60

struct mover {
	struct run *run;
	struct plan plan;
	struct steps steps;
	int signals;
	int64_t looked_ms;
	int64_t asked_others_ms;
	int64_t clear_until_ms; /* 0: not tried yet */
};

static int64_t now(const struct mover *mover)
{
	return haops_deadline_after(mover->run->ctx, 0);
}

static int watch_signals(void)
{
	sigset_t wanted;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGHUP);
	sigaddset(&wanted, SIGQUIT);
	if (sigprocmask(SIG_BLOCK, &wanted, NULL) < 0)
		return -1;
	return signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void rest(struct mover *mover)
{
	struct pollfd fd = {.fd = mover->signals, .events = POLLIN};
	struct signalfd_siginfo info;

	if (poll(&fd, 1, POLL_MS) > 0 &&
	    read(mover->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		plan_abort(&mover->plan, "interrupted: what was asked for is undone");
}

static bool is_of_plan(const struct mover *mover, const struct db_node *node)
{
	return strcmp(node->name, mover->plan.from) == 0 || strcmp(node->name, mover->plan.to) == 0;
}

/* The two that matter each time; the others, and Pacemaker, now and then. */
static void look(struct mover *mover)
{
	struct run *run = mover->run;
	int64_t now_ms = now(mover);
	bool asks_others = now_ms - mover->asked_others_ms >= OTHERS_EVERY_MS;

	if (now_ms - mover->looked_ms >= PACEMAKER_EVERY_MS) {
		(void)run_look(run);
		mover->looked_ms = now_ms;
	}
	for (size_t i = 0; i < run->snapshot.node_count; i++) {
		struct db_node *node = &run->snapshot.nodes[i];

		if (is_of_plan(mover, node) || asks_others)
			survey_ask(run->survey, &run->access, node, ASK_MS);
	}
	if (asks_others)
		mover->asked_others_ms = now_ms;
	snapshot_find_primary(&run->snapshot);
}

static void give_up_clearing(struct mover *mover)
{
	steps_add(&mover->steps, now(mover),
		  "the constraint could not be taken away (%.200s): it ends by itself; "
		  "crm_resource "
		  "--clear --resource %.200s does it at once",
		  mover->run->text, mover->run->snapshot.top);
	mover->run->text[0] = '\0';
	plan_cleared(&mover->plan, now(mover));
}

static void clear(struct mover *mover)
{
	struct run *run = mover->run;
	char text[SNAPSHOT_TEXT_MAX];

	if (mover->clear_until_ms == 0)
		mover->clear_until_ms = now(mover) + CLEAR_MS;
	if (pacemaker_clear(run->ctx, run->snapshot.top, run->text) < 0) {
		if (now(mover) >= mover->clear_until_ms)
			give_up_clearing(mover);
		return;
	}
	run->text[0] = '\0';
	steps_add(&mover->steps, now(mover), "the constraint is taken away");
	(void)pacemaker_settle(run->ctx, SETTLE_MS, text);
	mover->looked_ms = 0;
	mover->asked_others_ms = 0;
	plan_cleared(&mover->plan, now(mover));
}

static void follow(struct mover *mover)
{
	enum plan_action action = PLAN_WAIT;

	while (action != PLAN_FINISH) {
		if (action != PLAN_GO_ON)
			look(mover);
		action = plan_step(&mover->plan, &mover->run->snapshot, now(mover));
		if (mover->plan.news[0])
			steps_add(&mover->steps, now(mover), "%s", mover->plan.news);
		if (action == PLAN_CLEAR)
			clear(mover);
		if (action == PLAN_WAIT || action == PLAN_CLEAR)
			rest(mover);
	}
}

struct ending {
	const char *name;
	const char *before; /* the primary's name */
	const char *after;
	enum writer_level level;
};

static const struct ending endings[] = {
	[PLAN_OPEN] = {"unknown", "it is not known how it ended; seen last: ", "", LEVEL_UNKNOWN},
	[PLAN_MOVED] = {"moved", "", " is the primary", LEVEL_OK},
	[PLAN_ALONE] = {"alone", "", " is the primary, but not all is well", LEVEL_WARNING},
	[PLAN_UNDONE] = {"undone", "not moved, ", " is the primary again", LEVEL_CRITICAL},
	[PLAN_ELSEWHERE] = {"elsewhere", "not moved there, ", " is the primary now",
			    LEVEL_CRITICAL},
	[PLAN_NOBODY] = {"nobody", "", " is known to be the primary", LEVEL_CRITICAL},
};

static void say_result(struct mover *mover, struct writer *writer)
{
	const struct plan *plan = &mover->plan;
	const struct ending *ending = &endings[plan->result];
	const struct db_node *primary = snapshot_primary(&mover->run->snapshot);
	const char *name = primary && plan->result != PLAN_NOBODY ? primary->name : "nobody";

	mover->run->exit_status = (int)ending->level;
	out_number(writer, "code", NULL, (uint64_t)mover->run->exit_status);
	out_text(writer, "result", NULL, ending->name);
	out_text(writer, "from", NULL, plan->from);
	out_text(writer, "to", NULL, plan->to);
	out_text(writer, "primary", NULL, primary ? primary->name : "");
	out_ms(writer, "gap_ms", NULL, plan_gap_ms(plan));
	out_text(writer, "reason", NULL, plan->why);
	out_level(writer, ending->level);
	out_say(writer, "", "%s%s%s%s%s", ending->before, name, ending->after,
		plan->why[0] ? ": " : "", plan->why);
	steps_write(&mover->steps, writer);
}

static void say_refused(struct run *run, struct writer *writer, const struct verdict *verdict)
{
	run->exit_status = EXIT_REFUSED;
	out_number(writer, "code", NULL, EXIT_REFUSED);
	out_text(writer, "result", NULL, "refused");
	view_problems(writer, verdict);
	(void)snprintf(run->text, sizeof(run->text),
		       "the primary is not moved to %.200s, and nothing was changed",
		       run->options.to);
}

/* Nothing was asked for yet, but who knows what a program that failed has done. */
static void move_failed(struct mover *mover, struct writer *writer)
{
	char text[SNAPSHOT_TEXT_MAX];

	(void)pacemaker_clear(mover->run->ctx, mover->run->snapshot.top, text);
	out_number(writer, "code", NULL, EXIT_REFUSED);
	out_text(writer, "result", NULL, "refused");
	out_text(writer, "reason", NULL, mover->run->text);
	mover->run->exit_status = EXIT_REFUSED;
}

static void move(struct mover *mover, struct writer *writer)
{
	struct run *run = mover->run;
	int64_t lifetime_s = 2 * run->options.timeout_ms / 1000 + LIFETIME_MARGIN_S;

	mover->steps.is_shown = run->options.form.form == WRITER_TEXT;
	mover->steps.began_ms = now(mover);
	plan_begin(&mover->plan, &run->snapshot, run->options.to, now(mover),
		   run->options.timeout_ms);
	steps_add(&mover->steps, now(mover),
		  "%.200s is to move from %.100s to %.100s (a constraint of %" PRId64 " s)",
		  run->snapshot.top, mover->plan.from, mover->plan.to, lifetime_s);
	if (pacemaker_move(run->ctx, run->snapshot.top, run->options.to, lifetime_s, run->text) <
	    0) {
		move_failed(mover, writer);
		return;
	}
	run->text[0] = '\0';
	follow(mover);
	say_result(mover, writer);
}

static bool is_there_already(struct run *run, struct writer *writer)
{
	const struct db_node *primary = snapshot_primary(&run->snapshot);

	if (!primary || primary->role != ROLE_PROMOTED ||
	    strcmp(primary->name, run->options.to) != 0)
		return false;
	out_number(writer, "code", NULL, 0);
	out_text(writer, "result", NULL, "unchanged");
	out_say(writer, "", "%s is the primary already", primary->name);
	return true;
}

static void ask_writes(struct run *run)
{
	const struct db_node *primary = snapshot_primary(&run->snapshot);
	CLEANUP_FREE char *rows = NULL;
	struct client client;

	if (!primary)
		return;
	client = client_for(&run->access, primary, haops_deadline_after(run->ctx, RUN_ASK_MS));
	if (client_query(run->ctx, &client, writes_question, &rows) == 0)
		writes_read(rows, &run->snapshot.writes);
	else
		(void)snprintf(run->snapshot.writes.trouble, sizeof(run->snapshot.writes.trouble),
			       "%s", haops_ctx_error(run->ctx));
}

static void move_if_allowed(struct run *run, struct writer *writer)
{
	const struct plan_wish wish = {.to = run->options.to, .max_lag_s = run->options.max_lag_s};
	struct mover *mover = calloc(1, sizeof(*mover));
	struct verdict verdict;

	ask_writes(run);
	plan_check(&run->snapshot, &wish, &verdict);
	if (verdict.level == LEVEL_CRITICAL || !mover) {
		say_refused(run, writer, &verdict);
		free(mover);
		return;
	}
	mover->run = run;
	mover->signals = watch_signals();
	for (size_t i = 0; i < verdict.count; i++)
		fprintf(stderr, "haops: %s\n", verdict.problems[i].text);
	move(mover, writer);
	if (mover->signals >= 0)
		(void)close(mover->signals);
	free(mover);
}

void switchover_run(struct run *run, struct writer *writer)
{
	int r = run_look_all(run);

	if (r != 0) {
		(void)run_failed(run, writer, r);
		return;
	}
	if (!snapshot_look(&run->snapshot, run->options.to)) {
		(void)snprintf(run->text, sizeof(run->text),
			       "there is no node %.200s with a server of %.200s", run->options.to,
			       run->snapshot.top);
		(void)run_failed(run, writer, EXIT_NO_SUCH);
		return;
	}
	if (!is_there_already(run, writer))
		move_if_allowed(run, writer);
}
