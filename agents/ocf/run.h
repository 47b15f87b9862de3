/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_OCF_RUN_H
#define HAOPS_OCF_RUN_H

/* What the files of the framework share, and agents do not see: one run of one action. */

#include "ocf/ocf.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>

/* Pacemaker keeps this many bytes of an exit reason. */
#define OCF_REASON_MAX 128
/* A log message, a trace line; longer ones are cut. */
#define OCF_LINE_MAX 2048
/* A sentence about one wrong parameter. */
#define OCF_PARAM_ERROR_MAX 512
#define OCF_DEFAULT_TIMEOUT_S 20
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* text.c: pure. All of them end the output with NUL, whatever size is. */
void ocf_text_escape(const char *in, char *out, size_t size);
/* In double quotes, everything but printable ASCII escaped, cut after about 40 characters. */
void ocf_text_quote(const char *value, char *out, size_t size);
/* Cuts at a word so that text and "..." have at most max bytes. */
void ocf_text_cut(char *text, size_t max);
/* in with each occurrence of secret replaced by ***. */
void ocf_text_redact(const char *in, const char *secret, char *out, size_t size);

/* What the framework reads from the environment; NULL when unset or empty. */
struct ocf_env {
	const char *instance;
	const char *version_major;
	const char *check_level;
	const char *op_check_level; /* the same, given as an attribute of the operation */
	const char *reason_prefix;
	const char *meta_timeout;
	const char *meta_interval;
	const char *crm_feature_set; /* given by Pacemaker alone */
	const char *meta_clone;
	const char *meta_clone_max;
	const char *debug;
	const char *logd;
	const char *use_logd;
	const char *log_facility;
	const char *pcmk_log_facility;
	const char *log_file;
	const char *debug_log;
	const char *log_tag;
	const char *date_format;
	const char *sbin_dir;
	const char *var_lib;
	const char *trace;
	const char *op_trace; /* the same, given as a parameter or an attribute of the operation */
	const char *trace_file;
	const char *trace_dir;
};

struct ocf_value {
	const char *given; /* out of the environment, NULL when unset or empty */
	const char *text;  /* given when that is valid, else the default; never NULL */
	int64_t number;	   /* of text: integer, milliseconds, 0 or 1 */
	bool is_valid;	   /* false: given is wrong, or required and not given */
};

/* env.c: pure, over an array like environ(7). */
void ocf_env_read(const char *const *environment, struct ocf_env *ret_env);
void ocf_env_params(const struct ocf_agent *agent, const char *const *environment,
		    struct ocf_value *values);
/* The value of prefix + name, NULL when unset. */
const char *ocf_env_get(const char *const *environment, const char *prefix, const char *name);
bool ocf_env_is_true(const char *text);
/* Whether a monitor is a probe: the API says by an interval of 0; Pacemaker 2.1 gives none at all.
 */
bool ocf_env_is_probe(const struct ocf_env *env);
/* Milliseconds that an action has, out of CRM_meta_timeout or else the meta-data. */
int64_t ocf_env_budget_ms(const char *meta_timeout, unsigned int default_s);
/* The check level asked for, 0 for none or rubbish. */
int ocf_env_level(const struct ocf_env *env);

/*
 * param.c: pure. Checks a value and turns it into a number where its type has one; text may be NULL
 * for "not given". 0, or -EINVAL with a sentence in error (OCF_PARAM_ERROR_MAX bytes).
 */
int ocf_param_parse(const struct ocf_param *param, const char *text, int64_t *ret_number,
		    char *error);
/* Fills text, number and is_valid out of given. */
void ocf_param_resolve(const struct ocf_param *param, struct ocf_value *value);

/* code.c: pure. */
enum ocf_code ocf_code_of_errno(int err);
/* What leaves the process: a code that this action may not return becomes OCF_ERR_GENERIC. */
int ocf_code_final(int code, const char *action, bool is_probe);

/* metadata.c, usage.c, check.c: over the agent's table only. */
void ocf_metadata_print(const struct ocf_agent *agent, FILE *out);
void ocf_usage_print(const struct ocf_agent *agent, FILE *out);

/* The row of an action at a check level: the deepest one not above it. NULL when there is none. */
const struct ocf_action *ocf_action_find(const struct ocf_agent *agent, const char *name,
					 int level);

/* sink.c: the framework's only contact with files and sockets. 0 or a descriptor, or -errno. */
void ocf_sink_prepare(void);
bool ocf_sink_is_terminal(void);
int ocf_sink_write(int fd, const char *data, size_t len);
int ocf_sink_open(const char *path, int flags, mode_t mode);
int ocf_sink_make_parents(const char *path);
int ocf_sink_borrow(int fd);
int ocf_sink_syslog(const char *path);

struct ocf_log_state {
	char tag[256];
	bool is_ready; /* tag and what follows are filled */
	bool is_terminal;
	bool has_no_logd;   /* ha_logger failed once */
	bool has_no_syslog; /* the same for syslog */
	bool is_tzset;
	int syslog_fd; /* 0: not connected */
	int facility;  /* of syslog(3), 0 for none */
};

struct ocf_run {
	const struct ocf_agent *agent;
	const struct ocf_action *action; /* NULL for validate-all */
	const char *action_name;
	const char *const *environment;
	struct ocf_env env;
	struct ocf_value *values;
	struct haops_ctx *ctx;
	struct ocf_log_state log;
	int trace_fd;	  /* 0: no trace */
	int64_t begin_ms; /* on the clock of deadlines, as the next ones */
	int64_t deadline_ms;
	int64_t programs_ms; /* that ocf_program() took */
	int check_level;
	bool has_reason;
	void *data;
};

/* One message to log and trace. is_on_stderr: an exit reason has told it there already. */
void ocf_log_write(struct ocf_run *run, enum haops_log_level level, bool is_on_stderr,
		   const char *message);
void ocf_log_reason(struct ocf_run *run, const char *reason);
void ocf_log_done(struct ocf_run *run);
/* text without the secrets of this run. */
void ocf_log_redact(const struct ocf_run *run, const char *text, char out[OCF_LINE_MAX]);
bool ocf_log_is_debug(const struct ocf_run *run);
/* Local time by a format of strftime(3). */
void ocf_log_date(struct ocf_run *run, const char *format, char *out, size_t size);

/* syslog.c: pure. RFC 3164 as /dev/log takes it; facility by name, -1 for an unknown one. */
int ocf_syslog_facility(const char *name);
size_t ocf_syslog_encode(int priority, const char *date, const char *tag, const char *text,
			 char buf[OCF_LINE_MAX]);

void ocf_trace_open(struct ocf_run *run);
void ocf_trace_begin(struct ocf_run *run);
void ocf_trace_end(struct ocf_run *run, int code, int64_t took_ms);
void ocf_trace_line(struct ocf_run *run, const char *text);
/* pure: the file of the stock place. */
void ocf_trace_path(const char *dir, const struct ocf_run *run, const char *date, char *out,
		    size_t size);

#endif
