/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads and writes the list of connections, see clients.h. */

#include "nfsserver/clients.h"

#include "util/num.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES (2 * HAOPS_ADDR_TEXT_MAX + 16)

int clients_format(const struct haops_tcp_connection *list, size_t count, char **ret_text)
{
	char local[HAOPS_ADDR_TEXT_MAX];
	char peer[HAOPS_ADDR_TEXT_MAX];
	char *text = calloc(count + 1, LINE_MAX_BYTES);
	size_t len = 0;

	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, LINE_MAX_BYTES, "%s %u %s %u\n",
					haops_addr_format(&list[i].local, local),
					list[i].local_port, haops_addr_format(&list[i].peer, peer),
					list[i].peer_port);
	*ret_text = text;
	return 0;
}

static bool take_address(char **line, struct haops_addr *ret)
{
	const char *word = strsep(line, " ");

	memset(ret, 0, sizeof(*ret));
	ret->family = AF_INET;
	if (!word || !*line)
		return false;
	if (inet_pton(AF_INET, word, ret->bytes) == 1)
		return true;
	ret->family = AF_INET6;
	return inet_pton(AF_INET6, word, ret->bytes) == 1;
}

static bool take_port(char **line, uint16_t *ret)
{
	const char *word = strsep(line, " ");
	int64_t port;

	if (!word || num_parse(word, 1, UINT16_MAX, &port) < 0)
		return false;
	*ret = (uint16_t)port;
	return true;
}

static bool take_line(char *line, struct haops_tcp_connection *ret)
{
	return take_address(&line, &ret->local) && take_port(&line, &ret->local_port) && line &&
	       take_address(&line, &ret->peer) && take_port(&line, &ret->peer_port) && !line &&
	       ret->local.family == ret->peer.family;
}

int clients_parse(const char *text, struct haops_tcp_connection **ret_list, size_t *ret_count)
{
	struct haops_tcp_connection *list = calloc(HAOPS_TCP_MAX, sizeof(*list));
	char *copy = strdup(text);
	char *rest = copy;
	size_t count = 0;
	char *line;

	if (!list || !copy) {
		free(list);
		free(copy);
		return -ENOMEM;
	}
	while (count < HAOPS_TCP_MAX && (line = strsep(&rest, "\n")))
		count += take_line(line, &list[count]);
	free(copy);
	*ret_list = list;
	*ret_count = count;
	return 0;
}
