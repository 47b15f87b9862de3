/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_DIALECT_H
#define HAOPS_MYSQL_DIALECT_H

/*
 * What a server is, and in which words it is spoken to: one table per generation, chosen by the
 * numbers of its handshake, never by trying. Pure.
 */

#include <haops/mysql.h>

enum word {
	WORD_SETTINGS, /* of our session; needs no privilege */
	WORD_ASK_SETS,
	WORD_ASK_VARIABLES,
	WORD_ASK_REPLICA,
	WORD_ASK_COUNTERS,
	WORD_ASK_RELAY, /* file, position: what is in the relay log; NULL: never needed */
	WORD_START,
	WORD_START_APPLIER,
	WORD_START_RECEIVER,
	WORD_STOP,
	WORD_STOP_RECEIVER,
	WORD_FORGET, /* the source */
	WORD_WAIT,   /* set, seconds: until it is applied */
	WORD_CLOSE,  /* for writing */
	WORD_OPEN,
	WORD_STRICT,	    /* order of transactions is checked; NULL: it always is */
	WORD_SET_APPLIED,   /* position; NULL: not there */
	WORD_CHANGE,	    /* begins the statement that sets the source */
	WORD_CHANGE_PREFIX, /* of the names of its options */
	WORD_CHANGE_GTID,   /* its options for replication by GTID */
	WORD_COUNT
};

struct dialect {
	const char *name;
	enum haops_mysql_flavor flavor;
	unsigned int version; /* the first that speaks it */
	/* Starting any thread while none runs throws away what was received and not applied. */
	bool purges_relay_log;
	/* It gives its public key to those who log in without TLS, when asked. */
	bool has_public_key;
	const char *semi_sync_timeout; /* the longest */
	const char *words[WORD_COUNT];
};

/* Reads the server's own text; false: no server of ours says such a thing. */
bool dialect_parse_server(const char *text, struct haops_mysql_identity *ret_server);

/* How to speak to it; NULL: it is too old. */
const struct dialect *dialect_find(const struct haops_mysql_identity *server);

#endif
