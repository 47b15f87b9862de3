/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_UTIL_MOUNTINFO_H
#define HAOPS_UTIL_MOUNTINFO_H

/* Lines of /proc/self/mountinfo (proc(5)). Knows nothing of haops. */

#include <stdbool.h>
#include <stdint.h>

/* Texts are within the line. */
struct mountinfo {
	uint64_t id;
	char *device; /* "MAJOR:MINOR" as in stat(2); of some file systems (btrfs) one of their own
		       */
	char *path;
	char *source; /* what was mounted, as mount(8) was told; "" if the line ends before */
};

/* Reads a line without its end; names in it are unescaped where they are. False: it is none. */
bool mountinfo_parse(char *line, struct mountinfo *ret);

#endif
