/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_OPTIONS_H
#define HAOPSD_OPTIONS_H

/* The command line. */

#include <stdbool.h>

#define OPTIONS_ERROR_MAX 256

enum options_verb { OPTIONS_RUN, OPTIONS_CHECK, OPTIONS_VERSION, OPTIONS_HELP };

struct options {
	enum options_verb verb;
	const char *config_path;
	const char *run_dir; /* NULL for the built-in one */
	const char *log_socket;
	bool is_foreground;
	bool is_config_given; /* then it has to be there */
};

/* 0, or -EINVAL with a sentence in error. */
int options_parse(int argc, char **argv, struct options *ret_options,
		  char error[OPTIONS_ERROR_MAX]);
extern const char options_help[];

#endif
