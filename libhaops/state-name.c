/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of state files and the files that they are stored in, both ways. Pure. */
#include "state-name.h"

#include <string.h>

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

bool state_name_escape(const char *name, char ret_file[STATE_FILE_MAX])
{
	static const char hex[] = "0123456789ABCDEF";
	size_t out = 0;

	for (const char *c = name; *c; c++) {
		if (out + 3 + STATE_TEMP_MAX >= STATE_FILE_MAX)
			return false;
		if (is_plain(*c) && !(c == name && *c == '.')) {
			ret_file[out++] = *c;
			continue;
		}
		ret_file[out++] = '%';
		ret_file[out++] = hex[(unsigned char)*c >> 4];
		ret_file[out++] = hex[(unsigned char)*c & 15];
	}
	ret_file[out] = '\0';
	return true;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that "XX" stands for, 0 when it stands for none. */
static char escaped_byte(const char *text)
{
	int high = hex_value(text[0]);
	int low = high < 0 ? -1 : hex_value(text[1]);

	return low < 0 ? '\0' : (char)(high * 16 + low);
}

bool state_name_unescape(const char *file, char ret_name[STATE_NAME_MAX + 1])
{
	char again[STATE_FILE_MAX];
	size_t out = 0;

	for (const char *c = file; *c; c++) {
		char byte = *c;

		if (out == STATE_NAME_MAX)
			return false;
		if (byte == '%') {
			byte = escaped_byte(c + 1);
			c += 2;
		}
		if (!byte)
			return false;
		ret_name[out++] = byte;
	}
	ret_name[out] = '\0';
	/* One name, one file: "%61" is nobody's file. */
	return state_name_escape(ret_name, again) && strcmp(again, file) == 0;
}
