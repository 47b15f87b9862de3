/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One parameter: what its type takes, and the sentence about a value that is wrong. Pure; looks
 * neither at the environment nor at the host.
 */
#include "ocf/run.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <util/num.h>

#define DEFAULT_MAX_LEN 1024
#define QUOTED_MAX 64

/* "parameter NAME: value "...": what is wrong"; the value of a secret is not told. */
static int HAOPS_PRINTF(4, 5)
	wrong(const struct ocf_param *param, const char *text, char *error, const char *fmt, ...)
{
	char quoted[QUOTED_MAX] = "***";
	char reason[OCF_PARAM_ERROR_MAX];
	va_list args;

	if (!param->is_secret)
		ocf_text_quote(text, quoted, sizeof(quoted));
	va_start(args, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	(void)snprintf(error, OCF_PARAM_ERROR_MAX, "parameter %.64s: value %s %.300s", param->name,
		       quoted, reason);
	return -EINVAL;
}

static bool is_among(const char *text, const char *const *words)
{
	for (; *words; words++) {
		if (strcmp(text, *words) == 0)
			return true;
	}
	return false;
}

/* -1 for neither. What is true is what stock agents take as true. */
static int64_t boolean_value(const char *text)
{
	static const char *const false_words[] = {"no",	   "false", "0",   "NO",  "FALSE",
						  "False", "nein",  "off", "OFF", NULL};

	if (ocf_env_is_true(text))
		return 1;
	return is_among(text, false_words) ? 0 : -1;
}

/* Milliseconds; -1 for no time. As everywhere in a cluster, a bare number is seconds. */
static int64_t time_value(const char *text)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = {
		{"", 1000},   {"s", 1000},    {"sec", 1000},  {"ms", 1},       {"msec", 1},
		{"m", 60000}, {"min", 60000}, {"h", 3600000}, {"hr", 3600000},
	};
	size_t digits = strspn(text, "0123456789");
	char number[16];
	int64_t value;

	if (digits == 0 || digits >= sizeof(number))
		return -1;
	memcpy(number, text, digits);
	number[digits] = '\0';
	if (num_parse(number, 0, INT64_MAX / 3600000, &value) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (strcmp(text + digits, units[i].name) == 0)
			return value * units[i].ms;
	}
	return -1;
}

static void join_options(const char *const *options, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (; *options && len < size; options++)
		len += (size_t)snprintf(out + len, size - len, "%s%s", len ? ", " : "", *options);
}

/* Types without a number: the syntax is all there is to it. */
static int parse_text(const struct ocf_param *param, const char *text, char *error)
{
	char options[256];

	if (param->type != OCF_SELECT || is_among(text, param->options))
		return 0;
	join_options(param->options, options, sizeof(options));
	return wrong(param, text, error, "is none of: %s", options);
}

static int check_range(const struct ocf_param *param, const char *text, int64_t number, char *error)
{
	const char *unit = param->type == OCF_TIME ? " ms" : "";

	if (param->max <= param->min || (number >= param->min && number <= param->max))
		return 0;
	return wrong(param, text, error, "is outside %" PRId64 " to %" PRId64 "%s", param->min,
		     param->max, unit);
}

static int parse_number(const struct ocf_param *param, const char *text, int64_t *ret_number,
			char *error)
{
	int64_t number = 0;

	switch (param->type) {
	case OCF_BOOLEAN:
		number = boolean_value(text);
		if (number < 0)
			return wrong(param, text, error,
				     "is no boolean: give yes, true, on or 1, or no, false, off or "
				     "0");
		break;
	case OCF_TIME:
		number = time_value(text);
		if (number < 0)
			return wrong(param, text, error,
				     "is no time: give seconds, or a number "
				     "with unit ms, s, min or h");
		break;
	default:
		if (num_parse(text, INT64_MIN, INT64_MAX, &number) < 0)
			return wrong(param, text, error, "is no whole number");
	}
	if (check_range(param, text, number, error) < 0)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

static bool has_control(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	}
	return false;
}

/* What holds for every type, so that nothing behind it meets a huge value or a line end. */
static int check_bytes(const struct ocf_param *param, const char *text, char *error)
{
	size_t max = param->max_len ? param->max_len : DEFAULT_MAX_LEN;
	size_t len = strlen(text);

	if (len > max)
		return wrong(param, text, error, "is too long: %zu bytes, %zu at most", len, max);
	if (has_control(text))
		return wrong(param, text, error, "has a line end or control character: remove it");
	return 0;
}

static bool has_number(const struct ocf_param *param)
{
	return param->type != OCF_STRING && param->type != OCF_SELECT;
}

int ocf_param_parse(const struct ocf_param *param, const char *text, int64_t *ret_number,
		    char *error)
{
	int64_t number = 0;
	const char *reason;
	int r;

	if (!text && param->is_required) {
		(void)snprintf(error, OCF_PARAM_ERROR_MAX, "parameter %.64s is required: set it",
			       param->name);
		return -EINVAL;
	}
	if (!text)
		text = param->default_value;
	if (!text || !*text) {
		*ret_number = 0;
		return 0;
	}
	r = check_bytes(param, text, error);
	if (r == 0)
		r = has_number(param) ? parse_number(param, text, &number, error)
				      : parse_text(param, text, error);
	if (r < 0)
		return r;
	reason = param->check ? param->check(text) : NULL;
	if (reason)
		return wrong(param, text, error, "%s", reason);
	*ret_number = number;
	return 0;
}

void ocf_param_resolve(const struct ocf_param *param, struct ocf_value *value)
{
	char error[OCF_PARAM_ERROR_MAX];
	struct ocf_param optional = *param;

	value->number = 0;
	value->is_valid = ocf_param_parse(param, value->given, &value->number, error) == 0;
	if (value->is_valid && value->given) {
		value->text = value->given;
		return;
	}
	value->text = param->default_value ? param->default_value : "";
	optional.is_required = false;
	if (!value->is_valid)
		(void)ocf_param_parse(&optional, NULL, &value->number, error);
}
