/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the command line of haops-cib, see options.h. */

#include "options.h"

#include "util/num.h"

#include <string.h>

#define TIMEOUT_DEFAULT_MS 10000
#define TIMEOUT_MAX_MS 600000

/* What may be an id of XML, and stand in an XPath expression in quotes. */
static bool is_id(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";

	return text[0] && strlen(text) < OPTIONS_NAME_MAX &&
	       strspn(text, allowed) == strlen(text) && text[0] != '-' && text[0] != '.' &&
	       !(text[0] >= '0' && text[0] <= '9');
}

static bool is_text(const char *text)
{
	if (strlen(text) > OPTIONS_VALUE_MAX)
		return false;
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

static const char *take_pair(const char *word, struct options *options)
{
	const char *equals = strchr(word, '=');
	struct options_pair *pair = &options->pairs[options->pair_count];

	if (!equals || equals - word >= OPTIONS_NAME_MAX)
		return "give what is to be set as NAME=VALUE";
	if (options->pair_count == OPTIONS_PAIRS_MAX)
		return "more than 64 values";
	memset(pair->name, 0, sizeof(pair->name));
	memcpy(pair->name, word, (size_t)(equals - word));
	pair->value = equals + 1;
	if (!is_id(pair->name))
		return "a name has letters, digits, dots, - and _, and begins with a letter";
	if (!is_text(pair->value))
		return "a value is one line of at most 64 KiB";
	options->pair_count++;
	return NULL;
}

static const char *take_nodes(int argc, char **argv, int at, struct options *options)
{
	options->resource = at < argc ? argv[at++] : NULL;
	options->attribute = at < argc ? argv[at++] : NULL;
	return at == argc ? NULL : "a resource and an attribute at most tell of nodes";
}

static const char *take_rest(int argc, char **argv, int at, struct options *options)
{
	const char *problem = NULL;

	if (options->verb == OPTIONS_NODES)
		return take_nodes(argc, argv, at, options);
	if (at == argc)
		return "which property set?";
	options->set = argv[at++];
	if (!is_id(options->set))
		return "that is no id of a property set";
	if (options->verb == OPTIONS_LOOK)
		return take_nodes(argc, argv, at, options);
	if (options->verb == OPTIONS_GET)
		return at == argc ? NULL : "get takes one property set";
	if (at == argc)
		return "set what?";
	for (; at < argc && !problem; at++)
		problem = take_pair(argv[at], options);
	return problem;
}

static bool take_verb(const char *word, enum options_verb *ret_verb)
{
	static const char *const verbs[] = {"get", "set", "nodes", "look"};

	for (int i = 0; i < 4; i++)
		if (strcmp(word, verbs[i]) == 0) {
			*ret_verb = (enum options_verb)i;
			return true;
		}
	return false;
}

const char *options_read(int argc, char **argv, struct options *options)
{
	int64_t timeout_ms = TIMEOUT_DEFAULT_MS;
	int at = 1;

	memset(options, 0, sizeof(*options));
	if (at + 1 < argc && strcmp(argv[at], "--timeout") == 0) {
		if (num_parse(argv[at + 1], 1, TIMEOUT_MAX_MS, &timeout_ms) < 0)
			return "--timeout takes 1 to 600000 milliseconds";
		at += 2;
	}
	options->timeout_ms = (long)timeout_ms;
	if (at == argc || !take_verb(argv[at], &options->verb))
		return "usage: haops-cib [--timeout MS] get SET | set SET NAME=VALUE... | nodes "
		       "[RESOURCE [ATTRIBUTE]] | look SET [RESOURCE [ATTRIBUTE]]";
	return take_rest(argc, argv, at + 1, options);
}
