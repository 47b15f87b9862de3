/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MYSQL_NODES_H
#define MYSQL_NODES_H

/* The nodes of node_list: "NAME" or "NAME=ADDRESS", separated by spaces. Pure. */

#include <stdbool.h>
#include <stddef.h>

#define NODES_MAX 32
#define NODES_NAME_MAX 256

struct node {
	char name[NODES_NAME_MAX];
	char address[NODES_NAME_MAX]; /* "": not given */
};

struct nodes {
	struct node list[NODES_MAX];
	size_t count;
};

/* NULL, or what is wrong as the end of a sentence. */
const char *nodes_parse(const char *text, struct nodes *ret_nodes);
/* The same, for a parameter. */
const char *nodes_check(const char *text);
/* The index, or count if there is none. */
size_t nodes_find(const struct nodes *nodes, const char *name);
/* Adds one without an address. False: there is no room, or the name is none. */
bool nodes_add(struct nodes *nodes, const char *name);

#endif
