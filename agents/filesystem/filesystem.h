/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FILESYSTEM_H
#define FILESYSTEM_H

/* What the files of the Filesystem agent share. Pure parts have headers of their own. */

#include "filesystem/kind.h"
#include "filesystem/table.h"
#include "ocf/ocf.h"

/* Rows of fs_params. */
enum fs_param {
	FS_DEVICE,
	FS_DIRECTORY,
	FS_FSTYPE,
	FS_OPTIONS,
	FS_STATUSFILE_PREFIX,
	FS_RUN_FSCK,
	FS_FAST_STOP,
	FS_FORCE_CLONES,
	FS_FORCE_UNMOUNT,
	FS_PARAM_COUNT
};

extern const struct ocf_param fs_params[FS_PARAM_COUNT];

/* params.c: whether force_unmount allows to end processes. */
bool fs_may_kill(const struct ocf_run *run);

/* site.c: what the parameters say. */
struct fs_site {
	uint64_t last_id; /* of the mount that was named to haopsd last, 0: not known (yet) */
	struct fs_device device;
	struct fs_kind_facts facts;
	char path[FS_PATH_MAX]; /* the mount point; links in it resolved once fs_find() was there */
};
/* Whether device and directory are there and right: without, start refuses, so nothing is mounted.
 */
bool fs_site_is_named(const struct ocf_run *run);
/* 0, or an exit code with the reason given. */
int fs_site_read(struct ocf_run *run, struct fs_site *ret_site);

/* mounts.c: what is mounted there. */
enum fs_where {
	FS_ABSENT,
	FS_MOUNTED,
	FS_MOVED,	 /* ours, but elsewhere: it was moved, or a folder above it renamed */
	FS_OTHER_DEVICE, /* another block device, or this one under another number */
	FS_FOREIGN	 /* something that is surely not ours */
};
struct fs_found {
	enum fs_where where;
	struct mount_table table;      /* owned */
	const struct mountinfo *entry; /* ours, or what is on top at the mount point, or NULL */
	const struct mountinfo *cover; /* what was mounted over ours, or NULL */
};
/* A table that did not change while it was read. 0 or -errno. */
int fs_table_read(struct ocf_run *run, struct mount_table *ret_table);
/* Resolves site->path as far as it has to. 0, or an exit code with the reason given: unknown. */
int fs_find(struct ocf_run *run, struct fs_site *site, struct fs_found *ret_found);
void fs_found_done(struct fs_found *found);
/* The mount that was named to haopsd, 0 for none. */
uint64_t fs_watch_id(struct ocf_run *run);
/* Names the mount to haopsd. */
void fs_watch(struct ocf_run *run, const struct mountinfo *entry);

/* space.c: what uses a mount, or a device that is mounted nowhere any more. */
struct fs_holder {
	pid_t pid;
	uint64_t start_ticks;
	char name[16];
	char state;  /* letter of proc(5); D: it hangs in the kernel */
	char how[8]; /* "cwd", "root", "exe", "fd", "map", "socket" */
};
#define FS_HOLDERS_MAX 4096
struct fs_holders {
	struct fs_holder *list; /* owned */
	size_t count;
	size_t unknown_count; /* processes that could not be looked at: it took too long */
	pid_t unknown;	      /* one of them */
};
/* A mount of any namespace. */
struct fs_target {
	uint64_t id;
	uint64_t shared;
	pid_t pid;	/* a process of its namespace, 0: ours */
	bool is_forced; /* umount(2) with MNT_FORCE */
	bool is_hidden; /* in no table: all that is on the device, path is that of the device */
	char device[32];
	char root[FS_PATH_MAX];
	char path[FS_PATH_MAX];
};
/* Processes that hold the target or its copies in other namespaces. 0 or -errno. */
int fs_holders_find(struct ocf_run *run, const struct fs_target *target, int64_t limit_ms,
		    struct fs_holders *ret_holders);
void fs_holders_done(struct fs_holders *holders);
/* A mount of the file system in another namespace. 1 there is one, 0 there is none, or -errno. */
int fs_copy_find(struct ocf_run *run, const struct fs_target *wanted, int64_t limit_ms,
		 struct fs_target *ret_copy);

/* programs.c: mount(8), fsck(8), udevadm(8). Each 0, or an exit code with the reason given. */
int fs_mount(struct ocf_run *run, const struct fs_site *site);
int fs_check(struct ocf_run *run, const struct fs_site *site);
void fs_settle(struct ocf_run *run, const struct fs_site *site);
/* Takes what mount(8) noted of a mount that is gone out of its notes. */
void fs_forget(struct ocf_run *run, const char *path);

/* status.c: the file of depth 20, relative to the mount point. */
void fs_status_file(struct ocf_run *run, char *out, size_t size);

/* Actions. */
int fs_start(struct ocf_run *run);
int fs_stop(struct ocf_run *run);
int fs_monitor(struct ocf_run *run);
int fs_reload_agent(struct ocf_run *run);
int fs_validate(struct ocf_run *run, int level);

/* check.c: depth 10 and 20. */
int fs_check_level(struct ocf_run *run, const struct fs_site *site, const struct mountinfo *entry);

#endif
