/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Encodes and decodes messages of rtnetlink(7) with libmnl. Pure: no socket, no memory of its own;
 * what to do with a message is decided elsewhere. */
#include "rtnl-msg.h"

#include "internal.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <net/if.h>
#include <stdio.h>

#ifndef IFF_LOWER_UP /* in linux/if.h only, which cannot be included together with net/if.h */
#define IFF_LOWER_UP 0x10000
#endif

/* The kernel's MAX_ERRNO. */
#define ERRNO_MAX 4095

/* libmnl's own loops narrow a pointer difference without saying so. */
#define FOR_EACH_ATTR(attr, first, end)                                                            \
	for ((attr) = (first);                                                                     \
	     mnl_attr_ok((attr), (int)((const char *)(end) - (const char *)(attr)));               \
	     (attr) = mnl_attr_next(attr))

/* mnl_nlmsg_get_payload_tail() rounds up, and so goes beyond a message that is cut. */
static const void *msg_end(const struct nlmsghdr *nlh)
{
	return (const char *)nlh + nlh->nlmsg_len;
}

static const void *nest_end(const struct nlattr *nest)
{
	return (const char *)mnl_attr_get_payload(nest) + mnl_attr_get_payload_len(nest);
}

static size_t addr_size(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}

static struct nlmsghdr *put_header(void *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	return nlh;
}

struct nlmsghdr *rtnl_msg_put_addr(void *buf, uint16_t type, uint16_t flags,
				   const struct rtnl_addr *addr)
{
	struct nlmsghdr *nlh = put_header(buf, type, flags);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	size_t len = addr_size(addr->local.family);

	ifa->ifa_family = addr->local.family;
	ifa->ifa_prefixlen = addr->prefix_len;
	ifa->ifa_flags = (uint8_t)addr->flags;
	ifa->ifa_scope = addr->scope;
	ifa->ifa_index = (uint32_t)addr->ifindex;
	mnl_attr_put(nlh, IFA_LOCAL, len, addr->local.bytes);
	mnl_attr_put(nlh, IFA_ADDRESS, len, addr->address.bytes);
	if (type == RTM_DELADDR)
		return nlh;
	if (addr->has_broadcast)
		mnl_attr_put(nlh, IFA_BROADCAST, sizeof(addr->broadcast), &addr->broadcast);
	if (addr->label[0])
		mnl_attr_put_strz(nlh, IFA_LABEL, addr->label);
	if (addr->flags > UINT8_MAX)
		mnl_attr_put_u32(nlh, IFA_FLAGS, addr->flags);
	if (addr->metric)
		mnl_attr_put_u32(nlh, IFA_RT_PRIORITY, addr->metric);
	if (addr->proto)
		mnl_attr_put_u8(nlh, IFA_PROTO, addr->proto);
	if (addr->preferred_s != UINT32_MAX || addr->valid_s != UINT32_MAX) {
		struct ifa_cacheinfo times = {.ifa_prefered = addr->preferred_s,
					      .ifa_valid = addr->valid_s};

		mnl_attr_put(nlh, IFA_CACHEINFO, sizeof(times), &times);
	}
	return nlh;
}

struct nlmsghdr *rtnl_msg_put_addr_dump(void *buf, uint8_t family)
{
	struct nlmsghdr *nlh = put_header(buf, RTM_GETADDR, NLM_F_DUMP);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	ifa->ifa_family = family;
	return nlh;
}

struct nlmsghdr *rtnl_msg_put_route_dump(void *buf, uint8_t family, int oif)
{
	struct nlmsghdr *nlh = put_header(buf, RTM_GETROUTE, NLM_F_DUMP);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));

	rtm->rtm_family = family;
	rtm->rtm_type = RTN_UNICAST;
	/* With NETLINK_GET_STRICT_CHK the kernel (4.20) filters; without, the reader must. */
	mnl_attr_put_u32(nlh, RTA_TABLE, RT_TABLE_MAIN);
	if (oif)
		mnl_attr_put_u32(nlh, RTA_OIF, (uint32_t)oif);
	return nlh;
}

