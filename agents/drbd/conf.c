/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the words of drbd.conf(5) as drbdadm prints them, see conf.h. Expands nothing. */

#include "drbd/conf.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define DEPTH_MAX 16

/* One statement: a keyword and its values. */
struct statement {
	char words[3][CONF_TEXT_MAX];
	size_t count;
};

struct reader {
	const char *at;
	struct statement statement;
	unsigned int depth;
};

static void keep(struct statement *statement, const char *begin, size_t len)
{
	char *word;

	if (statement->count == 3)
		return;
	word = statement->words[statement->count++];
	if (len >= CONF_TEXT_MAX)
		len = CONF_TEXT_MAX - 1;
	memcpy(word, begin, len);
	word[len] = '\0';
}

/* A text in quotes; a backslash goes before a quote. */
static int quoted(struct reader *reader)
{
	const char *begin = ++reader->at;

	while (*reader->at && *reader->at != '"')
		reader->at += reader->at[0] == '\\' && reader->at[1] ? 2 : 1;
	if (!*reader->at)
		return -EBADMSG;
	keep(&reader->statement, begin, (size_t)(reader->at - begin));
	reader->at++;
	return 0;
}

static void plain(struct reader *reader)
{
	size_t len = strcspn(reader->at, " \t\r\n{};#\"");

	keep(&reader->statement, reader->at, len);
	reader->at += len;
}

static bool is_on(const struct statement *statement)
{
	return statement->count == 1 || strcmp(statement->words[1], "yes") == 0;
}

static void take(const struct statement *s, struct conf *conf)
{
	const char *value = s->count > 1 ? s->words[1] : "";

	if (s->count == 0)
		return;
	if (strcmp(s->words[0], "fencing") == 0) {
		conf->fencing = CONF_DONT_CARE;
		if (strcmp(value, "resource-only") == 0)
			conf->fencing = CONF_RESOURCE_ONLY;
		if (strcmp(value, "resource-and-stonith") == 0)
			conf->fencing = CONF_RESOURCE_AND_STONITH;
	} else if (strcmp(s->words[0], "fence-peer") == 0) {
		memcpy(conf->handler, value, strlen(value) + 1);
	} else if (strcmp(s->words[0], "allow-two-primaries") == 0) {
		conf->allows_two_primaries = is_on(s);
	} else if (strcmp(s->words[0], "quorum") == 0) {
		conf->has_quorum = s->count > 1 && strcmp(value, "off") != 0;
	}
}

/* 1: a sign that ends a statement. */
static int one(struct reader *reader)
{
	switch (*reader->at) {
	case '#':
		reader->at += strcspn(reader->at, "\n");
		return 0;
	case '"':
		return quoted(reader);
	case '{':
	case '}':
	case ';':
		return 1;
	default:
		plain(reader);
		return 0;
	}
}

static int end_statement(struct reader *reader, struct conf *conf)
{
	char sign = *reader->at++;

	if (sign == ';')
		take(&reader->statement, conf);
	if (sign == '{' && ++reader->depth > DEPTH_MAX)
		return -EBADMSG;
	if (sign == '}' && reader->depth-- == 0)
		return -EBADMSG;
	reader->statement.count = 0;
	return 0;
}

int conf_read(const char *text, struct conf *conf)
{
	struct reader reader = {.at = text};

	memset(conf, 0, sizeof(*conf));
	for (;;) {
		int r;

		reader.at += strspn(reader.at, " \t\r\n");
		if (!*reader.at)
			return reader.depth == 0 && reader.statement.count == 0 ? 0 : -EBADMSG;
		r = one(&reader);
		if (r == 1)
			r = end_statement(&reader, conf);
		if (r < 0)
			return r;
	}
}

const char *conf_fencing_defect(const struct conf *conf)
{
	if (conf->has_quorum)
		return NULL;
	if (conf->fencing == CONF_DONT_CARE)
		return "its option fencing is dont-care";
	return conf->handler[0] ? NULL : "it has no handler fence-peer";
}
