/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_HTTP_H
#define HAOPS_HTTP_H

/**
 * @file http.h
 * @brief One HTTP/1.1 GET for health checks (RFC 9110, RFC 9112): IPv4, IPv6, unix socket; no TLS.
 */

#include <haops/haops.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What to ask for. */
struct haops_http_request {
	/** "http://HOST[:PORT]/PATH" with HOST an IPv4 address, an IPv6 address in brackets or
	 *  "localhost" (names are not resolved: a check must not hang on DNS), or
	 *  "unix:/SOCKET:/PATH". At most 4096 bytes. */
	const char *url;
	const char *host;      /**< Host header, or NULL for the one of the URL */
	const char *user;      /**< user name for Basic authentication (RFC 7617), or NULL */
	const char *password;  /**< its password; never logged */
	size_t body_max_bytes; /**< bytes of the body to keep, 0 to 1048576 */
};

/** What came back. */
struct haops_http_response {
	int status;	       /**< status code, 100 to 599 */
	char *body;	       /**< body, transfer coding removed, ends with NUL */
	size_t body_len;       /**< bytes in body without the NUL */
	bool is_truncated;     /**< there was more than body_max_bytes */
	char *location;	       /**< Location header of a redirection, or NULL */
	int64_t first_byte_ms; /**< from the call to the first byte of the answer, milliseconds */
};

/**
 * @brief Sends a GET and reads the answer. Redirections are not followed.
 *
 * @param ctx the context
 * @param request what to ask for; borrowed during the call
 * @param deadline_ms from haops_deadline_after()
 * @param ret_response the answer; release it with haops_http_response_done()
 * @return 0 there was a whole answer of HTTP: look at its status
 * @return -EINVAL the URL cannot be used; haops_ctx_error() says why
 * @return -ECONNREFUSED nothing listens there
 * @return -ECONNRESET the server closed the connection in the middle
 * @return -EHOSTUNREACH there is no way to it
 * @return -EPROTO the answer is no HTTP or breaks off
 * @return -ETIMEDOUT no whole answer until the deadline
 * @return -ENOMEM memory is short
 * @return -EIO another failure
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_http_get(struct haops_ctx *ctx,
						 const struct haops_http_request *request,
						 int64_t deadline_ms,
						 struct haops_http_response *ret_response);

/**
 * @brief Frees what a response holds. NULL and a zeroed response are allowed.
 *
 * @param response the response; zeroed afterwards
 */
HAOPS_PUBLIC void haops_http_response_done(struct haops_http_response *response);

#ifdef __cplusplus
}
#endif
#endif
