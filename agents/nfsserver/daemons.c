/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs beside the kernel's threads: found by their path, started, ended. */

#include "nfsserver/host.h"
#include "nfsserver/nfsserver.h"
#include "nfsserver/query.h"

#include "util/cleanup.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define NAMES_MAX 2
#define APPEAR_MS 5000
#define TERM_MS 3000
#define KILL_MS 2000
#define KILL_ROUNDS 4

struct daemon {
	const char *names[NAMES_MAX]; /* of the program; the second one does the same */
	const char *const *paths;
	const char *unit;
	bool is_v3;	  /* NFSv4 alone does without it */
	bool is_optional; /* needed only where it is installed */
};

static const char *const rpcbind_paths[] = {"/sbin/rpcbind", "/usr/sbin/rpcbind",
					    "/usr/bin/rpcbind", NULL};
static const char *const statd_paths[] = {"/sbin/rpc.statd", "/usr/sbin/rpc.statd", NULL};
static const char *const nfsdcld_paths[] = {"/usr/sbin/nfsdcld", "/sbin/nfsdcld", NULL};
static const char *const idmapd_paths[] = {"/usr/sbin/rpc.idmapd", "/sbin/rpc.idmapd", NULL};
static const char *const mountd_paths[] = {"/usr/sbin/rpc.mountd", "/sbin/rpc.mountd", NULL};

static const struct daemon daemons[DAEMON_COUNT] = {
	[D_RPCBIND] = {{"rpcbind"}, rpcbind_paths, "rpcbind.service", true, false},
	[D_STATD] = {{"rpc.statd"}, statd_paths, "rpc-statd.service", true, false},
	[D_NFSDCLD] = {{"nfsdcld"}, nfsdcld_paths, "nfsdcld.service", false, true},
	[D_IDMAPD] = {{"rpc.idmapd"}, idmapd_paths, "nfs-idmapd.service", false, true},
	[D_MOUNTD] =
		{{"rpc.mountd", "nfsv4.exportd"}, mountd_paths, "nfs-mountd.service", false, false},
};

const char *nfsserver_daemon_name(enum nfsserver_daemon daemon)
{
	return daemons[daemon].names[0];
}

bool nfsserver_daemon_is_needed(const struct ocf_run *run, enum nfsserver_daemon daemon)
{
	const struct daemon *d = &daemons[daemon];

	if (d->is_v3 && ocf_bool(run, P_NFSV4_ONLY))
		return false;
	return !d->is_optional || nfsserver_program(d->paths);
}

static bool has_name(const struct haops_process *p, const char *name)
{
	const char *slash = strrchr(p->exe, '/');

	return slash && name && strcmp(slash + 1, name) == 0;
}

static bool is_daemon(const struct haops_process *p, enum nfsserver_daemon daemon)
{
	return has_name(p, daemons[daemon].names[0]) || has_name(p, daemons[daemon].names[1]);
}

/* sm-notify, too: it lives in the state directory. */
static bool is_any(const struct haops_process *p, void *userdata)
{
	bool is_ours = has_name(p, "sm-notify");

	(void)userdata;
	for (int i = 0; i < DAEMON_COUNT && !is_ours; i++)
		is_ours = is_daemon(p, (enum nfsserver_daemon)i);
	return is_ours && p->state != 'Z' && host_shares_namespaces(p->pid);
}

/* What may be ended: rpcbind serves others as well. So does rpc.statd that was not needed, but for
 * one with its lists in the shared directory. */
static bool is_to_end(const struct haops_process *p, void *userdata)
{
	const struct ocf_run *run = userdata;

	if (is_daemon(p, D_RPCBIND) ||
	    (is_daemon(p, D_STATD) && ocf_bool(run, P_NFSV4_ONLY) && !nfsserver_is_bound(run)))
		return false;
	return is_any(p, userdata);
}

/* Of a program that works with children the eldest is its first process. */
static void take(const struct haops_process *p, enum nfsserver_daemon daemon,
		 struct nfsserver_seen *seen)
{
	struct haops_process *known = &seen->daemons[daemon];

	if (!is_daemon(p, daemon) || (known->pid && known->start_ticks <= p->start_ticks))
		return;
	*known = *p;
}

static int scan(struct ocf_run *run, struct nfsserver_seen *seen)
{
	CLEANUP_FREE struct haops_process *list = NULL;
	size_t count = 0;
	int r = haops_process_list(ocf_ctx(run), is_any, NULL, &list, &count);

	if (r < 0)
		return ocf_fail_haops(run, r, "processes");
	memset(seen->daemons, 0, sizeof(seen->daemons));
	for (size_t i = 0; i < count; i++)
		for (int k = 0; k < DAEMON_COUNT; k++)
			take(&list[i], (enum nfsserver_daemon)k, seen);
	return OCF_SUCCESS;
}

static bool is_all_there(const struct ocf_run *run, const struct nfsserver_seen *seen)
{
	for (int i = 0; i < DAEMON_COUNT; i++)
		if (!seen->daemons[i].pid &&
		    nfsserver_daemon_is_needed(run, (enum nfsserver_daemon)i))
			return false;
	return true;
}

