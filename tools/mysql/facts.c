/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns Pacemaker's state into a snapshot: parameters, nodes, roles, scores, failures. What the
 * CIB remembers is remember.c's. */

#include "facts.h"

#include "facts-find.h"
#include "facts-xml.h"
#include "mysql/nodes.h"
#include "util/num.h"

#include <crm/msg_xml.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME(array, text) (void)snprintf(array, sizeof(array), "%s", text)

/* Of the agent, where a parameter is not set. */
static const char *const defaults[][2] = {
	{"replication_user", "root"},	  {"replication_passwd", ""},
	{"replication_port", "3306"},	  {"socket", "/var/run/mysqld/mysqld.sock"},
	{"datadir", "/var/lib/mysql"},	  {"config", "/etc/mysql/my.cnf"},
	{"max_slave_lag", "3600"},	  {"durability", "safe"},
	{"reader_attribute", "readable"},
};

static const char *value_of(GHashTable *params, const char *name)
{
	const char *value = params ? g_hash_table_lookup(params, name) : NULL;

	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]) && !value; i++) {
		if (strcmp(defaults[i][0], name) == 0)
			value = defaults[i][1];
	}
	return value ? value : "";
}

static int64_t number_of(GHashTable *params, const char *name, int64_t max)
{
	int64_t number = 0;

	return num_parse(value_of(params, name), 0, max, &number) < 0 ? 0 : number;
}

static void read_access(GHashTable *params, const char *name, struct access *access)
{
	memset(access, 0, sizeof(*access));
	NAME(access->user, value_of(params, "replication_user"));
	NAME(access->password, value_of(params, "replication_passwd"));
	facts_secret(name, "replication_passwd", access->password, sizeof(access->password));
	access->port = (unsigned int)number_of(params, "replication_port", 65535);
	NAME(access->socket, value_of(params, "socket"));
	NAME(access->datadir, value_of(params, "datadir"));
	NAME(access->config, value_of(params, "config"));
	access->needs_tls = crm_is_true(value_of(params, "replication_require_ssl"));
	NAME(access->ca, value_of(params, "replication_master_ssl_ca"));
	NAME(access->cert, value_of(params, "replication_master_ssl_cert"));
	NAME(access->key, value_of(params, "replication_master_ssl_key"));
}

static void read_resource(const pe_working_set_t *cluster, const pe_resource_t *resource,
			  struct snapshot *s)
{
	const pe_resource_t *top = facts_top(resource);
	const char *notify = top->meta ? g_hash_table_lookup(top->meta, "notify") : NULL;

	facts_name(resource, s->resource);
	NAME(s->top, top->id);
	s->is_promotable = pcmk_is_set(top->flags, pe_rsc_promotable);
	s->is_notified = notify && crm_is_true(notify);
	s->is_managed = pcmk_is_set(resource->flags, pe_rsc_managed);
	s->is_maintained = pcmk_is_set(cluster->flags, pe_flag_maintenance_mode);
	for (const pe_resource_t *at = resource; at; at = at->parent)
		s->is_maintained |= pcmk_is_set(at->flags, pe_rsc_maintenance);
	s->is_quorate = pcmk_is_set(cluster->flags, pe_flag_have_quorum);
	s->has_fencing = pcmk_is_set(cluster->flags, pe_flag_stonith_enabled);
	if (cluster->dc_node)
		NAME(s->dc, cluster->dc_node->details->uname);
}

static void read_settings(GHashTable *params, struct snapshot *s)
{
	s->durability = strcmp(value_of(params, "durability"), "async") == 0 ? HAOPS_MYSQL_ASYNC
									     : HAOPS_MYSQL_SAFE;
	s->max_lag_s = number_of(params, "max_slave_lag", 31536000);
	NAME(s->initial, value_of(params, "initial_primary"));
}

static enum presence presence_of(const pe_node_t *node)
{
	if (node->details->unclean)
		return PRESENCE_UNCLEAN;
	if (!node->details->online)
		return PRESENCE_OFFLINE;
	if (node->details->pending)
		return PRESENCE_PENDING;
	return node->details->standby || node->details->standby_onfail ? PRESENCE_STANDBY
								       : PRESENCE_ONLINE;
}

static const char *attribute_of(const pe_node_t *node, const char *format, const char *name)
{
	char full[2 * SNAPSHOT_NAME_MAX];

	(void)snprintf(full, sizeof(full), "%s%s", format, name);
	return g_hash_table_lookup(node->details->attrs, full);
}

