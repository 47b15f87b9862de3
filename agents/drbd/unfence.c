/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unfence_if_all_uptodate: has DRBD's handler unfence-peer take back what fence-peer did, once all
 * disks are UpToDate again. */

#include "drbd/drbd.h"

#include <haops/state.h>
#include <stdio.h>
#include <stdlib.h>

#define STATE_NAME_BYTES 201
#define ENV_BYTES 2048

static void done_name(const struct ocf_run *run, char buf[STATE_NAME_BYTES])
{
	(void)snprintf(buf, STATE_NAME_BYTES, "drbd-unfenced-%.150s", ocf_instance(run));
}

static bool was_done(struct ocf_run *run)
{
	char name[STATE_NAME_BYTES];
	char *text = NULL;
	bool is_there;
	size_t len;

	done_name(run, name);
	is_there = haops_state_read(ocf_ctx(run), name, &text, &len) == 0;
	free(text);
	return is_there;
}

static void mark(struct ocf_run *run, bool is_done)
{
	char name[STATE_NAME_BYTES];

	done_name(run, name);
	if (is_done)
		(void)!haops_state_write(ocf_ctx(run), name, "", 0);
	else
		(void)!haops_state_remove(ocf_ctx(run), name);
}

void drbd_unfence(struct ocf_run *run, const struct facts *facts)
{
	char args[ENV_BYTES];
	char root[64];
	const char *env[] = {args, root, NULL};
	struct drbd_answer answer;

	if (!ocf_bool(run, DRBD_UNFENCE_IF_ALL_UPTODATE))
		return;
	if (!facts->is_uptodate || !facts->are_peers_uptodate) {
		mark(run, false);
		return;
	}
	if (was_done(run))
		return;
	(void)snprintf(args, sizeof(args), "OCF_RESKEY_unfence_extra_args=%s",
		       ocf_str(run, DRBD_UNFENCE_EXTRA_ARGS));
	(void)snprintf(root, sizeof(root), "OCF_ROOT=/usr/lib/ocf");
	if (!drbd_adm_with(run, "unfence-peer", env, &answer) || answer.is_timed_out)
		ocf_log(run, HAOPS_LOG_WARNING, "%s: drbdadm unfence-peer: %s",
			ocf_str(run, DRBD_RESOURCE), answer.line);
	else
		mark(run, true);
	drbd_answer_done(&answer);
}
