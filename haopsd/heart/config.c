/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration as a whole: defaults, files, assignments, the rules between values, and its
 * hash. Single directives: config-apply.c and config-list.c. */
#include "heart/config.h"
#include "heart/config-internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void config_defaults(struct config *config)
{
	const char *name;
	char error[CONFIG_ERROR_MAX];

	*config = (struct config){
		.keepalive_ms = 1000,
		.deadtime_ms = 30000,
		.convergence_ms = 45000,
		.ping_attribute = "pingd",
		.ping_multiplier = 1000,
		.ping_dampen_ms = 5000,
		.disk_path = "/var/lib/haops",
		.disk_interval_ms = 5000,
		.database_interval_ms = 1000,
		.is_realtime = true,
		.rtprio = 1,
		.outdate_command = "/usr/sbin/drbdadm",
	};
	(void)config_finish(config, &name, error);
}

/* As ha.cf derives it. */
static int64_t derive_initdead(int64_t deadtime_ms)
{
	if (deadtime_ms > 10000)
		return deadtime_ms;
	return deadtime_ms < 6000 ? 12000 : 2 * deadtime_ms;
}

static void derive(struct config *config)
{
	if (!(config->given & CONFIG_GIVEN_WARNTIME))
		config->warntime_ms = config->deadtime_ms / 2;
	if (!(config->given & CONFIG_GIVEN_INITDEAD))
		config->initdead_ms = derive_initdead(config->deadtime_ms);
	if (!(config->given & CONFIG_GIVEN_DEADPING))
		config->deadping_ms = config->deadtime_ms;
	if (!(config->given & CONFIG_GIVEN_FENCE_AFTER))
		config->fence_after_ms = 2 * config->deadtime_ms;
}

static void warn(struct config *config)
{
	char a[32], b[32];

	config->warning[0] = '\0';
	if (config->warntime_ms >= config->deadtime_ms)
		(void)snprintf(config->warning, sizeof(config->warning),
			       "warntime %s is not below deadtime %s: nobody is warned before a "
			       "peer is taken for silent",
			       config_time_format(config->warntime_ms, a),
			       config_time_format(config->deadtime_ms, b));
	else if (config->initdead_ms < 10000)
		(void)snprintf(config->warning, sizeof(config->warning),
			       "initdead %s is below 10 seconds: a node whose switch port is slow "
			       "after boot takes its peers for silent",
			       config_time_format(config->initdead_ms, a));
}

static int check_above_keepalive(const struct config *config, int64_t value_ms,
				 char error[CONFIG_ERROR_MAX])
{
	char a[32], b[32];

	if (value_ms > 2 * config->keepalive_ms)
		return 0;
	(void)snprintf(error, CONFIG_ERROR_MAX, "%s must be above twice the keepalive of %s",
		       config_time_format(value_ms, a),
		       config_time_format(config->keepalive_ms, b));
	return -EINVAL;
}

static int check_not_below_deadtime(const struct config *config, int64_t value_ms,
				    char error[CONFIG_ERROR_MAX])
{
	char a[32], b[32];

	if (value_ms >= config->deadtime_ms)
		return 0;
	(void)snprintf(error, CONFIG_ERROR_MAX, "%s must not be below the deadtime of %s",
		       config_time_format(value_ms, a), config_time_format(config->deadtime_ms, b));
	return -EINVAL;
}

int config_finish(struct config *config, const char **ret_name, char error[CONFIG_ERROR_MAX])
{
	derive(config);
	warn(config);
	*ret_name = "deadtime";
	if (check_above_keepalive(config, config->deadtime_ms, error) < 0)
		return -EINVAL;
	*ret_name = "deadping";
	if (check_above_keepalive(config, config->deadping_ms, error) < 0)
		return -EINVAL;
	*ret_name = "initdead";
	if (check_not_below_deadtime(config, config->initdead_ms, error) < 0)
		return -EINVAL;
	*ret_name = "fence_after";
	return check_not_below_deadtime(config, config->fence_after_ms, error);
}

struct parse {
	struct config config;
	struct config_line line;
	size_t number;
	size_t last; /* line of the last directive, to name one when the values do not fit */
	char what[CONFIG_ERROR_MAX];
};

static int parse_line(struct parse *p, const char *text, size_t len, char error[CONFIG_ERROR_MAX])
{
	int r = config_line_split(text, len, &p->line, p->what);

	p->number++;
	if (r < 0) {
		(void)snprintf(error, CONFIG_ERROR_MAX, "line %zu: %.200s", p->number, p->what);
		return r;
	}
	if (p->line.count == 0)
		return 0;
	p->last = p->number;
	r = config_apply(&p->line, &p->config, p->what);
	if (r < 0)
		(void)snprintf(error, CONFIG_ERROR_MAX, "line %zu: %.48s: %.180s", p->number,
			       p->line.words[0], p->what);
	return r;
}

