/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MYSQL_CLUSTER_H
#define MYSQL_CLUSTER_H

/*
 * A promotable resource as a whole: its nodes, what the CIB remembers, and what the servers say.
 * What follows from it is decided in memory.h, safe-set.h, score.h, reader.h and by the library.
 */

#include "mysql/calm.h"
#include "mysql/memory.h"
#include "mysql/mysql.h"
#include "mysql/nodes.h"
#include "mysql/safe-set.h"

struct mysql_peer {
	enum safe_presence presence;
	bool is_promoted; /* by Pacemaker */
	bool has_status;
	struct haops_mysql_status status; /* with has_status */
};

struct mysql_cluster {
	char resource[MEMORY_NAME_MAX]; /* without the number of an instance */
	struct nodes nodes;		/* that may have data, in order of preference */
	size_t own;			/* index; nodes.count: this one is none of them */
	struct mysql_peer peers[NODES_MAX];
	struct memory memory;
	char problem[512]; /* of the last call that failed */
};

/* Keeps a sentence in problem; returns -err. */
int mysql_problem(struct mysql_cluster *cluster, int err, const char *fmt, ...) HAOPS_PRINTF(3, 4);

/*
 * cluster.c. Memory and nodes are read; to be freed with mysql_cluster_free(). NULL: memory is
 * short, or the cluster does not tell, and the reason is given.
 */
struct mysql_cluster *mysql_cluster_load(struct ocf_run *run);
/* cib.c. The memory, and what is known of the nodes, a line each; to be freed. 0 or -errno. */
int mysql_cluster_look(struct ocf_run *run, struct mysql_cluster *cluster, char **ret_nodes);
/* The memory anew. 0 or -errno. */
int mysql_cluster_remember(struct ocf_run *run, struct mysql_cluster *cluster);
void mysql_cluster_free(struct mysql_cluster *cluster);
/* NULL at the end of its scope. */
static inline void cleanup_cluster(struct mysql_cluster **cluster)
{
	mysql_cluster_free(*cluster);
}
#define CLEANUP_CLUSTER __attribute__((cleanup(cleanup_cluster)))

const char *mysql_cluster_name(const struct mysql_cluster *cluster, size_t node);
/* How the others reach its server. */
const char *mysql_cluster_address(const struct mysql_cluster *cluster, size_t node);
/* Index of the last primary, or nodes.count. */
size_t mysql_cluster_primary(const struct mysql_cluster *cluster);
enum haops_mysql_durability mysql_durability(const struct ocf_run *run);
/* Whether the primary runs scheduled events. */
bool mysql_has_events(const struct ocf_run *run);

/* ask.c. No status any more. */
void mysql_forget(struct mysql_peer *peer);
/* Asks the server of a node over TCP; false: no answer. A status that was there is replaced. */
bool mysql_ask(struct ocf_run *run, struct mysql_cluster *cluster, size_t node);
/* All others but those that are down, at once. */
void mysql_ask_all(struct ocf_run *run, struct mysql_cluster *cluster);
/* The own server's status, over its connection. 0 or -errno. */
int mysql_ask_own(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql);

/* cib.c. In what follows: 0 or -errno with a problem. Writes the whole memory in one step, and
 * reads it back: if that fails, nothing may rely on it. */
int mysql_memory_write(struct ocf_run *run, struct mysql_cluster *cluster,
		       const struct memory *wanted);
/* Marks the own data as diverged, or (NULL) as whole again. */
int mysql_memory_mark(struct ocf_run *run, struct mysql_cluster *cluster, const char *reason);

/* attribute.c: node attributes, written only when they change. value NULL: deleted. */
void mysql_score_set(struct ocf_run *run, bool has_score, int score);
void mysql_reader_set(struct ocf_run *run, bool is_readable);
bool mysql_reader_was(struct ocf_run *run);
/* Of a server that is about to end: no score, not readable. */
void mysql_attributes_clear(struct ocf_run *run);

/* settings.c: whether the server is set as the promise needs it. */
int mysql_settings_check(struct ocf_run *run, struct mysql_cluster *cluster,
			 struct haops_mysql *mysql);

