/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_NFS_TEXT_H
#define HAOPS_NFS_TEXT_H

/* The export tables, the state of NFSv4 clients, the list of versions. Pure. */

#include <stdbool.h>

/* Texts are within the table. */
struct nfs_text_export {
	char *path;
	char *client;
};

/*
 * Takes the next entry of an export table (etab, /proc/fs/nfs/exports) off the text and unescapes
 * it in place. Comments and what is no entry are left out. False at the end.
 */
bool nfs_text_next(char **text, struct nfs_text_export *ret);

/*
 * Whether a client of a table is the one that was asked for. exportfs(8) writes the full name of a
 * host that was given by its short one; the kernel's table joins those that fit a host by commas.
 */
bool nfs_text_is_client(const char *listed, const char *wanted);
/* An entry of the kernel by the address of the client ("rpc.mountd -i"). */
bool nfs_text_is_by_address(const char *listed);

/* Whether a client's "states" has one on this file system. */
bool nfs_text_has_state_on(const char *states, unsigned int major, unsigned int minor);

/* "seconds from last renew" of a client's "info", or -1: kernels before 5.19 do not tell. */
long nfs_text_last_renew_s(const char *info);

/* Whether "versions" ("-2 +3 +4 +4.1") offers a major version: '3' or '4'. */
bool nfs_text_offers(const char *versions, char major);

#endif
