/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds out whether our file system is mounted, by the kernel's table. Paths that may be on a dead
 * mount are looked at by a child only, and only when the table alone does not tell. */

#include "filesystem/filesystem.h"
#include "filesystem/touch.h"

#include "ocf/host.h"
#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define TABLE_MAX (64U * 1024U * 1024U)
#define TABLE_STEP 65536
#define LOOK_MS 10000

static int read_text(int fd, char **ret_text)
{
	CLEANUP_FREE char *text = NULL;
	size_t size = 0;
	size_t len = 0;

	for (;;) {
		ssize_t n;

		if (size - len < 2) {
			char *grown = size < TABLE_MAX ? realloc(text, size + TABLE_STEP) : NULL;

			if (!grown)
				return -ENOMEM;
			text = grown;
			size += TABLE_STEP;
		}
		n = read(fd, text + len, size - len - 1);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		len += n > 0 ? (size_t)n : 0;
	}
	text[len] = '\0';
	*ret_text = TAKE_PTR(text);
	return 0;
}

/* One reading is many reads, between which mounts come and go: the kernel tells whether one did. */
static int read_once(char **ret_text)
{
	CLEANUP_FD int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	struct pollfd changed = {.fd = fd, .events = POLLPRI};
	char *text = NULL;
	int r;

	if (fd < 0)
		return -errno;
	r = read_text(fd, &text);
	if (r < 0)
		return r;
	if (poll(&changed, 1, 0) == 0) {
		*ret_text = text;
		return 0;
	}
	free(text);
	return -EAGAIN;
}

int fs_table_read(struct ocf_run *run, struct mount_table *ret_table)
{
	char *text = NULL;
	int r;

	do {
		r = read_once(&text);
	} while (r == -EAGAIN && haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) > 0);
	return r < 0 ? r : table_parse(text, ret_table);
}

void fs_found_done(struct fs_found *found)
{
	table_free(&found->table);
}

static int64_t look_limit(struct ocf_run *run)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run));

	return haops_deadline_after(ocf_ctx(run), left / 2 < LOOK_MS ? left / 2 : LOOK_MS);
}

/* Whether a mount shows by its source that it is what we mount. */
static bool is_our_source(const struct fs_site *site, const struct mountinfo *mount)
{
	return strcmp(mount->source, site->device.source) == 0 ||
	       (site->device.link[0] && strcmp(mount->source, site->device.link) == 0);
}

/*
 * The mount point cannot be looked at. Where what is mounted tells by its source what it is, the
 * table alone may do.
 */
static int find_without_path(struct ocf_run *run, const struct fs_site *site,
			     struct fs_found *found, int err)
{
	const char *why = err == -ETIMEDOUT ? "looking at it takes too long" : strerror(-err);

	for (size_t i = 0; i < found->table.count; i++)
		if (is_our_source(site, &found->table.list[i]))
			return ocf_fail(run, OCF_ERR_GENERIC,
					"unknown whether %s is %s, where %s is mounted: %s",
					ocf_str(run, FS_DIRECTORY), found->table.list[i].path,
					site->device.source, why);
	if (site->facts.kind == FS_BIND || site->facts.kind == FS_VIRTUAL ||
	    (site->facts.is_block && site->device.source[0] != '/'))
		return ocf_fail(run, OCF_ERR_GENERIC, "unknown whether %s is mounted: %s",
				ocf_str(run, FS_DIRECTORY), why);
	ocf_log(run, HAOPS_LOG_WARNING, "%s: %s; %s is mounted nowhere", ocf_str(run, FS_DIRECTORY),
		why, site->device.source);
	return OCF_SUCCESS;
}

static int find_by_path(struct ocf_run *run, struct fs_site *site, struct fs_found *found)
{
	const struct touch touch = {.path = ocf_str(run, FS_DIRECTORY)};
	char real[CHILD_TEXT_MAX];
	int r = touch_ask(ocf_ctx(run), touch_real_path, &touch, look_limit(run), real);

	/* Where there is nothing, nothing is mounted. */
	if (r == -ENOENT || r == -ENOTDIR)
		return OCF_SUCCESS;
	if (r < 0)
		return find_without_path(run, site, found, r);
	memcpy(site->path, real, sizeof(site->path));
	if (strcmp(site->path, "/") == 0)
		return ocf_fail(run, OCF_ERR_ARGS, "%s leads to the root directory",
				ocf_str(run, FS_DIRECTORY));
	found->entry = table_top(&found->table, site->path);
	return OCF_SUCCESS;
}

static int device_number(struct ocf_run *run, const char *path, char number[CHILD_TEXT_MAX])
{
	const struct touch touch = {.path = path};
	struct child_answer answer = {0};

	/* Nothing there hangs: it is the kernel's own list of devices. */
	if (strncmp(path, "/dev/", 5) != 0)
		return touch_ask(ocf_ctx(run), touch_device, &touch, look_limit(run), number);
	touch_device(&touch, &answer);
	memcpy(number, answer.text, CHILD_TEXT_MAX);
	return answer.code;
}

