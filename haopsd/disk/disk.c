/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks the helper for a test write every disk_interval, and starts it again when it ended. What an
 * overdue write means is the heart's to say. */
#include "disk/disk.h"
#include "disk/protocol.h"
#include "prober/prober.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESTART_MIN_MS 1000
#define RESTART_MAX_MS 60000
#define NS_PER_MS 1000000
/* Former helpers that were killed and are still in state D. */
#define DYING_MAX 4

struct disk {
	struct haops_ctx *ctx;
	qb_loop_t *loop;
	struct disk_handlers handlers;
	void *userdata;
	char path[sizeof(((struct config *)0)->disk_path)];
	int64_t interval_ms;
	qb_loop_timer_handle timer;
	bool has_timer;
	int64_t restart_ms; /* pause before the next start */
	struct prober helper;
	bool is_asked; /* and not answered */
	int64_t asked_ms;
	int told_error;	      /* of writing */
	int told_start_error; /* of starting */
	struct prober dying[DYING_MAX];
};

static void HAOPS_PRINTF(3, 4)
	tell(struct disk *disk, enum haops_log_level level, const char *fmt, ...)
{
	char text[512];
	va_list args;

	if (!disk->handlers.event)
		return;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	disk->handlers.event(disk->userdata, level, text);
}

static void on_timer(void *userdata);

static void disarm(struct disk *disk)
{
	if (disk->has_timer)
		(void)qb_loop_timer_del(disk->loop, disk->timer);
	disk->has_timer = false;
}

static void arm(struct disk *disk, int64_t in_ms)
{
	disarm(disk);
	disk->has_timer = qb_loop_timer_add(disk->loop, QB_LOOP_MED, (uint64_t)in_ms * NS_PER_MS,
					    disk, on_timer, &disk->timer) == 0;
}

static void forget(struct disk *disk, struct prober *helper)
{
	if (helper->fd >= 0)
		(void)qb_loop_poll_del(disk->loop, helper->fd);
	if (helper->pidfd >= 0)
		(void)qb_loop_poll_del(disk->loop, helper->pidfd);
	prober_forget(helper);
}

static void restart_later(struct disk *disk)
{
	arm(disk, disk->restart_ms);
	disk->restart_ms *= 2;
	if (disk->restart_ms > RESTART_MAX_MS)
		disk->restart_ms = RESTART_MAX_MS;
}

/* The helper that runs, or NULL. */
static struct prober *find_helper(struct disk *disk, int fd)
{
	if (disk->helper.pidfd == fd)
		return &disk->helper;
	for (size_t i = 0; i < DYING_MAX; i++)
		if (disk->dying[i].pidfd == fd)
			return &disk->dying[i];
	return NULL;
}

/* The kernel says that a helper ended. */
static int32_t on_end(int32_t fd, int32_t revents, void *userdata)
{
	struct disk *disk = userdata;
	struct prober *helper = find_helper(disk, fd);
	struct prober ended;

	(void)revents;
	if (!helper)
		return -1;
	/* Out of the loop first: descriptors are closed by reaping. */
	ended = *helper;
	(void)qb_loop_poll_del(disk->loop, ended.pidfd);
	if (ended.fd >= 0)
		(void)qb_loop_poll_del(disk->loop, ended.fd);
	if (!prober_reap(&ended))
		prober_forget(&ended);
	*helper = (struct prober){.fd = -1, .pidfd = -1};
	if (helper != &disk->helper)
		return 0;
	disk->is_asked = false;
	if (disk->restart_ms == RESTART_MIN_MS)
		tell(disk, HAOPS_LOG_WARNING,
		     "The helper that tests the disk ended; it is started again.");
	restart_later(disk);
	return 0;
}

/* Makes room for another helper: the one that runs is killed, and may take its time. */
static bool let_die(struct disk *disk)
{
	struct prober *helper = &disk->helper;

	if (helper->pid == 0)
		return true;
	for (size_t i = 0; i < DYING_MAX; i++) {
		if (disk->dying[i].pid != 0)
			continue;
		prober_kill(helper);
		if (helper->fd >= 0)
			(void)qb_loop_poll_del(disk->loop, helper->fd);
		disk->dying[i] = *helper;
		*helper = (struct prober){.fd = -1, .pidfd = -1};
		disk->is_asked = false;
		return true;
	}
	return false;
}

static const char *step_text(int32_t step)
{
	switch (step) {
	case DISK_STEP_FOLDER:
		return "the folder cannot be opened";
	case DISK_STEP_CREATE:
		return "no file can be made";
	case DISK_STEP_WRITE:
		return "writing failed";
	default:
		return "fsync failed";
	}
}

