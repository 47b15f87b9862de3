/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See fake_netlink.h. Answers are queued as datagrams when the request is sent, as the kernel does.
 */
#include "fake_netlink.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/inet_diag.h>
#include <linux/ip.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <stdalign.h>
#include <stdio.h>

#define QUEUE_MAX 512
#define FD_FIRST 1000
#define FD_MAX 1099
#define FD_FILE 1100
#define STRANGER 4711

struct datagram {
	int fd;
	uint32_t from;
	size_t len;
	char *bytes;
};

struct fake_netlink fake;
static struct datagram queue[QUEUE_MAX];
static size_t queued;
static struct haops_sys fake_sys;
static int asking_fd;	 /* whose request is served */
static int listening_fd; /* the one that was bound */
static int protocol_of[FD_MAX - FD_FIRST + 1];

static void enqueue(int fd, const void *bytes, size_t len)
{
	struct datagram *datagram = &queue[queued++];

	assert_true(queued < QUEUE_MAX);
	*datagram = (struct datagram){.fd = fd, .len = len, .bytes = malloc(len)};
	assert_non_null(datagram->bytes);
	memcpy(datagram->bytes, bytes, len);
}

static void dequeue(size_t at)
{
	free(queue[at].bytes);
	queued--;
	memmove(&queue[at], &queue[at + 1], (queued - at) * sizeof(queue[0]));
}

static int64_t fake_now_ns(void)
{
	return fake.now_ns;
}

static int fake_socket(int domain, int type, int protocol)
{
	int fd = FD_FIRST + (int)fake.sockets;

	/* Nobody there to be asked. */
	if (domain == AF_PACKET)
		return -EPERM;
	assert_int_equal(domain, AF_NETLINK);
	assert_true(type & SOCK_CLOEXEC);
	if (fake.socket_code)
		return fake.socket_code;
	assert_true(fd <= FD_MAX);
	fake.sockets++;
	protocol_of[fd - FD_FIRST] = protocol;
	return fd;
}

/* Only a socket for notices is bound. */
static int fake_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	(void)addr;
	assert_int_equal(len, sizeof(struct sockaddr_nl));
	listening_fd = fd;
	return fake.bind_code;
}

static int fake_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	(void)fd, (void)level, (void)name, (void)value, (void)len;
	return 0;
}

static int fake_close(int fd)
{
	assert_in_range(fd, FD_FIRST, FD_FILE);
	fake.closes++;
	return 0;
}

/* Place of the first datagram for a socket; queued when there is none. */
static size_t first_for(int fd)
{
	size_t at = 0;

	while (at < queued && queue[at].fd != fd)
		at++;
	return at;
}

static int fake_poll(struct pollfd *fds, size_t count, int64_t deadline_ms)
{
	fake.polls++;
	if (fake.poll_code)
		return fake.poll_code;
	if (fake.on_wait)
		fake.on_wait();
	if (count && first_for(fds[0].fd) < queued)
		return 1;
	fake.now_ns = deadline_ms * 1000000;
	return 0;
}

static int fake_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	(void)dirfd, (void)flags, (void)mode;
	assert_non_null(strstr(path, "/promote_secondaries"));
	return FD_FILE;
}

static ssize_t fake_read(int fd, void *buf, size_t len)
{
	assert_int_equal(fd, FD_FILE);
	assert_int_equal(len, 1);
	memcpy(buf, &fake.promote_all, 1);
	return 1;
}

static ssize_t fake_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *addr,
			     socklen_t *addr_len)
{
	struct sockaddr_nl from = {.nl_family = AF_NETLINK};
	size_t at = first_for(fd);
	size_t got;

	assert_true(flags & MSG_DONTWAIT);
	fake.receives++;
	if (fake.lose) {
		fake.lose--;
		return -ENOBUFS;
	}
	if (at == queued)
		return -EAGAIN;
	from.nl_pid = queue[at].from;
	memcpy(addr, &from, sizeof(from));
	*addr_len = sizeof(from);
	got = queue[at].len;
	memcpy(buf, queue[at].bytes, got < len ? got : len);
	dequeue(at);
	return (ssize_t)got;
}

/* An answer of its own datagram: error or acknowledgement. */
static void answer(const struct nlmsghdr *request, int code, const char *text)
{
	alignas(struct nlmsghdr) char buf[RTNL_MSG_MAX] = {0};
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlmsgerr *err = mnl_nlmsg_put_extra_header(nlh, sizeof(*err));

	nlh->nlmsg_type = NLMSG_ERROR;
	nlh->nlmsg_flags = NLM_F_CAPPED;
	nlh->nlmsg_seq = request->nlmsg_seq;
	err->error = code;
	err->msg = *request;
	if (text) {
		nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
		mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, text);
	}
	if (fake.lose_acks)
		fake.lose_acks--;
	else
		enqueue(asking_fd, buf, nlh->nlmsg_len);
}