/* tail.c: saves the newest binary log that an index file names. */
int mysql_tail_save(struct ocf_run *run, struct mysql_cluster *cluster, const char *index);

/* follow.c: replicates from the primary, if there is one that is known and answers. 0 also when
 * there is none, and when the own data has diverged: then it is marked. */
int mysql_follow(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql);
int mysql_repoint_to(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql,
		     size_t node);
/* Applies what was received and lost its threads, which starting them would throw away. */
int mysql_apply_left(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql);
/* Whether a node's server answers, and writes. One that Pacemaker knows as down is not asked: where
 * its power is off, nothing refuses the question. */
bool mysql_is_open(struct ocf_run *run, struct mysql_cluster *cluster, size_t node);
/* Whether it replicates from the primary, and both threads run. */
bool mysql_is_following(const struct mysql_cluster *cluster);
/* Whether the primary is its source, and is tried again and again since it cannot be reached. */
bool mysql_is_waiting(const struct mysql_cluster *cluster);
/* Whether the primary was its source, and is known to be down: its receiver was stopped, and the
 * next primary is about to be known. */
bool mysql_has_let_go(const struct mysql_cluster *cluster);
/* Acknowledges or not, as the primary has granted it. */
void mysql_acks_adjust(struct ocf_run *run, struct mysql_cluster *cluster,
		       struct haops_mysql *mysql);

/* election.c: whether the own server may become primary, by what was asked of all. */
void mysql_elect(struct ocf_run *run, const struct mysql_cluster *cluster,
		 struct haops_mysql_decision *ret_decision);

/* keep.c: the primary's work for the safe set: steps until nothing is to be done. */
void mysql_keep_safe(struct ocf_run *run, struct mysql_cluster *cluster, struct haops_mysql *mysql);
/* By what was asked last: nothing is left to be done about the own server's role. */
bool mysql_is_settled(struct ocf_run *run, const struct mysql_cluster *cluster);

/* rest.c: what a monitor found in its place, so that the next ones need not look at it all again.
 */
/* The configuration as it is now. For a look that is to be rested on: taken before it. */
struct calm_stamp mysql_rest_stamp(void);
bool mysql_rest_may(struct ocf_run *run, const struct haops_process *server,
		    const struct haops_mysql_status *status);
/* The same by what haopsd saw just now; false also: it did not. */
bool mysql_rest_is_seen(struct ocf_run *run, const struct haops_process *server,
			bool *ret_is_primary);
void mysql_rest_begin(struct ocf_run *run, const struct haops_process *server,
		      const struct haops_mysql_status *status, struct calm_stamp before);
void mysql_rest_end(struct ocf_run *run);

/* rank.c: tells Pacemaker the promotion score and the readers' attribute. */
void mysql_rank(struct ocf_run *run, struct mysql_cluster *cluster);

/* replica.c: starts the server of a promotable resource; makes it what it is to be now. */
int mysql_replica_launch(struct ocf_run *run, struct mysql_site *site,
			 struct haops_process *ret_server);
int mysql_replica_begin(struct ocf_run *run);
/* watch.c: the monitor of a promotable resource, and as what haopsd is to watch it from now on. */
struct mysql_watched {
	enum haops_watch_role role;
	bool is_same; /* as after the last monitor: nothing has changed */
};
int mysql_clone_monitor(struct ocf_run *run, const struct haops_process *server,
			struct mysql_watched *ret_watched);
/* stuck.c: whether commits of a primary wait for a replica, and not one is acknowledged within
 * wait_ms. 1, 0, or -errno; the status is what was seen last, and empty in the last case. */
int mysql_is_stuck(struct ocf_run *run, struct haops_mysql *mysql,
		   struct haops_mysql_status *status, int64_t wait_ms, int64_t deadline_ms);
/* replica.c: what nobody acknowledged is cut off when a former primary starts. */
bool mysql_rejoins_by_truncation(const struct ocf_run *run);
/* fence.c: closes the server for writing if it is open. OCF_SUCCESS: it is closed or gone. */
int mysql_fence(struct ocf_run *run, const struct mysql_site *site, int64_t deadline_ms);

#endif
