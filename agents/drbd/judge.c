/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gathers what the verdict about a promotion is made of. Decides nothing itself. */

#include "drbd/drbd.h"

#include <string.h>

enum verdict drbd_judge(struct ocf_run *run, const struct facts *facts, const struct conf *conf,
			struct memory *ret_memory)
{
	struct verdict_view view = {
		.facts = facts,
		.has_fencing = conf_fencing_defect(conf) == NULL,
		.has_quorum_option = conf->has_quorum,
		.requires_fencing = ocf_str(run, DRBD_REQUIRE_FENCING)[0] == 'r',
		.takes_remote = ocf_bool(run, DRBD_PROMOTE_ON_REMOTE_DATA),
		.allows_two_primaries = conf->allows_two_primaries,
		.connects_later = ocf_bool(run, DRBD_CONNECT_ONLY_AFTER_PROMOTE),
	};

	memset(ret_memory, 0, sizeof(*ret_memory));
	if (verdict_needs_memory(facts))
		drbd_recall(run, &view, ret_memory);
	return verdict_decide(&view);
}
