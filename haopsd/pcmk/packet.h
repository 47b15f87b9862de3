/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_PCMK_PACKET_H
#define HAOPSD_PCMK_PACKET_H

/*
 * One packet between haopsd and haopsd-pacemaker, over a socket that keeps their borders: numbers
 * and three short texts. Pure; every length is checked, so that neither end trusts the other.
 */

#include <stddef.h>
#include <stdint.h>

#define PACKET_TEXTS 3
#define PACKET_TEXT_MAX 256 /* bytes of a text with the NUL */
#define PACKET_BYTES_MAX 1024

enum packet_type {
	/* To the helper. Each has one PACKET_ANSWER or PACKET_ALIVE with the same id. */
	PACKET_REPORT = 1, /* number: enum pcmk_wish; texts: resource, provider:agent, reason */
	PACKET_PING,	   /* number: CLOCK_BOOTTIME ms of the question */
	PACKET_ATTRIBUTE,  /* texts: name, value; number: dampening in ms */
	PACKET_FENCE,	   /* texts: node; number: deadline in ms from now */
	/* From the helper. */
	PACKET_ANSWER, /* number: enum pcmk_result; texts: why */
	PACKET_ALIVE,  /* controller and pacemakerd answered; number: as in the question */
	PACKET_LOG,    /* number: enum haops_log_level; texts: sentence */
	PACKET_READY,  /* number: 1 Pacemaker is connected, 0 not; texts: sentence */
	/* To the helper: the report with this id is not true any more. No answer of its own. */
	PACKET_WITHDRAW
};

struct packet {
	enum packet_type type;
	uint64_t id;
	int64_t number;
	char text[PACKET_TEXTS][PACKET_TEXT_MAX];
};

/* Returns the bytes written, or -EMSGSIZE when size is too small or a text has no end. */
int packet_encode(const struct packet *packet, uint8_t *buf, size_t size);

/* Returns 0, -EBADMSG for rubbish, or -EPROTONOSUPPORT for a type that is not known. */
int packet_decode(const uint8_t *data, size_t len, struct packet *ret_packet);

/* Copies a text, cut at the end of a whole character; line ends and controls become spaces. */
void packet_set_text(struct packet *packet, size_t index, const char *text);

#endif
