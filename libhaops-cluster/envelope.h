/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_CLUSTER_ENVELOPE_H
#define HAOPS_CLUSTER_ENVELOPE_H

/*
 * The wire format: what stands before each message in the group. Pure: bytes and structs.
 *
 *   offset  bytes
 *        0      4  magic "HaoC"
 *        4      1  version of the sender's format
 *        5      1  lowest version that a receiver must know
 *        6      2  length of the header: where the body begins
 *        8      4  length of the body: it ends with the message
 *       12      1  kind
 *       13      3  zero; not looked at
 *       16      8  incarnation of the sender, not 0
 *       24      8  number: user messages and the others are counted apart, from 1
 *       32      8  CLOCK_BOOTTIME of the sender, in ms
 *
 * All in network byte order. A later version may append to the header and to the body of a hello,
 * and add kinds: older ones skip what they do not know. A change that they would misunderstand
 * raises the lowest version, and they drop such messages.
 */

#include <haops/cluster.h>

#define ENVELOPE_VERSION 1
#define ENVELOPE_LEN 40
#define ENVELOPE_HELLO_MAX (2 + HAOPS_CLUSTER_NAME_MAX)

enum envelope_kind {
	ENVELOPE_HELLO = 1,   /* the sender's name */
	ENVELOPE_USER = 2,    /* what haops_cluster_send() was given */
	ENVELOPE_GOODBYE = 3, /* the sender leaves */
	ENVELOPE_PROBE = 4    /* only for the sender: does it come back? */
};

struct envelope {
	unsigned int kind; /* one of above, or one that is not known yet */
	uint64_t incarnation;
	uint64_t seq;
	int64_t sent_ms;
	const void *body;
	size_t body_len;
};

/* Writes the header for a body of body_len bytes. */
void envelope_encode(const struct envelope *envelope, uint8_t header[ENVELOPE_LEN]);

/* Reads a whole message; body points into data. 0, -EPROTO when it is none of ours or broken,
 * -ENOTSUP when it asks for a version above ours. */
int envelope_decode(const void *data, size_t len, struct envelope *ret_envelope);

/* Body of a hello; its length. */
size_t envelope_encode_name(const char *name, uint8_t body[ENVELOPE_HELLO_MAX]);

/* The name in a hello; "" when there is none that can be shown. */
void envelope_decode_name(const struct envelope *hello, char ret_name[HAOPS_CLUSTER_NAME_MAX]);

#endif