static struct nlmsghdr *put_route(void *buf, const struct rtnl_route *route)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	size_t len = route->dst.family == AF_INET ? 4 : 16;

	nlh->nlmsg_type = RTM_NEWROUTE;
	rtm->rtm_family = route->dst.family;
	rtm->rtm_dst_len = route->prefix_len;
	rtm->rtm_table = (uint8_t)route->table;
	rtm->rtm_type = route->type;
	rtm->rtm_scope = route->scope;
	mnl_attr_put(nlh, RTA_DST, len, route->dst.bytes);
	mnl_attr_put_u32(nlh, RTA_OIF, (uint32_t)route->oif);
	if (route->has_src)
		mnl_attr_put(nlh, RTA_PREFSRC, len, route->src.bytes);
	if (route->has_gateway)
		mnl_attr_put(nlh, RTA_GATEWAY, len, route->dst.bytes);
	return nlh;
}

static struct nlmsghdr *put_link(void *buf, const struct rtnl_link *link)
{
	static const uint32_t off[IPV4_DEVCONF_MAX];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	uint32_t conf[IPV4_DEVCONF_MAX];
	struct nlattr *spec, *inet;

	memcpy(conf, off, sizeof(conf));
	conf[IPV4_DEVCONF_PROMOTE_SECONDARIES - 1] = link->promote;
	nlh->nlmsg_type = RTM_NEWLINK;
	ifi->ifi_index = link->link.ifindex;
	ifi->ifi_flags = link->link.is_up ? IFF_UP : 0;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, link->link.name);
	spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
	inet = mnl_attr_nest_start(nlh, AF_INET);
	mnl_attr_put(nlh, IFLA_INET_CONF, sizeof(conf), conf);
	mnl_attr_nest_end(nlh, inet);
	mnl_attr_nest_end(nlh, spec);
	return nlh;
}

static struct nlmsghdr *put_peer(void *buf, const struct haops_addr *peer)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct inet_diag_msg *msg = mnl_nlmsg_put_extra_header(nlh, sizeof(*msg));

	nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	msg->idiag_family = peer->family;
	memcpy(msg->id.idiag_src, peer->bytes, sizeof(peer->bytes));
	return nlh;
}

/* Object number at of the kind and family that a dump asks for, or NULL. *is_end after the last. */
static struct nlmsghdr *put_object(void *buf, const struct nlmsghdr *request, size_t at,
				   bool *is_end)
{
	uint8_t family = *(const uint8_t *)mnl_nlmsg_get_payload(request);

	switch (request->nlmsg_type) {
	case RTM_GETADDR:
		*is_end = at >= fake.addr_count;
		if (*is_end || fake.addrs[at].local.family != family)
			return NULL;
		return rtnl_msg_put_addr(buf, RTM_NEWADDR, 0, &fake.addrs[at]);
	case RTM_GETROUTE:
		*is_end = at >= fake.route_count;
		if (*is_end || fake.routes[at].dst.family != family)
			return NULL;
		return put_route(buf, &fake.routes[at]);
	default:
		*is_end = at >= fake.peer_count;
		if (*is_end || fake.peers[at].family != family)
			return NULL;
		return put_peer(buf, &fake.peers[at]);
	}
}

static void enqueue_of_dump(const struct nlmsghdr *request, struct nlmsghdr *nlh, uint16_t flags)
{
	nlh->nlmsg_flags = NLM_F_MULTI | flags;
	nlh->nlmsg_seq = request->nlmsg_seq;
	enqueue(asking_fd, nlh, nlh->nlmsg_len);
}

static void dump(const struct nlmsghdr *request)
{
	alignas(struct nlmsghdr) char buf[1024];
	uint16_t flags = fake.interrupt_dumps ? NLM_F_DUMP_INTR : 0;
	bool is_end = flags && fake.interrupted_are_empty;
	struct nlmsghdr *nlh;

	fake.dumps++;
	for (size_t at = 0; !is_end; at++) {
		memset(buf, 0, sizeof(buf));
		nlh = put_object(buf, request, at, &is_end);
		if (nlh)
			enqueue_of_dump(request, nlh, flags);
	}
	memset(buf, 0, sizeof(buf));
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = NLMSG_DONE;
	(void)mnl_nlmsg_put_extra_header(nlh, sizeof(int));
	enqueue_of_dump(request, nlh, flags);
	if (fake.interrupt_dumps)
		fake.interrupt_dumps--;
}

static struct rtnl_link *find_link(int ifindex)
{
	for (size_t i = 0; i < fake.link_count; i++) {
		if (fake.links[i].link.ifindex == ifindex)
			return &fake.links[i];
	}
	return NULL;
}

