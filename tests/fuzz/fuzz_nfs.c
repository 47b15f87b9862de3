/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes as each kind of text that NFS gives to read: export tables, states of clients, versions,
 * rmtab, parameters, answers of RPC. */

#include "exportfs/table.h"
#include "nfs-text.h"
#include "nfsserver/addresses.h"
#include "nfsserver/clients.h"
#include "nfsserver/rpc-msg.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tables(const char *text, size_t size)
{
	struct nfs_text_export entry;
	char *copy = strdup(text);
	char *at = copy;

	if (!copy)
		abort();
	while (nfs_text_next(&at, &entry)) {
		if (entry.path < copy || entry.client <= entry.path ||
		    entry.client + strlen(entry.client) > copy + size)
			abort();
		if (!nfs_text_is_by_address(entry.client))
			(void)nfs_text_is_client(entry.client, text);
	}
	free(copy);
	(void)nfs_text_has_state_on(text, 8, 1);
	if (nfs_text_last_renew_s(text) < -1)
		abort();
	(void)nfs_text_offers(text, '4');
	(void)rpc_msg_nfsd_port(text);
}

/* What is picked is picked again from what was picked. */
static void check_rmtab(const char *text)
{
	char *picked;
	char *again;
	size_t count;
	size_t count_again;

	if (table_rmtab_pick(text, "/srv", &picked, &count) < 0 ||
	    table_rmtab_pick(picked, "/srv", &again, &count_again) < 0)
		abort();
	if (count != count_again || strcmp(picked, again) != 0)
		abort();
	free(again);
	if (table_rmtab_merge(text, picked, "/srv", &again, &count) < 0 || count)
		abort();
	free(picked);
	free(again);
}

/* What was read is read again from what it is written as. */
static void check_clients(const char *text)
{
	struct haops_tcp_connection *list;
	struct haops_tcp_connection *list_again;
	size_t count;
	size_t count_again;
	char *again;

	if (clients_parse(text, &list, &count) < 0 || clients_format(list, count, &again) < 0 ||
	    clients_parse(again, &list_again, &count_again) < 0)
		abort();
	if (count != count_again || memcmp(list, list_again, count * sizeof(*list)) != 0)
		abort();
	free(list);
	free(list_again);
	free(again);
}

static void check_parameters(const char *text)
{
	static struct table_words words;
	static struct addresses addresses;
	char buf[64];

	if (!table_split(text, true, &words) && words.count &&
	    !table_word(&words, words.count - 1)[0])
		abort();
	(void)addresses_parse(text, &addresses);
	if (table_options(text, "7", buf, sizeof(buf)) && !strstr(buf, "fsid=7"))
		abort();
	(void)table_fsid(text, 1, buf, sizeof(buf));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t value;
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	check_tables(text, size);
	check_clients(text);
	check_rmtab(text);
	check_parameters(text);
	(void)rpc_msg_parse(data, size, 1, &value);
	free(text);
	return 0;
}
