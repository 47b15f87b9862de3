/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_CLUSTER_WORKER_H
#define HAOPS_CLUSTER_WORKER_H

/*
 * The thread that alone calls Corosync. Its memory is its own but for struct shared; it may be
 * stuck in a call for ever, and nobody waits for it without a deadline.
 */

#include "envelope.h"
#include "group.h"
#include "seen.h"
#include "shared.h"

#define WORKER_TROUBLE_MAX 256

/* Messages of the library itself (hello, probe, goodbye): one at a time is under way. */
struct worker_control {
	bool hello_is_due;
	bool probe_is_due;
	bool goodbye_is_due;
	unsigned int kind; /* of the one under way, 0 for none */
	uint64_t seq;
	uint64_t order;
	int64_t handed_ms;
};

struct worker {
	struct shared *shared;
	struct corosync_session *session; /* NULL: not connected */
	uint32_t nodeid;
	uint32_t pid;
	bool has_joined; /* cpg_join succeeded */
	bool is_member;	 /* and CPG lists us, and the ring is known */
	bool is_lost;	 /* the connection is to be given up */
	bool is_done;

	int64_t open_at_ms; /* not before */
	int64_t open_pause_ms;
	int64_t send_at_ms;
	int64_t send_pause_ms;
	int64_t config_at_ms;
	bool config_is_due;
	bool view_is_due;
	bool was_member;       /* in an earlier connection */
	int64_t hold_until_ms; /* messages wait for a quorate ring until then; 0: they do not */
	bool is_leaving;
	bool said_goodbye;

	uint64_t order; /* things handed to Corosync in this connection */
	uint64_t control_seq;
	struct worker_control control;
	int64_t last_echo_ms;

	struct haops_cluster_ring quorum_ring;
	bool has_quorum; /* told in this connection */
	bool is_quorate;
	uint64_t rubbish;
	uint64_t newer;
	uint64_t lost_events;

	enum haops_cluster_state told_state;
	char trouble[WORKER_TROUBLE_MAX];
	struct event *told; /* the view as it was told last */

	struct group group;
	struct seen seen;
	struct corosync_config config;
	struct corosync_config fresh;
	struct corosync_links links;
	struct haops_cluster_member members[HAOPS_CLUSTER_MEMBERS_MAX];
};

/* Starts the thread, which owns shared, too, until it ends. -ENOMEM or -EIO. */
int worker_start(struct shared *shared, pthread_t *ret_thread);

/* worker-link.c: the connection. Each does what is due at now_ms. */
void worker_connect(struct worker *worker, int64_t now_ms);
void worker_disconnect(struct worker *worker, int64_t now_ms);
void worker_refresh(struct worker *worker, int64_t now_ms);
void worker_answer_links(struct worker *worker);
void worker_begin(struct worker *worker);
void worker_end(struct worker *worker);

/* worker-receive.c: what Corosync delivers. */
struct corosync_listener worker_listener(struct worker *worker);
void worker_tell(struct worker *worker);

/* worker-send.c: what goes out. */
void worker_send(struct worker *worker, int64_t now_ms);
/* We are a member, perhaps again. */
void worker_hold(struct worker *worker, int64_t now_ms);
void worker_echo_control(struct worker *worker, const struct envelope *envelope);
void worker_echo_user(struct worker *worker, uint64_t seq);
/* When the oldest thing that did not come back was handed over; 0: all came back. */
int64_t worker_waits_since_ms(const struct worker *worker);

/* worker-view.c: what is told. */
void worker_set_trouble(struct worker *worker, const char *fmt, ...) HAOPS_PRINTF(2, 3);
void worker_log(struct worker *worker, enum haops_log_level level, const char *fmt, ...)
	HAOPS_PRINTF(3, 4);
void worker_publish(struct worker *worker, int64_t now_ms);
bool worker_is_quorate(const struct worker *worker);

#endif
