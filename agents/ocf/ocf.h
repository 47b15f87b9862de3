/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_OCF_H
#define HAOPS_OCF_H

/*
 * The agent framework. An agent is one const struct ocf_agent and one function per action; main()
 * is "return ocf_main(&agent, argc, argv);". The framework reads the environment into typed
 * parameters, prints meta-data (OCF Resource Agent API 1.1), validates, dispatches, keeps the
 * deadline, logs, traces, and turns errors of libhaops into exit codes.
 *
 * An action function gets its struct ocf_run, returns an exit code out of enum ocf_code, and says
 * why it failed with ocf_fail() or ocf_fail_haops() as its last word.
 */

#include <haops/haops.h>
#include <haops/process.h>
#include <haops/watch.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ocf_code {
	OCF_SUCCESS = 0,
	OCF_ERR_GENERIC = 1,
	OCF_ERR_ARGS = 2, /* wrong on this node */
	OCF_ERR_UNIMPLEMENTED = 3,
	OCF_ERR_PERM = 4,
	OCF_ERR_INSTALLED = 5,	/* software missing on this node */
	OCF_ERR_CONFIGURED = 6, /* can be right on no node; never out of a recurring monitor */
	OCF_NOT_RUNNING = 7,
	OCF_RUNNING_PROMOTED = 8,
	OCF_FAILED_PROMOTED = 9,
	OCF_DEGRADED = 190, /* these two only when a parameter asks for them */
	OCF_DEGRADED_PROMOTED = 191
};

enum ocf_type {
	OCF_STRING,
	OCF_BOOLEAN, /* true is what stock agents take as true; ocf_bool() */
	OCF_INTEGER, /* ocf_int() */
	OCF_SELECT,  /* one of options, exactly */
	OCF_TIME     /* ocf_int() in ms; "20" and "20s" are seconds; also "200ms", "2min", "1h" */
};

struct ocf_param {
	const char *name;
	const char *shortdesc;
	const char *longdesc; /* what it means; the last line may be "Drop-in: ...", see
				 agents/README.md */
	enum ocf_type type;
	const char *default_value; /* NULL: none is shown; the value is then "" (0, false) */
	bool is_required;
	bool is_reloadable;
	bool is_secret;		    /* never logged, traced or printed */
	const char *unique_group;   /* or NULL */
	const char *deprecated;	    /* text of <deprecated>, or NULL */
	const char *replaced_with;  /* with deprecated, or NULL */
	const char *const *options; /* OCF_SELECT: accepted values, NULL at the end */
	int64_t min;		    /* OCF_INTEGER, OCF_TIME (ms): range, when max is above min */
	int64_t max;
	size_t max_len; /* bytes a value may have; 0 for 1024 */
	/*
	 * Syntax beyond the type, free of any look at the host; NULL for none. Returns NULL when
	 * the value is right, otherwise what is wrong with it, as the end of "parameter NAME: value
	 * ...".
	 */
	const char *(*check)(const char *value);
};

struct ocf_run;

struct ocf_action {
	const char *name; /* "start", "stop", "monitor", "promote", "reload-agent", ... */
	int (*run)(struct ocf_run *run); /* same function for all rows of one name */
	unsigned int timeout_s;
	unsigned int interval_s; /* 0: not shown; rows of one name must differ in it */
	int depth;		 /* check level 0, 10, 20, ...; -1: not shown */
	const char *role;	 /* "Promoted", "Unpromoted" or NULL */
};

struct ocf_agent {
	const char *name;
	const char *provider; /* "haops" */
	const char *shortdesc;
	const char *longdesc;
	const struct ocf_param *params; /* param_count rows; the row's index is its handle */
	size_t param_count;
	const struct ocf_action *actions; /* meta-data and validate-all are added by the framework;
					     "status" is an alias of monitor */
	size_t action_count;
	/*
	 * Rules between parameters. level 0: syntax only, no look at the host; level 10: the host
	 * as well (called after level 0 passed). NULL for none. Before start, reload-agent, promote
	 * and validate-all level 0 is run by the framework and its failure ends the action with its
	 * code (6 or 2). Before monitor, a probe and stop it is not: these must work as far as they
	 * can.
	 */
	int (*validate)(struct ocf_run *run, int level);
	/* Another user cannot see the state, and would be told "not running": every action but
	 * meta-data and validate-all says 4 (permission) then. */
	bool needs_root;
	/* Frees what an action left in ocf_set_data() (may get NULL); NULL for none. */
	void (*free_data)(void *data);
};

int ocf_main(const struct ocf_agent *agent, int argc, char **argv);

/*
 * The defect of an agent's table, for its unit test: texts missing, a default out of range,
 * mandatory actions missing, ... NULL when there is none; free it with free().
 */
