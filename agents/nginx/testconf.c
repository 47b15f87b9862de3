/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads one test out of a test20conffile: lines of a keyword and a value. See testconf.h. */

#include "nginx/testconf.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *key;
	size_t offset;
} keys[] = {
	{"url", offsetof(struct testconf, url)},
	{"match", offsetof(struct testconf, match)},
	{"user", offsetof(struct testconf, user)},
	{"password", offsetof(struct testconf, password)},
	{"client", offsetof(struct testconf, client)},
	{"client_opts", offsetof(struct testconf, client_opts)},
};

struct line {
	char key[32];
	char value[TESTCONF_VALUE_MAX];
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Splits len bytes into first word and rest, blanks around the rest taken off. */
static const char *split_line(const char *text, size_t len, struct line *line)
{
	size_t key_len = 0;

	memset(line, 0, sizeof(*line));
	while (len && is_blank(text[len - 1]))
		len--;
	while (len && is_blank(*text)) {
		text++;
		len--;
	}
	while (key_len < len && !is_blank(text[key_len]))
		key_len++;
	if (len && text[0] == '#')
		return NULL;
	if (key_len >= sizeof(line->key))
		return "the keyword is not known";
	memcpy(line->key, text, key_len);
	while (key_len < len && is_blank(text[key_len]))
		key_len++;
	if (len - key_len >= sizeof(line->value))
		return "the value is longer than 1023 bytes";
	memcpy(line->value, text + key_len, len - key_len);
	return NULL;
}

static const char *take(const struct line *line, struct testconf *test)
{
	if (!line->key[0])
		return NULL;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(line->key, keys[i].key) == 0) {
			memcpy((char *)test + keys[i].offset, line->value, sizeof(line->value));
			return NULL;
		}
	}
	return "the keyword is not known";
}

static const char *check(const struct testconf *test)
{
	if (!test->url[0] || !test->match[0])
		return "the test lacks url or match";
	if (!test->user[0] != !test->password[0])
		return "the test has only one of user and password";
	return NULL;
}

const char *testconf_parse(const char *text, const char *name, struct testconf *ret_test,
			   unsigned int *ret_line)
{
	struct testconf test;
	struct line line;
	const char *problem = NULL;
	bool is_found = false;
	bool is_end = false;

	memset(&test, 0, sizeof(test));
	*ret_line = 0;
	while (*text && !problem && !is_end) {
		size_t len = strcspn(text, "\n");

		++*ret_line;
		problem = split_line(text, len, &line);
		text += len + (text[len] == '\n');
		if (!is_found) {
			is_found = !problem && strcmp(line.key, "test") == 0 &&
				   (!name[0] || strcmp(name, line.value) == 0);
			problem = NULL; /* another test's lines are no matter of ours */
		} else if (!problem && strcmp(line.key, "end") == 0) {
			is_end = true;
		} else if (!problem) {
			problem = take(&line, &test);
		}
	}
	if (problem)
		return problem;
	*ret_line = 0;
	if (!is_found)
		return name[0] ? "it has no test of the name in test20name" : "it has no test";
	problem = check(&test);
	if (!problem)
		*ret_test = test;
	return problem;
}
