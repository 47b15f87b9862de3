/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The directives that have one value: what each is called, takes and sets. Lists: config-list.c. */
#include "heart/config-internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HOUR_MS 3600000
#define DAY_MS (24 * HOUR_MS)

enum kind { KIND_TIME, KIND_NUMBER, KIND_INT, KIND_BOOL, KIND_NAME, KIND_PATH, KIND_PATH_OR_OFF };

struct directive {
	const char *name;
	enum kind kind;
	size_t offset;
	int64_t min; /* times and numbers */
	int64_t max; /* times and numbers; bytes of a text */
	uint32_t given;
};

#define TIME(name, member, min, max, given)                                                        \
	{                                                                                          \
		name, KIND_TIME, offsetof(struct config, member), min, max, given                  \
	}
#define OTHER(name, kind, member, min, max)                                                        \
	{                                                                                          \
		name, kind, offsetof(struct config, member), min, max, 0                           \
	}
#define TEXT_SIZE(member) ((int64_t)sizeof(((struct config *)0)->member))

static const struct directive DIRECTIVES[] = {
	TIME("keepalive", keepalive_ms, 20, HOUR_MS, 0),
	TIME("deadtime", deadtime_ms, 50, DAY_MS, 0),
	TIME("warntime", warntime_ms, 20, DAY_MS, CONFIG_GIVEN_WARNTIME),
	TIME("initdead", initdead_ms, 50, DAY_MS, CONFIG_GIVEN_INITDEAD),
	TIME("deadping", deadping_ms, 50, DAY_MS, CONFIG_GIVEN_DEADPING),
	TIME("convergence_time", convergence_ms, 0, DAY_MS, 0),
	OTHER("ping_attribute", KIND_NAME, ping_attribute, 0, TEXT_SIZE(ping_attribute)),
	OTHER("ping_multiplier", KIND_NUMBER, ping_multiplier, 1, 1000000),
	TIME("ping_dampen", ping_dampen_ms, 0, HOUR_MS, 0),
	OTHER("disk_path", KIND_PATH_OR_OFF, disk_path, 0, TEXT_SIZE(disk_path)),
	TIME("disk_interval", disk_interval_ms, 100, HOUR_MS, 0),
	TIME("database_interval", database_interval_ms, 100, HOUR_MS, 0),
	OTHER("realtime", KIND_BOOL, is_realtime, 0, 0),
	OTHER("rtprio", KIND_INT, rtprio, 1, 99),
	OTHER("fence_silent", KIND_BOOL, fence_silent, 0, 0),
	TIME("fence_after", fence_after_ms, 50, DAY_MS, CONFIG_GIVEN_FENCE_AFTER),
	OTHER("debug", KIND_INT, log_level, 0, 1),
	OTHER("outdate_command", KIND_PATH, outdate_command, 0, TEXT_SIZE(outdate_command)),
};

/* Directives of ha.cf that have their like elsewhere now. */
static const struct {
	const char *names; /* with spaces around */
	const char *hint;
} FOREIGN[] = {
	{" bcast mcast mcast6 ucast ucast6 udp udpport serial baud hopfudge node autojoin uuidfrom "
	 "hbgenmethod hbaping ",
	 "is of Heartbeat; nodes and their links are in corosync.conf (nodelist) now"},
	{" auto_failback nice_failback stonith stonith_host failfast crm pacemaker respawn ",
	 "is of Heartbeat; Pacemaker has this in its own configuration now"},
	{" logfacility logfile debugfile use_logd conn_logd_time syslogmsgfmt log_badpack ",
	 "is of Heartbeat; haopsd logs to the journal or syslog"},
};

static bool read_number(const char *text, int64_t *ret_number)
{
	size_t digits = strspn(text, "0123456789");
	int64_t number = 0;

	if (digits == 0 || digits > 12 || text[digits])
		return false;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (text[i] - '0');
	*ret_number = number;
	return true;
}

static bool read_bool(const char *text, bool *ret_value)
{
	static const char *const WORDS[] = {"false", "true", "off", "on", "no",
					    "yes",   "n",    "y",   "0",  "1"};

	for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
		if (strcasecmp(text, WORDS[i]) != 0)
			continue;
		*ret_value = i % 2 == 1;
		return true;
	}
	return false;
}

static int fail_value(const char *value, const char *wanted, char error[CONFIG_ERROR_MAX])
{
	(void)snprintf(error, CONFIG_ERROR_MAX, "\"%.64s\" is no %s", value, wanted);
	return -EINVAL;
}

