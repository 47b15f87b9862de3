/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of a background sender: listens to the kernel, sends rounds when they are due, ends with
 * its addresses. What follows from what it hears is decided in announcer-state.c. */
#include "announcer-loop.h"

#include "announcer-name.h"
#include "announcer-state.h"
#include "arp-wire.h"
#include "rtnl.h"

#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <stdalign.h>
#include <stdio.h>

#define ASK_MS 5000	  /* for one answer of the kernel, for one round */
#define RETRY_MS 1000	  /* after the kernel did not answer */
#define LINGER_MS 500	  /* the packet socket stays open so long after a round */
#define FOREVER INT64_MAX /* capped to a year by haops_deadline_after() */

struct sender {
	struct announcer_loop *loop;
	struct haops_ctx *ctx;
	struct rtnl notices;
	struct announcer_state state;
	struct haops_vip_found *found; /* as many as there were addresses at first */
	struct haops_addr *usable;
	int64_t retry_ms;  /* not to ask the kernel before */
	int64_t linger_ms; /* when the packet socket is closed */
};

static int64_t now_ms(const struct sender *sender)
{
	return haops_now_ms(sender->ctx);
}

/*
 * Notices of other interfaces do not wake this process. ifinfomsg and ifaddrmsg both have the
 * number of the interface 4 bytes behind their begin. A filter loads it in network order, the
 * kernel wrote it in the host's.
 */
static void filter_notices(struct sender *sender, int ifindex)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NLMSG_HDRLEN + 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htobe32((uint32_t)ifindex), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {ARRAY_LEN(code), code};

	/* Without it there is only more to read. */
	(void)sender->ctx->sys->setsockopt(sender->notices.fd, SOL_SOCKET, SO_ATTACH_FILTER,
					   &program, sizeof(program));
}

static int look_link(struct sender *sender, bool is_first)
{
	struct haops_link link;
	int r = haops_link_get_by_index(sender->ctx, sender->state.ifindex,
					haops_deadline_after(sender->ctx, ASK_MS), &link);

	if (r < 0 && r != -ENODEV)
		return r;
	announcer_state_link(&sender->state, r < 0 ? NULL : &link, is_first, now_ms(sender));
	return 0;
}

static int look_addrs(struct sender *sender)
{
	struct announcer_state *state = &sender->state;
	int r;

	if (announcer_state_is_over(state))
		return 0;
	r = haops_vip_query(sender->ctx, state->addrs, state->count, state->ifindex,
			    haops_deadline_after(sender->ctx, ASK_MS), sender->found);
	if (r == 0)
		announcer_state_found(state, sender->found, now_ms(sender));
	return r;
}

/* Asks the kernel for what is in doubt; again a while later when it does not answer. */
static void look(struct sender *sender)
{
	int r = 0;

	if (sender->state.must_look_link)
		r = look_link(sender, false);
	if (r == 0 && sender->state.must_look_addrs)
		r = look_addrs(sender);
	if (r < 0)
		sender->retry_ms = now_ms(sender) + RETRY_MS;
}

static bool must_look(const struct sender *sender)
{
	return sender->state.must_look_link || sender->state.must_look_addrs;
}

static int allocate(struct sender *sender)
{
	const struct haops_announcement *what = sender->loop->what;
	struct announcer_state *state = &sender->state;

	state->addrs = calloc(what->count, sizeof(*state->addrs));
	state->is_usable = calloc(what->count, sizeof(*state->is_usable));
	sender->found = calloc(what->count, sizeof(*sender->found));
	sender->usable = calloc(what->count, sizeof(*sender->usable));
	if (!state->addrs || !state->is_usable || !sender->found || !sender->usable)
		return haops_fail(sender->ctx, ENOMEM, "memory is short");
	announcer_state_take(state, what->addrs, what->count);
	return 0;
}

/* Listens first and looks then, so that nothing happens in between unseen. */
static int prepare(struct sender *sender)
{
	struct announcer_loop *loop = sender->loop;
	struct announcer_state *state = &sender->state;
	uint32_t groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
	int r = allocate(sender);

	if (r == 0)
		r = rtnl_open(sender->ctx, NETLINK_ROUTE, groups, 0, &sender->notices);
	if (r < 0)
		return r;
	filter_notices(sender, loop->what->ifindex);
	state->ifindex = loop->what->ifindex;
	state->schedule = *loop->schedule;
	state->first_ms = now_ms(sender);
	state->rounds_done = loop->skip_rounds < loop->schedule->burst_count
				     ? loop->skip_rounds
				     : loop->schedule->burst_count;
	sender->linger_ms = state->first_ms + LINGER_MS;
	r = look_link(sender, true);
	if (r == 0)
		r = look_addrs(sender);
	if (r < 0)
		return r;
	if (announcer_state_is_over(state))
		return haops_fail(sender->ctx, EIO,
				  "none of the addresses is on interface number %d",
				  state->ifindex);
	return 0;
}

