/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_HAOPS_H
#define HAOPS_HAOPS_H

/**
 * @file haops.h
 * @brief Context, last error, log callback and deadlines: what every other header of libhaops
 * needs.
 *
 * Conventions of the whole library:
 *  - A call returns 0 or a negative errno value out of the set that it documents. -EIO stands for
 *    every failure of the system that has no code of its own. Any call that takes a context returns
 *    -EINVAL for an argument outside its documented range, -ENOMEM when memory is short, and leaves
 *    a sentence for people in the context, see haops_ctx_error().
 *  - Results come through the last parameters, whose names begin with ret_. They are not touched
 *    on failure.
 *  - The observed state of something is a result, never an error, and it can be UNKNOWN.
 *  - A call that can wait takes an absolute deadline, see haops_deadline_after(). -ETIMEDOUT means
 *    that the deadline passed and that the outcome is not known: look before you assume.
 *  - Every descriptor is close-on-exec. The library starts no thread, prints nothing, never exits.
 *  - A context and what was made with it belong to one thread at a time.
 */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HAOPS_PUBLIC __attribute__((visibility("default")))
#define HAOPS_MUST_CHECK __attribute__((warn_unused_result))
#define HAOPS_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

/** A library context: settings, log callback and the last error. */
struct haops_ctx;

/** Importance of a log message, most important first. */
enum haops_log_level {
	HAOPS_LOG_ERROR,   /**< an operation failed */
	HAOPS_LOG_WARNING, /**< it works, but somebody should look */
	HAOPS_LOG_INFO,	   /**< something was changed on this host */
	HAOPS_LOG_DEBUG	   /**< each step and each kernel message */
};

/**
 * @brief Receives one log message.
 *
 * @param userdata what was given to haops_ctx_set_log()
 * @param level importance of the message
 * @param message one line without a line end; valid during the call only
 *
 * Called on the thread that called the library, in the middle of its work: return soon, and do not
 * call the library with the same context.
 */
typedef void (*haops_log_fn)(void *userdata, enum haops_log_level level, const char *message);

/**
 * @brief Makes a context.
 *
 * It logs nowhere until haops_ctx_set_log() is called, and keeps its state files in the run
 * directory that was fixed when the library was built (see haops_ctx_set_run_dir()).
 *
 * @param ret_ctx the new context; free it with haops_ctx_free()
 * @return 0
 * @return -EINVAL ret_ctx is NULL: a bug of the caller
 * @return -ENOMEM memory is short: give up or try later
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_ctx_new(struct haops_ctx **ret_ctx);

/**
 * @brief Frees a context. NULL is allowed.
 *
 * @param ctx the context or NULL; nothing made with it may be used afterwards
 * @return NULL always, so that "ctx = haops_ctx_free(ctx);" forgets the pointer
 */
HAOPS_PUBLIC struct haops_ctx *haops_ctx_free(struct haops_ctx *ctx);

/**
 * @brief The last failure as one sentence: operation, object, the system's own words, what to do.
 *
 * @param ctx the context
 * @return the sentence, or "" when no call has failed yet; it is overwritten by the next failure
 * and freed with the context
 */
HAOPS_PUBLIC const char *haops_ctx_error(const struct haops_ctx *ctx);

/**
 * @brief Sets who receives log messages.
 *
 * @param ctx the context
 * @param level the least important level to be delivered
 * @param fn receiver, or NULL to be silent
 * @param userdata handed to fn as it is
 */
HAOPS_PUBLIC void haops_ctx_set_log(struct haops_ctx *ctx, enum haops_log_level level,
				    haops_log_fn fn, void *userdata);

/**
 * @brief Sets the directory of the state files.
 *
 * It is made when the first file is written, owned by the caller's effective user, mode 0700.
 *
 * @param ctx the context
 * @param path absolute path, 1 to 200 bytes; copied
 * @return 0
 * @return -EINVAL path is not absolute, empty or too long: correct it
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_ctx_set_run_dir(struct haops_ctx *ctx, const char *path);

/**
 * @brief An absolute deadline, timeout_ms from now, on CLOCK_MONOTONIC (see clock_gettime(2)).
 *
 * Changing the clock of the host does not move it; a suspended host does not advance it.
 *
 * @param ctx the context
 * @param timeout_ms milliseconds from now; below 0 counts as 0, above one year as one year
 * @return the deadline in milliseconds, for the deadline_ms parameters of this library
 */
HAOPS_PUBLIC int64_t haops_deadline_after(const struct haops_ctx *ctx, int64_t timeout_ms);

/**
 * @brief How long it is until a deadline.
 *
 * @param ctx the context
 * @param deadline_ms from haops_deadline_after()
 * @return milliseconds, 0 when it has passed; never below 0
 */
HAOPS_PUBLIC int64_t haops_deadline_left_ms(const struct haops_ctx *ctx, int64_t deadline_ms);

/**
 * @brief Version of the library that is running, "MAJOR.MINOR.PATCH".
 *
 * @return a constant string
 */
HAOPS_PUBLIC const char *haops_version(void);

#ifdef __cplusplus
}
#endif
#endif
