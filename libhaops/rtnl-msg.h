/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_RTNL_MSG_H
#define HAOPS_RTNL_MSG_H

/*
 * Messages of rtnetlink(7) as structs and back: addresses, routes, links, errors. Pure: bytes in,
 * structs out, and the reverse; every byte from the kernel is length-checked all the same.
 */

#include <haops/addr.h>
#include <haops/link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No message that is built here is longer. */
#define RTNL_MSG_MAX 256
/* Longest alternative name of an interface, with the NUL (ALTIFNAMSIZ of the kernel). */
#define RTNL_MSG_ALTNAME_MAX 128
#define RTNL_MSG_TEXT_MAX 120

/* An address on an interface, whole: what was read can be written again. */
struct rtnl_addr {
	struct haops_addr local;   /* the host's own */
	struct haops_addr address; /* its network; differs on a point-to-point link: the peer's */
	int ifindex;
	uint8_t prefix_len;
	uint8_t scope;
	uint8_t proto;	/* IFA_PROTO */
	uint32_t flags; /* IFA_F_ */
	uint32_t preferred_s;
	uint32_t valid_s;
	uint32_t metric;
	bool has_broadcast;
	struct in_addr broadcast;
	char label[HAOPS_LINK_NAME_MAX];
};

struct rtnl_route {
	struct haops_addr dst;
	struct haops_addr src; /* preferred source, when has_src */
	int oif;	       /* 0: none, or several */
	uint32_t table;
	uint8_t prefix_len;
	uint8_t type;
	uint8_t scope;
	bool has_src;
	bool has_gateway;
	bool is_cloned;
};

/* A link, and the one setting of it that matters to addresses. */
struct rtnl_link {
	struct haops_link link;
	bool has_promote; /* promote_secondaries was in the message */
	bool promote;
};

/* NLMSG_ERROR or NLMSG_DONE: the kernel's verdict and, if it gave one, its explanation. */
struct rtnl_verdict {
	int code; /* 0 or -errno */
	char text[RTNL_MSG_TEXT_MAX];
};

/* What is left of a datagram. */
struct rtnl_bytes {
	const void *at;
	size_t len;
};

/* Takes the first message off; NULL when none is whole, what is left then is no message. */
const struct nlmsghdr *rtnl_msg_take(struct rtnl_bytes *bytes);

/* All builders: buf has at least RTNL_MSG_MAX bytes and is aligned for struct nlmsghdr; the caller
 * adds nlmsg_seq and flags such as NLM_F_ACK. */
struct nlmsghdr *rtnl_msg_put_addr(void *buf, uint16_t type, uint16_t flags,
				   const struct rtnl_addr *addr);
struct nlmsghdr *rtnl_msg_put_addr_dump(void *buf, uint8_t family);
struct nlmsghdr *rtnl_msg_put_route_dump(void *buf, uint8_t family, int oif);
struct nlmsghdr *rtnl_msg_put_link_get(void *buf, int ifindex, const char *name);
struct nlmsghdr *rtnl_msg_put_link_up(void *buf, int ifindex);
struct nlmsghdr *rtnl_msg_put_link_promote(void *buf, int ifindex);

/* All parsers: 0, or -EBADMSG when the message is another one or is not whole; *ret is untouched
 * then. */
int rtnl_msg_parse_addr(const struct nlmsghdr *nlh, struct rtnl_addr *ret);
int rtnl_msg_parse_route(const struct nlmsghdr *nlh, struct rtnl_route *ret);
int rtnl_msg_parse_link(const struct nlmsghdr *nlh, struct rtnl_link *ret);
int rtnl_msg_parse_verdict(const struct nlmsghdr *nlh, struct rtnl_verdict *ret);

/* A message's length with the padding behind it. MNL_ALIGN() mixes signed and unsigned. */
static inline size_t rtnl_msg_align(size_t len)
{
	return (len + NLMSG_ALIGNTO - 1) & ~((size_t)NLMSG_ALIGNTO - 1);
}

#endif
