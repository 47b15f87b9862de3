/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes as each kind of text that the nginx agent reads: configuration dump, messages, verdict,
 * record, test file, words, listen address and socket table. */

#include "nginx/conf-parse.h"
#include "nginx/group.h"
#include "nginx/sockets.h"
#include "nginx/testconf.h"
#include "nginx/verdict.h"
#include "ocf/args.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_texts(const char *text, size_t size)
{
	struct conf_facts facts;
	char buf[64];

	if (conf_parse(text, size, &facts) == 0 && facts.listen_count > CONF_LISTENS_MAX)
		abort();
	(void)conf_parse_global(text, &facts);
	conf_facts_free(&facts);
	conf_first_error(text, buf, sizeof(buf));
	(void)conf_bind_error(text, buf, sizeof(buf));
	(void)conf_build_option(text, "conf-path", buf, sizeof(buf));
}

static void check_state(const char *text)
{
	struct verdict verdict;
	struct group_record record;

	if (verdict_parse(text, "k", &verdict) == 0)
		verdict_free(&verdict);
	if (group_record_parse(text, &record) && record.pid < 1)
		abort();
}

static void check_settings(const char *text)
{
	static struct testconf test;
	static struct args args;
	struct listen_addr addr;
	unsigned long inodes[2];
	unsigned int line;

	(void)testconf_parse(text, "", &test, &line);
	if (!args_split(text, strlen(text) % 2 == 0, &args) && args.words[args.count])
		abort();
	if (!listen_parse(text, &addr) && !listen_parse("unix:/x", &addr))
		abort();
	(void)sockets_find(text, &addr, inodes, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	check_texts(text, size);
	check_state(text);
	check_settings(text);
	free(text);
	return 0;
}
