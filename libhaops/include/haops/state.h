/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_STATE_H
#define HAOPS_STATE_H

/**
 * @file state.h
 * @brief Small files under the run directory, replaced whole, and locks that tell who holds them.
 *
 * A state file is a hint that outlives one agent run (which interface was chosen, which
 * configuration was checked). It may be missing, old or from another boot: the kernel is the truth.
 * The run directory is on a file system that is empty after boot, owned by the caller, mode 0700; a
 * directory or file of anybody else's is refused.
 */

#include <haops/haops.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Longest content of a state file in bytes. */
#define HAOPS_STATE_MAX 1048576

/**
 * @brief Writes a state file as a whole: a reader sees the old content or the new one, never a
 * part.
 *
 * @param ctx the context
 * @param name file name, 1 to 200 bytes. Bytes outside A-Z a-z 0-9 . _ - are stored as %XX, so any
 *        resource name can be part of it
 * @param data content
 * @param len bytes, 0 to HAOPS_STATE_MAX
 * @return 0
 * @return -EINVAL name or len is outside its range
 * @return -ENOSPC the file system is full: the old content is still there; free some room
 * @return -EPERM the run directory belongs to somebody else or others may write to it
 * @return -EIO another failure, see haops_ctx_error(); the old content is still there
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_state_write(struct haops_ctx *ctx, const char *name,
						    const void *data, size_t len);

/**
 * @brief Reads a state file.
 *
 * @param ctx the context
 * @param name as in haops_state_write()
 * @param ret_data content with a NUL behind it; free it with free()
 * @param ret_len bytes without the NUL
 * @return 0
 * @return -ENOENT there is none
 * @return -EINVAL name is outside its range
 * @return -EFBIG it is larger than HAOPS_STATE_MAX, so this library did not write it: remove it
 * @return -EPERM it belongs to somebody else
 * @return -EIO it could not be read
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_state_read(struct haops_ctx *ctx, const char *name,
						   char **ret_data, size_t *ret_len);

/**
 * @brief Removes a state file. None there is success.
 *
 * @param ctx the context
 * @param name as in haops_state_write()
 * @return 0 it is gone
 * @return -EINVAL name is outside its range
 * @return -EIO it could not be removed
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_state_remove(struct haops_ctx *ctx, const char *name);

/**
 * @brief Takes a lock that ends with this process, however it ends.
 *
 * A POSIX record lock (fcntl(2) F_SETLK): it is not inherited by fork(2), and the kernel tells its
 * holder. Closing any descriptor of the same lock file releases it, so take it once per process.
 *
 * @param ctx the context
 * @param name as in haops_state_write()
 * @param ret_fd keep it open as long as the lock is wanted; close(2) releases the lock
 * @return 0 it is yours
 * @return -EBUSY another process holds it, see haops_state_lock_holder()
 * @return -EINVAL name is outside its range
 * @return -ENOSPC the file system is full
 * @return -EPERM the run directory belongs to somebody else
 * @return -EIO another failure
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_state_lock(struct haops_ctx *ctx, const char *name,
						   int *ret_fd);

/**
 * @brief Tells which process holds a lock.
 *
 * @param ctx the context
 * @param name as in haops_state_write()
 * @param ret_pid its number, 0 when the lock is free or was never taken
 * @return 0
 * @return -EINVAL name is outside its range
 * @return -EIO unknown
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_state_lock_holder(struct haops_ctx *ctx, const char *name,
							  pid_t *ret_pid);

#ifdef __cplusplus
}
#endif
#endif