static void report(struct announcer_loop *loop, int code)
{
	struct announcer_report report = {.code = code};

	(void)snprintf(report.sentence, sizeof(report.sentence), "%s", haops_ctx_error(loop->ctx));
	/* Its maker may have been killed meanwhile: nobody to tell. */
	(void)loop->ctx->sys->write(loop->report_fd, &report, sizeof(report));
	(void)loop->ctx->sys->close(loop->report_fd);
	loop->report_fd = -1;
}

static void read_notice(struct sender *sender)
{
	alignas(struct nlmsghdr) char buf[RTNL_BUF_SIZE];
	struct rtnl_bytes bytes = {.at = buf};
	ssize_t got = rtnl_receive(&sender->notices, buf);

	if (got < 0) {
		/* Some were lost: whatever they said is in the kernel's lists. */
		sender->state.must_look_link = true;
		sender->state.must_look_addrs = true;
		return;
	}
	bytes.len = (size_t)got;
	for (const struct nlmsghdr *nlh; (nlh = rtnl_msg_take(&bytes));)
		announcer_state_notice(&sender->state, nlh, now_ms(sender));
}

static void send_round(struct sender *sender)
{
	struct haops_announcement what = *sender->loop->what;
	const struct announcer_state *state = &sender->state;
	int r;

	what.addrs = sender->usable;
	what.count = 0;
	for (size_t i = 0; i < state->count; i++)
		if (state->is_usable[i])
			sender->usable[what.count++] = state->addrs[i];
	r = haops_arp_announce(sender->ctx, &what, haops_deadline_after(sender->ctx, ASK_MS));
	announcer_state_sent(&sender->state, r == -ENETDOWN || r == -ENODEV, now_ms(sender));
	sender->linger_ms = now_ms(sender) + LINGER_MS;
}

/* What is to be done when nothing is to be read: the next of it is due at the time that is
 * returned. */
static int64_t work(struct sender *sender)
{
	int64_t now = now_ms(sender);
	int64_t next_ms;

	if (must_look(sender) && sender->retry_ms <= now)
		look(sender);
	else if (announcer_state_due(&sender->state) <= now)
		send_round(sender);
	else if (sender->ctx->packet.fd >= 0 && sender->linger_ms <= now)
		arp_wire_unshare(sender->ctx);

	next_ms = announcer_state_due(&sender->state);
	if (sender->ctx->packet.fd >= 0 && sender->linger_ms < next_ms)
		next_ms = sender->linger_ms;
	if (must_look(sender) && sender->retry_ms < next_ms)
		next_ms = sender->retry_ms;
	return next_ms;
}

static void live(struct sender *sender)
{
	struct pollfd fds[] = {
		{.fd = sender->notices.fd, .events = POLLIN},
		{.fd = sender->loop->name_fd, .events = POLLIN},
	};
	int64_t next_ms = 0;

	while (!announcer_state_is_over(&sender->state)) {
		int64_t latest_ms = haops_deadline_after(sender->ctx, FOREVER);
		int ready = sender->ctx->sys->poll(fds, ARRAY_LEN(fds),
						   next_ms < latest_ms ? next_ms : latest_ms);

		if (ready > 0 && fds[1].revents) {
			announcer_name_clear(sender->ctx, sender->loop->name_fd);
			/* Whoever asks for the name without end must not delay a round. */
			ready = sender->ctx->sys->poll(fds, 1, 0);
		}
		if (ready < 0)
			return;
		/* A notice comes before a round: no address is announced that is known to be gone.
		 */
		if (ready > 0)
			read_notice(sender);
		next_ms = ready > 0 ? 0 : work(sender);
	}
}

void announcer_loop_run(struct announcer_loop *loop)
{
	struct haops_ctx *ctx = loop->ctx;
	struct sender sender = {.loop = loop, .ctx = ctx, .notices = RTNL_INIT};
	int keep[] = {loop->name_fd, loop->report_fd, ctx->packet.fd};
	size_t count = ctx->packet.fd >= 0 ? 3 : 2;
	int r;

	/* The caller's log may write to a descriptor that is something else from now on. */
	haops_ctx_set_log(ctx, HAOPS_LOG_ERROR, NULL, NULL);
	r = ctx->sys->detach(ANNOUNCER_COMM, keep, count);
	if (r < 0) {
		report(loop, haops_fail_sys(ctx, r, "cannot go into the background"));
		ctx->sys->exit_child(1);
	}
	loop->name_fd = keep[0];
	loop->report_fd = keep[1];
	if (count == 3)
		ctx->packet.fd = keep[2];
	r = announcer_name_adopt(ctx, loop->name_fd);
	if (r == 0)
		r = prepare(&sender);
	report(loop, r);
	if (r == 0)
		live(&sender);
	ctx->sys->exit_child(r < 0);
}