static int parse_lines(struct parse *p, const char *text, size_t len, char error[CONFIG_ERROR_MAX])
{
	const char *name;

	for (size_t pos = 0; pos < len;) {
		const char *end = memchr(text + pos, '\n', len - pos);
		size_t line_len = end ? (size_t)(end - (text + pos)) : len - pos;

		if (parse_line(p, text + pos, line_len, error) < 0)
			return -EINVAL;
		pos += line_len + 1;
	}
	if (config_finish(&p->config, &name, p->what) == 0)
		return 0;
	(void)snprintf(error, CONFIG_ERROR_MAX, "line %zu: %s: %.180s", p->last, name, p->what);
	return -EINVAL;
}

int config_parse(const char *text, size_t len, struct config *config, char error[CONFIG_ERROR_MAX])
{
	struct parse *p;
	int r;

	if (len > CONFIG_TEXT_MAX) {
		(void)snprintf(error, CONFIG_ERROR_MAX,
			       "line 1: the file has %zu bytes, more than %d", len,
			       CONFIG_TEXT_MAX);
		return -EINVAL;
	}
	p = calloc(1, sizeof(*p));
	if (!p) {
		(void)snprintf(error, CONFIG_ERROR_MAX, "line 1: memory is short");
		return -EINVAL;
	}
	config_defaults(&p->config);
	r = parse_lines(p, text, len, error);
	if (r == 0)
		*config = p->config;
	free(p);
	return r;
}

/* "NAME=VALUE" is "NAME VALUE". */
static void blank_first_equals(char *text)
{
	char *end = text + strcspn(text, " \t,=");

	if (*end == '=')
		*end = ' ';
}

static int assign(struct parse *p, const char *assignment, char error[CONFIG_ERROR_MAX])
{
	char text[CONFIG_LINE_MAX];
	const char *name;

	if (strlen(assignment) >= sizeof(text)) {
		(void)snprintf(error, CONFIG_ERROR_MAX, "the assignment is too long");
		return -EINVAL;
	}
	memcpy(text, assignment, strlen(assignment) + 1);
	blank_first_equals(text);
	if (config_line_split(text, strlen(text), &p->line, error) < 0)
		return -EINVAL;
	if (p->line.count == 0) {
		(void)snprintf(error, CONFIG_ERROR_MAX, "give the name of a directive and a value");
		return -EINVAL;
	}
	name = p->line.words[0];
	if (config_is_list(name))
		(void)snprintf(p->what, sizeof(p->what),
			       "is a list: change it in haopsd.conf, then run \"haops reload\"");
	else if (config_apply(&p->line, &p->config, p->what) == 0 &&
		 config_finish(&p->config, &name, p->what) == 0)
		return 0;
	(void)snprintf(error, CONFIG_ERROR_MAX, "%.48s: %.180s", name, p->what);
	return -EINVAL;
}

int config_assign(const char *assignment, struct config *config, char error[CONFIG_ERROR_MAX])
{
	struct parse *p = calloc(1, sizeof(*p));
	int r;

	if (!p) {
		(void)snprintf(error, CONFIG_ERROR_MAX, "memory is short");
		return -EINVAL;
	}
	p->config = *config;
	r = assign(p, assignment, error);
	if (r == 0)
		*config = p->config;
	free(p);
	return r;
}

static uint32_t mix(uint32_t hash, uint64_t value)
{
	for (unsigned int shift = 0; shift < 64; shift += 8)
		hash = (hash ^ (uint8_t)(value >> shift)) * 16777619u;
	return hash;
}

/* FNV-1a. The number of ping groups and their weight count, for location rules compare the sums of
 * nodes; their addresses may differ between sites. 0 is kept for "not known". */
uint32_t config_hash(const struct config *config)
{
	const int64_t values[] = {config->keepalive_ms,	       config->deadtime_ms,
				  config->warntime_ms,	       config->initdead_ms,
				  config->convergence_ms,      config->fence_silent ? 1 : 0,
				  config->fence_after_ms,      config->ping_multiplier,
				  (int64_t)config->group_count};
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		hash = mix(hash, (uint64_t)values[i]);
	for (size_t i = 0; config->ping_attribute[i]; i++)
		hash = mix(hash, (uint8_t)config->ping_attribute[i]);
	return hash ? hash : 1;
}
