/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The helper haopsd-ipc, started by haopsd only: gives up root and what it does not need, cleans up
 * behind a helper that was killed, and runs the loop. */

#include "ipc/relay.h"
#include "util/cleanup.h"
#include "util/num.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define TICK_NS (1000ull * 1000 * 1000)
#define DESCRIPTORS_MAX 256
/* Sixteen answers and as many connections are a third of it. */
#define MEMORY_MORE_BYTES (128ull << 20)
#define GRACE_S 2
#define SHM "/dev/shm"

static void on_parent_death(int number)
{
	(void)number;
	/* The loop ends by itself, unless libqb is stuck in a read. */
	(void)alarm(GRACE_S);
}

static int end_with_haopsd(pid_t parent)
{
	struct sigaction action = {.sa_handler = on_parent_death};

	if (sigaction(SIGUSR1, &action, NULL) < 0 || prctl(PR_SET_PDEATHSIG, SIGUSR1) < 0)
		return -errno;
	return getppid() == parent ? 0 : -ESRCH;
}

/* More memory than now by so much, whatever a sanitizer or the loader has reserved already. */
static int limit_memory(void)
{
	CLEANUP_FILE FILE *statm = fopen("/proc/self/statm", "re");
	struct rlimit limit;
	unsigned long pages = 0;

	if (!statm || fscanf(statm, "%lu", &pages) != 1)
		return -EIO;
	limit.rlim_cur = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + MEMORY_MORE_BYTES;
	limit.rlim_max = limit.rlim_cur;
	return setrlimit(RLIMIT_AS, &limit) < 0 ? -errno : 0;
}

static int limit_self(void)
{
	const struct rlimit core = {0, 0};
	struct rlimit descriptors;

	if (getrlimit(RLIMIT_NOFILE, &descriptors) < 0)
		return -errno;
	if (descriptors.rlim_max > DESCRIPTORS_MAX)
		descriptors.rlim_max = DESCRIPTORS_MAX;
	descriptors.rlim_cur = descriptors.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &descriptors) < 0 || setrlimit(RLIMIT_CORE, &core) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return limit_memory();
}

static void learn_cluster(struct relay *relay)
{
	const struct passwd *user = getpwnam("hacluster");
	const struct group *group = getgrnam("haclient");

	relay->is_privileged = geteuid() == 0;
	relay->has_cluster = user && group && user->pw_uid != 0;
	if (!relay->has_cluster)
		return;
	relay->cluster_uid = user->pw_uid;
	relay->cluster_gid = group->gr_gid;
}

/* User hacluster, but the group of root: so the folders that libqb makes for root's connections are
 * not open to the members of haclient. Without these names: root, for root only. */
static int give_up_root(const struct relay *relay)
{
	if (!relay->is_privileged || !relay->has_cluster)
		return 0;
	if (setgroups(1, &relay->cluster_gid) < 0 || setresgid(0, 0, 0) < 0 ||
	    setresuid(relay->cluster_uid, relay->cluster_uid, relay->cluster_uid) < 0)
		return -errno;
	return 0;
}

static void remove_folder(int shm, const char *name)
{
	int fd = openat(shm, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	CLEANUP_DIR DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;

	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, "qb-", 3) == 0)
			(void)unlinkat(fd, entry->d_name, 0);
	}
	(void)unlinkat(shm, name, AT_REMOVEDIR);
}

/* A helper that was killed could not remove the shared memory of its connections. */
static void clean_up_after(int64_t pid)
{
	CLEANUP_DIR DIR *dir = opendir(SHM);
	const struct dirent *entry;
	char begin[32];

	snprintf(begin, sizeof(begin), "qb-%d-", (int)pid);
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, begin, strlen(begin)) == 0)
			remove_folder(dirfd(dir), entry->d_name);
	}
}

static void on_tick(void *data)
{
	struct relay *relay = data;

	relay_slots_tick(relay);
	relay_clients_tick(relay);
	(void)qb_loop_timer_add(relay->loop, QB_LOOP_MED, TICK_NS, relay, on_tick, &relay->timer);
}

static int run(struct relay *relay)
{
	int r;

	relay->loop = qb_loop_create();
	if (!relay->loop)
		return -ENOMEM;
	r = relay_link_begin(relay);
	if (r == 0)
		r = relay_clients_begin(relay);
	if (r < 0)
		return r;
	on_tick(relay);
	qb_loop_run(relay->loop);
	qb_ipcs_destroy(relay->service);
	return 0;
}

static int fail(int r, const char *what)
{
	char text[IPC_TEXT_MAX];

	snprintf(text, sizeof(text), "haopsd-ipc: %s: %s", what, strerror(-r));
	relay_link_event(HEART_ERROR, text);
	return 1;
}

int main(int argc, char **argv)
{
	struct relay relay = {0};
	pid_t parent = getppid();
	int64_t before = 0;
	int r;

	if (argc > 2 || (argc == 2 && num_parse(argv[1], 1, INT32_MAX, &before) < 0) ||
	    fcntl(LINK_FD, F_SETFD, FD_CLOEXEC) < 0) {
		fprintf(stderr, "haopsd-ipc is started by haopsd(8)\n");
		return 64;
	}
	learn_cluster(&relay);
	r = give_up_root(&relay);
	if (r == 0)
		r = end_with_haopsd(parent);
	if (r == 0)
		r = limit_self();
	if (r < 0)
		return fail(r, "cannot give up privileges");
	if (before > 0)
		clean_up_after(before);
	r = run(&relay);
	if (r == -EADDRINUSE)
		return fail(r, "another haopsd, or a stranger's process, has the name \"" IPC_NAME
			       "\"");
	return r < 0 ? fail(r, "cannot serve") : 0;
}
