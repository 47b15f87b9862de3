/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds an environment, lines of NAME=VALUE, to the reader of what DRBD asks its fence-peer
 * handler. What it accepts must be fit for drbdadm and for the daemon's one-line argument. */

#include <outdate-peer/request.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *get(void *userdata, const char *name)
{
	char **lines = userdata;
	size_t len = strlen(name);

	for (; *lines; lines++)
		if (strncmp(*lines, name, len) == 0 && (*lines)[len] == '=')
			return *lines + len + 1;
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request_maps maps = {.map = {"db1.example.com=db1"}, .count = 1};
	struct request request;
	char message[REQUEST_TEXT_MAX];
	char *lines[17] = {0};
	char *text = malloc(size + 1);
	char *rest = text;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t i = 0; i < 16 && rest; i++)
		lines[i] = strsep(&rest, "\n");
	if (request_read(get, lines, &maps, &request, message) == 0 &&
	    (!drbdname_is_resource(request.resource) || request.node[0] == '\0' ||
	     strpbrk(request.node, " \t\n/='\"")))
		abort();
	free(text);
	return 0;
}