struct nlmsghdr *rtnl_msg_put_link_get(void *buf, int ifindex, const char *name)
{
	struct nlmsghdr *nlh = put_header(buf, RTM_GETLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	ifi->ifi_index = ifindex;
	/* IFLA_IFNAME takes 15 bytes at most; alternative names can be longer. */
	if (name && strlen(name) < IFNAMSIZ)
		mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	else if (name && strlen(name) < RTNL_MSG_ALTNAME_MAX)
		mnl_attr_put_strz(nlh, IFLA_ALT_IFNAME, name);
	mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return nlh;
}

struct nlmsghdr *rtnl_msg_put_link_up(void *buf, int ifindex)
{
	struct nlmsghdr *nlh = put_header(buf, RTM_NEWLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	ifi->ifi_index = ifindex;
	ifi->ifi_flags = IFF_UP;
	ifi->ifi_change = IFF_UP;
	return nlh;
}

struct nlmsghdr *rtnl_msg_put_link_promote(void *buf, int ifindex)
{
	struct nlmsghdr *nlh = put_header(buf, RTM_SETLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	struct nlattr *spec, *inet, *conf;

	ifi->ifi_index = ifindex;
	spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
	inet = mnl_attr_nest_start(nlh, AF_INET);
	conf = mnl_attr_nest_start(nlh, IFLA_INET_CONF);
	mnl_attr_put_u32(nlh, IPV4_DEVCONF_PROMOTE_SECONDARIES, 1);
	mnl_attr_nest_end(nlh, conf);
	mnl_attr_nest_end(nlh, inet);
	mnl_attr_nest_end(nlh, spec);
	return nlh;
}

/* mnl_nlmsg_ok() takes a length of 2 GB and above for a negative one, and so for a good one. */
const struct nlmsghdr *rtnl_msg_take(struct rtnl_bytes *bytes)
{
	const struct nlmsghdr *nlh = bytes->at;
	size_t len;

	if (bytes->len < sizeof(*nlh) || nlh->nlmsg_len < sizeof(*nlh) ||
	    nlh->nlmsg_len > bytes->len)
		return NULL;
	len = rtnl_msg_align(nlh->nlmsg_len);
	if (len > bytes->len)
		len = bytes->len;
	bytes->at = (const char *)bytes->at + len;
	bytes->len -= len;
	return nlh;
}

static bool get_addr(const struct nlattr *attr, uint8_t family, struct haops_addr *ret)
{
	size_t len = addr_size(family);

	if (mnl_attr_get_payload_len(attr) != len)
		return false;
	*ret = (struct haops_addr){.family = family};
	memcpy(ret->bytes, mnl_attr_get_payload(attr), len);
	return true;
}

/* Unlike mnl_attr_get_u32() it does not trust the length. */
static bool get_u32(const struct nlattr *attr, uint32_t *ret)
{
	if (mnl_attr_get_payload_len(attr) < sizeof(*ret))
		return false;
	memcpy(ret, mnl_attr_get_payload(attr), sizeof(*ret));
	return true;
}

/* Copies text up to its NUL or the attribute's end, cut to size. */
static void get_text(const struct nlattr *attr, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%.*s", (int)mnl_attr_get_payload_len(attr),
		       (const char *)mnl_attr_get_payload(attr));
}

static bool get_lifetimes(const struct nlattr *attr, struct rtnl_addr *addr)
{
	struct ifa_cacheinfo times;

	if (mnl_attr_get_payload_len(attr) < sizeof(times))
		return false;
	memcpy(&times, mnl_attr_get_payload(attr), sizeof(times));
	addr->preferred_s = times.ifa_prefered;
	addr->valid_s = times.ifa_valid;
	return true;
}

static bool get_addr_attr(const struct nlattr *attr, uint8_t family, struct rtnl_addr *addr)
{
	switch (mnl_attr_get_type(attr)) {
	case IFA_LOCAL:
		return get_addr(attr, family, &addr->local);
	case IFA_ADDRESS:
		return get_addr(attr, family, &addr->address);
	case IFA_BROADCAST:
		addr->has_broadcast = family == AF_INET;
		return !addr->has_broadcast || get_u32(attr, &addr->broadcast.s_addr);
	case IFA_LABEL:
		get_text(attr, addr->label, sizeof(addr->label));
		return true;
	case IFA_FLAGS:
		return get_u32(attr, &addr->flags);
	case IFA_RT_PRIORITY:
		return get_u32(attr, &addr->metric);
	case IFA_CACHEINFO:
		return get_lifetimes(attr, addr);
	case IFA_PROTO:
		if (mnl_attr_get_payload_len(attr) < 1)
			return false;
		addr->proto = mnl_attr_get_u8(attr);
		return true;
	default:
		return true;
	}
}

int rtnl_msg_parse_addr(const struct nlmsghdr *nlh, struct rtnl_addr *ret)
{
	struct rtnl_addr addr = {.preferred_s = UINT32_MAX, .valid_s = UINT32_MAX};
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	if ((nlh->nlmsg_type != RTM_NEWADDR && nlh->nlmsg_type != RTM_DELADDR) ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifa) ||
	    (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6))
		return -EBADMSG;
	addr.ifindex = (int)ifa->ifa_index;
	addr.prefix_len = ifa->ifa_prefixlen;
	addr.scope = ifa->ifa_scope;
	addr.flags = ifa->ifa_flags;
	FOR_EACH_ATTR(attr, mnl_nlmsg_get_payload_offset(nlh, sizeof(*ifa)), msg_end(nlh))
	{
		if (!get_addr_attr(attr, ifa->ifa_family, &addr))
			return -EBADMSG;
	}
	/* IPv6 sends IFA_LOCAL only when there is a peer; IPv4 no IFA_ADDRESS when it is 0.0.0.0,
	 * which has to be given back as such: the kernel removes no other one (inet_ifa_match). */
	if (!addr.local.family)
		addr.local = addr.address;
	if (!addr.address.family)
		addr.address.family = ifa->ifa_family;
	if (!addr.local.family || addr.ifindex < 1 ||
	    addr.prefix_len > addr_size(ifa->ifa_family) * 8)
		return -EBADMSG;
	*ret = addr;
	return 0;
}

static bool get_route_attr(const struct nlattr *attr, uint8_t family, struct rtnl_route *route)
{
	uint32_t oif;

	switch (mnl_attr_get_type(attr)) {
	case RTA_DST:
		return get_addr(attr, family, &route->dst);
	case RTA_PREFSRC:
		route->has_src = true;
		return get_addr(attr, family, &route->src);
	case RTA_GATEWAY:
	case RTA_VIA:
		route->has_gateway = true;
		return true;
	case RTA_TABLE:
		return get_u32(attr, &route->table);
	case RTA_OIF:
		if (!get_u32(attr, &oif))
			return false;
		route->oif = (int)oif;
		return true;
	default:
		return true;
	}
}

int rtnl_msg_parse_route(const struct nlmsghdr *nlh, struct rtnl_route *ret)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	struct rtnl_route route;

