/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unmounts: what is mounted below, copies, the mount. Success only when the table shows none of it
 * and nobody has the device for himself. Who keeps a mount busy is the matter of room.c. */

#include "filesystem/stop.h"
#include "filesystem/touch.h"

#include "ocf/host.h"
#include "util/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define FAST_STOP_MS 6000
#define LAST_LOOK_MS 1000
#define LOOK_MS 10000
#define REMOVE_MS 5000

static int64_t sooner(struct stop *stop, int64_t wait_ms)
{
	int64_t wait = haops_deadline_after(ocf_ctx(stop->run), wait_ms);

	return wait < stop->limit_ms ? wait : stop->limit_ms;
}

static void set_target(struct fs_target *target, const struct mountinfo *mount)
{
	struct fs_kind_facts facts;

	kind_judge(mount->fstype, "", mount->source, &facts);
	*target = (struct fs_target){.id = mount->id,
				     .shared = mount->shared,
				     .is_forced = facts.is_forced};
	(void)snprintf(target->device, sizeof(target->device), "%s", mount->device);
	(void)snprintf(target->root, sizeof(target->root), "%s", mount->root);
	(void)snprintf(target->path, sizeof(target->path), "%s", mount->path);
}

/* 1 one is left and *ret_target is the next, 0 none, or an exit code below 0 negated. */
static int next_in_table(struct stop *stop, struct fs_target *ret_target)
{
	struct mount_table table;
	const struct mountinfo *mount;
	int r = fs_table_read(stop->run, &table);

	if (r < 0)
		return r;
	mount = table_next(&table, &stop->goal);
	if (mount)
		set_target(ret_target, mount);
	/* Other mounts of the device, which are none of ours, may go on. */
	stop->is_shared_device = !mount && table_has_device(&table, stop->device);
	table_free(&table);
	return mount != NULL;
}

static int fail_hung(struct stop *stop, const struct fs_target *target, pid_t left)
{
	if (left)
		return ocf_fail(stop->run, OCF_ERR_GENERIC,
				"umount of %s does not return: device or server does not answer "
				"(process %d hangs)",
				target->path, (int)left);
	return ocf_fail(stop->run, OCF_ERR_GENERIC,
			"umount of %s did not end in time: device or server does not answer",
			target->path);
}

/* An exit code, or STOP_GO_ON. */
static int unmount(struct stop *stop, const struct fs_target *target)
{
	const struct touch touch = {.path = target->path,
				    .pid = target->pid,
				    .flags = target->is_forced ? MNT_FORCE : 0};
	const struct child_question question = {.fn = touch_unmount, .arg = &touch};
	struct child_answer answer;
	pid_t left;
	int r = child_ask(ocf_ctx(stop->run), &question, ocf_deadline(stop->run), &answer, &left);

	if (r == -ETIMEDOUT)
		return fail_hung(stop, target, left);
	if (r == 0)
		r = answer.code;
	if (r == 0) {
		ocf_log(stop->run, HAOPS_LOG_INFO, "%s unmounted", target->path);
		if (!target->pid)
			fs_forget(stop->run, target->path);
		return STOP_GO_ON;
	}
	/* Somebody else was faster: the table tells. */
	if (r == -EINVAL || r == -ENOENT) {
		host_pause(ocf_ctx(stop->run), ocf_deadline(stop->run));
		return STOP_GO_ON;
	}
	if (r == -EBUSY)
		return room_make(stop, target);
	return ocf_fail(stop->run, OCF_ERR_GENERIC, "umount of %s: %s", target->path, strerror(-r));
}

/* A device-mapper or RAID device that is built on it has it for itself, too. */
static bool is_used_by_device(const struct stop *stop)
{
	CLEANUP_DIR DIR *dir = NULL;
	struct dirent *entry;
	char path[128];

	(void)snprintf(path, sizeof(path), "/sys/dev/block/%s/holders", stop->device);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			return true;
	return false;
}

/* Longer than until the limit: what is asked last is answered, too. */
static int64_t look_limit(struct stop *stop)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(stop->run), ocf_deadline(stop->run));

	return haops_deadline_after(ocf_ctx(stop->run), left < LOOK_MS ? left : LOOK_MS);
}

/* Whether the kernel has let go of the device: 0, -EBUSY, or another -errno. */
static int ask_device(struct stop *stop)
{
	const struct touch touch = {.path = stop->device_path};
	int r;

	if (!stop->device_path[0] || stop->is_shared_device)
		return 0;
	r = touch_ask(ocf_ctx(stop->run), touch_exclusive, &touch, look_limit(stop), NULL);
	if (r == -EBUSY && stop->device[0] && is_used_by_device(stop))
		return 0;
	/* Gone, or closed to readers as that of a DRBD secondary: nobody has it mounted. */
	return r == -EBUSY || r == -ETIMEDOUT ? r : 0;
}

/* Who holds what was unmounted lazily: a target for room_make(). */
static void set_hidden(struct stop *stop, struct fs_target *target)
{
	*target = (struct fs_target){.is_hidden = true};
	(void)snprintf(target->device, sizeof(target->device), "%s", stop->device);
	(void)snprintf(target->path, sizeof(target->path), "%s", stop->device_path);
}

/*
 * No mount is left in our table. The device tells what the table does not: mounts in other
 * namespaces, lazy unmounts, an unmount that hangs.
 */
