/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TOOL_OPTIONS_H
#define HAOPS_TOOL_OPTIONS_H

/* The command line of haops(8). */

#include "views.h"

/* Exit statuses; those of a check for monitoring come first (enum writer_level). */
#define EXIT_NOT_ALLOWED 4
#define EXIT_NO_SUCH 5
#define EXIT_REFUSED 6
#define EXIT_USAGE 64
#define EXIT_OUTPUT 74

enum command_kind {
	COMMAND_VIEW,
	COMMAND_HBSTATUS,
	COMMAND_NODESTATUS,
	COMMAND_IS_ACTIVE,
	COMMAND_RSCSTATUS,
	COMMAND_RELOAD,
	COMMAND_SET,
	COMMAND_MYSQL /* haops-mysql's */
};

struct command {
	const char *name;
	const char *arguments; /* as --help shows them */
	const char *help;
	enum command_kind kind;
	enum view view;
	int least; /* arguments */
	int most;
};

struct options {
	const struct command *command;
	struct writer_options form;
	int64_t watch_ms; /* 0: once */
	const char *arguments[2];
};

/* -1: go on; otherwise the exit status: help was shown, or an error told. */
int options_parse(int argc, char **argv, struct options *options);

#endif
