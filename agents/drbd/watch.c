/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names the resource to haopsd by DRBD's worker thread, which is there as long as the resource is:
 * its end, by whomever, is told at once. Roles and disks are the monitor's matter.
 */

#include "drbd/drbd.h"
#include "ocf/host.h"

#include "util/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KTHREADD 2
#define COMM_MAX 64
/* Bytes that older kernels keep of a thread's name. */
#define COMM_KEPT 15

static bool is_worker(const struct haops_process *process, void *userdata)
{
	const char *wanted = userdata;
	CLEANUP_FREE char *comm = NULL;
	char path[40];
	size_t len;

	if (process->ppid != KTHREADD)
		return false;
	(void)snprintf(path, sizeof(path), "/proc/%d/comm", (int)process->pid);
	if (host_read(path, COMM_MAX * 2, &comm, &len) < 0)
		return false;
	len = strcspn(comm, "\n");
	return (len == strlen(wanted) || (len == COMM_KEPT && strlen(wanted) > len)) &&
	       strncmp(comm, wanted, len) == 0;
}

void drbd_watch(struct ocf_run *run)
{
	CLEANUP_FREE struct haops_process *list = NULL;
	struct haops_watch_object object = {.kind = HAOPS_WATCH_PROCESS};
	const struct haops_watch what = {.objects = &object, .object_count = 1};
	char wanted[STATE_NAME_MAX + 8];
	size_t count;

	(void)snprintf(wanted, sizeof(wanted), "drbd_w_%s", ocf_str(run, DRBD_RESOURCE));
	/* Two whose names begin alike cannot be told apart where the kernel cuts them. */
	if (haops_process_list(ocf_ctx(run), is_worker, wanted, &list, &count) < 0 || count != 1)
		return;
	object.process.pid = list[0].pid;
	object.process.start_time = list[0].start_ticks;
	ocf_watch_put(run, &what);
}
