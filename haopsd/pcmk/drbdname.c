/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judges names of DRBD resources. Whether there is such a resource is drbdadm's matter.
 */
#include "drbdname.h"

#include <stddef.h>
#include <string.h>

static bool is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

bool drbdname_is_resource(const char *text)
{
	size_t len = strnlen(text, DRBDNAME_MAX);

	if (len == 0 || len == DRBDNAME_MAX || text[0] == '-' || text[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_name_character(text[i]))
			return false;
	/* Words of drbdadm: every resource, or a minor number, which may be another resource's on
	 * the other node. */
	return strcmp(text, "all") != 0 && strncmp(text, "minor-", strlen("minor-")) != 0;
}
