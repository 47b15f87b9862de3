/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_FAKE_MYSQL_H
#define HAOPS_TESTS_FAKE_MYSQL_H

/*
 * A boundary with a server behind it that is a handful of variables: it answers in the words of its
 * version, does what it is told, and throws its relay log away as MariaDB does. Time passes when it
 * is waited for.
 */

#include "unit.h"

#include "session.h"

#define FAKE_STATEMENTS_MAX 128
#define FAKE_SESSIONS_MAX 8
#define FAKE_SET_MAX 128

struct fake_session {
	unsigned int id; /* 0: none */
	const char *user;
	const char *command;
	bool holds_up;	  /* read_only waits for it */
	bool stays_dying; /* it is there after it was killed */
	bool is_killed;
};

struct fake_thread {
	const char *state; /* "Yes", "No", "Connecting" */
	unsigned int code;
	const char *text;
};

struct fake_mysql {
	/* what it is */
	const char *version;
	bool has_semi_sync;
	bool has_new_names; /* of semi-synchronous replication */

	/* its state */
	bool is_read_only;
	bool is_super_read_only;
	bool is_strict;
	bool has_events;
	const char *gtid_mode;
	bool waits;
	bool has_fallen_back; /* from waiting */
	bool is_after_sync;
	bool waits_for_ever;
	bool acks_setting;
	bool acks_now;
	unsigned int waiting_sessions;
	char logged[FAKE_SET_MAX];
	char position[FAKE_SET_MAX];
	char applied[FAKE_SET_MAX];
	char received[FAKE_SET_MAX];
	unsigned int sources; /* how many */
	char source_host[64];
	unsigned int source_port;
	char source_file[32];
	const char *using_gtid;
	struct fake_thread receiver;
	struct fake_thread applier;
	struct fake_session sessions[FAKE_SESSIONS_MAX];
	unsigned int changed_rows;

	/* what happens */
	unsigned int applies_after;	     /* waits until what was received is applied */
	struct fake_thread started_receiver; /* what becomes of it; {0}: it runs */
	struct fake_thread started_applier;
	bool opens_again;    /* read_only does not stay off */
	bool drops_at_start; /* the receiver ends before the applier is started */
	bool moves_on;	     /* its position, with each look */
	const char *refused; /* beginning of a statement */
	unsigned int refused_code;
	unsigned int dies_after; /* changes, then the connection is lost; 0: never */
	bool is_slow;		 /* each statement costs 100 ms */
	int connect_result;
	unsigned int connect_code;
	const char *connect_text;

	/* what was seen */
	char *statements[FAKE_STATEMENTS_MAX]; /* that change something */
	size_t statement_count;
	unsigned int open_links;
	unsigned int moves;
	char log[16384];
	char told[8192]; /* all statements */
};

/* A primary's former replica, drained: MariaDB "0-1-10", MySQL in its way. */
void fake_mysql_init(struct fake_mysql *fake, const char *version);
void fake_mysql_done(struct fake_mysql *fake);

/* The server behind the boundary, and a context whose time is the fake's. */
extern const struct boundary boundary_fake;
struct haops_ctx *fake_mysql_ctx(struct fake_mysql *fake);
struct haops_mysql *fake_mysql_connect(struct haops_ctx *ctx);

/* The changes, with "; " between. */
const char *fake_mysql_changes(const struct fake_mysql *fake);

/* Milliseconds that have passed. */
int64_t fake_mysql_now_ms(void);

#endif
