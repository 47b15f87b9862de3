/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parameters of nfsserver: names and defaults of the agent it stands in for, then its own. Each
 * text ends with a line "Drop-in:" that says how far the meaning is the same. Looks at no host. */

#include "nfsserver/addresses.h"
#include "nfsserver/nfsserver.h"

#include <string.h>

#define MINUTES_MAX 10080
#define LEASE_MIN 10
#define LEASE_MAX 3600

static const char *check_path(const char *value)
{
	if (value[0] != '/')
		return "is no absolute path";
	return strlen(value) >= NFSSERVER_PATH_MAX - 64 ? "is too long" : NULL;
}

static const char *check_folder(const char *value)
{
	if (strcmp(value, "/") == 0 || strcmp(value, NFSSERVER_STATE) == 0 ||
	    strcmp(value, NFSSERVER_STATE "/") == 0)
		return "cannot be that folder: it is mounted there";
	return check_path(value);
}

static const char *check_scope(const char *value)
{
	if (strlen(value) > 64)
		return "is longer than 64 bytes";
	return strpbrk(value, " \t\n\"'\\/") ? "holds a byte that is part of no name" : NULL;
}

static const char *check_addresses(const char *value)
{
	static struct addresses list;

	return addresses_parse(value, &list);
}

static const char *check_notify(const char *value)
{
	const char *slash = strrchr(value, '/');
	const char *name = slash ? slash + 1 : value;

	return strcmp(name, "sm-notify") == 0 ? NULL : "is no path of sm-notify";
}