static void read_attributes(const pe_node_t *node, const struct snapshot *s, const char *reader,
			    struct db_node *ret_node)
{
	const char *score = attribute_of(node, "master-", s->resource);
	const char *reads = attribute_of(node, "", reader);

	ret_node->has_score = score != NULL;
	ret_node->score = score ? char2score(score) : 0;
	ret_node->has_reads = reads != NULL;
	ret_node->is_readable = reads && strcmp(reads, "0") != 0;
}

/* Where others reach the server: node_list, else the attribute that the stock agents know, else the
 * name. */
static void read_host(const pe_node_t *node, const struct snapshot *s, struct db_node *db_node)
{
	char name[2 * SNAPSHOT_NAME_MAX];
	const char *address;

	(void)snprintf(name, sizeof(name), "%s_mysql_master_IP", s->resource);
	address = attribute_of(node, "", name);
	if (!db_node->host[0])
		NAME(db_node->host, address && address[0] ? address : db_node->name);
}

/* A list that the agent would refuse is none. */
static void add_listed(const char *list, struct snapshot *s)
{
	struct nodes nodes;

	if (nodes_parse(list, &nodes))
		return;
	for (size_t i = 0; i < nodes.count; i++) {
		const struct node *listed = &nodes.list[i];
		struct db_node *node = snapshot_add(s, listed->name, strlen(listed->name));

		if (node)
			NAME(node->host, listed->address);
	}
}

static void add_members(const pe_working_set_t *cluster, struct snapshot *s)
{
	for (const GList *at = cluster->nodes; at; at = at->next) {
		const pe_node_t *node = at->data;

		if (node->details->type == node_member && node->details->uname)
			(void)snapshot_add(s, node->details->uname, strlen(node->details->uname));
	}
}

static void read_nodes(const pe_working_set_t *cluster, const char *reader, const char *own,
		       struct snapshot *s)
{
	for (const GList *at = cluster->nodes; at; at = at->next) {
		const pe_node_t *node = at->data;
		struct db_node *db_node =
			node->details->uname ? snapshot_find(s, node->details->uname) : NULL;

		if (!db_node)
			continue;
		db_node->presence = presence_of(node);
		db_node->is_maintained = node->details->maintenance;
		db_node->role = ROLE_STOPPED;
		read_attributes(node, s, reader, db_node);
		read_host(node, s, db_node);
		facts_failure(cluster->input, s->resource, db_node);
	}
	for (size_t i = 0; i < s->node_count; i++) {
		s->nodes[i].is_own = strcmp(s->nodes[i].name, own) == 0;
		if (!s->nodes[i].host[0])
			memcpy(s->nodes[i].host, s->nodes[i].name, sizeof(s->nodes[i].host));
	}
	s->primary = s->node_count;
}

static void read_instance(const pe_resource_t *resource, void *userdata)
{
	struct snapshot *s = userdata;
	enum role role = resource->role >= RSC_ROLE_PROMOTED ? ROLE_PROMOTED : ROLE_UNPROMOTED;
	char name[SNAPSHOT_NAME_MAX];

	facts_name(resource, name);
	if (strcmp(name, s->resource) != 0)
		return;
	for (const GList *at = resource->running_on; at; at = at->next) {
		const pe_node_t *node = at->data;
		struct db_node *db_node = snapshot_find(s, node->details->uname);

		if (db_node && db_node->role < role)
			db_node->role = role;
	}
}

int facts_read(pe_working_set_t *cluster, struct facts_question *question,
	       struct snapshot *snapshot, struct access *ret_access)
{
	const pe_resource_t *resource = NULL;
	GHashTable *params;
	int r = facts_find(cluster, question, &resource);

	if (r < 0)
		return r;
	read_resource(cluster, resource, snapshot);
	params = pe_rsc_params((pe_resource_t *)(uintptr_t)resource, NULL, cluster);
	read_access(params, snapshot->resource, ret_access);
	read_settings(params, snapshot);
	add_listed(value_of(params, "node_list"), snapshot);
	if (snapshot->node_count == 0)
		add_members(cluster, snapshot);
	read_nodes(cluster, value_of(params, "reader_attribute"), question->own, snapshot);
	facts_each(cluster->resources, read_instance, snapshot);
	facts_constraint(cluster->input, snapshot);
	return 0;
}
