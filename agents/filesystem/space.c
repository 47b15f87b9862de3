/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds who holds a mount: a child looks (look.c), and is given up at a process that cannot be
 * looked at; the next child goes on behind it. */

#include "filesystem/look.h"
#include "ocf/child.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Looking at one process takes microseconds, unless it hangs, or this machine has no time. */
#define STALL_MS 2000
#define STALLS_MAX 16

struct found {
	struct fs_holders holders;
	struct fs_target *copy; /* or NULL: nobody asks */
	bool has_copy;
	bool is_done;
};

void fs_holders_done(struct fs_holders *holders)
{
	free(holders->list);
	*holders = (struct fs_holders){.list = NULL};
}

static int keep_holder(struct fs_holders *holders, const struct fs_holder *holder)
{
	struct fs_holder *list;

	if (holders->count == FS_HOLDERS_MAX)
		return 0;
	list = realloc(holders->list, (holders->count + 1) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	list[holders->count++] = *holder;
	holders->list = list;
	return 0;
}

static int take(struct found *found, const struct look_message *message)
{
	switch (message->news) {
	case LOOK_HOLDER:
		return keep_holder(&found->holders, &message->holder);
	case LOOK_COPY:
		if (found->copy && !found->has_copy)
			*found->copy = message->copy;
		found->has_copy = true;
		return 0;
	case LOOK_DONE:
		found->is_done = true;
		return 0;
	}
	return -EIO;
}

static int64_t sooner(const struct haops_ctx *ctx, int64_t wait_ms, int64_t limit_ms)
{
	int64_t wait = haops_deadline_after(ctx, wait_ms);

	return wait < limit_ms ? wait : limit_ms;
}

/* Waits for a message. False: none came, and the child has not gone on to another process. */
static bool is_alive(const struct haops_ctx *ctx, const struct child *child,
		     const struct look *look, int64_t limit_ms)
{
	for (;;) {
		int at = atomic_load(look->at);

		if (child_wait(ctx, child, sooner(ctx, STALL_MS, limit_ms)))
			return true;
		if (at == atomic_load(look->at) || haops_deadline_left_ms(ctx, limit_ms) == 0)
			return false;
	}
}

/* Takes messages until the end, or until none comes. 0 or -errno; is_done tells the end. */
static int listen_to(const struct haops_ctx *ctx, const struct child *child,
		     const struct look *look, int64_t limit_ms, struct found *found)
{
	struct look_message message;
	int r = 0;

	while (r == 0 && !found->is_done && is_alive(ctx, child, look, limit_ms)) {
		if (read(child->out, &message, sizeof(message)) != (ssize_t)sizeof(message))
			return -EIO;
		r = take(found, &message);
	}
	return r;
}

static int look_once(const struct haops_ctx *ctx, const struct look *look, int64_t limit_ms,
		     struct found *found)
{
	struct look copy = *look;
	struct child child;
	int r = child_start(&child, look_at_processes, &copy);

	if (r < 0)
		return r;
	r = listen_to(ctx, &child, look, limit_ms, found);
	(void)child_end(ctx, &child);
	return r;
}

static int look_on(struct ocf_run *run, struct look *look, int64_t limit_ms, struct found *found)
{
	struct haops_ctx *ctx = ocf_ctx(run);

	for (int i = 0; i < STALLS_MAX; i++) {
		int r = look_once(ctx, look, limit_ms, found);

		if (r < 0 || found->is_done)
			return r;
		if (haops_deadline_left_ms(ctx, limit_ms) == 0)
			return -ETIMEDOUT;
		look->after = atomic_load(look->at);
		ocf_log(run, HAOPS_LOG_WARNING, "process %d cannot be looked at: it hangs",
			(int)look->after);
		found->holders.unknown = look->after;
		found->holders.unknown_count++;
	}
	return -ETIMEDOUT;
}

static int look_at_all(struct ocf_run *run, struct look *look, int64_t limit_ms,
		       struct found *found)
{
	int r;

	look->agent = getpid();
	look->at = mmap(NULL, sizeof(*look->at), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (look->at == MAP_FAILED)
		return -errno;
	r = look_on(run, look, limit_ms, found);
	(void)munmap(look->at, sizeof(*look->at));
	return r;
}

int fs_holders_find(struct ocf_run *run, const struct fs_target *target, int64_t limit_ms,
		    struct fs_holders *ret_holders)
{
	struct look look = {.target = target};
	struct found found = {.copy = NULL};
	int r = look_at_all(run, &look, limit_ms, &found);

	if (r < 0)
		fs_holders_done(&found.holders);
	else
		*ret_holders = found.holders;
	return r;
}

int fs_copy_find(struct ocf_run *run, const struct fs_target *wanted, int64_t limit_ms,
		 struct fs_target *ret_copy)
{
	struct look look = {.target = wanted, .for_copies = true};
	struct fs_target copy;
	struct found found = {.copy = &copy};
	int r = look_at_all(run, &look, limit_ms, &found);

	fs_holders_done(&found.holders);
	if (r < 0)
		return r;
	if (found.has_copy)
		*ret_copy = copy;
	return found.has_copy;
}
