/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds bytes to the readers of /proc/PID/stat, cmdline and the target of exe: a failure changes
 * nothing, and what comes out is one clean line. */

#include "proc-stat.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_stat(const char *text)
{
	struct haops_process process;
	struct haops_process before;
	int r;

	memset(&process, 0x55, sizeof(process));
	before = process;
	r = proc_stat_parse(text, &process);
	check(r == 0 || r == -EINVAL);
	if (r < 0) {
		check(memcmp(&process, &before, sizeof(process)) == 0);
		return;
	}
	check(process.pid >= -1 && process.ppid >= -1 && process.pgid >= -1 && process.sid >= -1);
	check(process.state != '\0' && process.start_ticks <= INT64_MAX);
	check(memcmp(process.exe, before.exe, sizeof(process.exe)) == 0);
	check(memcmp(process.cmdline, before.cmdline, sizeof(process.cmdline)) == 0);
}

static void check_cmdline(const char *data, size_t size)
{
	char text[HAOPS_PROCESS_TEXT_MAX];
	size_t len;

	memset(text, 0x55, sizeof(text));
	proc_cmdline_format(data, size, text);
	len = strnlen(text, sizeof(text));
	check(len < sizeof(text) && len <= size);
	check(len == 0 || text[len - 1] != ' ');
	for (size_t i = 0; i < len; i++)
		check((unsigned char)text[i] >= ' ' && text[i] != 0x7f);
}

static void check_exe(char *path)
{
	size_t len = strlen(path);
	bool was_cut = proc_exe_cut_deleted(path);

	check(strlen(path) == (was_cut ? len - strlen(" (deleted)") : len));
	check(strlen(path) > 0 || len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	check(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	check_stat(text);
	check_cmdline((const char *)data, size);
	check_exe(text);
	free(text);
	return 0;
}
