/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes the statement that gives a replica its source. Knows no status. */
#include "change.h"
#include "internal.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>

#define DEFAULT_PORT 3306
#define DEFAULT_RETRY_S 1
#define DOMAINS_MAX 64
#define ENTRY_MAX 48

/* Values for between quotes. */
struct values {
	char *host;
	char *user;
	char *password;
	char *ca;
	char *cert;
	char *key;
};

static bool quote_all(const struct haops_mysql_source *source, struct values *values)
{
	const struct {
		const char *value;
		char **quoted;
	} pairs[] = {{source->host, &values->host},	    {source->user, &values->user},
		     {source->password, &values->password}, {source->ca, &values->ca},
		     {source->cert, &values->cert},	    {source->key, &values->key}};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		*pairs[i].quoted = text_quote(pairs[i].value ? pairs[i].value : "");
		if (!*pairs[i].quoted)
			return false;
	}
	return true;
}

static void values_done(struct values *values)
{
	free(values->host);
	free(values->user);
	text_free_secret(values->password);
	free(values->ca);
	free(values->cert);
	free(values->key);
}

static unsigned int port_of(const struct haops_mysql_source *source)
{
	return source->port ? source->port : DEFAULT_PORT;
}

/* All that a former source may have set is named. */
static char *tls_text(const char *p, const struct haops_mysql_source *source,
		      const struct values *values)
{
	bool has_tls = source->needs_tls || source->ca || source->cert;

	return text_format("%sSSL=%d, %sSSL_CA='%s', %sSSL_CERT='%s', %sSSL_KEY='%s', "
			   "%sSSL_VERIFY_SERVER_CERT=%d",
			   p, has_tls, p, values->ca, p, values->cert, p, values->key, p,
			   source->ca != NULL);
}

/* Without TLS, MySQL 8 sends a password encrypted with the source's key, if it may ask for that. */
static const char *key_option(const struct dialect *dialect,
			      const struct haops_mysql_source *source)
{
	const char *prefix = dialect->words[WORD_CHANGE_PREFIX];

	if (!dialect->has_public_key || source->needs_tls || source->ca || source->cert)
		return "";
	return !strcmp(prefix, "MASTER_") ? ", GET_MASTER_PUBLIC_KEY=1"
					  : ", GET_SOURCE_PUBLIC_KEY=1";
}

char *change_text(const struct dialect *dialect, const struct haops_mysql_source *source,
		  bool takes_own)
{
	const char *p = dialect->words[WORD_CHANGE_PREFIX];
	struct values values = {0};
	CLEANUP_FREE char *tls = NULL;
	char *text = NULL;

	if (quote_all(source, &values))
		tls = tls_text(p, source, &values);
	if (tls)
		text = text_format("%s %sHOST='%s', %sPORT=%u, %sUSER='%s', %sPASSWORD='%s', "
				   "%sCONNECT_RETRY=%u, %s%s, %s%s",
				   dialect->words[WORD_CHANGE], p, values.host, p, port_of(source),
				   p, values.user, p, values.password, p,
				   source->connect_retry_s ? source->connect_retry_s
							   : DEFAULT_RETRY_S,
				   tls, key_option(dialect, source),
				   dialect->words[WORD_CHANGE_GTID],
				   takes_own ? ", MASTER_DEMOTE_TO_SLAVE=1" : "");
	values_done(&values);
	return text;
}

char *change_shown(const struct dialect *dialect, const struct haops_mysql_source *source)
{
	const char *p = dialect->words[WORD_CHANGE_PREFIX];

	return text_format("%s %sHOST='%s', %sPORT=%u, ...", dialect->words[WORD_CHANGE], p,
			   source->host, p, port_of(source));
}

struct entry {
	uint64_t domain;
	uint64_t server;
	uint64_t number;
};

static bool take_entry(const char **at, struct entry *ret_entry)
{
	return text_take_number(at, '-', UINT32_MAX, &ret_entry->domain) &&
	       text_take_number(at, '-', UINT32_MAX, &ret_entry->server) &&
	       text_take_number(at, '\0', UINT64_MAX, &ret_entry->number);
}

static bool put_entry(struct entry *entries, size_t *count, const struct entry *entry)
{
	size_t i = 0;

	while (i < *count && entries[i].domain != entry->domain)
		i++;
	if (i == DOMAINS_MAX)
		return false;
	if (i == *count)
		(*count)++;
	else if (entries[i].number >= entry->number)
		return true;
	entries[i] = *entry;
	return true;
}

static bool put_position(struct entry *entries, size_t *count, const char *text)
{
	while (*text) {
		struct entry entry;

		if (!take_entry(&text, &entry) || !put_entry(entries, count, &entry))
			return false;
		while (*text == ',' || *text == ' ' || *text == '\n')
			text++;
	}
	return true;
}

int change_merge_positions(const char *first, const char *second, char **ret_merged)
{
	struct entry entries[DOMAINS_MAX];
	size_t count = 0, len = 0;
	char *merged;

	if (!put_position(entries, &count, first) || !put_position(entries, &count, second))
		return -EPROTO;
	merged = calloc(count + 1, ENTRY_MAX);
	if (!merged)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(merged + len, ENTRY_MAX,
					"%s%" PRIu64 "-%" PRIu64 "-%" PRIu64, i ? "," : "",
					entries[i].domain, entries[i].server, entries[i].number);
	*ret_merged = merged;
	return 0;
}
