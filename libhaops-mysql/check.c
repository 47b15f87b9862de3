/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Single questions to a server: whether it serves, and how it is set. */
#include "internal.h"
#include "session.h"
#include "text.h"

/* Servers' numbers: no such database, no such table, no such column. */
#define ER_BAD_DB 1049
#define ER_NO_SUCH_TABLE 1146
#define ER_BAD_TABLE 1051

static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/* A part of a table's name between backquotes. */
static bool is_part(const char *text, size_t len)
{
	if (len == 0 || len > 64)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == '`' || text[i] == '.' ||
		    text[i] == 0x7f)
			return false;
	return true;
}

static int make_query(struct haops_mysql *mysql, const char *table, char **ret_text)
{
	const char *dot = table ? strchr(table, '.') : NULL;

	if (!table) {
		*ret_text = text_format("SELECT 1");
	} else if (!dot || !is_part(table, (size_t)(dot - table)) ||
		   !is_part(dot + 1, strlen(dot + 1))) {
		return haops_fail(mysql->ctx, EINVAL, "\"%s\" is not DATABASE.TABLE", table);
	} else {
		*ret_text = text_format("SELECT 1 FROM `%.*s`.`%s` LIMIT 1", (int)(dot - table),
					table, dot + 1);
	}
	return *ret_text ? 0 : haops_fail(mysql->ctx, ENOMEM, "memory is short");
}

static int refuse(struct haops_mysql *mysql, const struct statement *statement, const char *table,
		  const struct answer *answer)
{
	if (answer->code == ER_BAD_DB || answer->code == ER_NO_SUCH_TABLE ||
	    answer->code == ER_BAD_TABLE)
		return haops_fail(mysql->ctx, ENOENT, "%s: there is no table %s", mysql->where,
				  table);
	return session_refuse(mysql, statement, answer);
}

int haops_mysql_check(struct haops_mysql *mysql, const char *table, int64_t deadline_ms)
{
	CLEANUP_FREE char *text = NULL;
	struct statement statement = {0};
	struct answer answer = {0};
	int r;

	if (!mysql)
		return -EINVAL;
	r = make_query(mysql, table, &text);
	if (r < 0)
		return r;
	statement.text = text;
	r = session_run(mysql, &statement, deadline_ms, &answer);
	if (r == 0 && answer.code)
		r = refuse(mysql, &statement, table, &answer);
	answer_done(&answer);
	return r;
}

static int take_setting(struct haops_mysql *mysql, const char *name, const struct answer *answer,
			char **ret_value)
{
	const char *value = answer_variable(answer, name);

	if (!value)
		return haops_fail(mysql->ctx, ENOENT, "%s: there is no setting %s", mysql->where,
				  name);
	*ret_value = strdup(value);
	return *ret_value ? 0 : haops_fail(mysql->ctx, ENOMEM, "memory is short");
}

int haops_mysql_get_setting(struct haops_mysql *mysql, const char *name, int64_t deadline_ms,
			    char **ret_value)
{
	CLEANUP_FREE char *text = NULL;
	struct statement statement = {0};
	struct answer answer = {0};
	int r;

	if (!mysql)
		return -EINVAL;
	if (!ret_value || !name || !*name || name[strspn(name, LETTERS)])
		return haops_fail(mysql->ctx, EINVAL, "there is no such name of a setting");
	text = text_format("SHOW GLOBAL VARIABLES WHERE Variable_name = '%s'", name);
	if (!text)
		return haops_fail(mysql->ctx, ENOMEM, "memory is short");
	statement.text = text;
	r = session_run(mysql, &statement, deadline_ms, &answer);
	if (r == 0 && answer.code)
		r = session_refuse(mysql, &statement, &answer);
	if (r == 0)
		r = take_setting(mysql, name, &answer, ret_value);
	answer_done(&answer);
	return r;
}