static const char *name_in(const struct nlmsghdr *request)
{
	const struct nlattr *attr = mnl_nlmsg_get_payload_offset(request, sizeof(struct ifinfomsg));

	return mnl_attr_get_type(attr) == IFLA_IFNAME ? mnl_attr_get_str(attr) : "";
}

static void get_link(const struct nlmsghdr *request)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(request);
	const struct rtnl_link *link = find_link(ifi->ifi_index);
	alignas(struct nlmsghdr) char buf[1024] = {0};
	struct nlmsghdr *nlh;

	for (size_t i = 0; !link && i < fake.link_count; i++) {
		if (!strcmp(fake.links[i].link.name, name_in(request)))
			link = &fake.links[i];
	}
	if (!link) {
		answer(request, -ENODEV, NULL);
		return;
	}
	nlh = put_link(buf, link);
	nlh->nlmsg_seq = request->nlmsg_seq;
	enqueue(asking_fd, nlh, nlh->nlmsg_len);
}

static int change_link(const struct nlmsghdr *request)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(request);
	struct rtnl_link *link = find_link(ifi->ifi_index);

	if (!link)
		return -ENODEV;
	if (ifi->ifi_change & IFF_UP)
		link->link.is_up = true;
	else
		link->promote = true;
	return 0;
}

/* Number of an entry like this one, by what makes an entry the same to the kernel. */
static size_t find_addr(const struct rtnl_addr *addr)
{
	size_t at = 0;

	while (at < fake.addr_count &&
	       (fake.addrs[at].ifindex != addr->ifindex ||
		haops_addr_cmp(&fake.addrs[at].local, &addr->local) != 0 ||
		(addr->local.family == AF_INET && fake.addrs[at].prefix_len != addr->prefix_len)))
		at++;
	return at;
}

/* What the kernel makes of a change: an addition when it is not there, for which it joins a group
 * first if it is told to, and a unicast address is none. */
static int replace_addr(const struct rtnl_addr *addr, size_t at)
{
	if (at == fake.addr_count) {
		if (addr->flags & IFA_F_MCAUTOJOIN)
			return -EINVAL;
		assert_true(fake.addr_count < FAKE_MAX);
		fake.addrs[fake.addr_count++] = *addr;
		return 0;
	}
	fake.addrs[at].valid_s = addr->valid_s;
	fake.addrs[at].preferred_s = addr->preferred_s;
	fake.addrs[at].metric = addr->metric;
	fake.addrs[at].proto = addr->proto;
	if (addr->local.family == AF_INET6)
		fake.addrs[at].flags = addr->flags;
	return 0;
}

static int change_addr(const struct nlmsghdr *request)
{
	alignas(struct nlmsghdr) char buf[RTNL_MSG_MAX];
	struct nlmsghdr *copy = (void *)buf;
	struct rtnl_addr addr;
	size_t at;

	memcpy(buf, request, request->nlmsg_len);
	assert_int_equal(rtnl_msg_parse_addr(copy, &addr), 0);
	at = find_addr(&addr);
	if (!find_link(addr.ifindex))
		return -ENODEV;
	if (request->nlmsg_type == RTM_DELADDR && at == fake.addr_count)
		return -EADDRNOTAVAIL;
	if (request->nlmsg_type == RTM_DELADDR) {
		fake_remove(at);
		return 0;
	}
	if (request->nlmsg_flags & NLM_F_REPLACE)
		return replace_addr(&addr, at);
	if (at < fake.addr_count)
		return -EEXIST;
	assert_true(fake.addr_count < FAKE_MAX);
	fake.addrs[fake.addr_count++] = addr;
	return 0;
}

static int end_peer(const struct nlmsghdr *request)
{
	const struct inet_diag_req_v2 *req = mnl_nlmsg_get_payload(request);

	for (size_t i = 0; i < fake.peer_count; i++) {
		if (memcmp(fake.peers[i].bytes, req->id.idiag_src, sizeof(fake.peers[i].bytes)))
			continue;
		fake.peers[i] = fake.peers[--fake.peer_count];
		return 0;
	}
	return -ENOENT;
}

static bool is_refused(const struct nlmsghdr *request)
{
	if (request->nlmsg_type != fake.refuse_type)
		return false;
	if (fake.refuse_after) {
		fake.refuse_after--;
		return false;
	}
	answer(request, fake.refuse_code, fake.refuse_text);
	return true;
}

