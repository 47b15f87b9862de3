/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MYSQL_IDENTITY_H
#define MYSQL_IDENTITY_H

/*
 * Whether a process belongs to the server of one data directory, out of what /proc shows of it.
 * Pure. Facts about the servers: their working folder is the data directory as soon as they have
 * read their options; mysqld_safe and the scripts that make a database are shell scripts.
 */

#include <stdbool.h>
#include <stddef.h>

#define IDENTITY_PATH_MAX 256
#define IDENTITY_CMDLINE_MAX 16384

enum identity_role {
	IDENTITY_NONE,
	IDENTITY_SERVER,
	IDENTITY_GUARD, /* would start or make the server again: mysqld_safe, install scripts */
	IDENTITY_START	/* a start action of this resource, or what it was about to execute */
};

struct identity_facts {
	const char *exe;     /* its program, or "" */
	const char *cmdline; /* its arguments, each with a NUL behind it */
	size_t cmdline_len;
	const char *folder;   /* its working folder, or "" */
	bool is_same_folder;  /* that is the data directory by device and inode */
	const char *instance; /* OCF_RESOURCE_INSTANCE of its environment, or "" */
};

struct identity_want {
	const char *binary;   /* the server program, links resolved, or "" */
	const char *datadir;  /* as the parameter has it */
	const char *realdir;  /* links resolved, "" when it is not there */
	const char *socket;   /* as the parameter has it */
	const char *agent;    /* this agent's program */
	const char *instance; /* this resource */
};

enum identity_role identity_judge(const struct identity_facts *facts,
				  const struct identity_want *want);

/* Whether it is such a script, whatever it starts. */
bool identity_is_guard(const struct identity_facts *facts);

/* Whether it is worth a closer look, by its program and the beginning of its arguments. */
bool identity_is_candidate(const char *exe, const char *cmdline, const struct identity_want *want);

/*
 * The value of an option among arguments, the last one if it is given more than once:
 * "--NAME=VALUE" or "--NAME VALUE". False: it is not given, or does not fit.
 */
bool identity_option(const char *cmdline, size_t len, const char *name,
		     char ret_value[IDENTITY_PATH_MAX]);

#endif
