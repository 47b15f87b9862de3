/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hardware addresses of neighbours and of broadcasts, as rtnetlink(7) tells them. Changes nothing
 * there. */
#include "arp-neigh.h"

#include "rtnl-msg.h"
#include "rtnl.h"

#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <stdalign.h>

#define IN_USE (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT)

struct answer {
	size_t hw_len;
	bool is_known;
	uint8_t mac[ARP_MAC_MAX];
};

struct nlmsghdr *arp_neigh_put_get(void *buf, int ifindex, const struct haops_addr *addr)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

	nlh->nlmsg_type = RTM_GETNEIGH;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	ndm->ndm_family = addr->family;
	ndm->ndm_ifindex = ifindex;
	mnl_attr_put(nlh, NDA_DST, addr->family == AF_INET ? 4 : 16, addr->bytes);
	return nlh;
}

/* The attribute type of nlh behind header_len bytes, if it is as long as a hardware address. */
static bool copy_mac(const struct nlmsghdr *nlh, size_t header_len, uint16_t type,
		     struct answer *answer)
{
	const struct nlattr *attr = mnl_nlmsg_get_payload_offset(nlh, header_len);
	/* Not mnl_nlmsg_get_payload_tail(), which rounds the length up. */
	const char *end = (const char *)nlh + nlh->nlmsg_len;

	while (mnl_attr_ok(attr, (int)(end - (const char *)attr))) {
		if (mnl_attr_get_type(attr) == type) {
			if (mnl_attr_get_payload_len(attr) != answer->hw_len)
				return false;
			memcpy(answer->mac, mnl_attr_get_payload(attr), answer->hw_len);
			return true;
		}
		attr = mnl_attr_next(attr);
	}
	return false;
}

bool arp_neigh_parse(const struct nlmsghdr *nlh, size_t hw_len, uint8_t ret_mac[ARP_MAC_MAX])
{
	struct answer answer = {.hw_len = hw_len};
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_type != RTM_NEWNEIGH || hw_len > ARP_MAC_MAX ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*ndm) || !(ndm->ndm_state & IN_USE) ||
	    !copy_mac(nlh, sizeof(*ndm), NDA_LLADDR, &answer))
		return false;
	memcpy(ret_mac, answer.mac, hw_len);
	return true;
}

bool arp_neigh_parse_broadcast(const struct nlmsghdr *nlh, size_t hw_len,
			       uint8_t ret_mac[ARP_MAC_MAX])
{
	struct answer answer = {.hw_len = hw_len};

	if (nlh->nlmsg_type != RTM_NEWLINK || hw_len > ARP_MAC_MAX ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(struct ifinfomsg) ||
	    !copy_mac(nlh, sizeof(struct ifinfomsg), IFLA_BROADCAST, &answer))
		return false;
	memcpy(ret_mac, answer.mac, hw_len);
	return true;
}

static int take_neigh(void *arg, const struct nlmsghdr *nlh)
{
	struct answer *answer = arg;

	answer->is_known = arp_neigh_parse(nlh, answer->hw_len, answer->mac);
	return 0;
}

static int take_link(void *arg, const struct nlmsghdr *nlh)
{
	struct answer *answer = arg;

	answer->is_known = arp_neigh_parse_broadcast(nlh, answer->hw_len, answer->mac);
	return 0;
}

bool arp_neigh_get(struct haops_ctx *ctx, const struct arp_neigh_link *link,
		   const struct haops_addr *addr, int64_t deadline_ms, uint8_t ret_mac[ARP_MAC_MAX])
{
	alignas(struct nlmsghdr) char buf[RTNL_MSG_MAX];
	CLEANUP_RTNL struct rtnl rtnl = RTNL_INIT;
	struct answer answer = {.hw_len = link->hw_len};

	if (rtnl_open(ctx, NETLINK_ROUTE, 0, deadline_ms, &rtnl) < 0)
		return false;
	rtnl.what = "look a neighbour up";
	if (rtnl_get(&rtnl, arp_neigh_put_get(buf, link->ifindex, addr), take_neigh, &answer) < 0 ||
	    !answer.is_known)
		return false;
	memcpy(ret_mac, answer.mac, link->hw_len);
	return true;
}

int arp_neigh_broadcast(struct haops_ctx *ctx, const struct arp_neigh_link *link,
			int64_t deadline_ms, uint8_t ret_mac[ARP_MAC_MAX])
{
	alignas(struct nlmsghdr) char buf[RTNL_MSG_MAX];
	CLEANUP_RTNL struct rtnl rtnl = RTNL_INIT;
	struct answer answer = {.hw_len = link->hw_len};
	int r;

	r = rtnl_open(ctx, NETLINK_ROUTE, 0, deadline_ms, &rtnl);
	if (r < 0)
		return r;
	rtnl.what = "look an interface's broadcast address up";
	r = rtnl_get(&rtnl, rtnl_msg_put_link_get(buf, link->ifindex, NULL), take_link, &answer);
	if (r < 0 && rtnl.refused == -ENODEV)
		return haops_fail(ctx, ENODEV, "there is no interface number %d on this host",
				  link->ifindex);
	if (r < 0)
		return r;
	if (!answer.is_known)
		return haops_fail(ctx, EIO,
				  "interface number %d has no broadcast address of %zu bytes",
				  link->ifindex, link->hw_len);
	memcpy(ret_mac, answer.mac, link->hw_len);
	return 0;
}
