/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_UTIL_MOUNTINFO_H
#define HAOPS_UTIL_MOUNTINFO_H

/* Lines of /proc/self/mountinfo (proc(5)). Knows nothing of haops. */

#include <stdbool.h>
#include <stdint.h>

/* Texts are within the line; "" where the line ends before. */
struct mountinfo {
	uint64_t id;
	uint64_t parent; /* id of the mount that it is in, 0 if the field is no number */
	char *device; /* "MAJOR:MINOR" as in stat(2); of some file systems (btrfs) one of their own
		       */
	char *root;   /* what of the file system is seen at path, "/" for all of it */
	char *path;
	char *options;	      /* of this mount, such as "rw,noatime" */
	uint64_t shared;      /* peer group that it propagates to, 0 for none */
	uint64_t master;      /* peer group that it gets from, 0 for none */
	char *fstype;	      /* as in /proc/filesystems */
	char *source;	      /* what was mounted, as mount(8) was told */
	char *system_options; /* of the file system as a whole */
};

/* Reads a line without its end; names in it are unescaped where they are. False: it is none. */
bool mountinfo_parse(char *line, struct mountinfo *ret);

#endif
