/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds bytes to the reader of lines of /proc/self/mountinfo: what it takes are texts of the line.
 */

#include "util/mountinfo.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_within(const char *text, const char *line, size_t size)
{
	if (text < line || text + strlen(text) > line + size)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mountinfo info = {.path = NULL};
	char *line = malloc(size + 1);

	if (!line)
		abort();
	memcpy(line, data, size);
	line[size] = '\0';
	if (mountinfo_parse(line, &info)) {
		check_within(info.path, line, size);
		check_within(info.device, line, size);
		check_within(info.root, line, size);
		check_within(info.options, line, size);
		check_within(info.fstype, line, size);
		check_within(info.source, line, size);
		check_within(info.system_options, line, size);
		if (!*line || info.path[0] != '/')
			abort();
	}
	free(line);
	return 0;
}
