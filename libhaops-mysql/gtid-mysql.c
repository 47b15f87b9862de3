/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sets of transactions as MySQL writes them: UUID:1-5:7, and with tags UUID:1-5:tag:1-3. */
#include "gtid.h"

#include "internal.h"

#include <inttypes.h>

/* The server's own end of numbers is one above. */
#define NUMBER_MAX ((uint64_t)INT64_MAX - 1)
#define EXPECTED_NUMBER "a number from 1 to 9223372036854775806"
#define UUID_BYTES 16

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool has_dash_before(size_t byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

static int read_uuid(struct gtid_reader *reader, uint8_t ret_id[UUID_BYTES])
{
	static const char expected[] = "a UUID like 3e11fa47-71ca-11e1-9e33-c80aa9429562";
	const char *at = reader->at;

	for (size_t i = 0; i < UUID_BYTES; i++) {
		int high, low;

		if (has_dash_before(i) && *at++ != '-')
			return gtid_parse_fail(reader, expected);
		high = digit_of(at[0]);
		low = high < 0 ? -1 : digit_of(at[1]);
		if (low < 0)
			return gtid_parse_fail(reader, expected);
		ret_id[i] = (uint8_t)(high << 4 | low);
		at += 2;
	}
	reader->at = at;
	return 0;
}

/* A character of a tag in lower case, or 0. */
static char tag_char(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ? c : '\0';
}

static int read_tag(struct gtid_reader *reader, char ret_tag[GTID_TAG_MAX])
{
	size_t len = 0;

	memset(ret_tag, 0, GTID_TAG_MAX);
	while (tag_char(reader->at[len])) {
		if (len == GTID_TAG_MAX - 1)
			return gtid_parse_fail(reader, "a tag of up to 32 letters, digits or _");
		ret_tag[len] = tag_char(reader->at[len]);
		len++;
	}
	if (len == 0)
		return gtid_parse_fail(reader, EXPECTED_NUMBER " or a tag");
	reader->at += len;
	return 0;
}

static int read_interval(struct gtid_reader *reader, struct gtid_span *span)
{
	const char *begin = reader->at;
	int r = gtid_parse_number(reader, NUMBER_MAX, EXPECTED_NUMBER, &span->first);

	if (r < 0)
		return r;
	span->last = span->first;
	if (*reader->at == '-') {
		reader->at++;
		r = gtid_parse_number(reader, NUMBER_MAX, EXPECTED_NUMBER, &span->last);
		if (r < 0)
			return r;
	}
	if (span->first == 0 || span->last < span->first) {
		reader->at = begin;
		return gtid_parse_fail(reader,
				       "an interval from 1 on, its end not before its begin");
	}
	return gtid_parse_keep(reader, span);
}

static int read_entry(struct gtid_reader *reader)
{
	static const char expected[] = "a colon with a number or a tag";
	struct gtid_span span = {0};
	int r = read_uuid(reader, span.source.id);

	if (r < 0)
		return r;
	do {
		r = gtid_parse_char(reader, ':', expected);
		if (r == 0 && (*reader->at < '0' || *reader->at > '9')) {
			r = read_tag(reader, span.source.tag);
			if (r == 0)
				r = gtid_parse_char(reader, ':', "a colon with a number");
		}
		if (r == 0)
			r = read_interval(reader, &span);
	} while (r == 0 && *reader->at == ':');
	return r;
}

static void write_uuid(FILE *out, const uint8_t id[UUID_BYTES])
{
	for (size_t i = 0; i < UUID_BYTES; i++)
		(void)fprintf(out, "%s%02x", has_dash_before(i) ? "-" : "", id[i]);
}

static void write_span(FILE *out, const struct gtid_span *span, const struct gtid_span *before)
{
	bool is_new = !before || memcmp(before->source.id, span->source.id, UUID_BYTES) != 0;

	if (is_new) {
		(void)fputs(before ? "," : "", out);
		write_uuid(out, span->source.id);
	}
	if (span->source.tag[0] && (is_new || strcmp(before->source.tag, span->source.tag) != 0))
		(void)fprintf(out, ":%s", span->source.tag);
	(void)fprintf(out, ":%" PRIu64, span->first);
	if (span->last > span->first)
		(void)fprintf(out, "-%" PRIu64, span->last);
}

static size_t count_sources(const struct haops_mysql_gtid *set)
{
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++)
		if (i == 0 || memcmp(&set->spans[i - 1].source, &set->spans[i].source,
				     sizeof(set->spans[i].source)) != 0)
			count++;
	return count;
}

static uint64_t count_beyond(const struct haops_mysql_gtid *first,
			     const struct haops_mysql_gtid *second)
{
	struct gtid_minus minus = {.a = first, .b = second};
	struct gtid_span span;
	uint64_t count = 0;

	while (gtid_minus_next(&minus, &span))
		count = gtid_add(count, span.last - span.first + 1);
	return count;
}

const struct gtid_dialect gtid_mysql = {
	.name = "MySQL",
	.read_entry = read_entry,
	.write = write_span,
	.count_domains = count_sources,
	.count_beyond = count_beyond,
};
