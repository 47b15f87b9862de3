/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haops mysql rejoin: what a node has that the primary never had, kept and shown; its mark is taken
 * away when it has nothing of the kind. Nothing is thrown away without --discard --yes. */

#include "client.h"
#include "discard.h"
#include "pacemaker.h"
#include "position.h"
#include "run.h"
#include "tables.h"
#include "tail.h"
#include "view-rejoin.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MS 120000
#define QUERY_MS 15000
#define QUESTION_MAX 32768

static void finish(struct run *run, struct writer *writer, int exit_status, const char *result)
{
	run->exit_status = exit_status;
	out_number(writer, "code", NULL, (uint64_t)exit_status);
	out_text(writer, "result", NULL, result);
	out_text(writer, "node", NULL, run->options.node);
}

static struct client client_of(struct run *run, const struct db_node *node, int64_t timeout_ms)
{
	return client_for(&run->access, node, haops_deadline_after(run->ctx, timeout_ms));
}

/* Whether its rows can be taken back, as far as its own server knows. */
static void ask_tables(struct run *run, struct divergence *d)
{
	const struct client client = client_of(run, d->node, QUERY_MS);
	CLEANUP_FREE char *question = malloc(QUESTION_MAX);
	CLEANUP_FREE char *rows = NULL;
	CLEANUP_FREE char *mode = NULL;

	(void)snprintf(d->tables, sizeof(d->tables),
		       "only root on that node sees whether its rows can be taken back");
	if (!d->is_local)
		return;
	if (!question || tables_question(&d->tail, question, QUESTION_MAX) < 0)
		return;
	if (client_query(run->ctx, &client, "SELECT @@global.slave_exec_mode", &mode) < 0 ||
	    (d->tail.table_count > 0 && client_query(run->ctx, &client, question, &rows) < 0)) {
		(void)snprintf(d->tables, sizeof(d->tables), "%s", haops_ctx_error(run->ctx));
		return;
	}
	if (strncmp(mode, "STRICT", 6) != 0)
		(void)snprintf(d->tables, sizeof(d->tables),
			       "slave_exec_mode is not STRICT: what does not fit would be skipped");
	else if (tables_allow(&d->tail, rows ? rows : "", d->tables, sizeof(d->tables)))
		d->tables[0] = '\0';
}

static int keep_tail(struct run *run, struct divergence *d)
{
	const struct client client = client_of(run, d->node, LOG_MS);
	struct client_log log = {.position = d->position};
	char path[TAIL_PATH_MAX];
	int r = tail_make_file(run->ctx, run->snapshot.resource, d->node->name, "errant", path);

	if (r < 0)
		return r;
	log.file = path;
	r = client_read_log(run->ctx, &client, &log);
	if (r == 0)
		r = tail_read(run->ctx, path, &d->tail);
	if (r == 0)
		(void)snprintf(d->file, sizeof(d->file), "%s", path);
	return r;
}

static void learn(struct run *run, struct divergence *d)
{
	const char *own = d->node->server.logged;
	const char *primary = d->primary->server.logged;
	bool is_mariadb = d->node->server.status.server.flavor == HAOPS_MYSQL_MARIADB;

	if (!is_mariadb || !own || !primary ||
	    position_common(own, primary, d->position, sizeof(d->position)) < 0 ||
	    position_common_state(own, primary, d->state, sizeof(d->state)) < 0) {
		(void)snprintf(d->trouble, sizeof(d->trouble),
			       "it is not known where its log leaves the primary's");
		return;
	}
	if (keep_tail(run, d) < 0)
		(void)snprintf(d->trouble, sizeof(d->trouble), "%s", haops_ctx_error(run->ctx));
	else
		ask_tables(run, d);
}

