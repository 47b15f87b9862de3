/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sets of transactions as MariaDB writes them: DOMAIN-SERVER-SEQ. A domain is one history, so sets
 * compare by its highest number; two histories can only be told apart by who wrote which number. */
#include "gtid.h"

#include "internal.h"

#include <inttypes.h>

static uint32_t get_u32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static void put_u32(uint8_t *bytes, uint64_t number)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(number >> (24 - 8 * i));
}

static uint32_t domain_of(const struct gtid_span *span)
{
	return get_u32(span->source.id);
}

static uint32_t server_of(const struct gtid_span *span)
{
	return get_u32(span->source.id + 4);
}

static int read_entry(struct gtid_reader *reader)
{
	struct gtid_span span = {.first = 1};
	uint64_t domain, server;
	int r = gtid_parse_number(reader, UINT32_MAX, "a domain, 0 to 4294967295,", &domain);

	if (r == 0)
		r = gtid_parse_char(reader, '-', "- and a server's number");
	if (r == 0)
		r = gtid_parse_number(reader, UINT32_MAX, "a server's number, 0 to 4294967295,",
				      &server);
	if (r == 0)
		r = gtid_parse_char(reader, '-', "- and a sequence number");
	if (r == 0)
		r = gtid_parse_number(reader, UINT64_MAX,
				      "a sequence number, 0 to 18446744073709551615,", &span.last);
	/* Servers write 0-1-0 for a position before the first transaction. */
	if (r < 0 || span.last == 0)
		return r;
	put_u32(span.source.id, domain);
	put_u32(span.source.id + 4, server);
	return gtid_parse_keep(reader, &span);
}

static void write_span(FILE *out, const struct gtid_span *span, const struct gtid_span *before)
{
	(void)fprintf(out, "%s%" PRIu32 "-%" PRIu32 "-%" PRIu64, before ? "," : "", domain_of(span),
		      server_of(span), span->last);
}

/* A domain of a set: where its last transaction is. */
struct domain {
	uint32_t number;
	uint32_t server;  /* who wrote the last one */
	uint64_t highest; /* its number */
	uint64_t before;  /* the highest number of another server below it, 0 for none */
};

static void look_at(struct domain *domain, const struct gtid_span *span)
{
	if (span->last > domain->highest) {
		domain->before = domain->highest;
		domain->highest = span->last;
		domain->server = server_of(span);
	} else if (span->last < domain->highest && span->last > domain->before) {
		domain->before = span->last;
	}
}

/* The domain whose first span is at *at, which is moved on to the next; false at the end. */
static bool next_domain(const struct haops_mysql_gtid *set, size_t *at, struct domain *ret_domain)
{
	if (*at >= set->count)
		return false;
	*ret_domain = (struct domain){.number = domain_of(&set->spans[*at])};
	while (*at < set->count && domain_of(&set->spans[*at]) == ret_domain->number)
		look_at(ret_domain, &set->spans[(*at)++]);
	return true;
}

static size_t count_domains(const struct haops_mysql_gtid *set)
{
	struct domain domain;
	size_t at = 0, count = 0;

	while (next_domain(set, &at, &domain))
		count++;
	return count;
}

static uint64_t count_beyond(const struct haops_mysql_gtid *first,
			     const struct haops_mysql_gtid *second)
{
	struct domain ours, theirs = {0};
	size_t at_first = 0, at_second = 0;
	uint64_t count = 0;
	bool has_theirs = next_domain(second, &at_second, &theirs);

	while (next_domain(first, &at_first, &ours)) {
		uint64_t highest;

		while (has_theirs && theirs.number < ours.number)
			has_theirs = next_domain(second, &at_second, &theirs);
		highest = has_theirs && theirs.number == ours.number ? theirs.highest : 0;
		if (ours.highest > highest)
			count = gtid_add(count, ours.highest - highest);
	}
	return count;
}

/* What a server's own log and position say of one domain. */
struct record {
	uint64_t lowest;  /* of all servers' last numbers */
	uint64_t highest; /* of them */
	uint64_t same;	  /* last number of the server in question, 0: none */
};

/* Index of the first span of a domain, or of a later one. */
static size_t find_domain(const struct haops_mysql_gtid *set, uint32_t domain)
{
	size_t begin = 0, end = set->count;

	while (begin < end) {
		size_t middle = begin + (end - begin) / 2;

		if (domain_of(&set->spans[middle]) < domain)
			begin = middle + 1;
		else
			end = middle;
	}
	return begin;
}

static void add_record(const struct haops_mysql_gtid *set, const struct domain *domain,
		       struct record *record)
{
	for (size_t i = find_domain(set, domain->number);
	     i < set->count && domain_of(&set->spans[i]) == domain->number; i++) {
		const struct gtid_span *span = &set->spans[i];

		if (record->lowest == 0 || span->last < record->lowest)
			record->lowest = span->last;
		if (span->last > record->highest)
			record->highest = span->last;
		if (server_of(span) == domain->server && span->last > record->same)
			record->same = span->last;
	}
}

static uint64_t max_of(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/*
 * Numbers only rise within a log. So a log with entries both at or below a number and at or above
 * it holds what was written with that number, or the number was left out there. A log of which all
 * entries are above may have begun later, with a copy of somebody's data, or be that of a server
 * that wrote all from the first number on: only the last number of each server is known.
 */
static uint64_t count_in_domain(const struct domain *domain, const struct record *record,
				bool is_doubted)
{
	uint64_t below;

	if (record->highest < domain->highest || record->same >= domain->highest)
		return 0;
	if (record->lowest > domain->highest)
		return is_doubted ? 1 : 0;
	below = max_of(max_of(record->same, domain->before), record->lowest - 1);
	return domain->highest - below;
}

uint64_t gtid_mariadb_count_overtaken(const struct haops_mysql_gtid *history,
				      const struct haops_mysql_gtid *logged,
				      const struct haops_mysql_gtid *applied, bool is_doubted)
{
	struct domain domain;
	uint64_t count = 0;
	size_t at = 0;

	while (next_domain(history, &at, &domain)) {
		struct record record = {0};

		add_record(logged, &domain, &record);
		add_record(applied, &domain, &record);
		count = gtid_add(count, count_in_domain(&domain, &record, is_doubted));
	}
	return count;
}

const struct gtid_dialect gtid_mariadb = {
	.name = "MariaDB",
	.read_entry = read_entry,
	.write = write_span,
	.count_domains = count_domains,
	.count_beyond = count_beyond,
};
