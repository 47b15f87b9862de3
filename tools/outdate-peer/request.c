/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads resource and peer from what drbdadm puts into a handler's environment. DRBD 9 numbers its
 * peers (DRBD_PEER_NODE_ID) and names each (DRBD_NODE_ID_n); 8.4 names the one that there is.
 */
#include "request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NODE_ID_MAX 31
#define VARIABLE_MAX 32

static int fail(char text[REQUEST_TEXT_MAX], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int fail(char text[REQUEST_TEXT_MAX], const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, REQUEST_TEXT_MAX, fmt, args);
	va_end(args);
	return -EINVAL;
}

/* A host's name as DRBD and Corosync take it: no blank, and no sign that is one of ours. */
static bool is_node_name(const char *text, size_t len)
{
	if (len == 0 || len >= REQUEST_NODE_MAX || text[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~' || strchr("=/\"'\\", text[i]))
			return false;
	return true;
}

bool request_is_map(const char *text)
{
	const char *equal = strchr(text, '=');

	return equal && is_node_name(text, (size_t)(equal - text)) &&
	       is_node_name(equal + 1, strlen(equal + 1));
}

/* The number of a node: one or two digits, 0 to 31. -1 for anything else. */
static int parse_node_id(const char *text)
{
	size_t len = strnlen(text, 3);
	int number = 0;

	if (len == 0 || len > 2)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		number = number * 10 + (text[i] - '0');
	}
	return number <= NODE_ID_MAX ? number : -1;
}

/* The variable that holds the peer's name; NULL with a sentence when there is none. */
static const char *find_peer(request_get_fn get, void *userdata, char variable[VARIABLE_MAX],
			     char text[REQUEST_TEXT_MAX])
{
	const char *id = get(userdata, "DRBD_PEER_NODE_ID");
	const char *peer;
	int number;

	if (id) {
		number = parse_node_id(id);
		if (number < 0) {
			(void)fail(text, "DRBD_PEER_NODE_ID is '%.32s', not a number from 0 to %d",
				   id, NODE_ID_MAX);
			return NULL;
		}
		(void)snprintf(variable, VARIABLE_MAX, "DRBD_NODE_ID_%d", number);
	} else {
		(void)snprintf(variable, VARIABLE_MAX, "DRBD_PEERS");
		if (!get(userdata, variable))
			(void)snprintf(variable, VARIABLE_MAX, "DRBD_PEER");
	}
	peer = get(userdata, variable);
	if (!peer || !peer[0]) {
		(void)fail(text,
			   "%s is not set: is this called as DRBD's fence-peer handler, with the "
			   "peer in an \"on\" section of the resource?",
			   variable);
		return NULL;
	}
	return peer;
}

static void map_node(const struct request_maps *maps, const char *name, char node[REQUEST_NODE_MAX])
{
	size_t len = strlen(name);

	(void)snprintf(node, REQUEST_NODE_MAX, "%s", name);
	for (size_t i = 0; i < maps->count; i++)
		if (strncmp(maps->map[i], name, len) == 0 && maps->map[i][len] == '=')
			(void)snprintf(node, REQUEST_NODE_MAX, "%s", maps->map[i] + len + 1);
}

/* One host: with two, where one of both has the disk now, an answer of either proves nothing. */
static int read_node(const char *peer, const char *variable, const struct request_maps *maps,
		     struct request *request, char text[REQUEST_TEXT_MAX])
{
	if (strchr(peer, ' '))
		return fail(text,
			    "%s names several hosts ('%.80s'): which of them has the disk is not "
			    "known; a stacked resource cannot be outdated this way",
			    variable, peer);
	if (!is_node_name(peer, strlen(peer)))
		return fail(text, "%s is '%.80s': no name of a node", variable, peer);
	map_node(maps, peer, request->node);
	return 0;
}

int request_read(request_get_fn get, void *userdata, const struct request_maps *maps,
		 struct request *ret_request, char text[REQUEST_TEXT_MAX])
{
	struct request request = {0};
	char variable[VARIABLE_MAX];
	const char *resource = get(userdata, "DRBD_RESOURCE");
	const char *peer;
	int r;

	if (!resource || !drbdname_is_resource(resource))
		return fail(text,
			    resource ? "DRBD_RESOURCE is '%.80s': no name of a resource"
				     : "DRBD_RESOURCE is not set: this is for DRBD to call, as "
				       "its fence-peer handler%s",
			    resource ? resource : "");
	(void)snprintf(request.resource, sizeof(request.resource), "%s", resource);
	peer = find_peer(get, userdata, variable, text);
	if (!peer)
		return -EINVAL;
	r = read_node(peer, variable, maps, &request, text);
	if (r < 0)
		return r;
	*ret_request = request;
	return 0;
}