/* "0:N" is the number of a file system that has no device, or several (btrfs). */
static bool has_device(const struct mountinfo *mount)
{
	return strncmp(mount->device, "0:", 2) != 0;
}

static enum fs_where judge_block(struct ocf_run *run, const struct fs_site *site,
				 const struct mountinfo *mount)
{
	char wanted[CHILD_TEXT_MAX];
	char found[CHILD_TEXT_MAX];

	if (mount->source[0] != '/')
		return FS_FOREIGN;
	if (device_number(run, site->device.link, wanted) < 0)
		/* It is gone, or its name is: what is mounted cannot be compared. */
		return FS_MOUNTED;
	if (has_device(mount))
		return strcmp(wanted, mount->device) == 0 ? FS_MOUNTED : FS_OTHER_DEVICE;
	if (is_our_source(site, mount) || device_number(run, mount->source, found) < 0)
		return FS_MOUNTED;
	/* A file system on several devices is named by one of them. */
	return strcmp(wanted, found) == 0 || !strcmp(mount->fstype, "btrfs") ? FS_MOUNTED
									     : FS_OTHER_DEVICE;
}

static enum fs_where judge(struct ocf_run *run, const struct fs_site *site,
			   const struct mountinfo *mount)
{
	if (site->facts.is_block)
		return judge_block(run, site, mount);
	if (site->facts.kind == FS_NETWORK && source_is_other(site->device.source, mount->source))
		return FS_FOREIGN;
	if (site->facts.kind == FS_NETWORK && mount->source[0] == '/' && has_device(mount))
		return FS_FOREIGN;
	return FS_MOUNTED;
}

/* Ours may lie under something that was mounted over it. */
static void judge_stack(struct ocf_run *run, const struct fs_site *site, struct fs_found *found)
{
	const struct mountinfo *top = found->entry;

	found->where = judge(run, site, top);
	for (size_t i = found->table.count; i-- > 0 && found->where != FS_MOUNTED;) {
		const struct mountinfo *mount = &found->table.list[i];

		if (mount == top || strcmp(mount->path, top->path) != 0 ||
		    judge(run, site, mount) != FS_MOUNTED)
			continue;
		found->where = FS_MOUNTED;
		found->entry = mount;
		found->cover = top;
	}
}

uint64_t fs_watch_id(struct ocf_run *run)
{
	struct haops_watch watch;
	uint64_t id = 0;

	if (haops_watch_get(ocf_ctx(run), ocf_instance(run), &watch) < 0)
		return 0;
	if (watch.object_count == 1 && watch.objects[0].kind == HAOPS_WATCH_MOUNT)
		id = watch.objects[0].mount.mount_id;
	haops_watch_done(&watch);
	return id;
}

/* A mount keeps its id where it is moved to; but the id of one that is gone is used again. */
static void find_moved(struct ocf_run *run, struct fs_site *site, struct fs_found *found)
{
	const struct mountinfo *mount;
	char number[CHILD_TEXT_MAX];

	if (!site->last_id)
		site->last_id = fs_watch_id(run);
	mount = site->last_id ? table_find(&found->table, site->last_id) : NULL;
	if (!mount || !site->facts.is_block)
		return;
	if (!is_our_source(site, mount) && (device_number(run, site->device.link, number) < 0 ||
					    strcmp(number, mount->device) != 0))
		return;
	found->where = FS_MOVED;
	found->entry = mount;
}

int fs_find(struct ocf_run *run, struct fs_site *site, struct fs_found *ret_found)
{
	struct fs_found found = {.where = FS_ABSENT};
	int r = fs_table_read(run, &found.table);

	if (r < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "/proc/self/mountinfo: %s", strerror(-r));
	r = OCF_SUCCESS;
	if (path_normalize(ocf_str(run, FS_DIRECTORY), site->path, sizeof(site->path)))
		found.entry = table_top(&found.table, site->path);
	else
		(void)snprintf(site->path, sizeof(site->path), "%s", ocf_str(run, FS_DIRECTORY));
	if (!found.entry)
		r = find_by_path(run, site, &found);
	if (found.entry)
		judge_stack(run, site, &found);
	else
		find_moved(run, site, &found);
	if (r == OCF_SUCCESS)
		*ret_found = found;
	else
		fs_found_done(&found);
	return r;
}

void fs_watch(struct ocf_run *run, const struct mountinfo *entry)
{
	struct haops_watch_object object = {.kind = HAOPS_WATCH_MOUNT};
	const struct haops_watch what = {.objects = &object, .object_count = 1};

	object.mount.path = entry->path;
	object.mount.mount_id = entry->id;
	ocf_watch_put(run, &what);
}
