/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent ocf:haops:nfsserver: its table. Actions are in the files of their names. */

#include "nfsserver/nfsserver.h"

static const struct ocf_action actions[] = {
	{.name = "start", .run = nfsserver_start, .timeout_s = 40, .depth = -1},
	{.name = "stop", .run = nfsserver_stop, .timeout_s = 20, .depth = -1},
	{.name = "reload-agent", .run = nfsserver_reload_agent, .timeout_s = 20, .depth = -1},
	{.name = "monitor",
	 .run = nfsserver_monitor,
	 .timeout_s = 20,
	 .interval_s = 10,
	 .depth = 0},
	{.name = "monitor",
	 .run = nfsserver_monitor,
	 .timeout_s = 20,
	 .interval_s = 30,
	 .depth = 10},
};

static const struct ocf_agent agent = {
	.name = "nfsserver",
	.provider = "haops",
	.shortdesc = "NFS server of the Linux kernel",
	.longdesc =
		"Starts, stops and watches the kernel's NFS server with the programs that it "
		"needs: "
		"rpcbind, rpc.statd, nfsdcld, rpc.idmapd, rpc.mountd. There is one in a host. It "
		"takes "
		"the place of ocf:heartbeat:nfsserver: parameters keep their names, defaults and "
		"meanings; each one's text says what differs.\n"
		"Where systemd runs (/run/systemd/system is there), its units start and stop the "
		"programs: rpcbind, rpc-statd, nfsdcld, nfs-server, and with that nfs-mountd and "
		"nfs-idmapd. Elsewhere the agent starts the programs itself. The threads are "
		"started by "
		"rpc.nfsd in both cases, after lease and grace time were set. Kerberos (rpc.gssd, "
		"rpc.svcgssd) is systemd's alone. Do not let the host start nfs-server by "
		"itself.\n"
		"A monitor looks at the kernel's threads and at each program, by number, start "
		"time and "
		"path; no process is started. Depth 10 calls each of them (RPC NULL over "
		"127.0.0.1). "
		"haopsd(8) watches the programs. rpcbind is started, but never stopped.\n"
		"So that clients take their locks back after a failover: nfs_shared_infodir on the "
		"file "
		"system that moves, and nfs_server_scope for NFSv4.1 and later. For two groups "
		"that each "
		"have an address and a file system, clone this resource without "
		"nfs_shared_infodir and "
		"put only the exports (ocf:haops:exportfs) into the groups: locks are not taken "
		"back "
		"then.\n"
		"With nfs_shared_infodir and nfs_ip, each monitor keeps a list of the clients that "
		"are connected where the state moves (haops-clients), and the next server makes "
		"them connect anew as soon as it has the address (a TCP segment that fits nothing: "
		"\"tickle\"). Otherwise a client notices the new server when its next attempt to "
		"send is due, up to as long after as the failure lasted.",
	.params = nfsserver_params,
	.param_count = NFSSERVER_PARAM_COUNT,
	.actions = actions,
	.action_count = sizeof(actions) / sizeof(actions[0]),
	.validate = nfsserver_validate,
	.needs_root = true,
};

int main(int argc, char **argv)
{
	return ocf_main(&agent, argc, argv);
}
