/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's file systems for the server, and the shared directory on /var/lib/nfs. */

#include "nfsserver/host.h"
#include "nfsserver/nfsserver.h"

#include "util/cleanup.h"
#include "util/mountinfo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TABLE_MAX (16U * 1024U * 1024U)
#define FILESYSTEMS_MAX 65536
#define BINDS_MAX 8
/* What has just ended may be on its way out of the folder. */
#define BUSY_MS 3000

static const char *const modprobe_paths[] = {"/sbin/modprobe", "/usr/sbin/modprobe", NULL};

bool nfsserver_is_mounted(const char *path)
{
	CLEANUP_FREE char *table = NULL;
	struct mountinfo info;
	char *state = NULL;
	bool is_found = false;
	size_t len;

	if (host_read("/proc/self/mountinfo", TABLE_MAX, &table, &len) < 0)
		return false;
	for (char *line = strtok_r(table, "\n", &state); line && !is_found;
	     line = strtok_r(NULL, "\n", &state))
		is_found = mountinfo_parse(line, &info) && strcmp(info.path, path) == 0;
	return is_found;
}

bool nfsserver_is_bound(const struct ocf_run *run)
{
	const char *shared = ocf_str(run, P_SHARED_INFODIR);

	return shared[0] && host_is_same(shared, NFSSERVER_STATE) &&
	       nfsserver_is_mounted(NFSSERVER_STATE);
}

static bool has_filesystem(const char *name)
{
	CLEANUP_FREE char *text = NULL;
	const char *found;
	size_t len;

	if (host_read("/proc/filesystems", FILESYSTEMS_MAX, &text, &len) < 0)
		return false;
	found = strstr(text, name);
	return found && found > text && found[-1] == '\t' && found[strlen(name)] == '\n';
}

static int load_module(struct ocf_run *run)
{
	const char *argv[] = {nfsserver_program(modprobe_paths), "nfsd", NULL};

	/* It may be built in, or somebody has made its folder appear. */
	if (has_filesystem("nfsd") || nfsserver_is_mounted("/proc/fs/nfsd"))
		return OCF_SUCCESS;
	if (!argv[0])
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"the kernel has no NFS server, and modprobe is not there");
	if (nfsserver_run(run, argv, false) != OCF_SUCCESS)
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"the kernel has no NFS server (module nfsd)");
	return OCF_SUCCESS;
}

static int mount_one(struct ocf_run *run, const char *source, const char *path, const char *type)
{
	int r = 0;

	if (nfsserver_is_mounted(path))
		return OCF_SUCCESS;
	if (type && !host_is_folder(path))
		r = host_make_folders(path);
	if (r == 0)
		r = host_mount(source, path, type);
	if (r < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "cannot mount %s on %s: %s", source, path,
				strerror(-r));
	return OCF_SUCCESS;
}

int nfsserver_mounts_make(struct ocf_run *run)
{
	int r = load_module(run);

	if (r == OCF_SUCCESS)
		r = mount_one(run, "nfsd", "/proc/fs/nfsd", "nfsd");
	if (r == OCF_SUCCESS)
		r = mount_one(run, "sunrpc", ocf_str(run, P_RPCPIPEFS_DIR), "rpc_pipefs");
	return r;
}

/* Below the shared directory it is in the way: it would be hidden, or keep that busy. */
static bool is_in_the_way(const struct ocf_run *run)
{
	return ocf_is_set(run, P_SHARED_INFODIR) &&
	       strncmp(ocf_str(run, P_RPCPIPEFS_DIR), NFSSERVER_STATE "/",
		       sizeof(NFSSERVER_STATE)) == 0;
}

/* It is the kernel's, and there is nothing to be lost: who still has it open keeps it. */
static void unmount_pipefs(struct ocf_run *run)
{
	const char *path = ocf_str(run, P_RPCPIPEFS_DIR);

	for (int i = 0; i < BINDS_MAX && nfsserver_is_mounted(path); i++) {
		int r = host_unmount(path, false);

		/* Programs that are none of ours may need it. */
		if (r == -EBUSY && !is_in_the_way(run))
			return;
		if (r == -EBUSY)
			r = host_unmount(path, true);
		if (r < 0) {
			ocf_log(run, HAOPS_LOG_WARNING, "cannot unmount %s: %s", path,
				strerror(-r));
			return;
		}
	}
}

/* Some distributions have rpc.statd's lists one folder deeper: so has the shared directory then. */
static int make_shared(const char *shared)
{
	char path[NFSSERVER_PATH_MAX];

	if (!host_is_folder(NFSSERVER_STATE "/statd"))
		return host_make_folders(shared);
	(void)snprintf(path, sizeof(path), "%s/statd/sm", shared);
	return host_make_folders(path);
}

int nfsserver_state_bind(struct ocf_run *run)
{
	const char *shared = ocf_str(run, P_SHARED_INFODIR);
	int r;

	if (!shared[0] || nfsserver_is_bound(run))
		return OCF_SUCCESS;
	r = make_shared(shared);
	if (r < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "nfs_shared_infodir %.60s: %s", shared,
				strerror(-r));
	/* What has files of the other directory open would go on with them. */
	r = nfsserver_daemons_end(run);
	if (r != OCF_SUCCESS)
		return r;
	if (is_in_the_way(run))
		unmount_pipefs(run);
	r = host_mount(shared, NFSSERVER_STATE, NULL);
	if (r < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "cannot mount %.60s on %s: %s", shared,
				NFSSERVER_STATE, strerror(-r));
	ocf_log(run, HAOPS_LOG_INFO, "%s is on %s", shared, NFSSERVER_STATE);
	return OCF_SUCCESS;
}

static int unbind(struct ocf_run *run)
{
	int64_t limit = ocf_deadline_within(run, BUSY_MS);
	int r = 0;

	while (r == 0 && nfsserver_is_bound(run)) {
		r = host_unmount(NFSSERVER_STATE, false);
		if (r == -EBUSY && haops_deadline_left_ms(ocf_ctx(run), limit) > 0) {
			host_pause(ocf_ctx(run), limit);
			r = 0;
		}
	}
	if (r < 0)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"cannot unmount %s: %s (see fuser -vm " NFSSERVER_STATE ")",
				NFSSERVER_STATE, strerror(-r));
	return OCF_SUCCESS;
}

int nfsserver_mounts_end(struct ocf_run *run)
{
	unmount_pipefs(run);
	return unbind(run);
}
