/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_CIB_OPTIONS_H
#define HAOPS_CIB_OPTIONS_H

/* The command line of haops-cib. Pure. */

#include <stdbool.h>
#include <stddef.h>

#define OPTIONS_PAIRS_MAX 64
#define OPTIONS_NAME_MAX 200
#define OPTIONS_VALUE_MAX 65536

enum options_verb { OPTIONS_GET, OPTIONS_SET, OPTIONS_NODES, OPTIONS_LOOK };

struct options_pair {
	char name[OPTIONS_NAME_MAX];
	const char *value; /* within argv */
};

struct options {
	enum options_verb verb;
	long timeout_ms;
	const char *set;       /* id of the property set, with get, set and look */
	const char *resource;  /* whose role to print, with nodes and look; or NULL */
	const char *attribute; /* node attribute to print; or NULL */
	struct options_pair pairs[OPTIONS_PAIRS_MAX];
	size_t pair_count;
};

/* NULL, or what is wrong. */
const char *options_read(int argc, char **argv, struct options *ret_options);

#endif
