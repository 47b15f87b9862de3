/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an action function asks of its run, and how it says that it failed. No dispatch, no output
 * of its own.
 */
#include "ocf/run.h"

#include <string.h>

const char *ocf_str(const struct ocf_run *run, size_t param)
{
	return run->values[param].text;
}

bool ocf_bool(const struct ocf_run *run, size_t param)
{
	return run->values[param].number != 0;
}

int64_t ocf_int(const struct ocf_run *run, size_t param)
{
	return run->values[param].number;
}

bool ocf_is_set(const struct ocf_run *run, size_t param)
{
	return run->values[param].given != NULL;
}

const char *ocf_action_name(const struct ocf_run *run)
{
	return run->action_name;
}

const char *ocf_instance(const struct ocf_run *run)
{
	return run->env.instance ? run->env.instance : "default";
}

const char *ocf_meta(const struct ocf_run *run, const char *name)
{
	return ocf_env_get(run->environment, "OCF_RESKEY_CRM_meta_", name);
}

bool ocf_is_probe(const struct ocf_run *run)
{
	return strcmp(run->action_name, "monitor") == 0 && ocf_env_is_probe(&run->env);
}

int ocf_check_level(const struct ocf_run *run)
{
	return run->check_level;
}

bool ocf_is_clone(const struct ocf_run *run)
{
	return run->env.meta_clone || run->env.meta_clone_max;
}

int64_t ocf_deadline(const struct ocf_run *run)
{
	return run->deadline_ms;
}

int64_t ocf_deadline_within(const struct ocf_run *run, int64_t ms)
{
	int64_t limit = haops_deadline_after(run->ctx, ms);

	return limit < ocf_deadline(run) ? limit : ocf_deadline(run);
}

struct haops_ctx *ocf_ctx(const struct ocf_run *run)
{
	return run->ctx;
}

void ocf_set_data(struct ocf_run *run, void *data)
{
	run->data = data;
}

void *ocf_data(const struct ocf_run *run)
{
	return run->data;
}

int ocf_require(struct ocf_run *run, size_t param)
{
	const struct ocf_value *value = &run->values[param];
	struct ocf_param required = run->agent->params[param];
	char error[OCF_PARAM_ERROR_MAX];
	int64_t number;

	if (value->is_valid && value->text[0])
		return OCF_SUCCESS;
	required.is_required = true;
	if (ocf_param_parse(&required, value->given, &number, error) == 0)
		return OCF_SUCCESS;
	return ocf_fail(run, OCF_ERR_CONFIGURED, "%s", error);
}

/* The exit reason holds less than the log, which gets all of it. */
static int fail(struct ocf_run *run, enum ocf_code code, const char *reason)
{
	ocf_log_reason(run, reason);
	ocf_log_write(run, HAOPS_LOG_ERROR, true, reason);
	run->has_reason = true;
	return (int)code;
}

int ocf_fail(struct ocf_run *run, enum ocf_code code, const char *fmt, ...)
{
	char reason[OCF_LINE_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	return fail(run, code, reason);
}

int ocf_fail_haops(struct ocf_run *run, int err, const char *what)
{
	const char *error = haops_ctx_error(run->ctx);
	char reason[OCF_LINE_MAX];

	if (!*error)
		error = strerror(err < 0 ? -err : err);
	(void)snprintf(reason, sizeof(reason), "%s%s%s", what ? what : "", what ? ": " : "", error);
	return fail(run, ocf_code_of_errno(err), reason);
}