static void serve(const struct nlmsghdr *request)
{
	if (fake.on_request)
		fake.on_request(request);
	if (is_refused(request))
		return;
	/* The numbers of its messages are others' in rtnetlink. */
	if (protocol_of[asking_fd - FD_FIRST] == NETLINK_SOCK_DIAG) {
		if (request->nlmsg_type == SOCK_DESTROY)
			answer(request, end_peer(request), NULL);
		else
			dump(request);
		return;
	}
	switch (request->nlmsg_type) {
	case RTM_GETLINK:
		get_link(request);
		break;
	case RTM_SETLINK:
	case RTM_NEWLINK:
		answer(request, change_link(request), NULL);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		answer(request, change_addr(request), NULL);
		break;
	default:
		assert_true(request->nlmsg_flags & NLM_F_DUMP);
		dump(request);
	}
}

/* What a process may send to our socket: an answer that looks as if the kernel had sent it. */
static void forge(const struct nlmsghdr *request)
{
	answer(request, 0, NULL);
	queue[queued - 1].from = STRANGER;
}

static ssize_t fake_sendto(int fd, const void *data, size_t len, int flags,
			   const struct sockaddr *addr, socklen_t addr_len)
{
	const struct nlmsghdr *nlh = data;
	int left = (int)len;

	(void)flags, (void)addr;
	assert_int_equal(addr_len, sizeof(struct sockaddr_nl));
	if (fake.send_code)
		return fake.send_code;
	fake.sends++;
	asking_fd = fd;
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		fake.requests++;
		if (fake.is_forged)
			forge(nlh);
		if (!fake.is_silent)
			serve(nlh);
	}
	if (fake.half && queued)
		queue[queued - 1].len -= 4;
	if (fake.cut && queued) {
		queue[0].bytes = realloc(queue[0].bytes, FAKE_DATAGRAM_MAX);
		queue[0].len = FAKE_DATAGRAM_MAX;
	}
	return (ssize_t)len;
}

void fake_netlink_reset(void)
{
	while (queued)
		dequeue(0);
	fake = (struct fake_netlink){.now_ns = INT64_C(1000000000), .promote_all = '0'};
}

int setup_fake(void **state)
{
	fake_netlink_reset();
	if (setup_ctx(state) < 0)
		return -1;
	fake_sys = haops_sys_linux;
	fake_sys.now_ns = fake_now_ns;
	fake_sys.socket = fake_socket;
	fake_sys.bind = fake_bind;
	fake_sys.setsockopt = fake_setsockopt;
	fake_sys.sendto = fake_sendto;
	fake_sys.recvfrom = fake_recvfrom;
	fake_sys.poll = fake_poll;
	fake_sys.openat = fake_openat;
	fake_sys.read = fake_read;
	fake_sys.close = fake_close;
	haops_ctx_set_sys(*state, &fake_sys);
	return 0;
}

int teardown_fake(void **state)
{
	fake_netlink_reset();
	return teardown_ctx(state);
}

struct haops_addr fake_addr(const char *text)
{
	struct haops_addr addr = {.family = strchr(text, ':') ? AF_INET6 : AF_INET};

	assert_int_equal(inet_pton(addr.family, text, addr.bytes), 1);
	return addr;
}

struct rtnl_addr *fake_add(const char *text, uint8_t prefix_len, int ifindex)
{
	struct rtnl_addr *addr = &fake.addrs[fake.addr_count++];

	*addr = (struct rtnl_addr){.local = fake_addr(text),
				   .address = fake_addr(text),
				   .ifindex = ifindex,
				   .prefix_len = prefix_len,
				   .preferred_s = UINT32_MAX,
				   .valid_s = UINT32_MAX};
	return addr;
}

struct rtnl_link *fake_link(int ifindex, const char *name)
{
	struct rtnl_link *link = &fake.links[fake.link_count++];

	*link = (struct rtnl_link){.link = {.ifindex = ifindex}};
	(void)snprintf(link->link.name, sizeof(link->link.name), "%s", name);
	return link;
}

struct rtnl_route *fake_route(const char *dst, uint8_t prefix_len, int oif)
{
	struct rtnl_route *route = &fake.routes[fake.route_count++];

	*route = (struct rtnl_route){.dst = fake_addr(dst),
				     .prefix_len = prefix_len,
				     .oif = oif,
				     .table = RT_TABLE_MAIN,
				     .type = RTN_UNICAST,
				     .scope = RT_SCOPE_LINK};
	return route;
}

void fake_remove(size_t at)
{
	fake.addr_count--;
	memmove(&fake.addrs[at], &fake.addrs[at + 1],
		(fake.addr_count - at) * sizeof(fake.addrs[0]));
}

void fake_notice(uint16_t type, const struct rtnl_addr *addr)
{
	alignas(struct nlmsghdr) char buf[RTNL_MSG_MAX] = {0};
	struct nlmsghdr *nlh = rtnl_msg_put_addr(buf, RTM_NEWADDR, 0, addr);

	nlh->nlmsg_type = type;
	nlh->nlmsg_seq = 0;
	enqueue(listening_fd, nlh, nlh->nlmsg_len);
}