static int look_at_device(struct stop *stop)
{
	struct fs_target copy;
	int r = ask_device(stop);

	if (r == 0)
		return OCF_SUCCESS;
	if (r == -ETIMEDOUT)
		return ocf_fail(stop->run, OCF_ERR_GENERIC,
				"device %s does not answer: unknown whether it is free",
				stop->device_path);
	if (stop->device[0] &&
	    fs_copy_find(stop->run, &stop->wanted, look_limit(stop), &copy) == 1) {
		ocf_log(stop->run, HAOPS_LOG_INFO,
			"%s is mounted on %s in the mount namespace of process %d",
			stop->device_path, copy.path, (int)copy.pid);
		return unmount(stop, &copy);
	}
	set_hidden(stop, &copy);
	return room_make(stop, &copy);
}

static int step(struct stop *stop)
{
	struct fs_target target;
	int r = next_in_table(stop, &target);

	if (r < 0)
		return ocf_fail(stop->run, OCF_ERR_GENERIC, "/proc/self/mountinfo: %s",
				strerror(-r));
	return r ? unmount(stop, &target) : look_at_device(stop);
}

static int unmount_all(struct stop *stop)
{
	int code;

	do {
		code = step(stop);
	} while (code == STOP_GO_ON &&
		 haops_deadline_left_ms(ocf_ctx(stop->run), ocf_deadline(stop->run)) > 0);
	if (code == STOP_GO_ON)
		return ocf_fail(stop->run, OCF_ERR_GENERIC, "%s is not unmounted in time",
				stop->site.path);
	return code;
}

/* As in the stock agent: only who asks for depth 20 in stop, too, has it removed. */
static void remove_status_file(struct stop *stop, const struct mountinfo *entry)
{
	char name[FS_PATH_MAX];
	char path[FS_PATH_MAX * 2];
	const struct touch touch = {.path = path};
	int r;

	if (ocf_check_level(stop->run) < 20)
		return;
	fs_status_file(stop->run, name, sizeof(name));
	(void)snprintf(path, sizeof(path), "%s/%s", entry->path, name);
	r = touch_ask(ocf_ctx(stop->run), touch_remove, &touch, sooner(stop, REMOVE_MS), NULL);
	if (r < 0 && r != -ENOENT)
		ocf_log(stop->run, HAOPS_LOG_WARNING, "%s is not removed: %s", path, strerror(-r));
}

/* What is mounted, or would be: to be compared with mounts of other namespaces, and to be asked
 * when all is unmounted. */
static void set_device(struct stop *stop, const struct mountinfo *entry)
{
	const struct touch touch = {.path = stop->site.device.link};
	const char *path = entry && entry->source[0] == '/' ? entry->source : touch.path;
	char number[CHILD_TEXT_MAX] = "";

	if (entry)
		(void)snprintf(number, sizeof(number), "%s", entry->device);
	else if (stop->site.facts.is_block && touch_ask(ocf_ctx(stop->run), touch_device, &touch,
							sooner(stop, LOOK_MS), number) < 0)
		number[0] = '\0';
	(void)snprintf(stop->device, sizeof(stop->device), "%.31s", number);
	/* What several nodes mount is nobody's alone. */
	if (stop->site.facts.is_block && stop->site.facts.kind == FS_LOCAL)
		(void)snprintf(stop->device_path, sizeof(stop->device_path), "%s", path);
	(void)snprintf(stop->root, sizeof(stop->root), "%s", entry ? entry->root : "/");
	(void)snprintf(stop->wanted.device, sizeof(stop->wanted.device), "%s", stop->device);
	(void)snprintf(stop->wanted.root, sizeof(stop->wanted.root), "%s", stop->root);
}

/* Something is left for a last look at who is in the way. */
static int64_t budget(struct ocf_run *run)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run));
	int64_t rest = left / 10 < LAST_LOOK_MS ? left / 10 : LAST_LOOK_MS;

	left -= rest;
	if (ocf_bool(run, FS_FAST_STOP) && left > FAST_STOP_MS)
		left = FAST_STOP_MS;
	return haops_deadline_after(ocf_ctx(run), left);
}

static void aim(struct stop *stop, const struct mountinfo *entry)
{
	set_device(stop, entry);
	stop->goal.path = stop->site.path;
	if (!entry)
		return;
	/* Where it is now. */
	(void)snprintf(stop->site.path, sizeof(stop->site.path), "%s", entry->path);
	if (stop->site.facts.is_block) {
		stop->goal.device = stop->device;
		stop->goal.root = stop->root;
	}
	remove_status_file(stop, entry);
}

int fs_stop(struct ocf_run *run)
{
	struct stop stop = {.run = run, .limit_ms = budget(run)};
	struct fs_found found;
	bool is_foreign;
	int code;

	stop.site.last_id = fs_watch_id(run);
	ocf_watch_remove(run);
	/* Run by hand, this program may stand in what it is to unmount. */
	(void)!chdir("/");
	if (!fs_site_is_named(run)) {
		ocf_log(run, HAOPS_LOG_WARNING,
			"device or directory is missing or wrong: nothing was started with that");
		return OCF_SUCCESS;
	}
	code = fs_site_read(run, &stop.site);
	if (code == OCF_SUCCESS)
		code = fs_find(run, &stop.site, &found);
	if (code != OCF_SUCCESS)
		return code;
	is_foreign = found.where == FS_FOREIGN;
	if (is_foreign)
		ocf_log(run, HAOPS_LOG_WARNING, "%s is mounted from %s, not from %s: left alone",
			found.entry->path, found.entry->source, stop.site.device.source);
	else
		aim(&stop, found.entry);
	fs_found_done(&found);
	if (is_foreign)
		return OCF_SUCCESS;
	room_begin(&stop);
	code = unmount_all(&stop);
	room_end(&stop);
	return code;
}
