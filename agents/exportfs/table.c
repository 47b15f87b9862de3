/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes parameters and lines of rmtab apart and puts options together, see table.h. */

#include "exportfs/table.h"

#include "util/num.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FSID_MAX INT64_C(4294967295)
#define RMTAB_LINE_MAX 2048

static bool is_between(char c, bool with_commas)
{
	return c == ' ' || c == '\t' || c == '\n' || (with_commas && c == ',');
}

const char *table_split(const char *text, bool with_commas, struct table_words *ret)
{
	size_t len = strlen(text);
	bool is_word = false;

	ret->count = 0;
	if (len >= sizeof(ret->text))
		return "is too long";
	memcpy(ret->text, text, len + 1);
	for (size_t i = 0; i < len; i++) {
		bool was_word = is_word;

		is_word = !is_between(text[i], with_commas);
		if (!is_word)
			ret->text[i] = '\0';
		if (!is_word || was_word)
			continue;
		if (ret->count == TABLE_WORDS_MAX)
			return "has more than 64 words";
		ret->offsets[ret->count++] = i;
	}
	return NULL;
}

const char *table_word(const struct table_words *words, size_t i)
{
	return words->text + words->offsets[i];
}

bool table_is_number(const char *fsid)
{
	int64_t number;

	return num_parse(fsid, 0, FSID_MAX, &number) == 0;
}

bool table_fsid(const char *fsid, size_t i, char *buf, size_t size)
{
	int64_t number;

	if (i == 0 || num_parse(fsid, 0, FSID_MAX, &number) < 0)
		return (size_t)snprintf(buf, size, "%s", fsid) < size && i == 0;
	number += (int64_t)i;
	return number <= FSID_MAX && (size_t)snprintf(buf, size, "%" PRId64, number) < size;
}

bool table_options(const char *options, const char *fsid, char *buf, size_t size)
{
	size_t len = 0;
	bool is_set = false;

	buf[0] = '\0';
	while (*options) {
		size_t word = strcspn(options, ",");
		bool is_fsid = word >= 5 && strncmp(options, "fsid=", 5) == 0;
		int n = 0;

		/* Given twice, the last one would win. */
		if (is_fsid && !is_set)
			n = snprintf(buf + len, size - len, "%sfsid=%s", len ? "," : "", fsid);
		else if (!is_fsid && word)
			n = snprintf(buf + len, size - len, "%s%.*s", len ? "," : "", (int)word,
				     options);
		is_set |= is_fsid;
		len += (size_t)n;
		if (len >= size)
			return false;
		options += word + (options[word] == ',');
	}
	if (!is_set)
		len += (size_t)snprintf(buf + len, size - len, "%sfsid=%s", len ? "," : "", fsid);
	return len < size;
}

/* A line of rmtab: where its directory begins and how long it is. */
struct rmtab_line {
	const char *text;
	size_t len; /* without its end */
	const char *directory;
	size_t directory_len;
};

static bool is_count(const char *text, size_t len)
{
	return len > 2 && text[0] == '0' && text[1] == 'x' &&
	       strspn(text + 2, "0123456789abcdefABCDEF") >= len - 2;
}

/* An address may hold colons, but no slash: the directory begins behind the first ":/". */
static bool parse_line(const char *text, size_t len, struct rmtab_line *ret)
{
	const char *colon = memmem(text, len, ":/", 2);
	const char *last = memrchr(text, ':', len);

	if (!colon || colon == text || last <= colon || len > RMTAB_LINE_MAX ||
	    !is_count(last + 1, len - (size_t)(last + 1 - text)))
		return false;
	ret->text = text;
	ret->len = len;
	ret->directory = colon + 1;
	ret->directory_len = (size_t)(last - ret->directory);
	return true;
}

/* Takes the next line that is one; false at the end. */
static bool next_line(const char **text, struct rmtab_line *ret)
{
	while (**text) {
		const char *line = *text;
		size_t len = strcspn(line, "\n");

		*text += len + (line[len] == '\n');
		if (parse_line(line, len, ret))
			return true;
	}
	return false;
}

static bool is_of(const struct rmtab_line *line, const char *directory)
{
	size_t len = strlen(directory);

	if (len == 1)
		return true;
	return line->directory_len >= len && memcmp(line->directory, directory, len) == 0 &&
	       (line->directory_len == len || line->directory[len] == '/');
}

/* Client and directory; the count is how often the client has mounted it. */
static bool has_line(const char *rmtab, const struct rmtab_line *wanted)
{
	size_t len = (size_t)(wanted->directory - wanted->text) + wanted->directory_len;
	struct rmtab_line line;

	while (next_line(&rmtab, &line))
		if ((size_t)(line.directory - line.text) + line.directory_len == len &&
		    memcmp(line.text, wanted->text, len) == 0)
			return true;
	return false;
}

static int close_text(FILE *f, char **text)
{
	int r = ferror(f);

	if (fclose(f) == 0 && !r)
		return 0;
	free(*text);
	return -ENOMEM;
}

int table_rmtab_pick(const char *rmtab, const char *directory, char **ret_text, size_t *ret_count)
{
	struct rmtab_line line;
	char *text = NULL;
	size_t len = 0;
	size_t count = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return -ENOMEM;
	while (next_line(&rmtab, &line))
		if (is_of(&line, directory)) {
			fprintf(f, "%.*s\n", (int)line.len, line.text);
			count++;
		}
	if (close_text(f, &text) < 0)
		return -ENOMEM;
	*ret_text = text;
	*ret_count = count;
	return 0;
}

int table_rmtab_merge(const char *rmtab, const char *more, const char *directory, char **ret_text,
		      size_t *ret_count)
{
	size_t rmtab_len = strlen(rmtab);
	struct rmtab_line line;
	char *text = NULL;
	size_t len = 0;
	size_t count = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return -ENOMEM;
	fputs(rmtab, f);
	if (rmtab_len && rmtab[rmtab_len - 1] != '\n')
		fputc('\n', f);
	while (next_line(&more, &line))
		if (is_of(&line, directory) && !has_line(rmtab, &line)) {
			fprintf(f, "%.*s\n", (int)line.len, line.text);
			count++;
		}
	if (close_text(f, &text) < 0)
		return -ENOMEM;
	*ret_text = text;
	*ret_count = count;
	return 0;
}
