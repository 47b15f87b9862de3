/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds bytes to the reader of parameters and to what makes text safe: the first byte chooses the
 * type, the rest is the value. What is accepted must be clean, what is refused must be told. */

#include "ocf/run.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const options[] = {"one", "two", NULL};

static const struct ocf_param params[] = {
	{.name = "a", .type = OCF_STRING, .max_len = 64},
	{.name = "b", .type = OCF_BOOLEAN},
	{.name = "c", .type = OCF_INTEGER, .min = -5, .max = 5000},
	{.name = "d", .type = OCF_SELECT, .options = options},
	{.name = "e", .type = OCF_TIME, .min = 0, .max = 86400000},
	{.name = "f", .type = OCF_STRING, .is_required = true, .is_secret = true},
};

static void require(bool is_right)
{
	if (!is_right)
		abort();
}

static bool is_clean(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	}
	return true;
}

static void check_texts(const char *value)
{
	char out[OCF_LINE_MAX];
	char reason[OCF_LINE_MAX];

	ocf_text_quote(value, out, 64);
	require(strlen(out) < 64 && is_clean(out));
	ocf_text_escape(value, reason, sizeof(reason));
	require(is_clean(reason));
	ocf_text_redact(reason, "abc", out, sizeof(out));
	require(!strstr(out, "abc"));
	ocf_text_cut(reason, OCF_REASON_MAX);
	require(strlen(reason) <= OCF_REASON_MAX);
	require(ocf_env_budget_ms(value, 20) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ocf_param *param = &params[size ? data[0] % ARRAY_LEN(params) : 0];
	char *value = calloc(1, size + 1);
	char error[OCF_PARAM_ERROR_MAX] = "";
	int64_t number = 77;

	require(value != NULL);
	if (size > 1)
		memcpy(value, data + 1, size - 1);
	if (ocf_param_parse(param, value, &number, error) == 0)
		require(is_clean(value) && (param->max == 0 || *value == '\0' ||
					    (number >= param->min && number <= param->max)));
	else
		require(is_clean(error) && strstr(error, param->name) && number == 77);
	check_texts(value);
	free(value);
	return 0;
}
