/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_MESSAGE_H
#define HAOPSD_MESSAGE_H

/*
 * What haopsd of different nodes say to each other, inside the messages of libhaops-cluster: a type
 * and fields (number, length, value), little-endian. Unknown fields are passed over, missing ones
 * are 0, so that versions can be mixed. Pure; every length is checked.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MESSAGE_NODES_MAX 128
#define MESSAGE_TEXT_MAX 256
#define MESSAGE_BYTES_MAX 4096

enum message_type {
	MESSAGE_HEARTBEAT = 1,
	MESSAGE_GOODBYE = 2, /* orderly end of haopsd */
	MESSAGE_OUTDATE_ASK = 3,
	MESSAGE_OUTDATE_ANSWER = 4
};

struct message_heartbeat {
	uint64_t seq;	       /* of heartbeats, 1 and above */
	uint32_t keepalive_ms; /* the sender's, so that peers know when the next is due */
	uint32_t deadtime_ms;
	uint32_t config_hash;
	uint32_t disk_age_ms; /* since the last test write that was on disk; UINT32_MAX: off */
	uint32_t lag_ms;      /* how late the sender's own loop was at worst since the last one */
	bool has_carrier;     /* any of its cluster links has */
	uint16_t pings_up;
	uint16_t pings_total;
	bool is_paused;	       /* it stood still and has not recovered */
	uint16_t silent_count; /* peers that it takes for silent */
	uint32_t silent[MESSAGE_NODES_MAX];
	char version[32];
};

/* Asks haopsd of one node to outdate its disk. */
struct message_outdate {
	uint64_t id;	 /* of the asker, comes back in the answer */
	uint32_t nodeid; /* who is asked, or who answers */
	char resource[MESSAGE_TEXT_MAX];
	int32_t result;		     /* answer: exit code for DRBD's fence-peer, see drbd.conf(5) */
	char text[MESSAGE_TEXT_MAX]; /* answer: why, for the log */
};

struct message {
	enum message_type type;
	union {
		struct message_heartbeat heartbeat;
		struct message_outdate outdate;
	};
};

/* Returns the bytes written, or -EMSGSIZE. */
int message_encode(const struct message *message, uint8_t *buf, size_t size);

/* Returns 0, -EBADMSG (rubbish), or -EPROTONOSUPPORT (a type of a later version: not for us). */
int message_decode(const uint8_t *data, size_t len, struct message *ret_message);

#endif