static void take_answer(struct disk *disk, const struct disk_answer *answer)
{
	disk->is_asked = false;
	if (answer->error) {
		if (answer->error != disk->told_error)
			tell(disk, HAOPS_LOG_ERROR, "The test write to %s failed: %s: %s.",
			     disk->path, step_text(answer->step), strerror(answer->error));
		disk->told_error = answer->error;
		return;
	}
	if (disk->told_error)
		tell(disk, HAOPS_LOG_INFO, "Test writes to %s succeed again.", disk->path);
	disk->told_error = 0;
	disk->restart_ms = RESTART_MIN_MS;
	/* It cannot have been before we asked, nor after now. */
	if (answer->written_ms >= disk->asked_ms && answer->written_ms <= prober_now_ms())
		disk->handlers.written(disk->userdata, answer->written_ms);
}

static int32_t on_answer(int32_t fd, int32_t revents, void *userdata)
{
	struct disk *disk = userdata;
	struct disk_answer answer;
	int r;

	(void)revents;
	if (fd != disk->helper.fd)
		return -1;
	r = prober_hear(&disk->helper, &answer, sizeof(answer));
	if (r == -EAGAIN)
		return 0;
	if (r == 0 && disk->is_asked) {
		take_answer(disk, &answer);
		return 0;
	}
	/* Its end comes by the other descriptor. */
	prober_kill(&disk->helper);
	return -1;
}

static int start(struct disk *disk)
{
	const char *program = disk->handlers.program ? disk->handlers.program : HAOPSD_DISK_PROGRAM;
	const char *const argv[] = {program, disk->path, NULL};
	struct prober *helper = &disk->helper;
	int r = prober_start(helper, disk->ctx, argv);

	if (r == 0)
		r = qb_loop_poll_add(disk->loop, QB_LOOP_MED, helper->pidfd, POLLIN, disk, on_end);
	if (r == 0)
		r = qb_loop_poll_add(disk->loop, QB_LOOP_MED, helper->fd, POLLIN, disk, on_answer);
	if (r < 0) {
		prober_kill(helper);
		forget(disk, helper);
	}
	if (r < 0 && r != disk->told_start_error)
		tell(disk, HAOPS_LOG_ERROR,
		     "The helper that tests the disk, %s, cannot be started: %s.", program,
		     strerror(-r));
	disk->told_start_error = r;
	return r;
}

static void ask(struct disk *disk)
{
	/* One at a time: a disk that hangs gets no second one. */
	if (disk->is_asked)
		return;
	disk->asked_ms = prober_now_ms();
	disk->is_asked = true;
	if (prober_ask(&disk->helper, DISK_ASK) < 0)
		prober_kill(&disk->helper);
}

static void on_timer(void *userdata)
{
	struct disk *disk = userdata;

	disk->has_timer = false;
	if (disk->helper.pid == 0 && start(disk) < 0) {
		restart_later(disk);
		return;
	}
	ask(disk);
	arm(disk, disk->interval_ms);
}

void disk_reconfigure(struct disk *disk, const struct config *config)
{
	bool is_other = strcmp(disk->path, config->disk_path) != 0;

	disk->interval_ms = config->disk_interval_ms;
	if (is_other && !let_die(disk)) {
		tell(disk, HAOPS_LOG_ERROR,
		     "Tests of the disk stay at %s: %d helpers hang there and cannot be ended.",
		     disk->path, DYING_MAX + 1);
		is_other = false;
	}
	if (is_other) {
		memcpy(disk->path, config->disk_path, sizeof(disk->path));
		disk->told_error = 0;
		disk->restart_ms = RESTART_MIN_MS;
	}
	disarm(disk);
	if (disk->path[0])
		arm(disk, is_other ? 0 : disk->interval_ms);
}

struct disk *disk_new(struct haops_ctx *ctx, qb_loop_t *loop, const struct config *config,
		      const struct disk_handlers *handlers, void *userdata)
{
	struct disk *disk = calloc(1, sizeof(*disk));

	if (!disk)
		return NULL;
	disk->ctx = ctx;
	disk->loop = loop;
	disk->handlers = *handlers;
	disk->userdata = userdata;
	disk->restart_ms = RESTART_MIN_MS;
	disk->helper = (struct prober){.fd = -1, .pidfd = -1};
	for (size_t i = 0; i < DYING_MAX; i++)
		disk->dying[i] = disk->helper;
	disk_reconfigure(disk, config);
	return disk;
}

void disk_free(struct disk *disk)
{
	if (!disk)
		return;
	disarm(disk);
	prober_kill(&disk->helper);
	if (disk->helper.pid != 0)
		forget(disk, &disk->helper);
	for (size_t i = 0; i < DYING_MAX; i++)
		if (disk->dying[i].pid != 0)
			forget(disk, &disk->dying[i]);
	free(disk);
}

pid_t disk_pid(const struct disk *disk)
{
	return disk->helper.pid;
}
