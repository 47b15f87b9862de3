/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watcher's contact with the system: thin calls, nothing decided. */
#include "watch/kernel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NETNS_DIR "/run/netns"
#define NETNS_PATH_MAX 300
#define RECEIVE_BUFFER (4 << 20)
#define MOUNTINFO_MAX (16 << 20)
#define MOUNTINFO_STEP 65536

int64_t kernel_boot_ms(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t kernel_now_ns(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int kernel_inotify(void)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int kernel_inotify_add(int fd, const char *path, uint32_t mask)
{
	int wd = inotify_add_watch(fd, path, mask);

	return wd < 0 ? -errno : wd;
}

void kernel_inotify_remove(int fd, int wd)
{
	(void)inotify_rm_watch(fd, wd);
}

ssize_t kernel_read(int fd, void *buf, size_t size)
{
	ssize_t len;

	do {
		len = read(fd, buf, size);
	} while (len < 0 && errno == EINTR);
	return len < 0 ? -errno : len;
}

int kernel_list(const char *path, void (*fn)(void *userdata, const char *file), void *userdata)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int r;

	if (!dir)
		return -errno;
	for (;;) {
		errno = 0;
		entry = readdir(dir);
		if (!entry)
			break;
		fn(userdata, entry->d_name);
	}
	r = -errno;
	(void)closedir(dir);
	return r;
}

int kernel_stamp(const char *dir, const char *file, uint64_t ret_stamp[3])
{
	char path[512];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, file);
	if (lstat(path, &st) < 0)
		return -errno;
	ret_stamp[0] = st.st_ino;
	ret_stamp[1] = (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec;
	ret_stamp[2] = (uint64_t)st.st_size;
	return 0;
}

static int netlink_socket(uint32_t groups)
{
	const struct sockaddr_nl self = {.nl_family = AF_NETLINK, .nl_groups = groups};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	const int size = RECEIVE_BUFFER;
	const int on = 1;

	if (fd < 0)
		return -errno;
	/* Without CAP_NET_ADMIN what the host allows is to do. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&self, sizeof(self)) < 0) {
		int r = -errno;

		(void)close(fd);
		return r;
	}
	return fd;
}

int kernel_net_open(struct kernel_net *ret)
{
	struct kernel_net net;

	net.listener = netlink_socket(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
	if (net.listener < 0)
		return net.listener;
	net.asker = netlink_socket(0);
	if (net.asker < 0) {
		(void)close(net.listener);
		return net.asker;
	}
	*ret = net;
	return 0;
}

void kernel_net_close(struct kernel_net *net)
{
	kernel_close(&net->listener);
	kernel_close(&net->asker);
}

static int open_netns(const char *name)
{
	char path[NETNS_PATH_MAX];
	int fd;

	if (strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
		return -ENOENT;
	(void)snprintf(path, sizeof(path), NETNS_DIR "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* What is no namespace (yet) has another device than all of them, and cannot be entered. */
static int id_of(int fd, uint64_t ret_id[2])
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	ret_id[0] = st.st_dev;
	ret_id[1] = st.st_ino;
	return 0;
}

int kernel_net_id(const char *name, uint64_t ret_id[2])
{
	int fd = open_netns(name);
	int r = fd < 0 ? fd : id_of(fd, ret_id);

	kernel_close(&fd);
	return r;
}

struct net_message {
	struct msghdr header;
	struct iovec part;
	int code;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control;
};

static void prepare(struct net_message *message)
{
	memset(message, 0, sizeof(*message));
	message->part.iov_base = &message->code;
	message->part.iov_len = sizeof(message->code);
	message->header.msg_iov = &message->part;
	message->header.msg_iovlen = 1;
	message->header.msg_control = message->control.bytes;
	message->header.msg_controllen = sizeof(message->control.bytes);
}

/* System calls only: other threads may have held any lock of the C library at the fork. */
static void __attribute__((noreturn)) live_as_child(int netns, int out)
{
	struct net_message message;
	struct kernel_net net = {-1, -1};
	struct cmsghdr *rights;

	prepare(&message);
	message.code = setns(netns, CLONE_NEWNET) < 0 ? -errno : kernel_net_open(&net);
	rights = CMSG_FIRSTHDR(&message.header);
	if (message.code < 0 || !rights) {
		message.header.msg_control = NULL;
		message.header.msg_controllen = 0;
	} else {
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof(net));
		memcpy(CMSG_DATA(rights), &net, sizeof(net));
	}
	(void)sendmsg(out, &message.header, MSG_NOSIGNAL);
	_exit(0);
}

