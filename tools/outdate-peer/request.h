/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef OUTDATE_PEER_REQUEST_H
#define OUTDATE_PEER_REQUEST_H

/*
 * What DRBD wants when it calls its fence-peer handler: a resource and a peer, from the environment
 * of drbdadm 8.4 or 9. Pure.
 */

#include <pcmk/drbdname.h>
#include <stdbool.h>
#include <stddef.h>

#define REQUEST_NODE_MAX 100 /* bytes of a node's name with the NUL */
#define REQUEST_TEXT_MAX 256
#define REQUEST_MAPS_MAX 32

/* "DRBD's name of a host=the cluster's name of the node". */
struct request_maps {
	const char *map[REQUEST_MAPS_MAX];
	size_t count;
};

struct request {
	char resource[DRBDNAME_MAX];
	char node[REQUEST_NODE_MAX]; /* the cluster's name */
};

/* Looks up a variable: its value or NULL. */
typedef const char *(*request_get_fn)(void *userdata, const char *name);

/* 0, or -EINVAL with a sentence in text. */
int request_read(request_get_fn get, void *userdata, const struct request_maps *maps,
		 struct request *ret_request, char text[REQUEST_TEXT_MAX]);

/* Whether text is NAME=NODE with names as they can be. */
bool request_is_map(const char *text);

#endif
