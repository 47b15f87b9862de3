/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFSSERVER_HOST_H
#define NFSSERVER_HOST_H

/* What the nfsserver agent does on its host beyond ocf/host.h. Each returns 0 or -errno where not
 * said otherwise. Decides nothing. */

#include "ocf/host.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* type NULL: source is bound to target. */
int host_mount(const char *source, const char *target, const char *type);
/* lazily: it goes from the tree now, and altogether when nobody uses it any more. */
int host_unmount(const char *target, bool lazily);
bool host_is_folder(const char *path);
/* Both are there and the same, whatever they are called. */
bool host_is_same(const char *a, const char *b);
/* All folders of a path; those that are there stay as they are. */
int host_make_folders(const char *path);
/* An empty file where there is none. */
int host_touch(const char *path);
int host_owner(const char *path, uid_t *ret_uid, gid_t *ret_gid);
/* Of a folder with its files, or of a file; links are not followed. */
int host_give(const char *path, uid_t uid, gid_t gid);
/* The account of a user, if there is one. */
bool host_account(const char *name, uid_t *ret_uid, gid_t *ret_gid);
/* Entries of a folder but "." and ".."; 0 if it is not there. */
int host_count(const char *path, size_t *ret_count);
/* Copies the regular files of a folder, up to a size, into another. */
int host_copy_files(const char *from, const char *to);
int host_empty(const char *folder);
/* Writes to a file that is there: one of the kernel's. */
int host_tell(const char *path, const char *text);
/* A number of four bytes, as rpc.statd has it in "state". */
int host_read_number(const char *path, uint32_t *ret_number);
int host_write_number(const char *path, uint32_t number);
/* The whole text in place of the file, on the disk when it returns. */
int host_put_file(const char *path, const char *text);
/* Whether an address is one of this host's, by text. */
bool host_has_address(const char *text);
/* A descriptor that tells of each address which comes or goes (rtnetlink(7)), or -errno. */
int host_listen_for_addresses(void);
/* Until it told something: 0, or -ETIMEDOUT and others. */
int host_wait_told(const struct haops_ctx *ctx, int fd, int64_t deadline_ms);
/* 1 in a new process that nobody waits for and that holds no descriptor of this one, 0 in this one;
 * -errno. */
int host_fork_off(void);
/* Runs fn while the name of this host is another for what it starts. */
int host_under_name(const char *name, int (*fn)(void *userdata), void *userdata);
/* Connects to a port of 127.0.0.1 until the deadline: a descriptor, or -errno. */
int host_connect(const struct haops_ctx *ctx, unsigned int port, int64_t deadline_ms);
bool host_unix_answers(const char *path);
/* What is sent, and the room for what comes back. */
struct host_call {
	const void *data;
	size_t len;
	unsigned char *buf;
	size_t size;
};

/* Sends a record of RPC, and receives one: how many bytes, or -errno. */
ssize_t host_converse(const struct haops_ctx *ctx, int fd, const struct host_call *call,
		      int64_t deadline_ms);

#endif