static int start_child(int netns, pid_t *ret_pid)
{
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		live_as_child(netns, fds[1]);
	(void)close(fds[1]);
	if (pid < 0) {
		int r = -errno;

		(void)close(fds[0]);
		return r;
	}
	*ret_pid = pid;
	return fds[0];
}

int kernel_net_child(const char *name, pid_t *ret_pid, uint64_t ret_id[2])
{
	int netns = open_netns(name);
	int r = netns < 0 ? netns : id_of(netns, ret_id);

	if (r == 0)
		r = start_child(netns, ret_pid);
	kernel_close(&netns);
	return r;
}

int kernel_net_take(int fd, struct kernel_net *ret)
{
	struct net_message message;
	struct cmsghdr *rights;
	ssize_t len;

	prepare(&message);
	len = recvmsg(fd, &message.header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (len < 0)
		return -errno;
	if (len != (ssize_t)sizeof(message.code))
		return -EIO; /* it died */
	if (message.code < 0)
		return message.code;
	rights = CMSG_FIRSTHDR(&message.header);
	if (!rights || rights->cmsg_type != SCM_RIGHTS ||
	    rights->cmsg_len != CMSG_LEN(sizeof(*ret)))
		return -EMFILE; /* there was no room for them here */
	memcpy(ret, CMSG_DATA(rights), sizeof(*ret));
	return 0;
}

bool kernel_reap(pid_t pid, bool kill_it)
{
	if (kill_it)
		(void)kill(pid, SIGKILL);
	return waitpid(pid, NULL, WNOHANG) != 0;
}

int kernel_send(int fd, const void *data, size_t len)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t sent = sendto(fd, data, len, MSG_DONTWAIT, (const struct sockaddr *)&kernel,
			      sizeof(kernel));

	if (sent < 0)
		return -errno;
	return (size_t)sent == len ? 0 : -EIO;
}

ssize_t kernel_receive(int fd, void *buf)
{
	struct sockaddr_nl from = {0};
	socklen_t from_len = sizeof(from);
	ssize_t len = recvfrom(fd, buf, KERNEL_BUF_SIZE, MSG_DONTWAIT | MSG_TRUNC,
			       (struct sockaddr *)&from, &from_len);

	if (len < 0)
		return errno == EINTR ? 0 : -errno;
	if (from.nl_pid != 0)
		return 0;
	return len > KERNEL_BUF_SIZE ? -EMSGSIZE : len;
}

int kernel_pidfd(pid_t pid)
{
	long fd = syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : (int)fd;
}

static bool has_host_mounts(void)
{
	struct stat own, host;

	return stat("/proc/self/ns/mnt", &own) == 0 && stat("/proc/1/ns/mnt", &host) == 0 &&
	       own.st_dev == host.st_dev && own.st_ino == host.st_ino;
}

int kernel_mountinfo(bool *ret_is_host)
{
	/* A service manager's sandbox gives us a mount namespace of our own, in which the mounts
	 * have other ids. Agents and their mounts are where process 1 is. */
	bool is_service = getppid() == 1;
	int fd = is_service ? open("/proc/1/mountinfo", O_RDONLY | O_CLOEXEC) : -1;

	*ret_is_host = fd >= 0 || has_host_mounts();
	if (fd < 0)
		fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int read_text(int fd, char **text)
{
	size_t size = 0;
	size_t len = 0;

	for (;;) {
		ssize_t got;

		if (size - len < MOUNTINFO_STEP) {
			char *larger = realloc(*text, size + MOUNTINFO_STEP + 1);

			if (!larger || size > MOUNTINFO_MAX) {
				*text = larger ? larger : *text;
				return larger ? -EFBIG : -ENOMEM;
			}
			*text = larger;
			size += MOUNTINFO_STEP;
		}
		got = kernel_read(fd, *text + len, size - len);
		if (got < 0)
			return (int)got;
		len += (size_t)got;
		(*text)[len] = '\0';
		if (got == 0)
			return 0;
	}
}

int kernel_read_mountinfo(int fd, char **ret_text)
{
	struct pollfd changed = {.fd = fd, .events = POLLPRI};
	char *text = NULL;
	int r = lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0;

	/* Asked before and after: what is read is of one moment only if nothing changed. */
	if (r == 0)
		(void)poll(&changed, 1, 0);
	if (r == 0)
		r = read_text(fd, &text);
	if (r == 0 && poll(&changed, 1, 0) != 0)
		r = -EAGAIN;
	if (r < 0)
		free(text);
	else
		*ret_text = text;
	return r;
}

void kernel_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}
