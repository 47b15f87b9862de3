/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unfence_if_all_uptodate: has DRBD's handler unfence-peer take back what fence-peer did, once all
 * disks are UpToDate again. */

#include "drbd/drbd.h"

#include <stdio.h>
#include <stdlib.h>

#define UNFENCED "unfenced"
#define ENV_BYTES 2048

static void mark(struct ocf_run *run, bool is_done)
{
	if (is_done)
		ocf_note_write(run, UNFENCED, "");
	else
		ocf_note_remove(run, UNFENCED);
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
	if (ocf_note_is_there(run, UNFENCED))
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
