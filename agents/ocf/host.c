/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and /proc entries that agents look at, see host.h. Decides nothing. */

#include "ocf/host.h"

#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_MS 3
#define PROC_PATH_MAX 64

bool host_is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool host_is_program(const char *path)
{
	return host_is_file(path) && access(path, X_OK) == 0;
}

bool host_real_path(const char *path, char *buf, size_t size)
{
	CLEANUP_FREE char *real = realpath(path, NULL);

	if (!real || strlen(real) >= size)
		return false;
	memcpy(buf, real, strlen(real) + 1);
	return true;
}

uint64_t host_boot_ticks(void)
{
	uint64_t per_second = (uint64_t)sysconf(_SC_CLK_TCK);
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * per_second + (uint64_t)now.tv_nsec * per_second / 1000000000U;
}

int64_t host_boot_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int read_all(int fd, char *buf, size_t size, size_t *ret_len)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, buf + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0) {
			*ret_len = len;
			return 0;
		}
		len += (size_t)n;
	}
	return -EFBIG;
}

int host_read(const char *path, size_t max, char **ret_text, size_t *ret_len)
{
	CLEANUP_FREE char *text = NULL;
	CLEANUP_FD int fd = -1;
	size_t len = 0;
	int r;

	/* Not blocking: a fifo in the place of a file must not hang the action. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	text = malloc(max + 1);
	if (!text)
		return -ENOMEM;
	r = read_all(fd, text, max + 1, &len);
	if (r < 0)
		return r;
	text[len] = '\0';
	*ret_len = len;
	*ret_text = TAKE_PTR(text);
	return 0;
}

void host_pause(const struct haops_ctx *ctx, int64_t deadline_ms)
{
	int64_t left = haops_deadline_left_ms(ctx, deadline_ms);

	(void)poll(NULL, 0, left < PAUSE_MS ? (int)left : PAUSE_MS);
}

void host_pause_for(const struct haops_ctx *ctx, int64_t ms, int64_t deadline_ms)
{
	int64_t until = haops_deadline_after(ctx, ms);

	if (until > deadline_ms)
		until = deadline_ms;
	for (int64_t left; (left = haops_deadline_left_ms(ctx, until)) > 0;)
		(void)poll(NULL, 0, (int)left);
}

static bool same_link(const char *a, const char *b)
{
	char to_a[PROC_PATH_MAX];
	char to_b[PROC_PATH_MAX];
	ssize_t len_a = readlink(a, to_a, sizeof(to_a));
	ssize_t len_b = readlink(b, to_b, sizeof(to_b));

	return len_a > 0 && len_a == len_b && memcmp(to_a, to_b, (size_t)len_a) == 0;
}

bool host_shares_namespaces(pid_t pid)
{
	char path[PROC_PATH_MAX];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)pid);
	if (!same_link(path, "/proc/self/ns/pid"))
		return false;
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	return same_link(path, "/proc/self/ns/net");
}

bool host_remove(const char *path)
{
	return unlink(path) == 0;
}

bool host_remove_dead_socket(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	CLEANUP_FD int fd = -1;
	struct stat st;

	if (strlen(path) >= sizeof(addr.sun_path) || lstat(path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return false;
	memcpy(addr.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0 ||
	    errno != ECONNREFUSED)
		return false;
	return unlink(path) == 0;
}
