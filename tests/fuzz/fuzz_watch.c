/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds bytes to the reader of watch records, and to that of their files' names: a record that is
 * taken is right, and written again it is the same text. */

#include "watch-name.h"
#include "watch-text.h"

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

static void check_text(const char *text, size_t size)
{
	struct haops_watch watch;
	char *again = NULL;
	size_t len = 0;
	int r = watch_text_parse(text, size, &watch);

	check(r == 0 || r == -EBADMSG);
	if (r < 0)
		return;
	check(watch_text_check(&watch) == NULL);
	check(watch_text_encode(&watch, &again, &len) == 0);
	check(len == size && memcmp(again, text, len) == 0);
	free(again);
	haops_watch_done(&watch);
}

static void check_name(const char *text)
{
	char name[STATE_NAME_MAX + 1];
	char file[STATE_FILE_MAX];

	if (watch_name_of_file(text, name)) {
		check(state_name_escape(name, file));
		check(strcmp(file, text) == 0);
	}
	if (text[0] && strlen(text) < HAOPS_WATCH_NAME_MAX) {
		watch_name_state(text, name);
		check(strlen(name) <= STATE_NAME_MAX);
		check(state_name_escape(name, file));
		check(strchr(file, '/') == NULL && haops_watch_is_file(file));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	check(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	check_text(text, size);
	check_name(text);
	free(text);
	return 0;
}
