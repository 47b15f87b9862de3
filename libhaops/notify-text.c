/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the messages of sd_notify(3), see notify-text.h. Looks at nothing but its arguments. */
#include "notify-text.h"

#include <string.h>

static const char READY[] = "READY=1";
static const char STATUS[] = "STATUS=";

static void take_status(const char *value, size_t len, char text[HAOPS_PROCESS_TEXT_MAX])
{
	size_t kept = len < HAOPS_PROCESS_TEXT_MAX - 1 ? len : HAOPS_PROCESS_TEXT_MAX - 1;

	for (size_t i = 0; i < kept; i++)
		text[i] = (unsigned char)value[i] < 0x20 || value[i] == 0x7f ? ' ' : value[i];
	text[kept] = '\0';
}

void notify_text_read(const char *message, size_t len, bool *is_ready,
		      char text[HAOPS_PROCESS_TEXT_MAX])
{
	const char *end = message + len;

	for (const char *line = message; line < end;) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t line_len = (size_t)((stop ? stop : end) - line);

		if (line_len == strlen(READY) && memcmp(line, READY, line_len) == 0)
			*is_ready = true;
		else if (line_len >= strlen(STATUS) && memcmp(line, STATUS, strlen(STATUS)) == 0)
			take_status(line + strlen(STATUS), line_len - strlen(STATUS), text);
		line += line_len + 1;
	}
}
