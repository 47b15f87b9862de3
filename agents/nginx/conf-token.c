/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cuts the text of a configuration into directives, see conf-token.h. Knows none by name. */

#include "nginx/conf-token.h"

#include <string.h>

static const char FILE_LINE[] = "# configuration file ";

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void put(struct directive *d, size_t *len, char c)
{
	if (d->count < TOKEN_WORDS_MAX && *len + 1 < TOKEN_WORD_MAX)
		d->words[d->count][(*len)++] = c;
}

static void end_word(struct directive *d, size_t len)
{
	if (d->count == TOKEN_WORDS_MAX)
		return;
	d->words[d->count][len] = '\0';
	d->count++;
}

/* A comment; or the line that names the file to come, which is not indented and ends with ":". */
static bool comment(struct tokens *t, struct directive *d)
{
	const char *line = t->pos;
	const char *end = memchr(line, '\n', (size_t)(t->end - line));
	size_t prefix = sizeof(FILE_LINE) - 1;
	size_t len;

	if (!end)
		end = t->end;
	t->pos = end;
	len = (size_t)(end - line);
	if (len < prefix + 2 || memcmp(line, FILE_LINE, prefix) != 0 || end[-1] != ':' ||
	    line[prefix] != '/' || len - prefix > TOKEN_WORD_MAX)
		return false;
	memcpy(d->words[0], line + prefix, len - prefix - 1);
	d->words[0][len - prefix - 1] = '\0';
	d->count = 1;
	d->end = TOKEN_FILE;
	return true;
}

static void quoted(struct tokens *t, struct directive *d)
{
	char quote = *t->pos++;
	size_t len = 0;

	while (t->pos < t->end && *t->pos != quote) {
		if (*t->pos == '\\' && t->pos + 1 < t->end)
			t->pos++;
		put(d, &len, *t->pos++);
	}
	if (t->pos < t->end)
		t->pos++;
	end_word(d, len);
}

static bool ends_word(const struct tokens *t)
{
	char c = *t->pos;

	/* "${name}" is a variable, not a block. */
	return is_space(c) || c == ';' || (c == '{' && t->pos[-1] != '$');
}

static void bare(struct tokens *t, struct directive *d)
{
	size_t len = 0;

	do {
		if (*t->pos == '\\' && t->pos + 1 < t->end)
			put(d, &len, *t->pos++);
		put(d, &len, *t->pos++);
	} while (t->pos < t->end && !ends_word(t));
	end_word(d, len);
}

static bool take_end(struct tokens *t, struct directive *d)
{
	switch (*t->pos) {
	case ';':
		d->end = TOKEN_SEMICOLON;
		break;
	case '{':
		d->end = TOKEN_OPEN;
		break;
	case '}':
		d->end = TOKEN_CLOSE;
		break;
	default:
		return false;
	}
	t->pos++;
	return true;
}

void token_next(struct tokens *t, struct directive *d)
{
	d->count = 0;
	d->end = TOKEN_EOF;
	while (t->pos < t->end) {
		if (is_space(*t->pos))
			t->pos++;
		else if (*t->pos == '#' && comment(t, d))
			return;
		else if (t->pos < t->end && *t->pos == '#')
			continue;
		else if (t->pos < t->end && take_end(t, d))
			return;
		else if (t->pos < t->end && (*t->pos == '"' || *t->pos == '\''))
			quoted(t, d);
		else if (t->pos < t->end && !is_space(*t->pos))
			bare(t, d);
	}
}

void token_skip_block(struct tokens *t)
{
	unsigned int depth = 1;

	for (; t->pos < t->end && depth; t->pos++) {
		if (*t->pos == '{')
			depth++;
		else if (*t->pos == '}')
			depth--;
	}
}
