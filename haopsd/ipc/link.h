/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_LINK_H
#define HAOPSD_LINK_H

/*
 * What haopsd and haopsd-ipc say to each other over a socket of packets: one packet is one of these
 * structs, an answer's bytes behind it. Both are of the same build: no versions.
 */

#include "ipc.h"

#define LINK_FD 3 /* the helper's end */
/* Asks under way at most: one of each client, and one for a status that is for all who wait. */
#define LINK_ASKS_MAX (IPC_CLIENTS_MAX + 1)

enum link_kind {
	LINK_ASK = 1,	 /* helper to haopsd */
	LINK_ANSWER = 2, /* haopsd to helper */
	LINK_PING = 3,	 /* haopsd to helper */
	LINK_PONG = 4,	 /* helper to haopsd */
	LINK_EVENT = 5	 /* helper to haopsd */
};

struct link_message {
	uint32_t kind;
	uint32_t id;	     /* ask, answer */
	uint32_t verb;	     /* ask */
	uint32_t uid;	     /* ask: user of the client */
	uint32_t timeout_ms; /* ask */
	int32_t result;	     /* answer; event: enum heart_level */
	uint32_t total;	     /* answer: bytes of the whole */
	uint32_t offset;     /* answer */
	char text[IPC_TEXT_MAX];
};

#define LINK_PACKET_MAX (sizeof(struct link_message) + IPC_PART_MAX)

#endif
