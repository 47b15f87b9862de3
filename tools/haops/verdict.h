/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TOOL_VERDICT_H
#define HAOPS_TOOL_VERDICT_H

/* How well a cluster is by a status, and what is wrong, in sentences; the worst come first. Pure.
 */

#include "ipc/status.h"
#include "problems.h"

#define PEER_TITLE_MAX (HAOPS_CLUSTER_NAME_MAX + 16)

void verdict_judge(const struct status *status, struct verdict *verdict);

enum writer_level verdict_peer_level(const struct status_peer *peer);
/* "beta (2)", or "node 2" when it has no name. */
const char *verdict_peer_title(const struct status_peer *peer, char buf[PEER_TITLE_MAX]);
const char *verdict_state_name(enum heart_peer_state state);
const char *verdict_cluster_name(enum haops_cluster_state state);
const char *verdict_lease_text(enum haops_lease_verdict verdict);
/* Whether leases of this node are renewed; new ones may have to wait all the same. */
bool verdict_can_renew(enum haops_lease_verdict verdict);
/* Age of a moment; -1: it never was. */
int64_t verdict_age(const struct status *status, int64_t moment_ms);

struct own_flag {
	unsigned int flag;
	const char *name;
	enum writer_level level;
};
/* The flags of enum heart_own; the last has no name. */
extern const struct own_flag own_flags[];

#endif
