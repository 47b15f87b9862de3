/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of one action: environment, validation, the agent's function, exit code. What each step
 * does is in the file of its name.
 */
#include "ocf/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define API_MAJOR "1"

static bool is_among(const char *name, const char *const *names)
{
	for (; *names; names++) {
		if (strcmp(name, *names) == 0)
			return true;
	}
	return false;
}

/* Whether row is the better answer to a check at this level. */
static bool is_better(const struct ocf_action *row, const struct ocf_action *found, int level)
{
	if (row->depth > level)
		return false;
	return found->depth > level || row->depth > found->depth;
}

const struct ocf_action *ocf_action_find(const struct ocf_agent *agent, const char *name, int level)
{
	const struct ocf_action *found = NULL;

	for (size_t i = 0; i < agent->action_count; i++) {
		const struct ocf_action *row = &agent->actions[i];

		if (strcmp(row->name, name) == 0 && (!found || is_better(row, found, level)))
			found = row;
	}
	return found;
}

/* An action whose parameters must be right as a whole; the others do what they can. */
static bool is_strict(const struct ocf_run *run)
{
	static const char *const names[] = {"start", "promote", "reload-agent", "validate-all",
					    NULL};

	return is_among(run->action_name, names);
}

/* The first wrong one is the exit reason; further ones are logged before it. */
static int validate_params(struct ocf_run *run)
{
	const struct ocf_agent *agent = run->agent;
	size_t first = agent->param_count;
	char error[OCF_PARAM_ERROR_MAX];
	int64_t number;

	for (size_t i = 0; i < agent->param_count; i++) {
		if (run->values[i].is_valid)
			continue;
		if (first == agent->param_count)
			first = i;
		else if (ocf_param_parse(&agent->params[i], run->values[i].given, &number, error) <
			 0)
			ocf_log(run, HAOPS_LOG_ERROR, "%s", error);
	}
	if (first == agent->param_count)
		return OCF_SUCCESS;
	(void)ocf_param_parse(&agent->params[first], run->values[first].given, &number, error);
	return ocf_fail(run, OCF_ERR_CONFIGURED, "%s", error);
}

static void warn_deprecated(struct ocf_run *run)
{
	for (size_t i = 0; i < run->agent->param_count; i++) {
		const struct ocf_param *param = &run->agent->params[i];

		if (param->deprecated && run->values[i].given)
			ocf_log(run, HAOPS_LOG_WARNING, "parameter %s is deprecated: %s",
				param->name, param->deprecated);
	}
}

static int validate(struct ocf_run *run)
{
	int code = validate_params(run);

	if (code == OCF_SUCCESS)
		warn_deprecated(run);
	if (code == OCF_SUCCESS && run->agent->validate)
		code = run->agent->validate(run, 0);
	if (code == OCF_SUCCESS && run->agent->validate && !run->action && run->check_level >= 10)
		code = run->agent->validate(run, 10);
	return code;
}

static int perform(struct ocf_run *run)
{
	const char *major = run->env.version_major;
	int code = OCF_SUCCESS;

	if (major && strcmp(major, API_MAJOR) != 0)
		return ocf_fail(run, OCF_ERR_ARGS,
				"OCF resource agent API %.20s is unknown here: this agent speaks "
				"version " API_MAJOR,
				major);
	if (run->agent->needs_root && run->action && geteuid() != 0)
		return ocf_fail(run, OCF_ERR_PERM,
				"run this as root: what %s runs cannot be seen "
				"otherwise",
				run->agent->name);
	if (is_strict(run))
		code = validate(run);
	if (code == OCF_SUCCESS && run->action)
		code = run->action->run(run);
	return code;
}

static void on_library_log(void *userdata, enum haops_log_level level, const char *message)
{
	ocf_log_write(userdata, level, false, message);
}

static bool is_known_reskey(const struct ocf_agent *agent, const char *entry)
{
	static const char *const others[] = {"CRM_meta_", "crm_feature_set=", "OCF_CHECK_LEVEL=",
					     "trace_ra=", "trace_dir="};

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		if (strncmp(entry, others[i], strlen(others[i])) == 0)
			return true;
	}
	for (size_t i = 0; i < agent->param_count; i++) {
		size_t len = strlen(agent->params[i].name);

		if (strncmp(entry, agent->params[i].name, len) == 0 && entry[len] == '=')
			return true;
	}
	return false;
}

static void log_unknown(struct ocf_run *run)
{
	static const char prefix[] = "OCF_RESKEY_";

	for (const char *const *entry = run->environment; *entry; entry++) {
		const char *name = *entry + sizeof(prefix) - 1;

		if (strncmp(*entry, prefix, sizeof(prefix) - 1) == 0 &&
		    !is_known_reskey(run->agent, name))
			ocf_log(run, HAOPS_LOG_DEBUG, "parameter %.*s is unknown and ignored",
				(int)strcspn(name, "="), name);
	}
}

