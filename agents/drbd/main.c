/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent ocf:haops:drbd: its table. Actions are in the files of their names. */

#include "drbd/drbd.h"

static const struct ocf_action actions[] = {
	{.name = "start", .run = drbd_start, .timeout_s = 240, .depth = -1},
	{.name = "stop", .run = drbd_stop, .timeout_s = 100, .depth = -1},
	{.name = "promote", .run = drbd_promote, .timeout_s = 90, .depth = -1},
	{.name = "demote", .run = drbd_demote, .timeout_s = 90, .depth = -1},
	{.name = "notify", .run = drbd_notify, .timeout_s = 90, .depth = -1},
	{.name = "reload-agent", .run = drbd_reload_agent, .timeout_s = 30, .depth = -1},
	{.name = "monitor",
	 .run = drbd_monitor,
	 .timeout_s = 20,
	 .interval_s = 20,
	 .depth = 0,
	 .role = "Unpromoted"},
	{.name = "monitor",
	 .run = drbd_monitor,
	 .timeout_s = 20,
	 .interval_s = 10,
	 .depth = 0,
	 .role = "Promoted"},
};

static const struct ocf_agent agent = {
	.name = "drbd",
	.provider = "haops",
	.shortdesc = "DRBD resource, as a promotable clone",
	.longdesc =
		"Starts, promotes, demotes, stops and watches one resource of DRBD 8.4 or DRBD 9. "
		"It takes the place of ocf:linbit:drbd: parameters keep their names, defaults and "
		"meanings; each one's text says what differs. It wants a promotable clone with "
		"notify=true.\n"
		"A monitor runs one program, drbdsetup. A tool that hangs in the kernel fails the "
		"action within its timeout. Stop and demote need no drbd.conf; they succeed when "
		"the kernel shows it, and tell who holds the device.\n"
		"Promote makes a node Primary only if its data is UpToDate, or DRBD's own fencing "
		"proves that it is. It refuses data that is Inconsistent, Outdated, or Consistent "
		"with a peer that may be newer, a node that is StandAlone (after a split brain), "
		"without DRBD's quorum, or beside another Primary. Who was Primary last, and of "
		"which data, is kept in the CIB (property set haops-drbd-RESOURCE), so that after "
		"a total outage the node that returns first is not promoted with stale data.\n"
		"So that nobody writes to two histories, configure fencing in DRBD and in "
		"Pacemaker: fencing resource-and-stonith, and as the handler fence-peer "
		"haops-outdate-peer(8) or, of drbd-utils, crm-fence-peer.sh (DRBD 9: "
		"crm-fence-peer.9.sh, with crm-unfence-peer.9.sh as unfence-peer). In a cluster of "
		"two nodes without a quorum device take the latter: with two_node "
		"haops-outdate-peer can never tell that a peer is gone, and nobody would be "
		"promoted after a node's death. With DRBD 9 and three nodes, quorum majority with "
		"on-no-quorum io-error needs no handler.",
	.params = drbd_params,
	.param_count = DRBD_PARAM_COUNT,
	.actions = actions,
	.action_count = sizeof(actions) / sizeof(actions[0]),
	.validate = drbd_validate,
	.needs_root = true,
};

int main(int argc, char **argv)
{
	return ocf_main(&agent, argc, argv);
}
