/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks the CIB manager of this node for its copy, and has it understood by Pacemaker's own status
 * code. */

#include "cib.h"

#include "facts-xml.h"
#include "remember.h"
#include "util/cleanup.h"

#include <crm/cib.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM_NAME "haops-mysql"
/* The library's own is minutes. */
#define QUERY_S 5

struct cib {
	cib_t *connection;
};

int cib_open(struct cib **ret_cib, char text[SNAPSHOT_TEXT_MAX])
{
	struct cib *cib = calloc(1, sizeof(*cib));
	int r;

	if (!cib)
		return -ENOMEM;
	cib->connection = cib_new();
	if (!cib->connection) {
		free(cib);
		return -ENOMEM;
	}
	cib->connection->call_timeout = QUERY_S;
	r = cib->connection->cmds->signon(cib->connection, PROGRAM_NAME, cib_query);
	if (r == 0) {
		*ret_cib = cib;
		return 0;
	}
	(void)snprintf(text, SNAPSHOT_TEXT_MAX, "%s",
		       r == -EACCES || r == -EPERM
			       ? "only root and the members of group haclient may ask Pacemaker"
			       : "Pacemaker does not answer on this node: does it run?");
	cib_close(cib);
	return r == -EPERM ? -EACCES : r;
}

void cib_close(struct cib *cib)
{
	if (!cib)
		return;
	(void)cib->connection->cmds->signoff(cib->connection);
	cib_delete(cib->connection);
	free(cib);
}

/* Takes root. NULL: it is not understood. */
static pe_working_set_t *unpack(xmlNode *root)
{
	pe_working_set_t *cluster;

	if (!cli_config_update(&root, NULL, TRUE)) {
		free_xml(root);
		return NULL;
	}
	cluster = pe_new_working_set();
	if (!cluster) {
		free_xml(root);
		return NULL;
	}
	cluster->input = root;
	cluster->flags |= pe_flag_no_counts | pe_flag_no_compat;
	if (!cluster_status(cluster)) {
		pe_free_working_set(cluster);
		return NULL;
	}
	return cluster;
}

/* A file is read when it is opened, and others change it. */
static int reopen_file(cib_t *connection)
{
	if (connection->variant != cib_file)
		return 0;
	(void)connection->cmds->signoff(connection);
	return connection->cmds->signon(connection, PROGRAM_NAME, cib_query);
}

static int query(struct cib *cib, pe_working_set_t **ret_cluster)
{
	xmlNode *root = NULL;
	int r = reopen_file(cib->connection);

	if (r < 0)
		return -EIO;
	r = cib->connection->cmds->query(cib->connection, NULL, &root,
					 cib_scope_local | cib_sync_call);

	if (r < 0 || !root) {
		free_xml(root);
		return -EIO;
	}
	*ret_cluster = unpack(root);
	return *ret_cluster ? 0 : -EIO;
}

static int recall(const pe_working_set_t *cluster, struct facts_question *question,
		  struct snapshot *snapshot)
{
	CLEANUP_FREE char *text = facts_memory(cluster->input, snapshot->resource);

	if (!text) {
		(void)snprintf(question->text, sizeof(question->text), "memory is short");
		return -EIO;
	}
	remember(snapshot, text);
	return 0;
}

int cib_look(struct cib *cib, struct facts_question *question, struct snapshot *snapshot,
	     struct access *ret_access)
{
	pe_working_set_t *cluster = NULL;
	int r = query(cib, &cluster);

	if (r < 0) {
		(void)snprintf(question->text, sizeof(question->text),
			       "Pacemaker does not tell its state, or it is not understood");
		return r;
	}
	memset(snapshot, 0, sizeof(*snapshot));
	r = facts_read(cluster, question, snapshot, ret_access);
	if (r == 0)
		r = recall(cluster, question, snapshot);
	pe_free_working_set(cluster);
	return r;
}
