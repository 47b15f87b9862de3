/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent ocf:haops:exportfs: its table. Actions are in the files of their names. */

#include "exportfs/exportfs.h"

static const struct ocf_action actions[] = {
	{.name = "start", .run = exportfs_start, .timeout_s = 40, .depth = -1},
	{.name = "stop", .run = exportfs_stop, .timeout_s = 120, .depth = -1},
	{.name = "reload-agent", .run = exportfs_reload_agent, .timeout_s = 40, .depth = -1},
	{.name = "monitor", .run = exportfs_monitor, .timeout_s = 20, .interval_s = 10, .depth = 0},
};

static const struct ocf_agent agent = {
	.name = "exportfs",
	.provider = "haops",
	.shortdesc = "Directories exported by NFS",
	.longdesc =
		"Exports directories by the NFS server of the Linux kernel, which it does not "
		"start: that is ocf:haops:nfsserver's. It takes the place of "
		"ocf:heartbeat:exportfs: "
		"parameters keep their names, defaults and meanings; each one's text says what "
		"differs.\n"
		"What is exported is read out of the export table (/var/lib/nfs/etab) and out of "
		"the "
		"kernel's own, by each action. A table that a reboot left behind is no export, "
		"and "
		"an export that nobody remembers is ended by stop all the same.\n"
		"In a group, put the file system first, then exports, then the address: so clients "
		"find what they ask for, and on the way back their leases run out before the file "
		"system is unmounted. Two groups on one node do not disturb each other: stop ends "
		"its own exports, and with unlock_ip its own locks only.\n"
		"haopsd(8) watches the exports: what somebody unexports, with exportfs -r say, is "
		"exported again.",
	.params = exportfs_params,
	.param_count = EXPORTFS_PARAM_COUNT,
	.actions = actions,
	.action_count = sizeof(actions) / sizeof(actions[0]),
	.validate = exportfs_validate,
	.needs_root = true,
};

int main(int argc, char **argv)
{
	return ocf_main(&agent, argc, argv);
}