static int set_time(const struct directive *d, const char *value, void *member,
		    char error[CONFIG_ERROR_MAX])
{
	char low[32], high[32];
	int64_t ms;

	if (config_time_parse(value, &ms) < 0)
		return fail_value(value, "time: write 30 for seconds, or 1500ms", error);
	if (ms >= d->min && ms <= d->max) {
		memcpy(member, &ms, sizeof(ms));
		return 0;
	}
	(void)snprintf(error, CONFIG_ERROR_MAX, "%.64s is outside %s to %s", value,
		       config_time_format(d->min, low), config_time_format(d->max, high));
	return -EINVAL;
}

static int set_number(const struct directive *d, const char *value, void *member,
		      char error[CONFIG_ERROR_MAX])
{
	int64_t number;
	int small;

	if (!read_number(value, &number))
		return fail_value(value, "whole number", error);
	if (number < d->min || number > d->max) {
		(void)snprintf(error, CONFIG_ERROR_MAX, "%.64s is outside %lld to %lld", value,
			       (long long)d->min, (long long)d->max);
		return -EINVAL;
	}
	small = (int)number;
	if (d->kind == KIND_INT)
		memcpy(member, &small, sizeof(small));
	else
		memcpy(member, &number, sizeof(number));
	return 0;
}

static int set_bool(const char *value, void *member, char error[CONFIG_ERROR_MAX])
{
	bool is_on;

	if (!read_bool(value, &is_on))
		return fail_value(value, "on or off", error);
	memcpy(member, &is_on, sizeof(is_on));
	return 0;
}

/* As Pacemaker takes names of attributes in rules and on command lines. */
static bool is_name(const char *text)
{
	return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") ==
		       strlen(text) &&
	       text[0] != '-';
}

static int set_text(const struct directive *d, const char *value, char *member,
		    char error[CONFIG_ERROR_MAX])
{
	size_t len = strlen(value);

	if (d->kind == KIND_PATH_OR_OFF && (strcasecmp(value, "off") == 0))
		len = 0;
	else if (d->kind == KIND_NAME && !is_name(value))
		return fail_value(value, "name: letters, digits, \"_\", \".\" and \"-\" only",
				  error);
	else if (d->kind != KIND_NAME && value[0] != '/')
		return fail_value(value, "absolute path", error);
	if (len >= (size_t)d->max) {
		(void)snprintf(error, CONFIG_ERROR_MAX, "longer than %lld bytes",
			       (long long)d->max - 1);
		return -EINVAL;
	}
	memset(member, 0, (size_t)d->max);
	memcpy(member, value, len);
	return 0;
}

static int fail_unknown(const char *name, char error[CONFIG_ERROR_MAX])
{
	char word[64];

	(void)snprintf(word, sizeof(word), " %.60s ", name);
	for (size_t i = 0; i < sizeof(FOREIGN) / sizeof(FOREIGN[0]); i++) {
		if (!strstr(FOREIGN[i].names, word))
			continue;
		(void)snprintf(error, CONFIG_ERROR_MAX, "%s: remove the line", FOREIGN[i].hint);
		return -EINVAL;
	}
	(void)snprintf(error, CONFIG_ERROR_MAX, "unknown directive, see haopsd.conf(5)");
	return -EINVAL;
}

static int set_value(const struct directive *d, const char *value, struct config *config,
		     char error[CONFIG_ERROR_MAX])
{
	char *member = (char *)config + d->offset;

	switch (d->kind) {
	case KIND_TIME:
		return set_time(d, value, member, error);
	case KIND_NUMBER:
	case KIND_INT:
		return set_number(d, value, member, error);
	case KIND_BOOL:
		return set_bool(value, member, error);
	case KIND_NAME:
	case KIND_PATH:
	case KIND_PATH_OR_OFF:
		break;
	}
	return set_text(d, value, member, error);
}

int config_apply(const struct config_line *line, struct config *config,
		 char error[CONFIG_ERROR_MAX])
{
	const struct directive *d = NULL;
	int r = config_apply_list(line, config, error);

	if (r != -ENOENT)
		return r;
	for (size_t i = 0; i < sizeof(DIRECTIVES) / sizeof(DIRECTIVES[0]) && !d; i++)
		if (strcmp(line->words[0], DIRECTIVES[i].name) == 0)
			d = &DIRECTIVES[i];
	if (!d)
		return fail_unknown(line->words[0], error);
	if (line->count != 2) {
		(void)snprintf(error, CONFIG_ERROR_MAX, "takes one value, got %zu",
			       line->count - 1);
		return -EINVAL;
	}
	r = set_value(d, line->words[1], config, error);
	if (r == 0)
		config->given |= d->given;
	return r;
}
