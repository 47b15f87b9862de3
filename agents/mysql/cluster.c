/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gathers what is known of a promotable resource: its nodes, the memory, and the servers' own
 * words. Decides nothing. */

#include "mysql/cluster.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

int mysql_problem(struct mysql_cluster *cluster, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(cluster->problem, sizeof(cluster->problem), fmt, args);
	va_end(args);
	return -err;
}

enum haops_mysql_durability mysql_durability(const struct ocf_run *run)
{
	return strcmp(ocf_str(run, MYSQL_DURABILITY), "async") == 0 ? HAOPS_MYSQL_ASYNC
								    : HAOPS_MYSQL_SAFE;
}

bool mysql_has_events(const struct ocf_run *run)
{
	return strcmp(ocf_str(run, MYSQL_EVENT_SCHEDULER), "primary") == 0;
}

const char *mysql_cluster_name(const struct mysql_cluster *cluster, size_t node)
{
	return cluster->nodes.list[node].name;
}

const char *mysql_cluster_address(const struct mysql_cluster *cluster, size_t node)
{
	const struct node *found = &cluster->nodes.list[node];

	return found->address[0] ? found->address : found->name;
}

size_t mysql_cluster_primary(const struct mysql_cluster *cluster)
{
	if (!cluster->memory.has_primary)
		return cluster->nodes.count;
	return nodes_find(&cluster->nodes, cluster->memory.primary);
}

/* Of this node, as Pacemaker calls it. */
static void own_name(const struct ocf_run *run, char buf[MEMORY_NAME_MAX])
{
	const char *name = ocf_meta(run, "on_node");
	struct utsname host;

	if (!name && uname(&host) == 0)
		name = host.nodename;
	(void)snprintf(buf, MEMORY_NAME_MAX, "%s", name ? name : "");
}

/* An instance of a clone may have a number. */
static void resource_name(const struct ocf_run *run, char buf[MEMORY_NAME_MAX])
{
	const char *instance = ocf_instance(run);
	size_t len = strcspn(instance, ":");

	(void)snprintf(buf, MEMORY_NAME_MAX, "%.*s", (int)len, instance);
}

static enum safe_presence presence_of(const char *state, const char *role)
{
	if (strcmp(state, "offline") == 0)
		return SAFE_DOWN;
	if (strcmp(state, "online") != 0)
		return SAFE_UNKNOWN;
	if (strcmp(role, "stopped") == 0)
		return SAFE_DOWN;
	return strcmp(role, "unknown") == 0 ? SAFE_UNKNOWN : SAFE_UP;
}

static const char *take_field(char **line)
{
	char *field = strsep(line, "\t");

	return field ? field : "";
}

/* NODE, state, role, address. Without node_list each node of the cluster is one. */
static void take_node(struct mysql_cluster *cluster, bool has_list, char *line)
{
	const char *name = take_field(&line);
	const char *state = take_field(&line);
	const char *role = take_field(&line);
	const char *address = take_field(&line);
	size_t at = nodes_find(&cluster->nodes, name);

	if (at == cluster->nodes.count && (has_list || !nodes_add(&cluster->nodes, name)))
		return;
	cluster->peers[at].presence = presence_of(state, role);
	cluster->peers[at].is_promoted = strcmp(role, "promoted") == 0;
	if (!cluster->nodes.list[at].address[0] && strlen(address) < NODES_NAME_MAX)
		(void)snprintf(cluster->nodes.list[at].address, NODES_NAME_MAX, "%s", address);
}

static void take_nodes(struct mysql_cluster *cluster, char *text)
{
	bool has_list = cluster->nodes.count > 0;
	char *state = NULL;

	for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state))
		take_node(cluster, has_list, line);
}

/* A member of the safe set that is in no list any more has data all the same. */
static int add_members(struct mysql_cluster *cluster)
{
	for (size_t i = 0; i < cluster->memory.node_count; i++) {
		const struct memory_node *node = &cluster->memory.nodes[i];

		if (node->is_safe &&
		    nodes_find(&cluster->nodes, node->name) == cluster->nodes.count &&
		    !nodes_add(&cluster->nodes, node->name))
			return mysql_problem(cluster, E2BIG, "there are more than %d nodes",
					     NODES_MAX);
	}
	return 0;
}

static int load(struct ocf_run *run, struct mysql_cluster *cluster)
{
	CLEANUP_FREE char *text = NULL;
	char own[MEMORY_NAME_MAX];
	int r;

	resource_name(run, cluster->resource);
	own_name(run, own);
	/* Its syntax was checked at start; what is wrong now names nobody. */
	if (nodes_parse(ocf_str(run, MYSQL_NODE_LIST), &cluster->nodes))
		cluster->nodes.count = 0;
	r = mysql_cluster_look(run, cluster, &text);
	if (r < 0)
		return r;
	take_nodes(cluster, text);
	r = add_members(cluster);
	if (r < 0)
		return r;
	cluster->own = nodes_find(&cluster->nodes, own);
	if (cluster->own == cluster->nodes.count)
		return mysql_problem(cluster, EINVAL, "this node, %s, is not in node_list", own);
	return 0;
}

struct mysql_cluster *mysql_cluster_load(struct ocf_run *run)
{
	struct mysql_cluster *cluster = calloc(1, sizeof(*cluster));
	int r = cluster ? load(run, cluster) : -ENOMEM;

	if (r == 0)
		return cluster;
	(void)ocf_fail(run, OCF_ERR_GENERIC, "%s", cluster ? cluster->problem : "memory is short");
	mysql_cluster_free(cluster);
	return NULL;
}

void mysql_cluster_free(struct mysql_cluster *cluster)
{
	for (size_t i = 0; cluster && i < NODES_MAX; i++)
		mysql_forget(&cluster->peers[i]);
	free(cluster);
}
