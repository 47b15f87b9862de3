/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Scheduled events: they run on a primary only, and replicate switched off. */
#include "internal.h"
#include "session.h"
#include "text.h"

/* The server writes the statements: it knows its own names. Of MySQL 8.4 the status has a new word.
 */
static const char FIND[] =
	"SELECT CONCAT('ALTER EVENT `', REPLACE(EVENT_SCHEMA, '`', '``'), '`.`', "
	"REPLACE(EVENT_NAME, '`', '``'), '` ENABLE') FROM information_schema.EVENTS "
	"WHERE STATUS IN ('SLAVESIDE_DISABLED', 'REPLICA_SIDE_DISABLED')";

static int run(struct haops_mysql *mysql, const char *text, bool changes, int64_t deadline_ms,
	       struct answer *ret_answer)
{
	const struct statement statement = {.text = text, .changes = changes};
	int r = session_run(mysql, &statement, deadline_ms, ret_answer);

	if (r == 0 && ret_answer->code)
		r = session_refuse(mysql, &statement, ret_answer);
	return r == -EPROTO || r == -ENOMEM ? -EIO : r;
}

static int change(struct haops_mysql *mysql, const char *text, int64_t deadline_ms)
{
	struct answer answer = {0};
	int r = run(mysql, text, true, deadline_ms, &answer);

	answer_done(&answer);
	return r;
}

static int enable(struct haops_mysql *mysql, const struct answer *found, int64_t deadline_ms)
{
	/* Each server has its own status of them. */
	int r = found->row_count > 0 ? change(mysql, "SET SESSION sql_log_bin=0", deadline_ms) : 0;

	for (size_t i = 0; i < found->row_count && r == 0; i++)
		if (found->cells[i * found->column_count])
			r = change(mysql, found->cells[i * found->column_count], deadline_ms);
	return r;
}

int haops_mysql_start_events(struct haops_mysql *mysql, int64_t deadline_ms, size_t *ret_count)
{
	struct answer found = {0};
	int r;

	if (!mysql)
		return -EINVAL;
	r = run(mysql, FIND, false, deadline_ms, &found);
	if (r == 0)
		r = enable(mysql, &found, deadline_ms);
	if (r == 0)
		r = change(mysql, "SET GLOBAL event_scheduler=ON", deadline_ms);
	if (r == 0 && ret_count)
		*ret_count = found.row_count;
	answer_done(&found);
	return r;
}
