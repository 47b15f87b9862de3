/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the cluster's state from the CIB fresh. Judges nothing, see judge.c; holds no second
 * connection.
 */
#include "cib.h"

#include <crm/cib.h>
#include <crm/msg_xml.h>
#include <errno.h>
#include <stdlib.h>

/* After a change, so long without another one: a transition makes many. */
#define REST_MS 200
/* The library's own is minutes. haopsd ends us after 5 s. */
#define QUERY_S 3
/* What was worked out so recently is not doubted. */
#define FRESH_US (G_GINT64_CONSTANT(1000) * 1000)

struct cib {
	struct program *program;
	cib_t *connection;
	pe_working_set_t *cluster;
	bool is_connected;
	bool is_dirty;
	bool is_timed; /* a rule depends on the time: never fresh */
	bool is_told;  /* haopsd was told that the configuration is not understood */
	gint64 read_us;
	guint rest_timer;
};

/* The callbacks of libcib have no argument of the caller's. */
static struct cib *the_cib;

static void forget(struct cib *cib)
{
	if (cib->cluster)
		pe_free_working_set(cib->cluster);
	cib->cluster = NULL;
	cib->is_dirty = true;
}

static bool has_time_rules(xmlNode *root)
{
	xmlNode *rule = get_xpath_object("//date_expression", root, LOG_NEVER);

	return rule != NULL;
}

/* Takes root. */
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

static int refresh(struct cib *cib)
{
	xmlNode *root = NULL;
	pe_working_set_t *fresh;
	int r = cib->connection->cmds->query(cib->connection, NULL, &root,
					     cib_scope_local | cib_sync_call);

	if (r < 0 || !root) {
		free_xml(root);
		return r < 0 ? r : -EIO;
	}
	cib->is_timed = has_time_rules(root);
	fresh = unpack(root);
	if (!fresh) {
		if (!cib->is_told)
			program_log(cib->program, HAOPS_LOG_ERROR,
				    "Pacemaker's configuration is not understood by its own "
				    "libraries here: are all packages of Pacemaker of one "
				    "version?");
		cib->is_told = true;
		return -EIO;
	}
	cib->is_told = false;
	forget(cib);
	cib->cluster = fresh;
	cib->is_dirty = false;
	cib->read_us = g_get_monotonic_time();
	return 0;
}

const pe_working_set_t *cib_cluster(struct cib *cib)
{
	if (!cib->is_connected)
		return NULL;
	if ((cib->is_dirty || cib->is_timed || !cib->cluster) && refresh(cib) < 0) {
		program_lost(cib->program, "the CIB does not answer");
		return NULL;
	}
	return cib->cluster;
}

void cib_doubt(struct cib *cib)
{
	if (g_get_monotonic_time() - cib->read_us > FRESH_US)
		cib->is_dirty = true;
}

static gboolean on_rest(gpointer data)
{
	struct cib *cib = data;

	cib->rest_timer = 0;
	if (cib->is_dirty)
		(void)cib_cluster(cib);
	return G_SOURCE_REMOVE;
}

static void on_change(const char *event, xmlNode *message)
{
	struct cib *cib = the_cib;

	(void)event;
	(void)message;
	cib->is_dirty = true;
	if (cib->rest_timer)
		g_source_remove(cib->rest_timer);
	cib->rest_timer = g_timeout_add(REST_MS, on_rest, cib);
}

static void on_disconnect(gpointer data)
{
	(void)data;
	if (!the_cib->is_connected)
		return;
	the_cib->is_connected = false;
	program_lost(the_cib->program, "the CIB manager ended");
}

static int sign_on(struct cib *cib)
{
	cib_t *connection = cib->connection;
	int r = connection->cmds->signon(connection, PROGRAM_NAME, cib_query);

	if (r < 0)
		return r;
	connection->call_timeout = QUERY_S;
	r = connection->cmds->set_connection_dnotify(connection, on_disconnect);
	if (r == 0)
		r = connection->cmds->add_notify_callback(connection, T_CIB_DIFF_NOTIFY, on_change);
	cib->is_connected = r == 0;
	return r == 0 ? refresh(cib) : r;
}

int cib_connect(struct cib *cib)
{
	int r;

	if (cib->is_connected)
		return 0;
	cib_disconnect(cib);
	cib->connection = cib_native_new();
	if (!cib->connection)
		return -ENOMEM;
	r = sign_on(cib);
	if (r < 0)
		cib_disconnect(cib);
	return r;
}

void cib_disconnect(struct cib *cib)
{
	cib->is_connected = false;
	if (cib->rest_timer)
		g_source_remove(cib->rest_timer);
	cib->rest_timer = 0;
	forget(cib);
	if (!cib->connection)
		return;
	(void)cib->connection->cmds->signoff(cib->connection);
	cib_delete(cib->connection);
	cib->connection = NULL;
}

bool cib_is_connected(const struct cib *cib)
{
	return cib->is_connected;
}

int cib_open(struct program *program, struct cib **ret_cib)
{
	struct cib *cib = calloc(1, sizeof(*cib));

	if (!cib)
		return -ENOMEM;
	cib->program = program;
	cib->is_dirty = true;
	the_cib = cib;
	*ret_cib = cib;
	return 0;
}

void cib_close(struct cib *cib)
{
	if (!cib)
		return;
	cib_disconnect(cib);
	the_cib = NULL;
	free(cib);
}