const struct ocf_param nfsserver_params[NFSSERVER_PARAM_COUNT] = {
	[P_INIT_SCRIPT] =
		{
			.name = "nfs_init_script",
			.shortdesc = "Script that starts and stops the server",
			.longdesc =
				"Absolute path of a program that is run with \"start\" and "
				"\"stop\" in place "
				"of rpc.nfsd, rpc.mountd and rpc.idmapd. What it came to is looked "
				"at in the "
				"kernel.\n"
				"Drop-in: same when set. When not, systemd's units are used where "
				"systemd "
				"runs, and elsewhere the programs are started by the agent itself; "
				"no "
				"script is looked for.",
			.type = OCF_STRING,
			.default_value = "auto detected",
		},
	[P_NFSV4_ONLY] =
		{
			.name = "nfsv4_only",
			.shortdesc = "Serve NFSv4 only",
			.longdesc = "rpcbind and rpc.statd are not needed and not started, and the "
				    "server offers "
				    "no NFSv3.\n"
				    "Drop-in: same. The stock agent leaves it to nfs.conf whether "
				    "NFSv3 is "
				    "offered.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
		},
	[P_NO_NOTIFY] =
		{
			.name = "nfs_no_notify",
			.shortdesc = "Do not tell NFSv3 clients of the start",
			.longdesc = "Then they do not take their locks back.\n"
				    "Drop-in: same.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
			.is_reloadable = true,
		},
	[P_NOTIFY_FOREGROUND] =
		{
			.name = "nfs_notify_foreground",
			.shortdesc = "Wait for sm-notify",
			.longdesc = "Start waits until all NFSv3 clients have answered, but for "
				    "half of its "
				    "time at most; the rest is told in the background.\n"
				    "Drop-in: same, with an end.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
			.is_reloadable = true,
		},
	[P_SMNOTIFY_RETRY_TIME] =
		{
			.name = "nfs_smnotify_retry_time",
			.shortdesc = "How long sm-notify tries, in minutes",
			.longdesc = "0: until it is ended. Not set: 15 minutes.\n"
				    "Drop-in: same.",
			.type = OCF_INTEGER,
			.default_value = NULL,
			.is_reloadable = true,
			.min = 0,
			.max = MINUTES_MAX,
		},
	[P_SERVER_SCOPE] =
		{
			.name = "nfs_server_scope",
			.shortdesc = "Name of the NFSv4 server, the same on all nodes",
			.longdesc =
				"The scope of RFC 8881, 8.4.2.1: NFSv4.1 clients take their state "
				"back only from a server with the same one. If it is not set, it "
				"is "
				"the first of nfs_ip where nfs_shared_infodir is set, too; without "
				"these, each node has its host name as scope, and locks are lost "
				"by "
				"a failover.\n"
				"Drop-in: same, but for that default. The threads are started "
				"under "
				"that host name; no file of systemd is made.",
			.type = OCF_STRING,
			.default_value = NULL,
			.check = check_scope,
		},
	[P_NFS_IP] =
		{
			.name = "nfs_ip",
			.shortdesc = "Addresses that NFSv3 clients know the server by",
			.longdesc = "Separated by commas. sm-notify tells the clients from each of "
				    "them; it wants a name for each, in /etc/hosts for example.\n"
				    "Drop-in: same. One that comes up after the server, as in a "
				    "group, is waited for; no other resource has to notify.",
			.type = OCF_STRING,
			.default_value = NULL,
			.is_reloadable = true,
			.check = check_addresses,
		},
	[P_SHARED_INFODIR] =
		{
			.name = "nfs_shared_infodir",
			.shortdesc = "Where the state is that moves with the data",
			.longdesc =
				"Absolute path of a folder on a file system that fails over with "
				"this "
				"resource. It is mounted on /var/lib/nfs while the server runs, so "
				"that the "
				"next node knows which clients may take back what. It is made if "
				"it is not "
				"there.\n"
				"Drop-in: same.",
			.type = OCF_STRING,
			.default_value = NULL,
			.check = check_folder,
		},
	[P_RPCPIPEFS_DIR] =
		{
			.name = "rpcpipefs_dir",
			.shortdesc = "Where rpc_pipefs is mounted",
			.longdesc =
				"Programs started by the agent use this one; systemd's units that "
				"of "
				"nfs.conf.\n"
				"Drop-in: same.",
			.type = OCF_STRING,
			.default_value = "/var/lib/nfs/rpc_pipefs",
			.check = check_folder,
		},
	[P_NOTIFY_CMD] =
		{
			.name = "nfs_notify_cmd",
			.shortdesc = "Path of sm-notify",
			.longdesc = "Not set: where distributions put it.\n"
				    "Drop-in: same; the stock agent reads it, but does not "
				    "describe it.",
			.type = OCF_STRING,
			.default_value = NULL,
			.check = check_notify,
		},
	[P_LEASE_TIME] =
		{
			.name = "lease_time",
			.shortdesc = "NFSv4 lease in seconds",
			.longdesc = "How often clients show that they live, and how long what they "
				    "have outlives "
				    "them. A shorter one makes failovers shorter. Set before the "
				    "threads start. "
				    "Not set: nfs.conf, or the kernel's 90.\n"
				    "Drop-in: new.",
			.type = OCF_INTEGER,
			.default_value = NULL,
			.min = LEASE_MIN,
			.max = LEASE_MAX,
		},
	[P_GRACE_TIME] =
		{
			.name = "grace_time",
			.shortdesc = "Time to reclaim after a start, in seconds",
			.longdesc =
				"So long clients may take back what they had, and nobody gets "
				"anything new. "
				"Not below the lease that clients were given before. Set before "
				"the threads "
				"start. Not set: nfs.conf, or the kernel's 90.\n"
				"Drop-in: new.",
			.type = OCF_INTEGER,
			.default_value = NULL,
			.min = LEASE_MIN,
			.max = LEASE_MAX,
		},
	[P_END_GRACE_EARLY] =
		{
			.name = "end_grace_early",
			.shortdesc = "Do not wait for clients that are not there",
			.longdesc = "When no client is remembered that could take back a lock, the "
				    "time to "
				    "reclaim is ended at once, for NFSv3 and NFSv4 each. Without a "
				    "state that "
				    "moves with the data (nfs_shared_infodir) that is so for the "
				    "clients of this "
				    "node only.\n"
				    "Drop-in: new; the stock agent leaves the whole time to pass.",
			.type = OCF_BOOLEAN,
			.default_value = "true",
			.is_reloadable = true,
		},
};
