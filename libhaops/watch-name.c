/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which state file a resource's watch record is. Pure. */
#include "watch-name.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PLAIN "watch-"
#define HASHED "watch."
#define CUT_MAX 60 /* bytes, each of which may become three */

static uint64_t hash(const char *text)
{
	uint64_t value = UINT64_C(14695981039346656037); /* FNV-1a */

	for (; *text; text++)
		value = (value ^ (uint8_t)*text) * UINT64_C(1099511628211);
	return value;
}

void watch_name_state(const char *resource, char ret_name[STATE_NAME_MAX + 1])
{
	char file[STATE_FILE_MAX];
	int len = snprintf(ret_name, STATE_NAME_MAX + 1, PLAIN "%s", resource);

	if (len <= STATE_NAME_MAX && state_name_escape(ret_name, file))
		return;
	(void)snprintf(ret_name, STATE_NAME_MAX + 1, HASHED "%016" PRIx64 "-%.*s", hash(resource),
		       CUT_MAX, resource);
}

bool watch_name_of_file(const char *file, char ret_name[STATE_NAME_MAX + 1])
{
	/* What is still being written ends with '~', which no name has unescaped. */
	return (strncmp(file, PLAIN, strlen(PLAIN)) == 0 ||
		strncmp(file, HASHED, strlen(HASHED)) == 0) &&
	       state_name_unescape(file, ret_name);
}
