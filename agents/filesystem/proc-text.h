/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FILESYSTEM_PROC_TEXT_H
#define FILESYSTEM_PROC_TEXT_H

/* Texts of /proc that tell what a process holds (proc(5)). Pure; all change the text they read. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The path of the next mapping of a file in maps, without what the kernel adds; NULL at the end. */
const char *maps_next_path(char **rest);
/* The id of the mount in fdinfo; false when there is none. */
bool fdinfo_mount_id(const char *text, uint64_t *ret_id);
/* Name, state and start time in stat. */
struct stat_facts {
	char name[16];
	char state;
	uint64_t start_ticks;
};
bool stat_read(char *text, struct stat_facts *ret_facts);
/* A path as a link of /proc shows it: what it adds to that of a removed file is cut off. */
void link_clean(char *path);
/* The next socket that is bound to a path in net/unix, and its inode; NULL at the end. */
const char *unix_next_path(char **rest, uint64_t *ret_inode);
/* The inode in "socket:[N]"; false for another link. */
bool link_socket(const char *link, uint64_t *ret_inode);

#endif
