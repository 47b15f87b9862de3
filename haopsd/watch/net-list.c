/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks the kernel for links and addresses of a network namespace. A list is taken whole, or not at
 * all: what was interrupted by a change is asked for again. */
#include "watch/judge.h"
#include "watch/part.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdalign.h>
#include <string.h>

/* A list that is interrupted more often is left for later. */
#define TRIES 4
/* Datagrams of one answer; the kernel ends sooner. */
#define DATAGRAMS_MAX 100000

struct list {
	struct watch_net *net;
	uint8_t family;			  /* of addresses */
	void (*begin)(struct list *list); /* forgets what came before; may be NULL */
	int (*take)(struct watch_net *net, const struct nlmsghdr *nlh);
	bool is_interrupted;
	int code; /* 1: whole */
};

/* The kernel ends a list with NLMSG_DONE, a single answer with its message, both or NLMSG_ERROR. */
static int verdict_of(const struct nlmsghdr *nlh)
{
	struct rtnl_verdict verdict;

	if (rtnl_msg_parse_verdict(nlh, &verdict) < 0)
		return -EBADMSG;
	return verdict.code < 0 ? verdict.code : 1;
}

static void take(struct list *list, const struct nlmsghdr *nlh)
{
	int r;

	if (nlh->nlmsg_seq != list->net->seq)
		return;
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		list->is_interrupted = true;
	if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
		list->code = verdict_of(nlh);
		return;
	}
	if (nlh->nlmsg_type < NLMSG_MIN_TYPE)
		return;
	r = list->is_interrupted ? 0 : list->take(list->net, nlh);
	if (r < 0)
		list->is_interrupted = true;
	if (!(nlh->nlmsg_flags & NLM_F_MULTI))
		list->code = r < 0 ? r : 1;
}

static void take_datagram(struct list *list, const void *buf, size_t len)
{
	struct rtnl_bytes bytes = {buf, len};
	const struct nlmsghdr *nlh;

	while (list->code == 0 && (nlh = rtnl_msg_take(&bytes)))
		take(list, nlh);
	if (list->code == 0 && bytes.len > 0)
		list->is_interrupted = true;
}

/* The answer is made while it is fetched, so it is always there: no wait. */
static int fetch(struct list *list)
{
	alignas(struct nlmsghdr) char buf[KERNEL_BUF_SIZE];

	for (int i = 0; i < DATAGRAMS_MAX && list->code == 0; i++) {
		ssize_t len = kernel_receive(list->net->sockets.asker, buf);

		if (len == -ENOBUFS || len == -EMSGSIZE)
			list->is_interrupted = true;
		else if (len < 0)
			return (int)len;
		else
			take_datagram(list, buf, (size_t)len);
	}
	if (list->code <= 0)
		return list->code < 0 ? list->code : -EAGAIN;
	return list->is_interrupted ? -EINTR : 0;
}

static int ask(struct list *list, struct nlmsghdr *request)
{
	int r = -EINTR;

	for (int i = 0; i < TRIES && r == -EINTR; i++) {
		request->nlmsg_seq = ++list->net->seq;
		list->is_interrupted = false;
		list->code = 0;
		if (list->begin)
			list->begin(list);
		r = kernel_send(list->net->sockets.asker, request, request->nlmsg_len);
		if (r == 0)
			r = fetch(list);
	}
	return r;
}

static void begin_links(struct list *list)
{
	links_begin(&list->net->links);
}

static int take_link(struct watch_net *net, const struct nlmsghdr *nlh)
{
	struct rtnl_link link;
	int changes;

	if (nlh->nlmsg_type != RTM_NEWLINK || rtnl_msg_parse_link(nlh, &link) < 0)
		return -EBADMSG;
	changes = links_put(&net->links, &link.link);
	if (changes < 0)
		return changes;
	net->link_changes |= changes;
	return 0;
}

static int list_all_links(struct watch_net *net)
{
	alignas(struct nlmsghdr) char buf[RTNL_MSG_MAX];
	struct nlmsghdr *request = rtnl_msg_put_link_get(buf, 0, NULL);
	struct list list = {.net = net, .begin = begin_links, .take = take_link};
	int r;

	request->nlmsg_flags |= NLM_F_DUMP;
	r = ask(&list, request);
	if (r < 0)
		return r;
	net->link_changes |= links_end(&net->links);
	/* Before the first list there was nothing to be compared with. */
	if (!net->has_listed_links)
		net->link_changes = LINK_SAME;
	net->has_listed_links = true;
	net->must_list_links = false;
	net->must_look_links = false;
	return 0;
}

static int look_at_link(struct watch_net *net, int ifindex)
{
	alignas(struct nlmsghdr) char buf[RTNL_MSG_MAX];
	struct list list = {.net = net, .take = take_link};
	int r = ask(&list, rtnl_msg_put_link_get(buf, ifindex, NULL));

	if (r != -ENODEV)
		return r;
	net->link_changes |= links_remove(&net->links, ifindex);
	return 0;
}

static int look_at_links(struct watch_net *net)
{
	int r = 0;

	/* From the end: one that is gone leaves the places before it alone. */
	for (size_t i = net->links.count; i > 0 && r == 0; i--) {
		struct watch_link *link = &net->links.items[i - 1];

		if (!link->must_look)
			continue;
		link->must_look = false;
		r = look_at_link(net, link->ifindex);
	}
	net->must_list_links = r < 0;
	net->must_look_links = false;
	return r;
}

int net_list_links(struct watch_net *net)
{
	int changes;
	int r = 0;

	if (net->must_list_links)
		r = list_all_links(net);
	else if (net->must_look_links)
		r = look_at_links(net);
	changes = net->link_changes;
	net->link_changes = LINK_SAME;
	net_links_changed(net, changes);
	return r;
}

static void begin_addresses(struct list *list)
{
	struct watch_object *object;

	TAILQ_FOREACH(object, &list->net->marked, marked)
	{
		if (object->spec->address.addr.family == list->family)
			judge_address_begin(object, &list->net->links);
	}
}

static int take_address(struct watch_net *net, const struct nlmsghdr *nlh)
{
	struct watch_object *object;
	struct rtnl_addr addr;

	if (nlh->nlmsg_type != RTM_NEWADDR || rtnl_msg_parse_addr(nlh, &addr) < 0)
		return -EBADMSG;
	object = set_first_address(&net->watcher->set, net, &addr.local);
	for (; object; object = set_next_address(object)) {
		if (object->is_marked)
			judge_address_take(object, &addr);
	}
	return 0;
}

static int list_family(struct watch_net *net, uint8_t family)
{
	alignas(struct nlmsghdr) char buf[RTNL_MSG_MAX];
	struct list list = {.net = net,
			    .family = family,
			    .begin = begin_addresses,
			    .take = take_address};

	return ask(&list, rtnl_msg_put_addr_dump(buf, family));
}

int net_list_addresses(struct watch_net *net)
{
	bool has_ipv4 = false, has_ipv6 = false;
	struct watch_object *object;
	int r = 0;

	TAILQ_FOREACH(object, &net->marked, marked)
	{
		if (object->spec->address.addr.family == AF_INET)
			has_ipv4 = true;
		else
			has_ipv6 = true;
	}
	if (has_ipv4)
		r = list_family(net, AF_INET);
	if (r == 0 && has_ipv6)
		r = list_family(net, AF_INET6);
	return r;
}
