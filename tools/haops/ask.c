/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks haopsd; see ask.h. Shows nothing. */

#include "ask.h"

#include "options.h"
#include "util/cleanup.h"

#include <errno.h>
#include <haops/haops.h>
#include <haops/lease.h>
#include <poll.h>
#include <string.h>

#define CONNECT_MS 2000
#define STATUS_MS 2000
#define CHANGE_MS 4000
#define LINKS_FRESH_MS 8000
#define LINKS_TRY_MS 50
#define LINKS_TRIES 6

static int fail(struct ask *ask, int error)
{
	static const struct {
		int error;
		int exit_status;
		const char *text;
	} table[] = {
		{ENOENT, LEVEL_UNKNOWN,
		 "haopsd does not run on this node: start it (systemctl start haopsd)"},
		{ETIMEDOUT, LEVEL_UNKNOWN,
		 "haopsd does not answer: it is stopped or overloaded; see its log"},
		{EACCES, EXIT_NOT_ALLOWED,
		 "not allowed: only root and the members of group haclient may ask haopsd"},
		{EPERM, EXIT_NOT_ALLOWED,
		 "a process of another user has taken the name of haopsd on this node: find it by "
		 "\"ss -xlp\", do not believe it"},
		{EBUSY, LEVEL_UNKNOWN,
		 "haopsd is busy with as many tools as it serves at a time: end some, or try "
		 "again"},
		{ENOSPC, LEVEL_UNKNOWN,
		 "/dev/shm is full, so haopsd cannot be asked: free some of it"},
		{EPROTONOSUPPORT, LEVEL_UNKNOWN,
		 "haopsd is of a version that this haops cannot talk with: use its own"},
		{EBADMSG, LEVEL_UNKNOWN,
		 "the answer of haopsd is broken: is it of another version?"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].error == error) {
			snprintf(ask->text, sizeof(ask->text), "%s", table[i].text);
			return table[i].exit_status;
		}
	}
	snprintf(ask->text, sizeof(ask->text), "haopsd cannot be asked: %s", strerror(error));
	return LEVEL_UNKNOWN;
}

/* haopsd, or its helper, was started anew meanwhile. */
static bool is_gone(int error)
{
	return error == -ENOTCONN || error == -ECONNRESET || error == -EPIPE || error == -ESHUTDOWN;
}

/* haopsd's page in the run directory tells it from a helper of haopsd's that has ended. */
static int fail_absent(struct ask *ask)
{
	struct haops_lease_status page = {0};
	struct haops_ctx *ctx = NULL;
	bool is_running = haops_ctx_new(&ctx) == 0 && haops_lease_query(ctx, &page) == 0 &&
			  page.verdict != HAOPS_LEASE_NO_DAEMON && page.pid > 0;

	haops_ctx_free(ctx);
	if (!is_running)
		return fail(ask, ENOENT);
	snprintf(ask->text, sizeof(ask->text),
		 "haopsd runs (process %d), but its helper haopsd-ipc does not serve; it is "
		 "started "
		 "anew within 30 s: try again, or see the log of haopsd",
		 (int)page.pid);
	return LEVEL_UNKNOWN;
}

static int fail_call(struct ask *ask, int r)
{
	return r == -ENOENT || is_gone(r) ? fail_absent(ask) : fail(ask, -r);
}

void ask_end(struct ask *ask)
{
	ipc_disconnect(ask->client);
	ask->client = NULL;
}

static int call(struct ask *ask, enum ipc_verb verb, const char *argument, uint32_t timeout_ms,
		struct ipc_reply *ret_reply)
{
	int r = 0;

	if (!ask->client)
		r = ipc_connect_within(CONNECT_MS, &ask->client);
	if (r == 0)
		r = ipc_call(ask->client, verb, argument, timeout_ms, ret_reply);
	/* A connection that failed once is not used again. */
	if (r < 0)
		ask_end(ask);
	return r;
}

static int decode(const struct ipc_reply *reply, struct status *status)
{
	int r;

	status_done(status);
	r = status_init(status);
	return r < 0 ? r : status_decode(reply->data, reply->len, status);
}

int ask_status(struct ask *ask, struct status *status)
{
	bool was_connected = ask->client != NULL;
	struct ipc_reply reply;
	int r = call(ask, IPC_STATUS, NULL, STATUS_MS, &reply);

	if (was_connected && is_gone(r))
		r = call(ask, IPC_STATUS, NULL, STATUS_MS, &reply);
	if (r < 0)
		return fail_call(ask, r);
	r = reply.result < 0 ? reply.result : decode(&reply, status);
	free(reply.data);
	return r < 0 ? fail(ask, -r) : 0;
}

static bool has_fresh_links(const struct status *status)
{
	return status->links_ms > 0 && status->now_ms - status->links_ms < LINKS_FRESH_MS;
}

int ask_status_with_links(struct ask *ask, struct status *status)
{
	int r = ask_status(ask, status);

	for (int i = 0; r == 0 && i < LINKS_TRIES && status->cluster_state == HAOPS_CLUSTER_UP &&
			!has_fresh_links(status);
	     i++) {
		(void)poll(NULL, 0, LINKS_TRY_MS);
		r = ask_status(ask, status);
	}
	return r;
}

int ask_change(struct ask *ask, enum ipc_verb verb, const char *argument)
{
	struct ipc_reply reply;
	int r = call(ask, verb, argument, CHANGE_MS, &reply);

	if (r < 0)
		return fail_call(ask, r);
	free(reply.data);
	if (reply.result == 0)
		return 0;
	snprintf(ask->text, sizeof(ask->text), "%s",
		 reply.text[0] ? reply.text : strerror(reply.result < 0 ? -reply.result : EIO));
	if (reply.result == -ETIMEDOUT)
		return LEVEL_UNKNOWN;
	return reply.result == -EACCES ? EXIT_NOT_ALLOWED : EXIT_REFUSED;
}
