/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses as values: text to bytes and back, order. Knows nothing of interfaces or prefixes, and
 * touches no system. */
#include "internal.h"

#include <arpa/inet.h>
#include <haops/addr.h>
#include <netinet/in.h>

/* More of a wrong value than this helps nobody, and the sentence must stay short. */
#define QUOTED_MAX 60

int haops_addr_parse(struct haops_ctx *ctx, const char *text, struct haops_addr *ret_addr)
{
	struct haops_addr addr = {.family = AF_INET};

	if (!ctx)
		return -EINVAL;
	if (!text || !ret_addr)
		return haops_fail(ctx, EINVAL, "an address was asked for without text or result");
	if (strchr(text, ':'))
		addr.family = AF_INET6;
	/* inet_pton(3) is the strict one: no zone, no prefix, no octal, no missing octets. */
	if (inet_pton(addr.family, text, addr.bytes) != 1)
		return haops_fail(ctx, EINVAL,
				  "\"%.*s\" is not an IP address: write it like 192.0.2.10 or "
				  "2001:db8::10, without prefix length",
				  QUOTED_MAX, text);
	*ret_addr = addr;
	return 0;
}

const char *haops_addr_format(const struct haops_addr *addr, char buf[HAOPS_ADDR_TEXT_MAX])
{
	_Static_assert(HAOPS_ADDR_TEXT_MAX >= INET6_ADDRSTRLEN, "room for every address");

	if (!inet_ntop(addr->family, addr->bytes, buf, HAOPS_ADDR_TEXT_MAX))
		memcpy(buf, "(no address)", sizeof("(no address)"));
	return buf;
}

int haops_addr_cmp(const void *a, const void *b)
{
	const struct haops_addr *x = a;
	const struct haops_addr *y = b;

	_Static_assert(AF_INET < AF_INET6, "the order of families is the order of their numbers");
	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	return memcmp(x->bytes, y->bytes, x->family == AF_INET ? 4 : sizeof(x->bytes));
}

bool haops_addr_is_unicast(const struct haops_addr *addr)
{
	static const uint8_t any[16];

	if (addr->family == AF_INET)
		return memcmp(addr->bytes, any, 4) != 0 && (addr->bytes[0] & 0xf0) != 0xe0 &&
		       memcmp(addr->bytes, "\xff\xff\xff\xff", 4) != 0;
	if (addr->family == AF_INET6)
		return memcmp(addr->bytes, any, sizeof(any)) != 0 && addr->bytes[0] != 0xff;
	return false;
}
