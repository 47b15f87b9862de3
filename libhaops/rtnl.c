/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A netlink(7) socket: requests, dumps that are taken whole or not at all, batches with one
 * acknowledgement each. Does not know what is in the messages. */
#include "rtnl.h"

#include "rtnl-msg.h"

#include <libmnl/libmnl.h>
#include <stdalign.h>

/*
 * Messages sent at once. Each acknowledgement takes about 1 kB of the receive buffer (an skb with
 * its overhead), and one that finds no room is lost: 100 fit in half of the default 208 kB.
 */
#define WINDOW 100
#define RECEIVE_BUFFER (1 << 20)
/* Interrupted dumps are repeated at once so often, then with a pause. */
#define FAST_RETRIES 5
#define RETRY_PAUSE_MS 2

int rtnl_fail(struct rtnl *rtnl, int code, const char *text)
{
	const char *separator = text && *text ? ": " : "";

	if (code == -ETIMEDOUT)
		return haops_fail(rtnl->ctx, ETIMEDOUT,
				  "cannot %s: the kernel did not answer in time", rtnl->what);
	return haops_fail(rtnl->ctx, code == -ENOMEM ? ENOMEM : EIO, "cannot %s: %s%s%s",
			  rtnl->what, strerror(-code), separator, text ? text : "");
}

int rtnl_open(struct haops_ctx *ctx, int protocol, uint32_t groups, int64_t deadline_ms,
	      struct rtnl *ret)
{
	const struct sockaddr_nl self = {.nl_family = AF_NETLINK, .nl_groups = groups};
	struct rtnl rtnl = {.ctx = ctx, .deadline_ms = deadline_ms, .what = "ask the kernel"};
	int code;

	rtnl.fd = ctx->sys->socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (rtnl.fd < 0)
		return rtnl_fail(&rtnl, rtnl.fd, "no netlink socket");
	/* Without groups the kernel binds by itself with the first message. */
	if (groups) {
		code = ctx->sys->bind(rtnl.fd, (const struct sockaddr *)&self, sizeof(self));
		if (code < 0) {
			(void)ctx->sys->close(rtnl.fd);
			return rtnl_fail(&rtnl, code, "no notices from the kernel");
		}
	}
	*ret = rtnl;
	return 0;
}

struct rtnl *rtnl_close(struct rtnl *rtnl)
{
	if (rtnl && rtnl->fd >= 0) {
		(void)rtnl->ctx->sys->close(rtnl->fd);
		rtnl->fd = -1;
	}
	return NULL;
}

void rtnl_be_strict(struct rtnl *rtnl)
{
	static const int names[] = {NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK};
	const int on = 1;

	/* A kernel that lacks one (strict: 4.20, the others: 4.12) does without. */
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)rtnl->ctx->sys->setsockopt(rtnl->fd, SOL_NETLINK, names[i], &on, sizeof(on));
}

static int send_all(struct rtnl *rtnl, const void *data, size_t len)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t sent = rtnl->ctx->sys->sendto(rtnl->fd, data, len, 0,
					      (const struct sockaddr *)&kernel, sizeof(kernel));

	if (sent < 0)
		return rtnl_fail(rtnl, (int)sent, "request not taken");
	if ((size_t)sent != len)
		return rtnl_fail(rtnl, -EIO, "request not taken whole");
	return 0;
}

static int wait_readable(struct rtnl *rtnl)
{
	struct pollfd poll = {.fd = rtnl->fd, .events = POLLIN};
	int ready = rtnl->ctx->sys->poll(&poll, 1, rtnl->deadline_ms);

	if (ready < 0)
		return rtnl_fail(rtnl, ready, "no wait for the answer");
	return ready ? 0 : rtnl_fail(rtnl, -ETIMEDOUT, NULL);
}

ssize_t rtnl_receive(struct rtnl *rtnl, void *buf)
{
	for (;;) {
		struct sockaddr_nl from = {0};
		socklen_t from_len = sizeof(from);
		ssize_t len = rtnl->ctx->sys->recvfrom(rtnl->fd, buf, RTNL_BUF_SIZE,
						       MSG_DONTWAIT | MSG_TRUNC,
						       (struct sockaddr *)&from, &from_len);

		/* The answer to a request is there when sendto(2) returns: most often no wait. */
		if (len == -EAGAIN) {
			int code = wait_readable(rtnl);

			if (code < 0)
				return code;
			continue;
		}
		if (len == -ENOBUFS)
			return len;
		if (len < 0)
			return rtnl_fail(rtnl, (int)len, "no answer");
		if (from.nl_pid != 0)
			continue; /* another process sent it, not the kernel */
		if (len > RTNL_BUF_SIZE)
			return rtnl_fail(rtnl, -EIO, "the kernel's answer was cut");
		return len;
	}
}

