/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The environment of an action: finds the framework's own variables and the parameters in one pass,
 * and reads the times that the cluster gives. Pure; judges no parameter (param.c does).
 */
#include "ocf/run.h"

#include <limits.h>
#include <string.h>

#define RESKEY "OCF_RESKEY_"
#define META RESKEY "CRM_meta_"
#define MARGIN_MIN_MS 500
#define YEAR_MS (INT64_C(366) * 24 * 3600 * 1000)

static const struct {
	const char *name;
	size_t offset;
} known[] = {
	{"OCF_RESOURCE_INSTANCE", offsetof(struct ocf_env, instance)},
	{"OCF_RA_VERSION_MAJOR", offsetof(struct ocf_env, version_major)},
	{"OCF_CHECK_LEVEL", offsetof(struct ocf_env, check_level)},
	{RESKEY "OCF_CHECK_LEVEL", offsetof(struct ocf_env, op_check_level)},
	{"OCF_EXIT_REASON_PREFIX", offsetof(struct ocf_env, reason_prefix)},
	{META "timeout", offsetof(struct ocf_env, meta_timeout)},
	{META "interval", offsetof(struct ocf_env, meta_interval)},
	{RESKEY "crm_feature_set", offsetof(struct ocf_env, crm_feature_set)},
	{META "clone", offsetof(struct ocf_env, meta_clone)},
	{META "clone_max", offsetof(struct ocf_env, meta_clone_max)},
	{"HA_debug", offsetof(struct ocf_env, debug)},
	{"HA_LOGD", offsetof(struct ocf_env, logd)},
	{"HA_use_logd", offsetof(struct ocf_env, use_logd)},
	{"HA_LOGFACILITY", offsetof(struct ocf_env, log_facility)},
	{"PCMK_logfacility", offsetof(struct ocf_env, pcmk_log_facility)},
	{"HA_LOGFILE", offsetof(struct ocf_env, log_file)},
	{"HA_DEBUGLOG", offsetof(struct ocf_env, debug_log)},
	{"HA_LOGTAG", offsetof(struct ocf_env, log_tag)},
	{"HA_DATEFMT", offsetof(struct ocf_env, date_format)},
	{"HA_SBIN_DIR", offsetof(struct ocf_env, sbin_dir)},
	{"HA_VARLIB", offsetof(struct ocf_env, var_lib)},
	{"OCF_TRACE_RA", offsetof(struct ocf_env, trace)},
	{RESKEY "trace_ra", offsetof(struct ocf_env, op_trace)},
	{"OCF_TRACE_FILE", offsetof(struct ocf_env, trace_file)},
	{RESKEY "trace_dir", offsetof(struct ocf_env, trace_dir)},
};

/* What is behind "NAME=" when entry begins so, else NULL. */
static const char *value_of(const char *entry, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(entry, name, len) != 0 || entry[len] != '=')
		return NULL;
	return entry + len + 1;
}

static void read_entry(const char *entry, struct ocf_env *env)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		const char **member = (const char **)(void *)((char *)env + known[i].offset);
		const char *value = value_of(entry, known[i].name);

		if (!value)
			continue;
		/* As with getenv(3), the first of two wins. */
		if (!*member && *value)
			*member = value;
		return;
	}
}

void ocf_env_read(const char *const *environment, struct ocf_env *ret_env)
{
	struct ocf_env env = {0};

	for (; *environment; environment++) {
		if (strchr("OHP", (*environment)[0]))
			read_entry(*environment, &env);
	}
	*ret_env = env;
}

void ocf_env_params(const struct ocf_agent *agent, const char *const *environment,
		    struct ocf_value *values)
{
	const size_t prefix_len = sizeof(RESKEY) - 1;

	for (; *environment; environment++) {
		if (strncmp(*environment, RESKEY, prefix_len) != 0)
			continue;
		for (size_t i = 0; i < agent->param_count; i++) {
			const char *value =
				value_of(*environment + prefix_len, agent->params[i].name);

			if (value && *value && !values[i].given)
				values[i].given = value;
		}
	}
}

const char *ocf_env_get(const char *const *environment, const char *prefix, const char *name)
{
	size_t len = strlen(prefix);

	for (; *environment; environment++) {
		const char *value = NULL;

		if (strncmp(*environment, prefix, len) == 0)
			value = value_of(*environment + len, name);
		if (value)
			return value;
	}
	return NULL;
}

bool ocf_env_is_true(const char *text)
{
	static const char *const words[] = {"yes",  "true", "1",  "YES", "TRUE",
					    "True", "ja",   "on", "ON"};

	for (size_t i = 0; text && i < ARRAY_LEN(words); i++) {
		if (strcmp(text, words[i]) == 0)
			return true;
	}
	return false;
}

bool ocf_env_is_probe(const struct ocf_env *env)
{
	if (env->meta_interval)
		return strcmp(env->meta_interval, "0") == 0;
	return env->crm_feature_set != NULL;
}

/* Digits only; -1 for anything else, and for what is above limit. */
static int64_t read_number(const char *text, int64_t limit)
{
	int64_t number = 0;

	if (!text || !*text)
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		number = number * 10 + (*text - '0');
		if (number > limit)
			return -1;
	}
	return number;
}

int64_t ocf_env_budget_ms(const char *meta_timeout, unsigned int default_s)
{
	int64_t timeout_ms = read_number(meta_timeout, YEAR_MS);
	int64_t margin_ms;

	/* Nobody kills this run at a time of its own, so all of the default can be used. */
	if (timeout_ms <= 0)
		return (default_s > 0 ? (int64_t)default_s : OCF_DEFAULT_TIMEOUT_S) * 1000;
	margin_ms = timeout_ms / 20;
	if (margin_ms < MARGIN_MIN_MS)
		margin_ms = MARGIN_MIN_MS;
	if (margin_ms > timeout_ms / 4)
		margin_ms = timeout_ms / 4;
	return timeout_ms - margin_ms;
}

int ocf_env_level(const struct ocf_env *env)
{
	const char *text = env->check_level ? env->check_level : env->op_check_level;
	int64_t level = read_number(text, INT_MAX);

	return level > 0 ? (int)level : 0;
}
