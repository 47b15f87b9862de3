/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_NFS_H
#define HAOPS_NFS_H

/**
 * @file nfs.h
 * @brief Directories exported by the NFS server of the Linux kernel, and what its clients hold.
 *
 * Two tables tell what is exported: etab, out of which rpc.mountd answers, and the kernel's own,
 * which holds what clients have asked for. Exporting and its opposite are done by exportfs(8), and
 * judged by these tables. One server per network namespace: that of the caller.
 */

#include <haops/addr.h>
#include <haops/haops.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of a client, as in exports(5), with the NUL. */
#define HAOPS_NFS_CLIENT_MAX 1024

/** A directory and who may mount it. */
struct haops_nfs_export {
	/** Host, network, netgroup or wildcard as in exports(5); an IPv6 address with or without
	 *  brackets. One only, no blanks. */
	const char *client;
	/** Directory, absolute, with symbolic links resolved. */
	const char *directory;
};

/** Where an export is found. */
struct haops_nfs_found {
	bool is_listed;	   /**< in etab: whoever asks from now on is let in */
	bool is_in_kernel; /**< in the kernel's table: clients use it */
};

/**
 * @brief The file of what is exported (etab), for who watches it with inotify(7).
 *
 * exportfs(8) puts a new one in its place by a rename (IN_MOVED_TO in its directory) when something
 * has changed. Neither the file nor its directory need be there.
 *
 * @return its path, valid for ever
 */
HAOPS_PUBLIC const char *haops_nfs_export_table(void);

/**
 * @brief Looks an export up in both tables. Starts no program.
 *
 * @param ctx the context
 * @param what directory and client
 * @param ret_found where it is; a table that does not exist has nothing
 * @return 0
 * @return -EINVAL a member of what is missing, too long or not absolute
 * @return -EIO a table could not be read: unknown, not absent
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_nfs_export_query(struct haops_ctx *ctx,
							 const struct haops_nfs_export *what,
							 struct haops_nfs_found *ret_found);

/**
 * @brief Exports a directory, or gives an export other options.
 *
 * @param ctx the context
 * @param what directory and client
 * @param options as in exports(5), separated by commas, or "" for the defaults
 * @param deadline_ms from haops_deadline_after()
 * @return 0 it is in etab
 * @return -EINVAL what or options is not allowed: correct it
 * @return -ENOENT exportfs(8) is not installed
 * @return -ETIMEDOUT exportfs did not end in time: look with haops_nfs_export_query()
 * @return -EIO exportfs refused, see haops_ctx_error() for its own words
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_nfs_export_add(struct haops_ctx *ctx,
						       const struct haops_nfs_export *what,
						       const char *options, int64_t deadline_ms);

/**
 * @brief Ends an export. None is success.
 *
 * Only this export: what else is exported stays, and so do the locks of its clients.
 *
 * @param ctx the context
 * @param what directory and client
 * @param deadline_ms from haops_deadline_after()
 * @return 0 neither table has it
 * @return -EINVAL what is not allowed
 * @return -ENOENT it is exported, and exportfs(8) is not installed
 * @return -ETIMEDOUT at the deadline a table still had it; haops_ctx_error() says which
 * @return -EIO exportfs refused, or a table could not be read
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_nfs_export_remove(struct haops_ctx *ctx,
							  const struct haops_nfs_export *what,
							  int64_t deadline_ms);

/** The server as the kernel shows it. */
struct haops_nfs_server {
	int threads;	/**< threads of nfsd; 0: it does not run */
	int lease_s;	/**< NFSv4 lease in seconds, 0: not known */
	int grace_s;	/**< time to reclaim after a start in seconds, 0: not known */
	bool is_grace;	/**< NFSv4 clients may reclaim, and may get nothing new */
	bool serves_v3; /**< it offers NFSv3 (known while it runs) */
	bool serves_v4; /**< it offers NFSv4, any minor version */
};

/**
 * @brief Asks the kernel for its server.
 *
 * @param ctx the context
 * @param ret_server all zero when the kernel has no nfsd, or /proc/fs/nfsd is not mounted
 * @return 0
 * @return -EIO what is there could not be read: unknown
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_nfs_server_query(struct haops_ctx *ctx,
							 struct haops_nfs_server *ret_server);

/**
 * @brief Releases all NLM locks (NFSv3) that clients took through one address of this host.
 *
 * @param ctx the context
 * @param addr the address, which moves away
 * @return 0
 * @return -ENOENT the kernel cannot do it: no nfsd
 * @return -EIO it refused
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_nfs_unlock_address(struct haops_ctx *ctx,
							   const struct haops_addr *addr);

/**
 * @brief Releases all locks that clients have on a file system, whoever exports it.
 *
 * NLM locks, and from Linux 6.9 on NFSv4 state as well.
 *
 * @param ctx the context
 * @param path a path on it, absolute
 * @return 0
 * @return -EINVAL path is not absolute or too long
 * @return -ENOENT the kernel cannot do it, or there is no such path
 * @return -EIO it refused
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_nfs_unlock_path(struct haops_ctx *ctx, const char *path);

/** Which clients haops_nfs_holders() ends. All state of such a client is gone, on other file
 * systems as well. */
enum haops_nfs_expire {
	HAOPS_NFS_EXPIRE_NONE,	 /**< none */
	HAOPS_NFS_EXPIRE_LAPSED, /**< those whose lease is over: from Linux 5.19 on the kernel keeps
				      what they have until somebody else wants it */
	HAOPS_NFS_EXPIRE_ALL	 /**< all that have something on the file system */
};

/**
 * @brief Counts the NFSv4 clients that have something open, locked or delegated on a file system.
 *
 * As long as there is one, it cannot be unmounted.
 *
 * @param ctx the context
 * @param device its number, st_dev of stat(2)
 * @param expire which of them to end
 * @param ret_count how many, those that were ended included
 * @return 0
 * @return -ENOENT the kernel does not tell (no nfsd, or Linux before 5.3)
 * @return -EIO it could not be read: unknown, not none
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_nfs_holders(struct haops_ctx *ctx, dev_t device,
						    enum haops_nfs_expire expire,
						    size_t *ret_count);

#ifdef __cplusplus
}
#endif
#endif
