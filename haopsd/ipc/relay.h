/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_RELAY_H
#define HAOPSD_RELAY_H

/*
 * The helper haopsd-ipc: libqb's server end towards the tools, the link towards haopsd. Whatever a
 * tool does to it, haopsd goes on and starts another one. All numbers have a bound.
 */

#include "link.h"

#include <qb/qbipcs.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Connections that have not said yet who they are: of those who are allowed, and of others, who
 * get some places only, to be told that they are refused. */
#define RELAY_HALF_OPEN_MAX 8
#define RELAY_STRANGERS_MAX 4
#define RELAY_HALF_OPEN_TICKS 3
#define RELAY_SLOTS (1 + IPC_CLIENTS_MAX + RELAY_HALF_OPEN_MAX + RELAY_STRANGERS_MAX)

enum relay_access { RELAY_STRANGER, RELAY_MEMBER, RELAY_ROOT };

/* A descriptor that libqb has in the loop. */
struct relay_slot {
	bool is_used;
	bool is_half_open;
	int fd;
	qb_ipcs_dispatch_fn_t dispatch;
	void *data;
	enum relay_access access;
	uid_t uid;
	pid_t pid;
	unsigned int ticks;
};

/* A whole answer of haopsd, for everybody who waits for it. */
struct relay_answer {
	unsigned int refs;
	int32_t result;
	char text[IPC_TEXT_MAX];
	uint32_t total;
	uint32_t have;
	uint8_t *data;
};

enum relay_state {
	RELAY_IDLE,
	RELAY_WAITING, /* for a question to be sent */
	RELAY_ASKED
};

struct relay_client {
	qb_ipcs_connection_t *connection; /* NULL: a free place */
	int fd;
	uid_t uid;
	enum relay_state state;
	uint32_t verb;
	unsigned int ticks_left;
	struct relay_answer *answer; /* that is fetched part by part */
};

/* A question to haopsd: the first is the status for all who wait, the others are the clients'. */
struct relay_ask {
	uint32_t id; /* 0: none under way */
	struct relay_answer *answer;
};

struct relay {
	qb_loop_t *loop;
	qb_ipcs_service_t *service;
	qb_loop_timer_handle timer;
	uid_t cluster_uid;
	gid_t cluster_gid;
	bool has_cluster; /* user hacluster and group haclient exist */
	bool is_privileged;
	struct relay_slot slots[RELAY_SLOTS];
	const struct relay_slot *current; /* being dispatched */
	bool has_accepted;
	struct relay_client clients[IPC_CLIENTS_MAX];
	struct relay_ask asks[LINK_ASKS_MAX];
	uint32_t generation;
	bool is_resting;	  /* between two questions for the status */
	unsigned int quiet_ticks; /* since somebody was refused */
};

/* relay-slots.c: which connections there may be, and whose. */
void relay_slots_begin(struct relay *relay);
void relay_slots_tick(struct relay *relay);
/* Ends a connection once libqb is not inside it any more. */
void relay_hang_up(int fd);

/* relay-clients.c: what the tools ask. */
int relay_clients_begin(struct relay *relay);
void relay_clients_tick(struct relay *relay);
void relay_clients_answer(struct relay *relay, size_t ask, struct relay_answer *answer);
void relay_answer_unref(struct relay_answer *answer);

/* relay-link.c: what is asked of haopsd. */
int relay_link_begin(struct relay *relay);
int relay_link_ask(struct relay *relay, size_t ask, const struct link_message *question);
void relay_link_event(enum heart_level level, const char *text);

#endif
