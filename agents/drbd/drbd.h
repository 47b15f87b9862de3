/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRBD_AGENT_H
#define DRBD_AGENT_H

/* What the files of the drbd agent share. Pure parts have headers of their own. */

#include "drbd/conf.h"
#include "drbd/facts.h"
#include "drbd/memory.h"
#include "drbd/score.h"
#include "drbd/verdict.h"
#include "ocf/ocf.h"

#include <haops/process.h>

/* Rows of drbd_params. */
enum drbd_param {
	DRBD_RESOURCE,
	DRBD_DRBDCONF,
	DRBD_ADJUST_MASTER_SCORE,
	DRBD_STOP_OUTDATES_SECONDARY,
	DRBD_IGNORE_MISSING_NOTIFICATIONS,
	DRBD_WFC_TIMEOUT,
	DRBD_REMOVE_MASTER_SCORE,
	DRBD_FAIL_PROMOTE_EARLY,
	DRBD_UNFENCE_IF_ALL_UPTODATE,
	DRBD_UNFENCE_EXTRA_ARGS,
	DRBD_VERSION_GE,
	DRBD_VERSION_LT,
	DRBD_CONNECT_ONLY_AFTER_PROMOTE,
	DRBD_REQUIRE_FENCING,
	DRBD_PROMOTE_ON_REMOTE_DATA,
	DRBD_REMEMBER_PRIMARY,
	DRBD_DEGRADED_CODES,
	DRBD_PARAM_COUNT
};

extern const struct ocf_param drbd_params[DRBD_PARAM_COUNT];

/* tool.c: drbdadm(8) and drbdsetup(8). */
#define DRBD_LINE_MAX 160
struct drbd_answer {
	bool is_done;	   /* it ended by itself, with status 0 */
	bool is_timed_out; /* it did not end, or the kernel did not let it */
	int status;
	char *output;		  /* owned: free() */
	char line[DRBD_LINE_MAX]; /* the first line that says something */
};

/* "drbdadm -c CONF VERB RESOURCE"; sh-mod-parms takes no resource. More words come between; NULL at
 * the end, or NULL for none. False: it could not be started; the reason is in ret_answer->line. */
bool drbd_adm(struct ocf_run *run, const char *verb, const char *const *more,
	      struct drbd_answer *ret_answer);
/* The same with these variables besides its own in its environment. */
bool drbd_adm_with(struct ocf_run *run, const char *verb, const char *const *env,
		   struct drbd_answer *ret_answer);
/* "drbdsetup WORDS". */
bool drbd_setup(struct ocf_run *run, const char *const *words, int64_t deadline_ms,
		struct drbd_answer *ret_answer);
/* "drbdsetup VERB OBJECT", which needs no drbd.conf. problem: that of an earlier try, then of this
 * one; "" for none. */
void drbd_setup_change(struct ocf_run *run, const char *verb, const char *object,
		       char problem[DRBD_LINE_MAX]);
/* Any other program, by its path. */
bool drbd_program(struct ocf_run *run, const char *const *argv, int64_t deadline_ms,
		  struct drbd_answer *ret_answer);
void drbd_answer_done(struct drbd_answer *answer);
/* drbdadm is there, or the reason and 5. */
int drbd_require_tools(struct ocf_run *run);
/* Whether Pacemaker runs this: the others have neither scores nor a CIB. */
bool drbd_is_pacemaker(const struct ocf_run *run);
/* Until when something may be changed: there is a look at what came of it after that. */
int64_t drbd_change_deadline(const struct ocf_run *run);
bool drbd_is_late(const struct ocf_run *run);
/* Not beyond that. */
void drbd_pause(struct ocf_run *run, int64_t ms);

/* module.c: the kernel module. */
bool drbd_module_is_loaded(void);
bool drbd_module_is_9(void);
/* Loads it if it is not there, and looks whether it is a version that is wanted. */
int drbd_module_require(struct ocf_run *run);
int drbd_module_check_version(struct ocf_run *run);

