/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the process behind a listening address, through /proc/net and /proc/PID/fd. */

#include "nginx/host.h"
#include "nginx/nginx.h"
#include "nginx/sockets.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_MAX (16U * 1024U * 1024U)
#define INODES_MAX 256

struct inodes {
	unsigned long list[INODES_MAX];
	size_t count;
};

static int read_table(const char *path, const struct listen_addr *addr, struct inodes *inodes)
{
	CLEANUP_FREE char *table = NULL;
	size_t len;
	int r = host_read(path, TABLE_MAX, &table, &len);

	/* A kernel without IPv6 has no table of it. */
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	inodes->count +=
		sockets_find(table, addr, inodes->list + inodes->count, INODES_MAX - inodes->count);
	return 0;
}

static int find_inodes(const char *address, bool is_exact, struct inodes *inodes)
{
	struct listen_addr addr;
	int r;

	if (!listen_parse(address, &addr))
		return 0;
	addr.is_exact = is_exact;
	if (addr.kind == LISTEN_UNIX)
		return read_table("/proc/self/net/unix", &addr, inodes);
	r = read_table("/proc/self/net/tcp", &addr, inodes);
	return r < 0 ? r : read_table("/proc/self/net/tcp6", &addr, inodes);
}

static bool is_listed(unsigned long inode, void *userdata)
{
	const struct inodes *inodes = userdata;

	for (size_t i = 0; i < inodes->count; i++)
		if (inodes->list[i] == inode)
			return true;
	return false;
}

static bool holds(const struct haops_process *p, void *userdata)
{
	return host_find_socket(p->pid, is_listed, userdata) > 0;
}

void nginx_holder_describe(struct ocf_run *run, const char *address, char *buf, size_t size)
{
	CLEANUP_FREE struct haops_process *list = NULL;
	struct inodes inodes = {.count = 0};
	const char *name;
	size_t count = 0;

	buf[0] = '\0';
	/* A wildcard is in the way of an address, and the other way round. */
	(void)find_inodes(address, false, &inodes);
	if (!inodes.count || haops_process_list(ocf_ctx(run), holds, &inodes, &list, &count) < 0 ||
	    !count)
		return;
	name = strrchr(list[0].exe, '/');
	(void)snprintf(buf, size, "process %d (%.40s)", (int)list[0].pid,
		       name ? name + 1 : list[0].cmdline);
}

int nginx_holder_is(pid_t pid, const struct conf_facts *facts)
{
	struct inodes inodes = {.count = 0};
	int r = 0;

	for (size_t i = 0; i < facts->listen_count && r == 0; i++)
		r = find_inodes(facts->listens[i].addr, true, &inodes);
	if (r < 0 || !inodes.count)
		return r;
	return host_find_socket(pid, is_listed, &inodes);
}
