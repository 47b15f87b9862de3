/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network namespaces: what the kernel tells of addresses and links marks what is to be looked at.
 * Lists are read in net-list.c, sockets are opened in net-open.c. */
#include "watch/judge.h"
#include "watch/part.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdalign.h>
#include <string.h>

/* Datagrams that are read at once, then others in the loop have their turn. */
#define DATAGRAMS_MAX 512

struct watch_objects *net_marked(struct watch_net *net)
{
	return &net->marked;
}

void net_mark_all(struct watch_net *net)
{
	struct watch_object *object;

	TAILQ_FOREACH(object, &net->objects, neighbour)
	watcher_mark(net->watcher, object);
}

static void take_addr(struct watch_net *net, const struct nlmsghdr *nlh)
{
	struct watch_object *object;
	struct rtnl_addr addr;

	if (rtnl_msg_parse_addr(nlh, &addr) < 0)
		return;
	object = set_first_address(&net->watcher->set, net, &addr.local);
	for (; object; object = set_next_address(object)) {
		if (judge_must_look(object, &addr, nlh->nlmsg_type == RTM_DELADDR))
			watcher_mark(net->watcher, object);
	}
}

/* Only what is whole while its link is up, and what is lost, can have changed with a link. */
static void mark_on_link(struct watch_net *net, int ifindex)
{
	struct watch_object *object;

	TAILQ_FOREACH(object, &net->objects, neighbour)
	{
		if (object->ifindex == ifindex || object->state == WATCH_LOST)
			watcher_mark(net->watcher, object);
	}
}

void net_links_changed(struct watch_net *net, int changes)
{
	struct watcher *watcher = net->watcher;

	if (net == watcher->host && changes > 0 &&
	    (changes & (LINK_APPEARED | LINK_WENT | LINK_CARRIER)))
		watcher->handlers.links(watcher->userdata);
}

/* Bridges tell of their ports in messages of their own family: not what is meant here. */
static bool is_of_link(const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *info = NLMSG_DATA(nlh);

	return nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(*info)) && info->ifi_family == AF_UNSPEC;
}

static void take_link(struct watch_net *net, const struct nlmsghdr *nlh)
{
	struct rtnl_link link;
	struct watch_link *known;
	int changes;

	if (!is_of_link(nlh) || rtnl_msg_parse_link(nlh, &link) < 0)
		return;
	changes = nlh->nlmsg_type == RTM_DELLINK ? links_remove(&net->links, link.link.ifindex)
						 : links_put(&net->links, &link.link);
	if (changes < 0) {
		net->must_list_links = true;
		return;
	}
	known = links_find(&net->links, link.link.ifindex);
	if (known && (changes & (LINK_UP | LINK_DOWN))) {
		known->must_look = true;
		net->must_look_links = true;
	}
	if (changes & (LINK_APPEARED | LINK_WENT | LINK_UP | LINK_DOWN))
		mark_on_link(net, link.link.ifindex);
	net_links_changed(net, changes);
}

static void take_datagram(struct watch_net *net, const void *buf, size_t len)
{
	struct rtnl_bytes bytes = {buf, len};
	const struct nlmsghdr *nlh;

	while ((nlh = rtnl_msg_take(&bytes))) {
		switch (nlh->nlmsg_type) {
		case RTM_NEWADDR:
		case RTM_DELADDR:
			take_addr(net, nlh);
			break;
		case RTM_NEWLINK:
		case RTM_DELLINK:
			take_link(net, nlh);
			break;
		default:
			break;
		}
	}
}

/* The kernel could not tell everything: whatever is watched here may have changed. */
static void doubt(struct watch_net *net)
{
	watcher_tell(net->watcher, HAOPS_LOG_DEBUG,
		     "notices of the kernel were lost: all addresses%s%s are looked at",
		     net->name[0] ? " in network namespace " : "", net->name);
	net->must_list_links = true;
	net_mark_all(net);
	watcher_arm(net->watcher);
}

/* Reads the notices that are there; all of them, or as many as the loop can bear at once. */
static void net_drain(struct watch_net *net, int max)
{
	alignas(struct nlmsghdr) char buf[KERNEL_BUF_SIZE];

	for (int i = 0; i < max; i++) {
		ssize_t len = kernel_receive(net->sockets.listener, buf);

		if (len == -EAGAIN)
			return;
		if (len < 0)
			doubt(net);
		else
			take_datagram(net, buf, (size_t)len);
	}
}

int32_t net_on_notice(int32_t fd, int32_t events, void *data)
{
	(void)fd;
	(void)events;
	net_drain(data, DATAGRAMS_MAX);
	return 0;
}

static void judge_all(struct watch_net *net)
{
	struct watch_object *object;

	while ((object = TAILQ_FIRST(&net->marked))) {
		enum watch_fault fault = net->state == NET_GONE
						 ? FAULT_NETNS_GONE
						 : judge_address(object, &net->links);

		if (fault != FAULT_NONE)
			object->ifindex = 0;
		set_judge(&net->watcher->set, object, fault);
	}
}

void net_look(struct watch_net *net)
{
	int r = 0;

	if (net->state == NET_OPEN)
		net_drain(net, DATAGRAMS_MAX);
	if (TAILQ_EMPTY(&net->marked) && !net->must_list_links)
		return;
	if (net->state == NET_GONE) {
		judge_all(net);
		return;
	}
	if (net->state != NET_OPEN)
		return;
	r = net_list_links(net);
	if (r == 0 && !TAILQ_EMPTY(&net->marked))
		r = net_list_addresses(net);
	if (r == 0)
		judge_all(net);
	else
		watcher_again(net->watcher, WATCH_RETRY_MS);
}

int net_join(struct watcher *watcher, struct watch_entry *entry)
{
	for (size_t i = 0; i < entry->watch.object_count; i++) {
		struct watch_object *object = &entry->objects[i];

		if (object->spec->kind != HAOPS_WATCH_ADDRESS)
			continue;
		if (set_index(&watcher->set, object) < 0)
			return -ENOMEM;
		TAILQ_INSERT_TAIL(&entry->net->objects, object, neighbour);
	}
	return 0;
}