static bool is_verdict(const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE;
}

/* A request that the kernel refused, or a verdict that cannot be read. */
static int refused(struct rtnl *rtnl, const struct nlmsghdr *nlh)
{
	struct rtnl_verdict verdict;

	if (rtnl_msg_parse_verdict(nlh, &verdict) < 0)
		return rtnl_fail(rtnl, -EIO, "the kernel's answer makes no sense");
	if (verdict.code == 0)
		return 0;
	rtnl->refused = verdict.code;
	return rtnl_fail(rtnl, verdict.code, verdict.text);
}

/* 1 when the answer is complete, 0 when not yet. */
static int take_answer(struct rtnl *rtnl, const struct nlmsghdr *nlh, rtnl_msg_fn message,
		       void *arg)
{
	int code;

	if (is_verdict(nlh)) {
		code = refused(rtnl, nlh);
		return code < 0 ? code : rtnl_fail(rtnl, -EIO, "the kernel's answer is empty");
	}
	code = message(arg, nlh);
	return code < 0 ? code : 1;
}

int rtnl_get(struct rtnl *rtnl, struct nlmsghdr *request, rtnl_msg_fn message, void *arg)
{
	alignas(struct nlmsghdr) char buf[RTNL_BUF_SIZE];
	int code;

	rtnl->refused = 0;
	request->nlmsg_seq = ++rtnl->seq;
	code = send_all(rtnl, request, request->nlmsg_len);
	while (code == 0) {
		ssize_t got = rtnl_receive(rtnl, buf);
		struct rtnl_bytes bytes = {buf, got < 0 ? 0 : (size_t)got};
		const struct nlmsghdr *nlh;

		if (got < 0)
			return got == -ENOBUFS ? rtnl_fail(rtnl, -EIO, "the answer was lost")
					       : (int)got;
		while (code == 0 && (nlh = rtnl_msg_take(&bytes))) {
			if (nlh->nlmsg_seq == rtnl->seq)
				code = take_answer(rtnl, nlh, message, arg);
		}
	}
	return code < 0 ? code : 0;
}

struct dump {
	struct rtnl *rtnl;
	const struct rtnl_reader *reader;
	bool is_done;
	bool is_interrupted; /* read on to its end, then ask again */
};

static int take_dumped(struct dump *dump, const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_seq != dump->rtnl->seq)
		return 0;
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		dump->is_interrupted = true;
	if (is_verdict(nlh)) {
		dump->is_done = true;
		return refused(dump->rtnl, nlh);
	}
	if (dump->is_interrupted || nlh->nlmsg_type < NLMSG_MIN_TYPE)
		return 0;
	return dump->reader->message(dump->reader->arg, nlh);
}

static int take_datagram(struct dump *dump, const void *buf, size_t len)
{
	struct rtnl_bytes bytes = {buf, len};
	const struct nlmsghdr *nlh;

	while (!dump->is_done && (nlh = rtnl_msg_take(&bytes))) {
		int code = take_dumped(dump, nlh);

		if (code < 0)
			return code;
	}
	/* What is left over is no whole message: data may be missing. */
	if (!dump->is_done && bytes.len > 0)
		return rtnl_fail(dump->rtnl, -EIO, "the kernel's answer ends within a message");
	return 0;
}

static int dump_once(struct dump *dump, struct nlmsghdr *request)
{
	alignas(struct nlmsghdr) char buf[RTNL_BUF_SIZE];
	struct rtnl *rtnl = dump->rtnl;
	int code;

	request->nlmsg_seq = ++rtnl->seq;
	dump->is_done = false;
	dump->is_interrupted = false;
	dump->reader->begin(dump->reader->arg);
	code = send_all(rtnl, request, request->nlmsg_len);
	while (code == 0 && !dump->is_done) {
		ssize_t len = rtnl_receive(rtnl, buf);

		/* Lost messages: this dump is worthless, but its end still comes. A new one before
		 * it would be refused with EBUSY. */
		if (len == -ENOBUFS)
			dump->is_interrupted = true;
		else
			code = len < 0 ? (int)len : take_datagram(dump, buf, (size_t)len);
		/* The next part is always there: a long list lets no wait run out of time. */
		if (code == 0 && !dump->is_done &&
		    haops_deadline_left_ms(rtnl->ctx, rtnl->deadline_ms) == 0)
			code = rtnl_fail(rtnl, -ETIMEDOUT, NULL);
	}
	return code;
}

