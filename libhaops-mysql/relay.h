/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_RELAY_H
#define HAOPS_MYSQL_RELAY_H

/*
 * Which transactions MariaDB's relay log holds from a place on, by SHOW RELAYLOG EVENTS, page by
 * page, file after file. For a replica with both threads stopped, of which nothing else is known.
 * Pure.
 */

#include "answer.h"

#define RELAY_PAIRS_MAX 64
#define RELAY_PAGES_MAX 64 /* of 1000 events: more is not read */
#define RELAY_TEXT_MAX 4096

struct relay_pair {
	uint32_t domain;
	uint32_t server;
	uint64_t last;
};

struct relay {
	char file[HAOPS_MYSQL_NAME_MAX];
	char pos[24];
	unsigned int pages;
	bool is_ended;	 /* nothing is left to be read */
	bool is_unknown; /* and it could not be read whole */
	bool is_open;	 /* in the middle of a transaction */
	bool is_single;	 /* of one statement, without COMMIT */
	struct relay_pair current;
	struct relay_pair pairs[RELAY_PAIRS_MAX];
	size_t count;
};

/* Begins at a place of a file; "" for none. */
void relay_begin(struct relay *relay, const char *file, const char *pos);

/* Takes the answer to the question for file and pos; what is to be asked next is there then. */
void relay_take(struct relay *relay, const struct answer *answer);

/* The last transaction of each domain and server that is there whole. */
void relay_text(const struct relay *relay, char text[RELAY_TEXT_MAX]);

#endif
