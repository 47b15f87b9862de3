/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rejoin --discard: what was kept is taken back row by row, in reverse; the log that had it goes,
 * and the position is set to where the histories part. It is safe because the node is marked: what
 * it has counts for nothing, and if this fails it stays marked. */

#include "discard.h"

#include "client.h"
#include "tail.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MS 120000
#define APPLY_MS 600000
#define SCRIPT_MAX 16777216
#define ASK_MS 3000

static int make_script(struct run *run, const struct divergence *d, char **ret_script)
{
	const struct client client =
		client_for(&run->access, d->node, haops_deadline_after(run->ctx, LOG_MS));
	struct client_log log = {.position = d->position, .is_flashback = true};
	CLEANUP_FREE char *reverse = NULL;
	char path[TAIL_PATH_MAX];
	int r = tail_make_file(run->ctx, run->snapshot.resource, d->node->name, "flashback", path);

	log.file = path;
	if (r == 0)
		r = client_read_log(run->ctx, &client, &log);
	if (r == 0)
		r = tail_load(run->ctx, path, SCRIPT_MAX, &reverse);
	if (r < 0)
		return r;
	/* The position first: as soon as nothing of its own is in its log, the agent may have it
	 * replicate. The state says what the log had: others can go on from there. */
	r = asprintf(ret_script,
		     "STOP SLAVE;\nSET sql_log_bin = 0;\n%s\nSET GLOBAL gtid_strict_mode = 0;\n"
		     "SET GLOBAL gtid_slave_pos = '%s';\nRESET MASTER;\n"
		     "SET GLOBAL gtid_binlog_state = '%s';\nSET GLOBAL gtid_strict_mode = 1;\n",
		     reverse, d->position, d->state);
	return r < 0 ? -ENOMEM : 0;
}

static int look_again(struct run *run, const char *name)
{
	const struct db_node *node;
	int r = survey_ask_all(run->survey, &run->access, &run->snapshot, ASK_MS);

	node = snapshot_look(&run->snapshot, name);
	if (r == 0 && node && node->server.is_compared && !node->server.is_ahead &&
	    !(node->server.errant && node->server.errant[0]))
		return 0;
	(void)snprintf(run->text, sizeof(run->text),
		       "what %.200s had alone was taken back, but it is not as the primary was: "
		       "rebuild it",
		       name);
	return -EIO;
}

int discard_do(struct run *run, struct divergence *divergence)
{
	const struct client client = client_for(&run->access, divergence->node,
						haops_deadline_after(run->ctx, APPLY_MS));
	CLEANUP_FREE char *script = NULL;
	int r = make_script(run, divergence, &script);

	if (r == 0)
		r = client_apply(run->ctx, &client, script);
	if (r < 0) {
		(void)snprintf(run->text, sizeof(run->text),
			       "not all of it could be taken back, rebuild the node: %.350s",
			       haops_ctx_error(run->ctx));
		return r;
	}
	return look_again(run, divergence->node->name);
}