char *ocf_check_agent(const struct ocf_agent *agent);

/*
 * The run: parameters by index into agent->params. Values live as long as the run. An empty value
 * counts as not given. Where parameters are not validated (stop, monitor, ...), a wrong or missing
 * value reads as the default; what the action cannot do without it asks for with ocf_require().
 */
const char *ocf_str(const struct ocf_run *run, size_t param); /* never NULL; "" when unset */
bool ocf_bool(const struct ocf_run *run, size_t param);
int64_t ocf_int(const struct ocf_run *run, size_t param);
bool ocf_is_set(const struct ocf_run *run, size_t param); /* given and not empty */
/* OCF_SUCCESS when there is a valid value, given or default, else the code to return: the reason is
 * told. "code = ocf_require(run, P_IP); if (code) return code;" */
int ocf_require(struct ocf_run *run, size_t param);

const char *ocf_action_name(const struct ocf_run *run);
const char *ocf_instance(const struct ocf_run *run); /* OCF_RESOURCE_INSTANCE, or "default" */
const char *ocf_meta(const struct ocf_run *run,
		     const char *name);	      /* CRM_meta_NAME, NULL if unset */
bool ocf_is_probe(const struct ocf_run *run); /* a monitor that is made once, not at an interval */
/* The level to check at: the deepest one among the action's rows that is not above what was asked.
 * An action whose rows have none (start) has those of monitor. */
int ocf_check_level(const struct ocf_run *run);
bool ocf_is_clone(const struct ocf_run *run);
/* The action's deadline: CRM_meta_timeout less a margin, else the meta-data's timeout for it. */
int64_t ocf_deadline(const struct ocf_run *run);
/* In so many milliseconds, but not after that. */
int64_t ocf_deadline_within(const struct ocf_run *run, int64_t ms);
struct haops_ctx *ocf_ctx(const struct ocf_run *run);

/*
 * haops_process_run(), for programs of Pacemaker that an action has to wait for. ocf_shares() tells
 * the time of the action so far, and what of it these programs took, in ms.
 */
int ocf_program(struct ocf_run *run, const struct haops_process_spec *spec, int64_t deadline_ms,
		struct haops_process_result *ret_result);
void ocf_shares(const struct ocf_run *run, int64_t *ret_all_ms, int64_t *ret_programs_ms);

void ocf_set_data(struct ocf_run *run, void *data);
void *ocf_data(const struct ocf_run *run);

/*
 * Ends an action: prints the exit reason (ocf-exit-reason:, one line, at most 128 characters), logs
 * it once as an error, returns code: "return ocf_fail(run, OCF_ERR_GENERIC, "...");".
 */
int ocf_fail(struct ocf_run *run, enum ocf_code code, const char *fmt, ...) HAOPS_PRINTF(3, 4);
/* The same with haops_ctx_error() as reason, and the code out of the one table error -> code.
 * what names the object, e.g. the address; may be NULL. */
int ocf_fail_haops(struct ocf_run *run, int err, const char *what);
/* In a process that was forked off and has closed what it got: the log is opened anew. */
void ocf_log_forked(struct ocf_run *run);
/* One line to the cluster's log, as stock agents log. */
void ocf_log(struct ocf_run *run, enum haops_log_level level, const char *fmt, ...)
	HAOPS_PRINTF(3, 4);

/*
 * Notes: what a resource keeps from one action to the next, in the run directory, which a boot
 * empties. kind: which of the agent's notes; the file is AGENT-KIND-INSTANCE. That one cannot be
 * written or removed is logged, and is none of the action.
 */
void ocf_note_write(struct ocf_run *run, const char *kind, const char *text);
void ocf_note_remove(struct ocf_run *run, const char *kind);
/* 0, and *ret_text is to be freed; -ENOENT, or another -errno of haops_state_read(). */
int ocf_note_read(struct ocf_run *run, const char *kind, char **ret_text);
/* One that cannot be read was written, too. */
bool ocf_note_is_there(struct ocf_run *run, const char *kind);

/*
 * Watch records: what start made is named to haopsd(8), which reports its loss within milliseconds
 * instead of at the next monitor. A failure is logged and is none of the action.
 *
 * put: the last step of start. Of what, the objects, netns and lease_ms count; the framework fills
 * in the rest. remove: the first step of stop, and of a start that changes something.
 */
void ocf_watch_put(struct ocf_run *run, const struct haops_watch *what);
void ocf_watch_remove(struct ocf_run *run);
/* For a monitor that found everything right: whether to put a record, since there is none, or since
 * what is watched is another thing now (is_changed). One system call; never in a probe. */
bool ocf_watch_is_wanted(struct ocf_run *run, bool is_changed);

#endif
