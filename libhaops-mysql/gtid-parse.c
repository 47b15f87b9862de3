/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the text of a set of transactions, entry by entry, within bounds; refuses with the place.
 * What an entry looks like is the dialect's affair. */
#include "gtid.h"

#include "internal.h"

/* More of a wrong text than this helps nobody, and the sentence must stay short. */
#define QUOTED_MAX 40
#define ROOM_FIRST 16

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct gtid_reader *reader)
{
	while (is_blank(*reader->at))
		reader->at++;
}

int gtid_parse_fail(const struct gtid_reader *reader, const char *expected)
{
	size_t byte = (size_t)(reader->at - reader->text) + 1;

	if (!*reader->at)
		return haops_fail(reader->ctx, EINVAL,
				  "GTID set of %s: it ends at byte %zu, where %s is expected",
				  reader->dialect->name, byte, expected);
	return haops_fail(reader->ctx, EINVAL,
			  "GTID set of %s: \"%.*s\" at byte %zu, where %s is expected",
			  reader->dialect->name, QUOTED_MAX, reader->at, byte, expected);
}

int gtid_parse_number(struct gtid_reader *reader, uint64_t max, const char *expected,
		      uint64_t *ret_number)
{
	const char *at = reader->at;
	uint64_t number = 0;

	/* MySQL would read a number that begins with 0 as an octal one, MariaDB as a decimal one.
	 */
	if (at[0] == '0' && at[1] >= '0' && at[1] <= '9')
		return gtid_parse_fail(reader, expected);
	for (; *at >= '0' && *at <= '9'; at++) {
		uint64_t digit = (uint64_t)(*at - '0');

		if (number > (max - digit) / 10)
			return gtid_parse_fail(reader, expected);
		number = number * 10 + digit;
	}
	if (at == reader->at)
		return gtid_parse_fail(reader, expected);
	reader->at = at;
	*ret_number = number;
	return 0;
}

int gtid_parse_char(struct gtid_reader *reader, char wanted, const char *expected)
{
	if (*reader->at != wanted)
		return gtid_parse_fail(reader, expected);
	reader->at++;
	return 0;
}

int gtid_parse_keep(struct gtid_reader *reader, const struct gtid_span *span)
{
	struct haops_mysql_gtid *set = reader->set;

	if (set->count == HAOPS_MYSQL_GTID_ENTRIES_MAX)
		return haops_fail(reader->ctx, EINVAL, "GTID set of %s: more than %d entries",
				  reader->dialect->name, HAOPS_MYSQL_GTID_ENTRIES_MAX);
	if (set->count == reader->room) {
		size_t room = reader->room * 2;

		set = realloc(set, sizeof(*set) + room * sizeof(set->spans[0]));
		if (!set)
			return haops_fail(reader->ctx, ENOMEM, "no memory for a GTID set");
		reader->set = set;
		reader->room = room;
	}
	set->spans[set->count++] = *span;
	return 0;
}

static int read_entries(struct gtid_reader *reader)
{
	int r;

	skip_blanks(reader);
	if (!*reader->at)
		return 0;
	for (;;) {
		r = reader->dialect->read_entry(reader);
		if (r < 0)
			return r;
		skip_blanks(reader);
		if (!*reader->at)
			return 0;
		r = gtid_parse_char(reader, ',', "a comma or the end");
		if (r < 0)
			return r;
		skip_blanks(reader);
	}
}

static const struct gtid_dialect *dialect_of(enum haops_mysql_flavor flavor)
{
	switch (flavor) {
	case HAOPS_MYSQL_MARIADB:
		return &gtid_mariadb;
	case HAOPS_MYSQL_MYSQL:
		return &gtid_mysql;
	}
	return NULL;
}

int haops_mysql_gtid_parse(struct haops_ctx *ctx, enum haops_mysql_flavor flavor, const char *text,
			   struct haops_mysql_gtid **ret_set)
{
	struct gtid_reader reader = {.ctx = ctx, .dialect = dialect_of(flavor)};
	int r;

	if (!ctx)
		return -EINVAL;
	if (!reader.dialect || !ret_set)
		return haops_fail(ctx, EINVAL,
				  "a dialect and a result for a GTID set must be given");
	reader.text = reader.at = text ? text : "";
	if (strnlen(reader.text, HAOPS_MYSQL_GTID_TEXT_MAX + 1) > HAOPS_MYSQL_GTID_TEXT_MAX)
		return haops_fail(ctx, EINVAL, "GTID set of %s, \"%.*s...\": longer than %d bytes",
				  reader.dialect->name, QUOTED_MAX, reader.text,
				  HAOPS_MYSQL_GTID_TEXT_MAX);
	reader.room = ROOM_FIRST;
	reader.set = gtid_new(reader.dialect, reader.room);
	if (!reader.set)
		return haops_fail(ctx, ENOMEM, "no memory for a GTID set");
	r = read_entries(&reader);
	if (r < 0) {
		(void)haops_mysql_gtid_free(reader.set);
		return r;
	}
	gtid_sort(reader.set);
	*ret_set = reader.set;
	return 0;
}
