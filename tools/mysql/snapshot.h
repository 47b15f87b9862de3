/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_SNAPSHOT_H
#define HAOPS_MYSQL_SNAPSHOT_H

/* All that is known of a database cluster at one moment: what Pacemaker says, what its CIB
 * remembers, what each server says of itself. Asks nobody. */

#include <haops/mysql.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SNAPSHOT_NODES_MAX 32
#define SNAPSHOT_NAME_MAX HAOPS_MYSQL_NAME_MAX
#define SNAPSHOT_TEXT_MAX 512
#define SNAPSHOT_GTID_MAX 1024
#define SNAPSHOT_WRITES_MAX 8
#define SNAPSHOT_WRITE_MAX 80

enum presence {
	PRESENCE_UNKNOWN, /* Pacemaker knows no such node */
	PRESENCE_OFFLINE,
	PRESENCE_UNCLEAN, /* to be fenced */
	PRESENCE_PENDING, /* joining */
	PRESENCE_STANDBY,
	PRESENCE_ONLINE
};

enum role { ROLE_UNKNOWN, ROLE_STOPPED, ROLE_UNPROMOTED, ROLE_PROMOTED };

/* What the server of a node says. */
struct server {
	bool is_answering;
	char trouble[SNAPSHOT_TEXT_MAX]; /* why it does not answer */
	struct haops_mysql_status status;
	char *logged; /* its sets as text; NULL: not known */
	char *applied;
	char *received;

	bool is_compared; /* with the primary */
	bool is_ahead;	  /* it has something that the primary lacks, applied or received */
	uint64_t behind;  /* transactions that only the primary has */
	char *errant;	  /* what the primary never had; "" or NULL for nothing */

	bool is_judged; /* as candidate, see haops_mysql_elect() */
	struct haops_mysql_decision decision;
};

struct db_node {
	char name[SNAPSHOT_NAME_MAX];
	char host[SNAPSHOT_NAME_MAX]; /* where others reach its server */
	bool is_own;		      /* this program runs there */
	bool is_safe;		      /* a member of the safe set */
	bool is_bad;		      /* marked: its data has diverged */
	char bad[SNAPSHOT_TEXT_MAX];
	uint64_t granted; /* the run of its server that may acknowledge; 0: none */
	enum presence presence;
	bool is_maintained; /* the node is in maintenance */
	enum role role;
	bool has_score; /* for promotion */
	int score;
	bool has_reads; /* the reader attribute is there */
	bool is_readable;
	char failure[SNAPSHOT_TEXT_MAX]; /* last failure of the resource there; "" for none */
	int64_t failure_s;		 /* when, seconds since 1970; 0: not known */
	struct server server;
};

/* What the CIB remembers of the resource, see docs/decisions/0008. */
struct remembered {
	bool has_primary;
	uint64_t epoch;
	char primary[SNAPSHOT_NAME_MAX];
	char gtid[SNAPSHOT_GTID_MAX];
	bool is_stale_allowed;		/* a loss is accepted for this epoch */
	char damage[SNAPSHOT_TEXT_MAX]; /* what is there and not understood; "" for nothing */
};

/* A statement on the primary that changes data and takes long: a demote would end it. */
struct long_write {
	uint64_t session;
	int64_t seconds;
	char user[SNAPSHOT_NAME_MAX];
	char text[SNAPSHOT_WRITE_MAX]; /* its beginning */
};

struct long_writes {
	bool is_known;
	char trouble[SNAPSHOT_TEXT_MAX]; /* why not */
	struct long_write list[SNAPSHOT_WRITES_MAX];
	size_t count; /* those beyond the list count, too */
};

struct snapshot {
	char resource[SNAPSHOT_NAME_MAX]; /* the primitive */
	char top[SNAPSHOT_NAME_MAX];	  /* what is moved: its clone, group, or itself */
	bool is_promotable;		  /* replication is managed */
	bool is_notified;		  /* the clone's meta attribute notify */
	bool is_managed;
	bool is_maintained; /* the cluster or the resource */
	bool is_quorate;
	bool has_fencing;
	char dc[SNAPSHOT_NAME_MAX];	    /* "": none elected */
	char constraint[SNAPSHOT_NAME_MAX]; /* of an earlier move; "" for none */
	char initial[SNAPSHOT_NAME_MAX];    /* parameter initial_primary */
	enum haops_mysql_durability durability;
	int64_t max_lag_s; /* 0: no limit */
	struct remembered memory;
	struct db_node nodes[SNAPSHOT_NODES_MAX];
	size_t node_count;
	size_t writable_count;
	struct long_writes writes; /* asked for by a switchover only */
	size_t primary; /* index of the one writable server; node_count: there is not exactly one */
};

/* NULL: there is no such node. */
struct db_node *snapshot_find(struct snapshot *snapshot, const char *name);
const struct db_node *snapshot_look(const struct snapshot *snapshot, const char *name);
/* A new node at the end; NULL: there is no room, or the name is none. */
struct db_node *snapshot_add(struct snapshot *snapshot, const char *name, size_t len);
/* The one writable server's node; NULL: there is none, or more than one. */
const struct db_node *snapshot_primary(const struct snapshot *snapshot);
/* The one that Pacemaker has promoted; NULL: none, or more than one. */
const struct db_node *snapshot_promoted(const struct snapshot *snapshot);
/* Both threads run. */
bool server_replicates(const struct server *server);
bool server_is_writable(const struct server *server);

/* Works out writable_count and primary. */
void snapshot_find_primary(struct snapshot *snapshot);
/* What the servers of one snapshot said goes to one that Pacemaker told anew. */
void snapshot_move_servers(struct snapshot *from, struct snapshot *to);

/* Finds the primary, compares all with it, and judges each as a candidate. Pure. 0, -ENOMEM, or
 * -EINVAL (servers of different dialects). */
int snapshot_weigh(struct haops_ctx *ctx, struct snapshot *snapshot);
/* Only the last of it. 0 or -ENOMEM. */
int snapshot_elect(struct snapshot *snapshot);

#endif
