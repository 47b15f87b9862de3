/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds text to what haops(8) makes of DRBD: the events up to the first NUL, and /proc/drbd behind
 * it. What is shown of it stays within its bounds. */

#include "drbd-proc.h"
#include "views.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_row(const struct drbd_row *row)
{
	if (row->permille < -1 || row->permille > 1000 || row->left_ms < -1 || row->minor < 0)
		abort();
	if (row->sync == STATE_SYNC_NONE && (row->permille >= 0 || row->left_ms >= 0))
		abort();
	if (strlen(row->resource) >= STATE_NAME_MAX || strlen(row->peer) >= STATE_NAME_MAX)
		abort();
}

static void show(const struct drbd_report *report)
{
	const struct writer_options options = {.form = WRITER_TEXT, .columns = 80};
	struct writer writer;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out || writer_open(&writer, out, &options, "test") < 0)
		abort();
	view_drbd(&writer, report);
	writer_close(&writer);
	(void)fclose(out);
	free(text);
}

static void feed(const char *events, const char *proc)
{
	struct drbd_report report = {.is_there = true};
	struct drbd_progress progress;
	struct verdict verdict = {0};

	if (drbd_proc_find(proc, 0, &progress) == 0 &&
	    (progress.permille > 1000 || progress.left_s < -1))
		abort();
	if (drbd_report_fill(&report, events, proc) < 0 && report.count > 0)
		abort();
	for (size_t i = 0; i < report.count; i++)
		check_row(&report.rows[i]);
	drbd_verdict_judge(&report, &verdict);
	if (verdict.level > LEVEL_WARNING)
		abort();
	show(&report);
	drbd_report_done(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 2);
	size_t len;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	text[size + 1] = '\0';
	len = strlen(text);
	feed(text, text + len + 1);
	free(text);
	return 0;
}
