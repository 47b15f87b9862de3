/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_ADDR_H
#define HAOPS_ADDR_H

/**
 * @file addr.h
 * @brief IPv4 and IPv6 addresses as values: parsed once, compared by their bits.
 */

#include <haops/haops.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes that haops_addr_format() needs at most, with the NUL. */
#define HAOPS_ADDR_TEXT_MAX 46

/** An address. Two are the same exactly when haops_addr_cmp() says 0, however they were written. */
struct haops_addr {
	uint8_t family;	   /**< AF_INET or AF_INET6 */
	uint8_t bytes[16]; /**< network order; the 12 behind an IPv4 address are 0 */
};

/**
 * @brief Reads an address from text: dotted quad, or any form of IPv6 that inet_pton(3) takes.
 *
 * @param ctx the context
 * @param text the text, without prefix length, zone or white space
 * @param ret_addr the address
 * @return 0
 * @return -EINVAL it is no address; haops_ctx_error() quotes it
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_addr_parse(struct haops_ctx *ctx, const char *text,
						   struct haops_addr *ret_addr);

/**
 * @brief Writes an address in its canonical form (RFC 5952 for IPv6).
 *
 * @param addr the address
 * @param buf where to
 * @return buf
 */
HAOPS_PUBLIC const char *haops_addr_format(const struct haops_addr *addr,
					   char buf[HAOPS_ADDR_TEXT_MAX]);

/**
 * @brief Orders addresses: IPv4 before IPv6, then by their bits. For qsort(3) and bsearch(3) too.
 *
 * @param a a struct haops_addr
 * @param b another
 * @return below 0, 0 or above 0
 */
HAOPS_PUBLIC int haops_addr_cmp(const void *a, const void *b);

/**
 * @brief Whether an address can be a host's own: not unspecified, multicast, or IPv4 broadcast.
 *
 * @param addr the address
 * @return true when it can
 */
HAOPS_PUBLIC bool haops_addr_is_unicast(const struct haops_addr *addr);

#ifdef __cplusplus
}
#endif
#endif
