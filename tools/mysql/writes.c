/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the answer about long writes. Of a statement only its beginning is kept, up to the first
 * literal: what is in there is nobody's business. */

#include "writes.h"

#include "util/num.h"

#include <stdio.h>
#include <string.h>

/* Behind comments and brackets, what does not begin as something that only reads. */
const char writes_question[] =
	"SELECT COUNT(*), 0, '', '' FROM information_schema.USER_PRIVILEGES WHERE "
	"PRIVILEGE_TYPE = 'PROCESS' AND GRANTEE = CONCAT('''', REPLACE(CURRENT_USER(), '@', "
	"'''@'''), ''''); "
	"SELECT ID, TIME, USER, REGEXP_REPLACE(LEFT(INFO, 300), '[[:space:]]+', ' ') FROM "
	"information_schema.PROCESSLIST WHERE COMMAND IN ('Query', 'Execute') AND TIME >= 2 AND "
	"ID <> CONNECTION_ID() AND REGEXP_REPLACE(LEFT(INFO, 300), "
	"'(?s)^([[:space:](]|/\\\\*.*?\\\\*/)*', '') NOT REGEXP "
	"'(?i)^(SELECT|SHOW|EXPLAIN|DESC|ANALYZE|HELP|SET|WITH|USE|BINLOG DUMP)\\\\b' "
	"ORDER BY TIME DESC";

/* The next field of a line; what does not fit is cut. */
static const char *take_field(const char *at, char *buf, size_t size)
{
	size_t len = strcspn(at, "\t\n");

	(void)snprintf(buf, size, "%.*s", (int)len, at);
	return at + len + (at[len] == '\t');
}

static bool read_line(const char *line, struct long_write *write)
{
	char number[24];
	int64_t session;

	line = take_field(line, number, sizeof(number));
	if (num_parse(number, 0, INT64_MAX, &session) < 0)
		return false;
	write->session = (uint64_t)session;
	line = take_field(line, number, sizeof(number));
	if (num_parse(number, 0, INT64_MAX, &write->seconds) < 0)
		return false;
	line = take_field(line, write->user, sizeof(write->user));
	(void)take_field(line, write->text, sizeof(write->text));
	write->text[strcspn(write->text, "'\"(")] = '\0';
	return true;
}

static void add(struct long_writes *writes, const struct long_write *write)
{
	if (writes->count < SNAPSHOT_WRITES_MAX)
		writes->list[writes->count] = *write;
	writes->count++;
}

void writes_read(const char *rows, struct long_writes *ret_writes)
{
	struct long_write write;
	bool is_first = true;

	memset(ret_writes, 0, sizeof(*ret_writes));
	for (; *rows; rows += strcspn(rows, "\n") + 1) {
		if (!read_line(rows, &write))
			break;
		if (is_first)
			ret_writes->is_known = write.session > 0;
		else
			add(ret_writes, &write);
		is_first = false;
		if (!strchr(rows, '\n'))
			break;
	}
	if (!ret_writes->is_known)
		(void)snprintf(ret_writes->trouble, sizeof(ret_writes->trouble),
			       "the account may not see the sessions of others (PROCESS); call "
			       "this as root on the primary's node");
}
