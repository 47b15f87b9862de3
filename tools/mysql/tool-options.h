/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_TOOL_OPTIONS_H
#define HAOPS_MYSQL_TOOL_OPTIONS_H

/* The command line of haops-mysql(8), which is that of haops(8). */

#include "writer.h"

/* Exit statuses; those of a check for monitoring come first (enum writer_level). */
#define EXIT_NOT_ALLOWED 4
#define EXIT_NO_SUCH 5
#define EXIT_REFUSED 6
#define EXIT_USAGE 64
#define EXIT_OUTPUT 74

enum mysql_command { COMMAND_STATUS, COMMAND_REJOIN, COMMAND_ALLOW_STALE, COMMAND_SWITCHOVER };

struct mysql_options {
	enum mysql_command command;
	const char *command_name; /* as documents name it */
	struct writer_options form;
	int64_t watch_ms;     /* 0: once */
	const char *resource; /* NULL: the only one */
	const char *node;     /* of rejoin */
	const char *to;	      /* of switchover */
	int64_t timeout_ms;
	int64_t max_lag_s;
	bool has_yes;
	bool has_discard;
};

/* -1: go on; otherwise the exit status: help was shown, or an error told. */
int mysql_options_parse(int argc, char **argv, struct mysql_options *options);

#endif
