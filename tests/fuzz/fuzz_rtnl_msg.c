/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds bytes as netlink messages to the parsers. An address that is read must survive writing. */

#include "internal.h"
#include "rtnl-msg.h"

#include <stdalign.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_message(const struct nlmsghdr *nlh)
{
	alignas(struct nlmsghdr) char buf[RTNL_MSG_MAX];
	struct rtnl_addr addr, back;
	struct rtnl_route route;
	struct rtnl_link link;
	struct rtnl_verdict verdict;

	if (rtnl_msg_parse_addr(nlh, &addr) == 0 &&
	    (rtnl_msg_parse_addr(rtnl_msg_put_addr(buf, RTM_NEWADDR, 0, &addr), &back) < 0 ||
	     haops_addr_cmp(&addr.local, &back.local) != 0 || strcmp(addr.label, back.label) != 0))
		abort();
	if (rtnl_msg_parse_route(nlh, &route) == 0 && route.prefix_len > 128)
		abort();
	if (rtnl_msg_parse_link(nlh, &link) == 0 && link.link.mac_len > sizeof(link.link.mac))
		abort();
	if (rtnl_msg_parse_verdict(nlh, &verdict) == 0 && verdict.code > 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nlmsghdr *copy = malloc(size ? size : 1);
	struct rtnl_bytes bytes = {copy, size};
	const struct nlmsghdr *nlh;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	while ((nlh = rtnl_msg_take(&bytes)))
		check_message(nlh);
	free(copy);
	return 0;
}
