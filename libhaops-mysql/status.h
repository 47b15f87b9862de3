/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_STATUS_H
#define HAOPS_MYSQL_STATUS_H

/* What a server's answers mean: its status, and what else the plans have to know. Pure. */

#include "answer.h"
#include "dialect.h"

#define STATUS_RELAY_POS_MAX 24

/* The answers of one look. */
struct status_answers {
	struct answer sets;
	struct answer variables;
	struct answer replica;
	struct answer counters;
};

#define SOURCE_CA_MAX 512

struct facts {
	struct haops_mysql_status status;
	uint64_t own_id;     /* of our session */
	char *position;	     /* MariaDB: @@gtid_binlog_pos; MySQL: @@gtid_executed */
	char *applied_text;  /* status.applied as the server writes it */
	char *received_text; /* status.received as the server writes it */

	/* Beginning of the names of semi-synchronous replication; NULL: it has none. */
	const char *semi_waits;
	const char *semi_acks;
	bool is_waiting_on; /* the setting, whatever comes of it */
	bool is_acking_on;  /* the same */
	bool tells_tls;	    /* of its source, in what follows */
	bool has_tls;
	char source_ca[SOURCE_CA_MAX];
	bool waits_after_sync;	/* before anybody sees the commit */
	bool waits_for_ever;	/* the time limit is the longest */
	bool waits_without;	/* though no replica is connected */
	uint64_t waiting_count; /* sessions that wait for an acknowledgement now */

	bool is_strict;	 /* the order of transactions is checked */
	bool has_events; /* the event scheduler runs */
	/* Something came from the source since it was set: it has accepted our position. */
	bool is_fed;
	uint64_t changed_rows; /* of all sessions so far */

	/* What was received is known from the relay log alone. */
	bool needs_relay;
	bool is_relay_unknown; /* it could not be read whole */
	char relay_file[HAOPS_MYSQL_NAME_MAX];
	char relay_pos[STATUS_RELAY_POS_MAX];
};

/*
 * Reads the answers. 0, -EPROTO they make no sense, -ENOTSUP no replication by GTID, -ENOMEM. Free
 * the facts with facts_done().
 */
int status_read(struct haops_ctx *ctx, const struct haops_mysql_identity *server,
		const struct dialect *dialect, const struct status_answers *answers,
		struct facts *ret_facts);

/* What was received, told later; the facts own nothing of text. 0, -EPROTO or -ENOMEM. */
int status_set_received(struct haops_ctx *ctx, struct facts *facts, const char *text);

void status_answers_done(struct status_answers *answers);
void facts_done(struct facts *facts);

#endif