int nfsserver_look(struct ocf_run *run, struct nfsserver_seen *ret)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	r = nfs_server_query(run, &ret->server);
	if (r != OCF_SUCCESS)
		return r;
	ret->is_bound = nfsserver_is_bound(run);
	/* As recorded: a look at each process. Otherwise one at all processes. */
	nfsserver_record_read(run, ret);
	if (is_all_there(run, ret))
		return OCF_SUCCESS;
	ret->is_changed = true;
	return scan(run, ret);
}

static void make_command(const struct ocf_run *run, enum nfsserver_daemon daemon, const char **argv)
{
	size_t count = 1;

	argv[0] = nfsserver_program(daemons[daemon].paths);
	if (daemon == D_RPCBIND)
		argv[count++] = "-w";
	if (daemon == D_STATD)
		argv[count++] = "-L";
	if (daemon == D_NFSDCLD || daemon == D_IDMAPD) {
		argv[count++] = "-p";
		argv[count++] = ocf_str(run, P_RPCPIPEFS_DIR);
	}
	if (daemon == D_MOUNTD && ocf_bool(run, P_NFSV4_ONLY)) {
		argv[count++] = "-N";
		argv[count++] = "3";
		argv[count++] = "-N";
		argv[count++] = "2";
	}
	argv[count] = NULL;
}

static int launch(struct ocf_run *run, enum nfsserver_daemon daemon)
{
	const char *argv[8];

	if (nfsserver_mode(run) == NFSSERVER_SYSTEMD) {
		const char *const units[] = {daemons[daemon].unit, NULL};

		return nfsserver_systemctl(run, "start", units);
	}
	make_command(run, daemon, argv);
	if (!argv[0])
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"%s is not installed (Debian: nfs-kernel-server, nfs-common, "
				"rpcbind)",
				daemons[daemon].names[0]);
	/* Where systemd would have made it; for what it knew before a restart. */
	if (daemon == D_RPCBIND)
		(void)host_make_folders("/run/rpcbind");
	return nfsserver_run(run, argv, true);
}

static bool is_ready(const struct nfsserver_seen *seen, enum nfsserver_daemon daemon)
{
	if (!seen->daemons[daemon].pid)
		return false;
	/* It goes into the background before it listens. */
	return daemon != D_RPCBIND || host_unix_answers("/run/rpcbind.sock");
}

int nfsserver_daemon_start(struct ocf_run *run, enum nfsserver_daemon daemon,
			   struct nfsserver_seen *seen)
{
	int64_t limit = ocf_deadline_within(run, APPEAR_MS);
	int r;

	if (seen->daemons[daemon].pid || !nfsserver_daemon_is_needed(run, daemon))
		return OCF_SUCCESS;
	r = launch(run, daemon);
	while (r == OCF_SUCCESS) {
		r = scan(run, seen);
		if (r != OCF_SUCCESS || is_ready(seen, daemon))
			break;
		if (haops_deadline_left_ms(ocf_ctx(run), limit) == 0)
			return ocf_fail(run, OCF_ERR_GENERIC,
					"%s ended right after its start: see the system's log",
					daemons[daemon].names[0]);
		host_pause(ocf_ctx(run), limit);
	}
	if (r == OCF_SUCCESS)
		ocf_log(run, HAOPS_LOG_INFO, "%s started, process %d", daemons[daemon].names[0],
			(int)seen->daemons[daemon].pid);
	return r;
}

static int64_t limit_for(struct ocf_run *run, int64_t wait_ms)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run));

	return haops_deadline_after(ocf_ctx(run), wait_ms < left / 2 ? wait_ms : left / 2);
}

/* 0 none is left, 1 some may be, or -errno. Only a search that finds nothing says 0. */
static int end_once(struct ocf_run *run, int sig, int64_t wait_ms)
{
	CLEANUP_FREE struct haops_process *list = NULL;
	size_t count = 0;
	int r = haops_process_list(ocf_ctx(run), is_to_end, run, &list, &count);

	if (r < 0 || !count)
		return r;
	for (size_t i = 0; i < count; i++) {
		r = haops_process_signal(ocf_ctx(run), &list[i], sig);
		if (r < 0 && r != -ESRCH)
			ocf_log(run, HAOPS_LOG_WARNING, "%s", haops_ctx_error(ocf_ctx(run)));
		/* A stopped process takes no other signal before. */
		if (sig != SIGKILL)
			(void)!haops_process_signal(ocf_ctx(run), &list[i], SIGCONT);
	}
	r = haops_process_wait_gone(ocf_ctx(run), list, count, limit_for(run, wait_ms));
	return r == 0 || r == -ETIMEDOUT ? 1 : r;
}

int nfsserver_daemons_end(struct ocf_run *run)
{
	CLEANUP_FREE struct haops_process *list = NULL;
	size_t count = 0;
	int r = end_once(run, SIGTERM, TERM_MS);

	for (int i = 0; i < KILL_ROUNDS && r == 1; i++)
		r = end_once(run, i ? SIGKILL : SIGTERM, KILL_MS);
	if (r == 1)
		r = haops_process_list(ocf_ctx(run), is_to_end, run, &list, &count);
	if (r < 0)
		return ocf_fail_haops(run, r, "processes");
	if (count)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"process %d (%.60s) is still there after SIGKILL (state %c)",
				(int)list[0].pid, list[0].exe, list[0].state);
	return OCF_SUCCESS;
}
