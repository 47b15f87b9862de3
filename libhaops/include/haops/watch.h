/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_WATCH_H
#define HAOPS_WATCH_H

/**
 * @file watch.h
 * @brief Watch records: what an agent started and wants to be watched until it stops it.
 *
 * A record is a state file (see state.h). haopsd(8) reads all of them, listens to the kernel for
 * what they name, and reports a loss. Without haopsd they are inert. A record is a wish, not a
 * proof: who reads it looks at the kernel.
 */

#include <haops/addr.h>
#include <haops/haops.h>
#include <haops/link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Objects that one record names at most. */
#define HAOPS_WATCH_OBJECTS_MAX 4096
/** Bytes of a resource's, agent's or cluster manager's name with the NUL. */
#define HAOPS_WATCH_NAME_MAX 256
/** Bytes of a path with the NUL. */
#define HAOPS_WATCH_PATH_MAX 4096
/** Bytes of the path of a unix socket with the NUL. */
#define HAOPS_WATCH_SOCKET_MAX 108

/** What an object is. */
enum haops_watch_kind {
	HAOPS_WATCH_ADDRESS,  /**< an address on an interface that is set up */
	HAOPS_WATCH_PROCESS,  /**< a process, by number and start time */
	HAOPS_WATCH_MOUNT,    /**< a file system mounted at a path */
	HAOPS_WATCH_DATABASE, /**< a MariaDB or MySQL server that does its work */
	HAOPS_WATCH_EXPORT    /**< a directory exported to a client by the NFS server */
};

/** What a database server is to do. */
enum haops_watch_role {
	HAOPS_WATCH_PLAIN,   /**< answer, whatever else it does */
	HAOPS_WATCH_PRIMARY, /**< answer, and be writable */
	HAOPS_WATCH_REPLICA  /**< answer, be read-only, and replicate: put it once it does */
};

/** One object. */
struct haops_watch_object {
	enum haops_watch_kind kind; /**< which of the members below counts */
	struct {
		struct haops_addr addr;		/**< the address */
		uint8_t prefix_len;		/**< its prefix length */
		char link[HAOPS_LINK_NAME_MAX]; /**< the interface's name */
	} address;				/**< HAOPS_WATCH_ADDRESS */
	struct {
		pid_t pid;	     /**< number */
		uint64_t start_time; /**< as in struct haops_process (process.h) */
	} process;		     /**< HAOPS_WATCH_PROCESS */
	struct {
		char *path;	   /**< mount point, absolute; owned by the record */
		uint64_t mount_id; /**< first field of mountinfo, 0 for any */
	} mount;		   /**< HAOPS_WATCH_MOUNT */
	struct {
		char *socket; /**< its unix socket, an absolute path; owned by the record */
		enum haops_watch_role role; /**< what it is to do */
		/** HAOPS_WATCH_PRIMARY: that commits wait so long for a replica is told to
		 * people, and is no loss; 0: it is not told. */
		uint32_t stuck_ms;
	} database; /**< HAOPS_WATCH_DATABASE */
	struct {
		char *client;	 /**< as in struct haops_nfs_export (nfs.h); owned by the record */
		char *directory; /**< absolute path; owned by the record */
	} nfs_export;		 /**< HAOPS_WATCH_EXPORT */
};

/** A watch record: one resource and its objects. */
struct haops_watch {
	char resource[HAOPS_WATCH_NAME_MAX]; /**< OCF_RESOURCE_INSTANCE, such as "vip" or "web:0" */
	char provider[HAOPS_WATCH_NAME_MAX]; /**< such as "haops" */
	char agent[HAOPS_WATCH_NAME_MAX];    /**< such as "IPaddr2" */
	bool is_pacemaker; /**< started by Pacemaker: it is to be told; otherwise only logged */
	char netns[HAOPS_WATCH_NAME_MAX]; /**< network namespace by name, "" for the host's */
	uint32_t lease_ms; /**< the addresses carry a lifetime that haopsd renews; 0 for none */
	struct haops_watch_object *objects; /**< array */
	size_t object_count;		    /**< 0 to HAOPS_WATCH_OBJECTS_MAX */
};

/**
 * @brief Puts a record in place of the resource's old one, atomically.
 *
 * @param ctx the context
 * @param watch the record
 * @return 0
 * @return -EINVAL a member is outside its range
 * @return -EFBIG it is larger than a state file can be (HAOPS_STATE_MAX): name fewer objects
 * @return -ENOSPC the run directory is full: the resource works, but is not watched
 * @return -EPERM the run directory belongs to somebody else
 * @return -EIO another failure
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_watch_put(struct haops_ctx *ctx,
						  const struct haops_watch *watch);

/**
 * @brief Removes the record of a resource; call it before anything is stopped. None is success.
 *
 * @param ctx the context
 * @param resource as in struct haops_watch
 * @return 0 it is gone
 * @return -EINVAL resource is outside its range
 * @return -EIO it could not be removed: haopsd may report a loss
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_watch_remove(struct haops_ctx *ctx, const char *resource);

/**
 * @brief Reads the record of a resource.
 *
 * @param ctx the context
 * @param resource as in struct haops_watch
 * @param ret_watch free its content with haops_watch_done()
 * @return 0
 * @return -ENOENT there is none
 * @return -EBADMSG it is not a record that this version understands
 * @return -EINVAL resource is outside its range
 * @return -EPERM it belongs to somebody else
 * @return -EIO it could not be read
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_watch_get(struct haops_ctx *ctx, const char *resource,
						  struct haops_watch *ret_watch);

/**
 * @brief Lists the resources that have a record.
 *
 * @param ctx the context
 * @param ret_names NULL-terminated array of names; free each with free(), then the array
 * @param ret_count how many
 * @return 0
 * @return -EIO the run directory could not be read
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_watch_list(struct haops_ctx *ctx, char ***ret_names,
						   size_t *ret_count);

/**
 * @brief Tells whether a resource has a record, by one look at the directory; its content is not
 *        read.
 *
 * @param ctx the context
 * @param resource as in struct haops_watch
 * @param ret_is_put whether it has one
 * @return 0
 * @return -EINVAL resource is outside its range
 * @return -EIO unknown
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_watch_is_put(struct haops_ctx *ctx, const char *resource,
						     bool *ret_is_put);

/**
 * @brief The directory that the records are in, for who watches it with inotify(7).
 *
 * A record is put by a rename within it (IN_MOVED_TO), and removed (IN_DELETE). The directory need
 * not exist yet.
 *
 * @param ctx the context
 * @return its path, valid as long as the context and its setting
 */
HAOPS_PUBLIC const char *haops_watch_dir(const struct haops_ctx *ctx);

/**
 * @brief Tells whether a file of haops_watch_dir() is a record, by its name.
 *
 * @param file name of the file without the directory
 * @return whether it is one; false also for one that is still being written
 */
HAOPS_PUBLIC bool haops_watch_is_file(const char *file);

/**
 * @brief Reads the record that is in a file of haops_watch_dir().
 *
 * @param ctx the context
 * @param file name of the file without the directory
 * @param ret_watch free its content with haops_watch_done()
 * @return 0
 * @return -ENOENT there is none
 * @return -EBADMSG it is not a record that this version understands
 * @return -EINVAL no record has such a file
 * @return -EPERM it belongs to somebody else
 * @return -EIO it could not be read
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_watch_get_file(struct haops_ctx *ctx, const char *file,
						       struct haops_watch *ret_watch);

/** @brief Frees what a record owns; the record itself is the caller's. */
HAOPS_PUBLIC void haops_watch_done(struct haops_watch *watch);

#ifdef __cplusplus
}
#endif
#endif