	if (nlh->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(nlh) < sizeof(*rtm) ||
	    (rtm->rtm_family != AF_INET && rtm->rtm_family != AF_INET6) ||
	    rtm->rtm_dst_len > addr_size(rtm->rtm_family) * 8)
		return -EBADMSG;
	route = (struct rtnl_route){
		.dst.family = rtm->rtm_family,
		.prefix_len = rtm->rtm_dst_len,
		.table = rtm->rtm_table,
		.type = rtm->rtm_type,
		.scope = rtm->rtm_scope,
		.is_cloned = rtm->rtm_flags & RTM_F_CLONED,
	};
	FOR_EACH_ATTR(attr, mnl_nlmsg_get_payload_offset(nlh, sizeof(*rtm)), msg_end(nlh))
	{
		if (!get_route_attr(attr, rtm->rtm_family, &route))
			return -EBADMSG;
	}
	*ret = route;
	return 0;
}

/* IFLA_AF_SPEC holds one attribute for each family, IPv4's holds its settings as an array. */
static void get_promote(const struct nlattr *spec, struct rtnl_link *link)
{
	const size_t at = (IPV4_DEVCONF_PROMOTE_SECONDARIES - 1) * sizeof(uint32_t);
	const struct nlattr *inet, *conf;
	uint32_t value;

	FOR_EACH_ATTR(inet, mnl_attr_get_payload(spec), nest_end(spec))
	{
		if (mnl_attr_get_type(inet) != AF_INET)
			continue;
		FOR_EACH_ATTR(conf, mnl_attr_get_payload(inet), nest_end(inet))
		{
			if (mnl_attr_get_type(conf) != IFLA_INET_CONF ||
			    mnl_attr_get_payload_len(conf) < at + sizeof(value))
				continue;
			memcpy(&value, (const char *)mnl_attr_get_payload(conf) + at,
			       sizeof(value));
			link->has_promote = true;
			link->promote = value != 0;
		}
	}
}