int rtnl_dump(struct rtnl *rtnl, struct nlmsghdr *request, const struct rtnl_reader *reader)
{
	struct dump dump = {.rtnl = rtnl, .reader = reader};
	struct haops_ctx *ctx = rtnl->ctx;

	rtnl->refused = 0;
	for (unsigned int tries = 1;; tries++) {
		int code = dump_once(&dump, request);

		if (code < 0 || !dump.is_interrupted)
			return code;
		haops_logf(ctx, HAOPS_LOG_DEBUG, "%s: interrupted by a change, asked again",
			   rtnl->what);
		if (haops_deadline_left_ms(ctx, rtnl->deadline_ms) == 0)
			return haops_fail(ctx, ETIMEDOUT,
					  "cannot %s: it changes faster than it can be read",
					  rtnl->what);
		if (tries > FAST_RETRIES)
			(void)ctx->sys->poll(NULL, 0, haops_deadline_after(ctx, RETRY_PAUSE_MS));
	}
}

struct window {
	struct rtnl *rtnl;
	const struct rtnl_batch *batch;
	size_t first;
	size_t count;
	size_t acked;
	uint32_t first_seq;
	int stop; /* below 0: what the ack callback said */
};

static int send_window(struct window *w)
{
	alignas(struct nlmsghdr) char buf[WINDOW * RTNL_MSG_MAX];
	size_t len = 0;

	w->first_seq = w->rtnl->seq + 1;
	for (size_t i = 0; i < w->count; i++) {
		struct nlmsghdr *nlh = w->batch->build(w->batch->arg, w->first + i, buf + len);

		assert(nlh->nlmsg_len <= RTNL_MSG_MAX);
		nlh->nlmsg_flags |= NLM_F_ACK;
		nlh->nlmsg_seq = ++w->rtnl->seq;
		len += rtnl_msg_align(nlh->nlmsg_len);
	}
	return send_all(w->rtnl, buf, len);
}

static int take_acks(struct window *w, const void *buf, size_t len)
{
	struct rtnl_bytes bytes = {buf, len};
	const struct nlmsghdr *nlh;
	struct rtnl_verdict verdict;

	while ((nlh = rtnl_msg_take(&bytes))) {
		uint32_t at = nlh->nlmsg_seq - w->first_seq;
		int code;

		if (nlh->nlmsg_type != NLMSG_ERROR || at >= w->count)
			continue;
		if (rtnl_msg_parse_verdict(nlh, &verdict) < 0)
			return rtnl_fail(w->rtnl, -EIO, "the kernel's answer makes no sense");
		if (verdict.code < 0)
			w->rtnl->refused = verdict.code;
		w->acked++;
		code = w->batch->ack(w->batch->arg, w->first + at, verdict.code, verdict.text);
		if (code < 0 && w->stop == 0)
			w->stop = code;
	}
	return 0;
}

static int run_window(struct window *w)
{
	alignas(struct nlmsghdr) char buf[RTNL_BUF_SIZE];
	int code = send_window(w);

	while (code == 0 && w->acked < w->count) {
		ssize_t len = rtnl_receive(w->rtnl, buf);

		if (len == -ENOBUFS)
			code = haops_fail(w->rtnl->ctx, ETIMEDOUT,
					  "cannot %s: the kernel's confirmation was lost, so what "
					  "was done is not known",
					  w->rtnl->what);
		else
			code = len < 0 ? (int)len : take_acks(w, buf, (size_t)len);
	}
	return code;
}

int rtnl_run(struct rtnl *rtnl, const struct rtnl_batch *batch)
{
	struct window w = {.rtnl = rtnl, .batch = batch};
	const int size = RECEIVE_BUFFER;
	int code = 0;

	rtnl->refused = 0;
	/* Not vital: the window is small. But net.core.rmem_default may be smaller still. */
	if (batch->count > 1)
		(void)rtnl->ctx->sys->setsockopt(rtnl->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
						 sizeof(size));
	while (code == 0 && w.stop == 0 && w.first < batch->count) {
		if (haops_deadline_left_ms(rtnl->ctx, rtnl->deadline_ms) == 0)
			return rtnl_fail(rtnl, -ETIMEDOUT, NULL);
		w.count = batch->count - w.first;
		if (w.count > WINDOW)
			w.count = WINDOW;
		w.acked = 0;
		code = run_window(&w);
		w.first += w.count;
	}
	return code < 0 ? code : w.stop;
}
