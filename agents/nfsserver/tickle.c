/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is connected is kept where the state moves, and the server that takes over sends these
 * clients a tickle when it has the address: they connect anew at once, and not when their next
 * attempt to send is due, which comes later and later (see haops/tcp.h).
 *
 * The file may be on a device that hangs: it is written by a child, and only when something has
 * changed; and read in the background.
 */

#include "nfsserver/addresses.h"
#include "nfsserver/clients.h"
#include "nfsserver/host.h"
#include "nfsserver/nfsserver.h"
#include "ocf/child.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_OF_CLIENTS NFSSERVER_STATE "/haops-clients"
#define NOTE "clients"
#define PORT 2049
#define WRITE_MS 2000
#define LIST_MS 2000

/* Again after these: what was lost, or went to a client whose neighbour table was older. */
static const int64_t pauses_ms[] = {200, 800, 2000, 0};
#define ROUNDS (sizeof(pauses_ms) / sizeof(pauses_ms[0]))

static bool is_wanted(const struct ocf_run *run)
{
	return ocf_is_set(run, P_NFS_IP) && ocf_is_set(run, P_SHARED_INFODIR);
}

/* As text; NULL: not known. */
static char *read_connections(struct ocf_run *run)
{
	CLEANUP_FREE struct haops_tcp_connection *list = NULL;
	struct haops_addr addrs[ADDRESSES_MAX];
	struct addresses words;
	char *text = NULL;
	size_t count;

	if (addresses_parse(ocf_str(run, P_NFS_IP), &words))
		return NULL;
	for (size_t i = 0; i < words.count; i++)
		if (haops_addr_parse(ocf_ctx(run), addresses_get(&words, i), &addrs[i]) < 0)
			return NULL;
	if (haops_tcp_list(ocf_ctx(run), addrs, words.count, PORT,
			   ocf_deadline_within(run, LIST_MS), &list, &count) < 0) {
		ocf_log(run, HAOPS_LOG_DEBUG, "%s", haops_ctx_error(ocf_ctx(run)));
		return NULL;
	}
	return clients_format(list, count, &text) < 0 ? NULL : text;
}

static void write_file(const void *arg, struct child_answer *answer)
{
	answer->code = host_put_file(FILE_OF_CLIENTS, arg);
}

static bool is_written(struct ocf_run *run, const char *text)
{
	const struct child_question question = {.fn = write_file, .arg = text};
	struct child_answer answer;
	pid_t left;

	return child_ask(ocf_ctx(run), &question, ocf_deadline_within(run, WRITE_MS), &answer,
			 &left) == 0 &&
	       answer.code == 0;
}

void nfsserver_clients_keep(struct ocf_run *run, bool has_to_be_some)
{
	CLEANUP_FREE char *text = is_wanted(run) ? read_connections(run) : NULL;
	CLEANUP_FREE char *known = NULL;

	if (!text || (has_to_be_some && !text[0]))
		return;
	if (ocf_note_read(run, NOTE, &known) < 0)
		known = NULL;
	if (strcmp(known ? known : "", text) == 0)
		return;
	if (is_written(run, text))
		ocf_note_write(run, NOTE, text);
}

void nfsserver_clients_forget(struct ocf_run *run)
{
	ocf_note_remove(run, NOTE);
}

/* Those whose own address is here by now, to the front. */
static size_t pick_present(struct haops_tcp_connection *list, size_t count)
{
	size_t present = 0;

	for (size_t i = 0; i < count; i++) {
		struct haops_tcp_connection one = list[i];
		char text[HAOPS_ADDR_TEXT_MAX];

		if (!host_has_address(haops_addr_format(&one.local, text)))
			continue;
		list[i] = list[present];
		list[present++] = one;
	}
	return present;
}

/* Until all addresses are there and were told of often enough, or the time of the start is over.
 * Routes that come with an address wake it, too: a round is sent when it is due. */
static void tell(struct ocf_run *run, struct haops_tcp_connection *list, size_t count, int fd)
{
	int64_t due = 0;
	size_t before = 0;
	size_t round = 0;

	while (haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) > 0) {
		size_t present = pick_present(list, count);

		if (present > before)
			round = 0;
		before = present;
		if (present > 0 && round < ROUNDS &&
		    haops_deadline_left_ms(ocf_ctx(run), due) == 0) {
			if (haops_tcp_tickle(ocf_ctx(run), list, present, NULL) < 0)
				ocf_log(run, HAOPS_LOG_DEBUG, "%s", haops_ctx_error(ocf_ctx(run)));
			due = ocf_deadline_within(run, pauses_ms[round++]);
		}
		if (present == count && round == ROUNDS)
			return;
		(void)host_wait_told(ocf_ctx(run), fd,
				     present > 0 && round < ROUNDS ? due : ocf_deadline(run));
	}
}

static void recall(struct ocf_run *run)
{
	CLEANUP_FREE struct haops_tcp_connection *list = NULL;
	CLEANUP_FREE char *text = NULL;
	size_t count = 0;
	size_t len;
	int fd = host_listen_for_addresses();

	if (fd >= 0 && host_read(FILE_OF_CLIENTS, CLIENTS_TEXT_MAX, &text, &len) == 0 &&
	    clients_parse(text, &list, &count) == 0 && count > 0) {
		ocf_log(run, HAOPS_LOG_INFO, "%zu connections of clients are to be made anew",
			count);
		tell(run, list, count, fd);
	}
}

void nfsserver_clients_recall(struct ocf_run *run)
{
	int r = is_wanted(run) ? host_fork_off() : 0;

	if (r < 0)
		ocf_log(run, HAOPS_LOG_WARNING, "clients find the new server by themselves: %s",
			strerror(-r));
	if (r <= 0)
		return;
	ocf_log_forked(run);
	recall(run);
	_exit(0);
}