static bool get_link_attr(const struct nlattr *attr, struct rtnl_link *link)
{
	size_t len = mnl_attr_get_payload_len(attr);

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		get_text(attr, link->link.name, sizeof(link->link.name));
		return true;
	case IFLA_ADDRESS:
		if (len > sizeof(link->link.mac))
			return false;
		link->link.mac_len = (uint8_t)len;
		memcpy(link->link.mac, mnl_attr_get_payload(attr), len);
		return true;
	case IFLA_CARRIER_UP_COUNT:
		return get_u32(attr, &link->link.carrier_up_count);
	case IFLA_AF_SPEC:
		get_promote(attr, link);
		return true;
	default:
		return true;
	}
}

int rtnl_msg_parse_link(const struct nlmsghdr *nlh, struct rtnl_link *ret)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	struct rtnl_link link;

	if ((nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK) ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifi) || ifi->ifi_index < 1)
		return -EBADMSG;
	link = (struct rtnl_link){
		.link.ifindex = ifi->ifi_index,
		.link.type = ifi->ifi_type,
		.link.is_up = ifi->ifi_flags & IFF_UP,
		.link.has_carrier = ifi->ifi_flags & IFF_LOWER_UP,
		.link.is_loopback = ifi->ifi_flags & IFF_LOOPBACK,
		.link.has_no_arp = ifi->ifi_flags & IFF_NOARP,
	};
	FOR_EACH_ATTR(attr, mnl_nlmsg_get_payload_offset(nlh, sizeof(*ifi)), msg_end(nlh))
	{
		if (!get_link_attr(attr, &link))
			return -EBADMSG;
	}
	if (!link.link.name[0])
		return -EBADMSG;
	*ret = link;
	return 0;
}

/* The explanation follows the request's header, and the whole request unless NETLINK_CAP_ACK. */
static void get_explanation(const struct nlmsghdr *nlh, const struct nlmsgerr *err,
			    struct rtnl_verdict *verdict)
{
	size_t at = sizeof(*err);
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED)) {
		if (err->msg.nlmsg_len < sizeof(err->msg) ||
		    err->msg.nlmsg_len > mnl_nlmsg_get_payload_len(nlh))
			return;
		at += err->msg.nlmsg_len - sizeof(err->msg);
	}
	if (at > mnl_nlmsg_get_payload_len(nlh))
		return;
	FOR_EACH_ATTR(attr, mnl_nlmsg_get_payload_offset(nlh, at), msg_end(nlh))
	{
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			get_text(attr, verdict->text, sizeof(verdict->text));
	}
}

int rtnl_msg_parse_verdict(const struct nlmsghdr *nlh, struct rtnl_verdict *ret)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	struct rtnl_verdict verdict = {0};
	size_t len = mnl_nlmsg_get_payload_len(nlh);

	if (nlh->nlmsg_type == NLMSG_ERROR && len >= sizeof(*err)) {
		verdict.code = err->error;
		get_explanation(nlh, err, &verdict);
	} else if (nlh->nlmsg_type == NLMSG_DONE && len >= sizeof(int)) {
		memcpy(&verdict.code, err, sizeof(int));
	} else if (nlh->nlmsg_type != NLMSG_DONE) {
		return -EBADMSG;
	}
	if (verdict.code > 0 || verdict.code < -ERRNO_MAX)
		return -EBADMSG;
	*ret = verdict;
	return 0;
}
