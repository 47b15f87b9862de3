/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Splits text into words by simple quoting rules, see args.h. Expands nothing. */

#include "ocf/args.h"

#include <string.h>

struct splitter {
	const char *in;
	char *out;
	const char *end; /* last byte of the room for words */
	bool is_command;
};

static const char NEEDS_SHELL[] = "needs a shell: put it into a script";

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *put(struct splitter *s, char c)
{
	if (s->out >= s->end)
		return "is longer than 4 KiB";
	*s->out++ = c;
	return NULL;
}

static const char *single_quoted(struct splitter *s)
{
	const char *problem = NULL;

	for (s->in++; *s->in && *s->in != '\'' && !problem; s->in++)
		problem = put(s, *s->in);
	if (problem)
		return problem;
	if (!*s->in)
		return "has a single quote that is not closed";
	s->in++;
	return NULL;
}

static const char *double_quoted(struct splitter *s)
{
	const char *problem = NULL;

	for (s->in++; *s->in && *s->in != '"' && !problem; s->in++) {
		if (s->is_command && (*s->in == '$' || *s->in == '`'))
			return NEEDS_SHELL;
		if (*s->in == '\\' && (s->in[1] == '"' || s->in[1] == '\\'))
			s->in++;
		problem = put(s, *s->in);
	}
	if (problem)
		return problem;
	if (!*s->in)
		return "has a double quote that is not closed";
	s->in++;
	return NULL;
}

static const char *plain(struct splitter *s, bool is_first)
{
	if ((unsigned char)*s->in < 0x20 || *s->in == 0x7f)
		return "holds a line end or another control character";
	/* ~ and # mean something to a shell at the beginning of a word only. */
	if (s->is_command &&
	    (strchr("|&;<>()$`*?[]{}!", *s->in) || (is_first && (*s->in == '~' || *s->in == '#'))))
		return NEEDS_SHELL;
	if (*s->in == '\\') {
		if (!s->in[1])
			return "ends with a backslash";
		s->in++;
	}
	return put(s, *s->in++);
}

static const char *one_word(struct splitter *s)
{
	const char *begin = s->in;
	const char *problem = NULL;

	while (*s->in && !is_blank(*s->in) && !problem) {
		if (*s->in == '\'')
			problem = single_quoted(s);
		else if (*s->in == '"')
			problem = double_quoted(s);
		else
			problem = plain(s, s->in == begin);
	}
	return problem ? problem : put(s, '\0');
}

const char *args_split(const char *text, bool is_command, struct args *args)
{
	struct splitter s = {.in = text,
			     .out = args->text,
			     .end = args->text + sizeof(args->text) - 1,
			     .is_command = is_command};
	const char *problem;

	args->count = 0;
	args->words[0] = NULL;
	for (;;) {
		while (is_blank(*s.in))
			s.in++;
		if (!*s.in)
			return NULL;
		if (args->count == ARGS_MAX)
			return "has more than 64 words";
		args->words[args->count] = s.out;
		problem = one_word(&s);
		if (problem)
			return problem;
		args->words[++args->count] = NULL;
	}
}
