/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The messages of sock_diag(7) for TCP. Sends nothing. */
#include "sock-diag.h"
#include "internal.h"

#include <linux/sock_diag.h>
#include <netinet/in.h>

/* idiag_timer of a TIME_WAIT socket: no program has it any more. */
#define TIMER_TIME_WAIT 3

struct nlmsghdr *sock_diag_put(void *buf, uint16_t type, uint8_t family, uint32_t states,
			       const struct inet_diag_sockid *id)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct inet_diag_req_v2 *request = mnl_nlmsg_put_extra_header(nlh, sizeof(*request));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	request->sdiag_family = family;
	request->sdiag_protocol = IPPROTO_TCP;
	request->idiag_states = states;
	if (id)
		request->id = *id;
	return nlh;
}

const struct inet_diag_msg *sock_diag_get(const struct nlmsghdr *nlh)
{
	const struct inet_diag_msg *msg = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*msg) ||
	    (msg->idiag_family != AF_INET && msg->idiag_family != AF_INET6) ||
	    msg->idiag_timer == TIMER_TIME_WAIT)
		return NULL;
	return msg;
}

struct haops_addr sock_diag_address(uint8_t family, const uint32_t words[4])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct haops_addr addr = {.family = family};
	const uint8_t *bytes = (const uint8_t *)words;

	if (addr.family == AF_INET6 && memcmp(bytes, mapped, sizeof(mapped)) == 0) {
		addr.family = AF_INET;
		bytes += sizeof(mapped);
	}
	memcpy(addr.bytes, bytes, addr.family == AF_INET ? 4 : sizeof(addr.bytes));
	return addr;
}
