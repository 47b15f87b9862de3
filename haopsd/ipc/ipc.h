/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_IPC_H
#define HAOPSD_IPC_H

/*
 * The local conversation of haopsd and its tools over libqb's IPC: fixed-size requests, answers in
 * parts of at most IPC_PART_MAX bytes. Root and members of group haclient only.
 *
 * libqb's server end believes what its clients write into shared memory, and reads with no time
 * limit. It runs in a process of its own, haopsd-ipc, that haopsd starts, pings and replaces; the
 * server end here talks with that process only (link.h).
 */

#include "status.h"

#include <qb/qbipc_common.h>
#include <qb/qbloop.h>

#define IPC_NAME "haopsd"
#define IPC_PART_MAX 32768
#define IPC_TEXT_MAX 256
#define IPC_PROTOCOL 1
#define IPC_CLIENTS_MAX 16
#define IPC_ANSWER_MAX (8u << 20)
#define IPC_TIMEOUT_MAX_MS 600000

enum ipc_verb {
	IPC_STATUS = 1,
	IPC_RELOAD = 2,	 /* root only */
	IPC_OUTDATE = 3, /* root only: argument is "NODE RESOURCE"; result an exit code for DRBD */
	IPC_SET = 4	 /* root only: argument is "directive value"; until the next reload */
};

struct ipc_request_body {
	uint32_t protocol;
	uint32_t verb;
	uint32_t offset; /* of the part of the answer that is wanted; 0 makes a new answer */
	uint32_t timeout_ms;
	char argument[IPC_TEXT_MAX];
};

struct ipc_answer_body {
	uint32_t protocol;
	int32_t result; /* 0, -errno, or an exit code */
	uint32_t total; /* bytes of the whole answer */
	uint32_t offset;
	uint32_t len;		 /* bytes of this part, behind this head */
	char text[IPC_TEXT_MAX]; /* a sentence for people when result is not 0 */
};

/* As they go through libqb. */
struct ipc_request {
	struct qb_ipc_request_header head;
	struct ipc_request_body body;
};

struct ipc_answer {
	struct qb_ipc_response_header head;
	struct ipc_answer_body body;
};

#define IPC_MESSAGE_MAX (sizeof(struct ipc_answer) + IPC_PART_MAX)

/* An answer as the client gets it; data is owned. */
struct ipc_reply {
	int result;
	char text[IPC_TEXT_MAX];
	uint8_t *data;
	size_t len;
};

/* Client end ---------------------------------------------------------------------------------- */

struct ipc_client;

/*
 * Within timeout_ms: 0, or
 * -ENOENT: haopsd does not run. -EACCES: not allowed. -ETIMEDOUT: it runs, but does not answer.
 * -EBUSY: IPC_CLIENTS_MAX tools are connected. -ENOSPC: /dev/shm is full.
 * -EPERM: another user's process has taken haopsd's name.
 */
int ipc_connect_within(uint32_t timeout_ms, struct ipc_client **ret_client);
int ipc_connect(struct ipc_client **ret_client); /* within 4 s */
void ipc_disconnect(struct ipc_client *client);
/* 0 or -errno; result and text of the reply are the daemon's. The whole answer is collected.
 * timeout_ms is for all of it, and what the daemon is given. free(reply->data) is the caller's. */
int ipc_call(struct ipc_client *client, enum ipc_verb verb, const char *argument,
	     uint32_t timeout_ms, struct ipc_reply *ret_reply);

/* Server end ---------------------------------------------------------------------------------- */

struct ipc_server;

struct ipc_outdate {
	const char *node;
	const char *resource;
	uint32_t timeout_ms;
};

struct ipc_handlers {
	const char *helper; /* the program haopsd-ipc; NULL for the installed one */
	/* Fills status. */
	void (*status)(void *userdata, struct status *status);
	/* 0 or -errno with a sentence in text. */
	int (*reload)(void *userdata, char text[IPC_TEXT_MAX]);
	int (*set)(void *userdata, const char *assignment, char text[IPC_TEXT_MAX]);
	/* Begins; 0 and an id, answered later by ipc_server_answer(); or -errno with a sentence. */
	int (*outdate)(void *userdata, const struct ipc_outdate *ask, uint64_t *ret_id,
		       char text[IPC_TEXT_MAX]);
	/* A sentence for the log: the helper ended, somebody was refused. May be NULL. */
	void (*event)(void *userdata, enum heart_level level, const char *text);
};

/* The helper is started at once, and again when it ends or does not answer. */
int ipc_server_new(qb_loop_t *loop, const struct ipc_handlers *handlers, void *userdata,
		   struct ipc_server **ret_server);
void ipc_server_free(struct ipc_server *server);
void ipc_server_answer(struct ipc_server *server, uint64_t id, int exit_code, const char *text);

#endif