/* -ENOMEM when there is too little memory to begin with. */
static int begin(struct ocf_run *run)
{
	const struct ocf_agent *agent = run->agent;
	unsigned int timeout_s = run->action ? run->action->timeout_s : OCF_DEFAULT_TIMEOUT_S;
	bool is_verbose;

	run->values = calloc(agent->param_count + 1, sizeof(*run->values));
	if (!run->values || haops_ctx_new(&run->ctx) < 0)
		return -ENOMEM;
	run->begin_ms = haops_deadline_after(run->ctx, 0);
	run->deadline_ms =
		haops_deadline_after(run->ctx, ocf_env_budget_ms(run->env.meta_timeout, timeout_s));
	ocf_env_params(agent, run->environment, run->values);
	for (size_t i = 0; i < agent->param_count; i++)
		ocf_param_resolve(&agent->params[i], &run->values[i]);
	ocf_trace_open(run);
	is_verbose = run->trace_fd > 0 || ocf_log_is_debug(run);
	haops_ctx_set_log(run->ctx, is_verbose ? HAOPS_LOG_DEBUG : HAOPS_LOG_INFO, on_library_log,
			  run);
	ocf_trace_begin(run);
	if (is_verbose)
		log_unknown(run);
	return 0;
}

static int64_t monotonic_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Codes that tell a state, not a failure that needs a reason. */
static bool is_state(int code)
{
	return code == OCF_SUCCESS || code == OCF_NOT_RUNNING || code == OCF_RUNNING_PROMOTED ||
	       code == OCF_DEGRADED || code == OCF_DEGRADED_PROMOTED;
}

static int finish(struct ocf_run *run, int code)
{
	int final = ocf_code_final(code, run->action_name, ocf_is_probe(run));

	if (!is_state(final) && !run->has_reason)
		ocf_log(run, HAOPS_LOG_ERROR, "%s failed with code %d and told no reason",
			run->action_name, final);
	return final;
}

static int run_action(struct ocf_run *run)
{
	int64_t begin_ms = monotonic_ms();
	int code = OCF_ERR_GENERIC;

	if (begin(run) < 0)
		(void)fprintf(stderr, "ocf-exit-reason:%s: out of memory\n", run->agent->name);
	else
		code = finish(run, perform(run));
	if (run->agent->free_data)
		run->agent->free_data(run->data);
	if (run->trace_fd > 0)
		ocf_trace_end(run, code, monotonic_ms() - begin_ms);
	ocf_log_done(run);
	haops_ctx_free(run->ctx);
	free(run->values);
	return code;
}

/* A reason only, no log: the cluster and ocf-tester ask for optional actions to see if they exist.
 */
static int refuse(struct ocf_run *run, const char *name)
{
	char quoted[64];
	char reason[256];

	ocf_text_quote(name, quoted, sizeof(quoted));
	(void)snprintf(reason, sizeof(reason), "%.60s has no action %s", run->agent->name, quoted);
	ocf_log_reason(run, reason);
	return OCF_ERR_UNIMPLEMENTED;
}

static int print(const struct ocf_agent *agent,
		 void (*to)(const struct ocf_agent *agent, FILE *out))
{
	to(agent, stdout);
	/* A cut document must not look like a success. */
	if (fflush(stdout) == 0 && !ferror(stdout))
		return OCF_SUCCESS;
	(void)fprintf(stderr, "%s: standard output: %s\n", agent->name, strerror(errno));
	return OCF_ERR_GENERIC;
}

/* The level that is really done. What has no levels of its own, as start, checks as monitor does.
 */
static int level_done(const struct ocf_agent *agent, const struct ocf_action *row, int level)
{
	if (row->depth < 0)
		row = ocf_action_find(agent, "monitor", level);
	return row && row->depth > 0 && row->depth <= level ? row->depth : 0;
}

/* Finds the row, and with it the check level that is really done; false when there is no action. */
static bool choose_action(struct ocf_run *run, const char *name)
{
	int level = ocf_env_level(&run->env);

	run->action_name = name;
	run->action = ocf_action_find(run->agent, name, level);
	if (!run->action && strcmp(name, "status") == 0) {
		run->action_name = "monitor";
		run->action = ocf_action_find(run->agent, "monitor", level);
	}
	if (run->action)
		level = level_done(run->agent, run->action, level);
	run->check_level = level;
	return run->action || strcmp(name, "validate-all") == 0;
}

int ocf_main(const struct ocf_agent *agent, int argc, char **argv)
{
	static const char *const help[] = {"help", "usage", "--help", "-h", NULL};
	struct ocf_run run = {.agent = agent, .environment = (const char *const *)environ};
	const char *name = argc > 1 ? argv[1] : NULL;

	ocf_sink_prepare();
	if (!name) {
		ocf_usage_print(agent, stderr);
		return OCF_ERR_ARGS;
	}
	if (strcmp(name, "meta-data") == 0)
		return print(agent, ocf_metadata_print);
	if (is_among(name, help))
		return print(agent, ocf_usage_print);
	ocf_env_read(run.environment, &run.env);
	return choose_action(&run, name) ? run_action(&run) : refuse(&run, name);
}
