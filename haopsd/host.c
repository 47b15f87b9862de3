/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system as the daemon's own files see it. The one place of haopsd/ (its folders apart) with
 * calls that change limits and priorities. Decides nothing.
 */
#include "host.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <malloc.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <util/cleanup.h>
#include <util/num.h>

#define DESCRIPTORS_MAX 65536
#define MMAP_THRESHOLD 65536

static int64_t clock_ms(clockid_t id)
{
	struct timespec ts = {0};

	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t host_boottime_ms(void)
{
	return clock_ms(CLOCK_BOOTTIME);
}

int64_t host_monotonic_us(void)
{
	struct timespec ts = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t host_walltime_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

static int read_all(int fd, char *buf, size_t max, size_t *ret_len)
{
	size_t len = 0;

	while (len < max) {
		ssize_t got = read(fd, buf + len, max - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	*ret_len = len;
	return 0;
}

int host_read_file(const char *path, size_t max, char **ret_text, size_t *ret_len)
{
	/* O_NONBLOCK: a FIFO by that name must not stop us. */
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	CLEANUP_FREE char *text = NULL;
	size_t len = 0;
	int r;

	if (fd < 0)
		return -errno;
	text = malloc(max + 2);
	if (!text)
		return -ENOMEM;
	r = read_all(fd, text, max + 1, &len);
	if (r < 0)
		return r;
	if (len > max)
		return -EFBIG;
	text[len] = '\0';
	*ret_text = TAKE_PTR(text);
	*ret_len = len;
	return 0;
}

int host_lock_memory(void)
{
	/* ONFAULT: the stacks of libraries' threads are large and mostly never touched. */
	return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0 ? -errno : 0;
}

static int set_thread(pid_t tid, int priority)
{
	struct sched_param param = {.sched_priority = priority};
	int policy = priority > 0 ? SCHED_RR : SCHED_OTHER;

	return sched_setscheduler(tid, policy | SCHED_RESET_ON_FORK, &param) < 0 ? -errno : 0;
}

int host_set_realtime(int priority)
{
	CLEANUP_DIR DIR *dir = opendir("/proc/self/task");
	const struct dirent *entry;
	int result = 0;

	if (!dir)
		return set_thread(0, priority);
	while ((entry = readdir(dir))) {
		int64_t tid = 0;
		int r;

		if (num_parse(entry->d_name, 1, INT32_MAX, &tid) < 0)
			continue;
		r = set_thread((pid_t)tid, priority);
		if (r < 0 && r != -ESRCH)
			result = r;
	}
	return result;
}

void host_raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static bool is_address(const struct sockaddr *have, const char *want)
{
	struct in6_addr wanted6;
	struct in_addr wanted4;

	if (have && have->sa_family == AF_INET && inet_pton(AF_INET, want, &wanted4) == 1)
		return memcmp(&((const struct sockaddr_in *)(const void *)have)->sin_addr, &wanted4,
			      sizeof(wanted4)) == 0;
	if (have && have->sa_family == AF_INET6 && inet_pton(AF_INET6, want, &wanted6) == 1)
		return memcmp(&((const struct sockaddr_in6 *)(const void *)have)->sin6_addr,
			      &wanted6, sizeof(wanted6)) == 0;
	return false;
}

int host_link_of(const char *address, char ret_name[HAOPS_LINK_NAME_MAX])
{
	struct ifaddrs *all = NULL;
	int r = -ENODEV;

	if (getifaddrs(&all) < 0)
		return -errno;
	for (const struct ifaddrs *one = all; one && r < 0; one = one->ifa_next) {
		if (!is_address(one->ifa_addr, address))
			continue;
		(void)snprintf(ret_name, HAOPS_LINK_NAME_MAX, "%s", one->ifa_name);
		r = 0;
	}
	freeifaddrs(all);
	return r;
}

void host_prepare_process(void)
{
	struct pollfd std[3] = {{.fd = 0}, {.fd = 1}, {.fd = 2}};

	/* A fixed threshold: what is large, a status or a record, goes back to the kernel when it
	 * is freed, so that memory is flat. */
	(void)mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
	(void)signal(SIGPIPE, SIG_IGN);
	/* Ignored by whoever started us, it would take the exit status of every child away. */
	(void)signal(SIGCHLD, SIG_DFL);
	if (poll(std, 3, 0) <= 0)
		return;
	for (int i = 0; i < 3; i++) {
		if (std[i].revents & POLLNVAL)
			(void)open("/dev/null", O_RDWR);
	}
}
