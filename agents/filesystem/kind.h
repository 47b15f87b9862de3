/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FILESYSTEM_KIND_H
#define FILESYSTEM_KIND_H

/* What follows from the type, the options and the name of a device. Pure: looks at no host. */

#include <stdbool.h>
#include <stddef.h>

#define FS_PATH_MAX 1024

enum fs_kind {
	FS_LOCAL,   /* of one node at a time */
	FS_CLUSTER, /* a block device that several nodes mount */
	FS_NETWORK, /* of a server, or of a program (FUSE) */
	FS_VIRTUAL, /* tmpfs, overlay, "none" */
	FS_BIND	    /* another folder */
};

struct fs_kind_facts {
	enum fs_kind kind;
	bool is_block;	    /* the device is to be a block device */
	bool wants_fsck;    /* with run_fsck=auto */
	bool is_forced;	    /* umount(2) with MNT_FORCE */
	bool is_read_only;  /* by option */
	bool has_secret;    /* an option holds a password */
	const char *module; /* what /proc/filesystems names, or NULL: nothing to be asked for */
};

/* Whether a word is among the options, alone or as NAME=VALUE. */
bool options_have(const char *options, const char *word);

void kind_judge(const char *fstype, const char *options, const char *device,
		struct fs_kind_facts *ret_facts);

enum fs_clone {
	FS_CLONE_SAFE,
	FS_CLONE_READ_ONLY, /* allowed since it is read-only */
	FS_CLONE_FORCED,    /* allowed by force_clones */
	FS_CLONE_REFUSED
};
enum fs_clone clone_judge(const char *fstype, const char *options, bool is_forced);

/* The parameter device. */
struct fs_device {
	char source[FS_PATH_MAX]; /* what mount(8) is told: a path, "UUID=...", "server:/path" */
	char link[FS_PATH_MAX];	  /* where the device is found, or "" when that is no path */
};
/* NULL, or what is wrong as the end of a sentence. */
const char *device_parse(const char *text, struct fs_device *ret_device);

/* Whether two sources "server:/path" name the same server and surely another path. */
bool source_is_other(const char *wanted, const char *found);

/* Whether a table such as /proc/filesystems has this type. */
bool filesystems_have(const char *text, const char *fstype);

#endif
