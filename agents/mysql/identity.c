/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells which processes belong to a data directory, see identity.h. Looks at nothing but its
 * arguments. */

#include "mysql/identity.h"

#include <string.h>

static const char *const server_names[] = {"mariadbd",	   "mysqld",	 "mariadbd-debug",
					   "mysqld-debug", "mysqld-max", NULL};
static const char *const guard_names[] = {"mysqld_safe",      "mariadbd-safe",	    "safe_mysqld",
					  "mysql_install_db", "mariadb-install-db", NULL};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_among(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

static bool is_server_program(const char *exe, const struct identity_want *want)
{
	return exe[0] && (strcmp(exe, want->binary) == 0 || is_among(base_name(exe), server_names));
}

/* The next argument, or NULL at the end; a last one without its NUL does not count. */
static const char *next_word(const char *cmdline, size_t len, size_t *at)
{
	const char *word = cmdline + *at;
	const char *stop = *at < len ? memchr(word, '\0', len - *at) : NULL;

	if (!stop)
		return NULL;
	*at += (size_t)(stop - word) + 1;
	return word;
}

static bool is_named(const char *word, const char *name, const char **ret_value)
{
	size_t len = strlen(name);

	if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, name, len) != 0)
		return false;
	*ret_value = word[2 + len] == '=' ? word + 3 + len : NULL;
	return word[2 + len] == '=' || word[2 + len] == '\0';
}

bool identity_option(const char *cmdline, size_t len, const char *name,
		     char ret_value[IDENTITY_PATH_MAX])
{
	bool is_found = false;
	size_t at = 0;
	const char *word;
	const char *value;

	while ((word = next_word(cmdline, len, &at))) {
		if (!is_named(word, name, &value))
			continue;
		if (!value)
			value = next_word(cmdline, len, &at);
		if (!value || strlen(value) >= IDENTITY_PATH_MAX)
			return false;
		memcpy(ret_value, value, strlen(value) + 1);
		is_found = true;
	}
	return is_found;
}

/* Slashes at the end of a folder mean nothing. */
static bool is_same_path(const char *a, const char *b)
{
	size_t len_a = strlen(a);
	size_t len_b = strlen(b);

	while (len_a > 1 && a[len_a - 1] == '/')
		len_a--;
	while (len_b > 1 && b[len_b - 1] == '/')
		len_b--;
	return len_a > 0 && len_a == len_b && memcmp(a, b, len_a) == 0;
}

static bool is_datadir(const char *path, const struct identity_want *want)
{
	return is_same_path(path, want->datadir) || is_same_path(path, want->realdir);
}

/* The folder alone decides where it is the data directory: options can be in files as well. */
static bool is_ours(const struct identity_facts *facts, const struct identity_want *want)
{
	char value[IDENTITY_PATH_MAX];

	if (facts->is_same_folder || is_datadir(facts->folder, want))
		return true;
	if (identity_option(facts->cmdline, facts->cmdline_len, "datadir", value))
		return is_datadir(value, want);
	return identity_option(facts->cmdline, facts->cmdline_len, "socket", value) &&
	       strcmp(value, want->socket) == 0;
}

/* A script is the first argument of its interpreter, which may have options. */
bool identity_is_guard(const struct identity_facts *facts)
{
	size_t at = 0;
	const char *word;

	for (int i = 0; i < 3 && (word = next_word(facts->cmdline, facts->cmdline_len, &at)); i++)
		if (is_among(base_name(word), guard_names))
			return true;
	return false;
}

/* Between fork(2) and execve(2) the server to be is a copy of the agent. */
static bool is_start(const struct identity_facts *facts, const struct identity_want *want)
{
	size_t at = 0;
	const char *action;

	if (!want->agent[0] || strcmp(facts->exe, want->agent) != 0 ||
	    strcmp(facts->instance, want->instance) != 0)
		return false;
	(void)next_word(facts->cmdline, facts->cmdline_len, &at);
	action = next_word(facts->cmdline, facts->cmdline_len, &at);
	return action && strcmp(action, "start") == 0;
}

enum identity_role identity_judge(const struct identity_facts *facts,
				  const struct identity_want *want)
{
	if (is_start(facts, want))
		return IDENTITY_START;
	if (is_server_program(facts->exe, want) && is_ours(facts, want))
		return IDENTITY_SERVER;
	return identity_is_guard(facts) && is_ours(facts, want) ? IDENTITY_GUARD : IDENTITY_NONE;
}

bool identity_is_candidate(const char *exe, const char *cmdline, const struct identity_want *want)
{
	if (is_server_program(exe, want) || (want->agent[0] && strcmp(exe, want->agent) == 0))
		return true;
	for (const char *const *name = guard_names; *name; name++)
		if (strstr(cmdline, *name))
			return true;
	return false;
}