/* The agent goes on with a node that has no mark, at its next monitor. */
static void clear_mark(struct run *run, struct writer *writer)
{
	char name[SNAPSHOT_NAME_MAX + 8];
	char text[SNAPSHOT_TEXT_MAX];
	const struct db_node *node;

	(void)snprintf(name, sizeof(name), "bad-%s", run->options.node);
	/* The agent may have been quicker. */
	(void)pacemaker_forget(run->ctx, run->snapshot.resource, name, run->text);
	if (run_look(run) != 0) {
		finish(run, writer, LEVEL_UNKNOWN, "failed");
		return;
	}
	node = snapshot_look(&run->snapshot, run->options.node);
	if (!node || node->is_bad) {
		if (!run->text[0])
			(void)snprintf(run->text, sizeof(run->text),
				       "the mark is still in the CIB, though it was taken away");
		finish(run, writer, LEVEL_CRITICAL, "failed");
		return;
	}
	run->text[0] = '\0';
	(void)pacemaker_cleanup(run->ctx, run->snapshot.resource, run->options.node, text);
	finish(run, writer, 0, "cleared");
	out_say(writer, "", "%s has nothing that the primary lacks: its mark is taken away",
		node->name);
}

static bool is_clean(const struct db_node *node)
{
	return node->server.is_compared && !(node->server.errant && node->server.errant[0]) &&
	       !node->server.is_ahead;
}

static void show_divergence(struct run *run, struct writer *writer, struct divergence *d)
{
	struct way ways[WAY_COUNT];

	learn(run, d);
	ways_judge(d, ways);
	if (!run->options.has_discard) {
		finish(run, writer, LEVEL_WARNING, "diverged");
		view_divergence(writer, d, ways);
		return;
	}
	if (!ways_allow_discard(d, &ways[WAY_FLASHBACK], run->options.has_yes, run->text)) {
		finish(run, writer, EXIT_REFUSED, "refused");
		view_divergence(writer, d, ways);
		return;
	}
	if (discard_do(run, d) < 0) {
		finish(run, writer, LEVEL_CRITICAL, "failed");
		view_divergence(writer, d, ways);
		return;
	}
	run->text[0] = '\0';
	clear_mark(run, writer);
}

static int refuse(struct run *run, struct writer *writer, int exit_status)
{
	finish(run, writer, exit_status, "refused");
	return exit_status;
}

/* What has to be known before anything can be said of the node. */
static int check(struct run *run, struct writer *writer, const struct db_node *node)
{
	const struct db_node *primary = snapshot_primary(&run->snapshot);
	const char *text = NULL;

	if (!primary)
		text = "no primary answers, or more than one: there is nothing to compare with; "
		       "see haops mysql status";
	else if (node == primary)
		text = "it is the primary itself: what it has counts";
	else if (!node->server.is_answering)
		text = node->server.trouble;
	if (!text)
		return 0;
	(void)snprintf(run->text, sizeof(run->text), "%.200s: %.300s", node->name, text);
	return refuse(run, writer,
		      !primary || !node->server.is_answering ? (int)LEVEL_UNKNOWN : EXIT_REFUSED);
}

void rejoin_run(struct run *run, struct writer *writer)
{
	CLEANUP_FREE struct divergence *d = calloc(1, sizeof(*d));
	const struct db_node *node;
	int r = run_look_all(run);

	if (r != 0 || !d) {
		(void)run_failed(run, writer, r);
		return;
	}
	node = snapshot_look(&run->snapshot, run->options.node);
	if (!node) {
		(void)snprintf(run->text, sizeof(run->text), "there is no node %.200s",
			       run->options.node);
		(void)run_failed(run, writer, EXIT_NO_SUCH);
		return;
	}
	if (check(run, writer, node) != 0)
		return;
	d->snapshot = &run->snapshot;
	d->access = &run->access;
	d->node = node;
	d->primary = snapshot_primary(&run->snapshot);
	d->is_local = client_of(run, node, 0).is_local;
	if (!is_clean(node)) {
		show_divergence(run, writer, d);
	} else if (node->is_bad) {
		clear_mark(run, writer);
	} else {
		finish(run, writer, 0, "clean");
		out_say(writer, "", "%s has nothing that the primary lacks, and no mark",
			node->name);
	}
}
