/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_DAEMON_H
#define HAOPSD_DAEMON_H

/*
 * The daemon: all parts, and what its own files share. One thread, one qb_loop; every entry from
 * the loop is a turn, between daemon_enter() and daemon_leave().
 */

#include "agenda.h"
#include "bell.h"
#include "disk/disk.h"
#include "events.h"
#include "guard/guard.h"
#include "guard/lease-hold.h"
#include "heart/heart.h"
#include "host.h"
#include "ipc/ipc.h"
#include "log.h"
#include "losses.h"
#include "notify.h"
#include "options.h"
#include "pcmk/outdate.h"
#include "pcmk/pcmk.h"
#include "ping/ping.h"
#include "watch/limiter.h"
#include "watch/watcher.h"

#include <haops/cluster.h>
#include <haops/haops.h>
#include <qb/qbloop.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Fencing of one silence: asked for once, unless nobody took the order. */
struct fence_order {
	uint32_t nodeid;  /* 0: none */
	int64_t since_ms; /* of that silence */
	uint64_t id;	  /* of the order under way; 0: none is */
	bool is_done;
};

/* The node attribute with the result of the ping targets. */
struct ping_attribute {
	bool is_known;
	bool is_set; /* handed to Pacemaker as it is now */
	int64_t value;
};

/* What foreign senders in our group sent, told once in a while. */
struct rubbish {
	uint64_t count;
	int64_t told_ms;
};

struct daemon {
	struct options options;
	struct config config;
	struct log log;
	struct notify notify;
	struct events events;
	struct agenda agenda;
	struct haops_ctx *ctx;
	int lock_fd;
	int64_t started_ms;

	qb_loop_t *loop;
	struct bell timer;
	int64_t timer_ms;   /* when it fires; AGENDA_NEVER: it is not armed */
	unsigned int depth; /* of turns */
	bool is_stopping;

	struct heart *heart;
	struct haops_cluster *cluster;
	enum haops_cluster_state cluster_state; /* of the last view */
	struct pinger *pinger;
	struct disk *disk;
	struct watcher *watcher;
	struct limiter *limiter;
	struct losses *losses;
	struct pcmk *pcmk;
	struct outdate *outdate;
	struct guard *guard;
	struct ipc_server *ipc;

	unsigned int own_flags; /* of the heart, after the last turn */
	int64_t beat_due_ms;	/* on the grid of keepalive */
	bool is_send_refused;
	struct rubbish rubbish;
	struct lease_hold lease_hold;
	int64_t broken_ms;	  /* when we were last out of the process group */
	struct guard_proof proof; /* as the guard has it */
	uint64_t reports;
	uint64_t reports_held;
	int64_t pacemaker_ms; /* when it last answered */
	struct ping_attribute attribute;
	struct fence_order fence;
	bool runs_losses;
	int64_t ping_pacemaker_ms; /* how often it is asked */
	bool is_realtime;
	int realtime_error; /* that was told */

	struct haops_cluster_link *links; /* STATUS_LINKS_MAX */
	size_t link_count;
	int64_t links_ms;	 /* when Corosync told them last; 0 never */
	int64_t links_wanted_ms; /* somebody asks for status until then */
	char carrier_links[16][HAOPS_LINK_NAME_MAX];
	size_t carrier_count;
	char status_line[256]; /* as the service manager has it */
};

/* daemon.c: life, turns, what people are told ------------------------------------------------- */

/* What is needed before the loop. -errno after a sentence in the log. */
int daemon_open(struct daemon *daemon, const struct options *options);
void daemon_run(struct daemon *daemon);
void daemon_close(struct daemon *daemon);
/* Begins a turn: notices our own pause before anything else is believed. Returns the time. */
int64_t daemon_enter(struct daemon *daemon);
/* Ends a turn: what the heart decides by the clock, what follows from it, the next timer. */
void daemon_leave(struct daemon *daemon);
void daemon_tell(struct daemon *daemon, enum haops_log_level level, const char *fmt, ...)
	HAOPS_PRINTF(3, 4);
void daemon_tell_heart(struct daemon *daemon, enum heart_level level, const char *text);

/* settings.c: the configuration file ---------------------------------------------------------- */

/* 0, or -EINVAL or another -errno with a sentence. */
int settings_read(const struct options *options, struct config *ret_config,
		  char error[CONFIG_ERROR_MAX]);
/* Reads the file anew; the old settings stay when there is an error. */
int settings_reload(struct daemon *daemon, char error[CONFIG_ERROR_MAX]);
/* One assignment, until the next reload. */
int settings_assign(struct daemon *daemon, const char *assignment, char error[CONFIG_ERROR_MAX]);
/* Priority, as the settings want it. */
void settings_apply_realtime(struct daemon *daemon);

/* members.c: Corosync, heartbeats, messages --------------------------------------------------- */

int members_open(struct daemon *daemon);
/* Goodbye to the others; bounded. 0 or haops_cluster_leave()'s. */
int members_close(struct daemon *daemon, int64_t timeout_ms);
void members_beat(struct daemon *daemon, int64_t now_ms);
int members_send(struct daemon *daemon, const struct message *message, unsigned int flags);
/* Number of a node by its name or number; 0: there is none. */
uint32_t members_find(const struct daemon *daemon, const char *node);

/* own.c: what we know of ourselves: carrier, ping targets, test write ------------------------- */

int own_open(struct daemon *daemon);
void own_close(struct daemon *daemon);
void own_links(void *userdata, const struct haops_cluster_link *links, size_t count);
void own_ask_links(struct daemon *daemon, int64_t now_ms);
void own_carrier(struct daemon *daemon, int64_t now_ms);
void own_put_attribute(struct daemon *daemon);

/* report.c: losses, from the watcher to Pacemaker --------------------------------------------- */

int report_open(struct daemon *daemon);
void report_close(struct daemon *daemon);
/* What is due: reports, second looks. */
void report_run(struct daemon *daemon, int64_t now_ms);

/* judge.c: what follows from the heart's verdicts: lease, fencing ----------------------------- */

int judge_open(struct daemon *daemon);
void judge_prove(struct daemon *daemon);
void judge_fence(struct daemon *daemon, int64_t now_ms);
/* Pacemaker's answer to an order to fence; false: that id is none. */
bool judge_fenced(struct daemon *daemon, uint64_t id, enum pcmk_result result, const char *text);
/* How often Pacemaker is asked whether it lives. */
void judge_ping_pacemaker(struct daemon *daemon);

/* requests.c: the local conversation; fill.c: what status says -------------------------------- */

int requests_open(struct daemon *daemon);
int requests_open_outdate(struct daemon *daemon);
void fill_status(void *userdata, struct status *status);
/* One line on how things are, for the service manager. */
void fill_line(const struct daemon *daemon, char *buf, size_t size);

#endif
