/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes the value of nfs_ip apart, see addresses.h. */

#include "nfsserver/addresses.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

static bool is_address(const char *word)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, word, bytes) == 1 || inet_pton(AF_INET6, word, bytes) == 1;
}

const char *addresses_parse(const char *value, struct addresses *ret)
{
	size_t len = strlen(value);
	char *state = NULL;

	ret->count = 0;
	if (len >= sizeof(ret->text))
		return "is too long";
	memcpy(ret->text, value, len + 1);
	for (char *word = strtok_r(ret->text, ", \t", &state); word;
	     word = strtok_r(NULL, ", \t", &state)) {
		if (!is_address(word))
			return "holds what is no IP address";
		if (ret->count == ADDRESSES_MAX)
			return "holds more than 32 addresses";
		ret->offsets[ret->count++] = (size_t)(word - ret->text);
	}
	return NULL;
}

const char *addresses_get(const struct addresses *list, size_t i)
{
	return list->text + list->offsets[i];
}