/*
 * look.c. OCF_SUCCESS: what the kernel says is in ret_state (NULL: is not asked for) and ret_facts;
 * else a code, and the reason is given: the state is unknown. No module is the same as no resource.
 */
int drbd_look(struct ocf_run *run, struct state *ret_state, struct facts *ret_facts);

/* config.c: drbd.conf by way of drbdadm, and the clone's settings. */
int drbd_conf_load(struct ocf_run *run, struct conf *ret_conf);
int drbd_check_clone(struct ocf_run *run);
/* What stock agents take as true; all else is false. */
bool drbd_is_true(const char *text);
/* How many may be Primary, by Pacemaker. */
int64_t drbd_promoted_max(const struct ocf_run *run);
/* Whether fencing is missing and, by require_fencing, nobody is to be promoted; it is told in the
 * log if it is missing. */
bool drbd_fencing_is_fatal(struct ocf_run *run, const struct conf *conf);

/* cib.c: the cluster's memory. */
bool drbd_memory_is_used(struct ocf_run *run);
/* 0 or -errno; what is wrong is logged. */
int drbd_memory_load(struct ocf_run *run, struct memory *ret_memory);
int drbd_memory_save(struct ocf_run *run, const struct memory *memory);
enum drbd_elsewhere { DRBD_NOBODY, DRBD_SOMEBODY, DRBD_NOT_KNOWN };
/* Whether Pacemaker says that the resource is promoted on another node. */
enum drbd_elsewhere drbd_promoted_elsewhere(struct ocf_run *run);

/* remember.c: what the memory says of the own data, and what it is to say. */
void drbd_own_name(const struct ocf_run *run, char buf[MEMORY_NODE_MAX]);
/* Fills memory, was_primary and is_stale_allowed of the view. */
void drbd_recall(struct ocf_run *run, struct verdict_view *view, struct memory *ret_memory);
/* This node is Primary. 0, or -errno and it is logged. */
int drbd_remember(struct ocf_run *run);
/* The same where it may have changed since it was written last. */
void drbd_remember_change(struct ocf_run *run, const struct facts *facts);
void drbd_forget_hint(struct ocf_run *run);

/* judge.c: the verdict about a promotion, with all that it takes. ret_memory: who was it last. */
enum verdict drbd_judge(struct ocf_run *run, const struct facts *facts, const struct conf *conf,
			struct memory *ret_memory);

/* scores.c: the promotion score. */
void drbd_score_update(struct ocf_run *run, const struct facts *facts);
void drbd_score_remove(struct ocf_run *run);

/* holders.c: who has the device open, as a part of a sentence; false: nobody was found. */
bool drbd_holder_find(struct ocf_run *run, const struct state *state, char *buf, size_t size);

/* connect.c */
int drbd_adjust(struct ocf_run *run);
void drbd_wait_connected(struct ocf_run *run, const struct state *state);

/* demote.c: until the resource is Secondary, or the deadline. OCF_SUCCESS, OCF_NOT_RUNNING (there
 * is no such resource), or a code with the reason given. */
int drbd_make_secondary(struct ocf_run *run);

/* outdate.c: stop_outdates_secondary. */
void drbd_outdate_self(struct ocf_run *run, const struct facts *facts);

/* unfence.c */
void drbd_unfence(struct ocf_run *run, const struct facts *facts);

/* watch.c: names the resource to haopsd. */
void drbd_watch(struct ocf_run *run);

/* Actions. */
int drbd_start(struct ocf_run *run);
int drbd_stop(struct ocf_run *run);
int drbd_monitor(struct ocf_run *run);
int drbd_promote(struct ocf_run *run);
int drbd_demote(struct ocf_run *run);
int drbd_notify(struct ocf_run *run);
int drbd_reload_agent(struct ocf_run *run);
int drbd_validate(struct ocf_run *run, int level);

#endif
