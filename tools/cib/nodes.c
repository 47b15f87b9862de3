/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nodes of the cluster, and a resource on them, as Pacemaker's own status code sees them. */
#include "cib.h"

#include <crm/common/xml.h>
#include <crm/pengine/status.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

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

/* One that is joining is not down. */
static const char *state_of(const pe_node_t *node)
{
	if (node->details->unclean)
		return "unclean";
	if (node->details->pending)
		return "pending";
	return node->details->online ? "online" : "offline";
}

struct search {
	const char *name;
	const pe_node_t *node;
	const pe_resource_t *active; /* there */
	bool is_known;		     /* Pacemaker has looked there */
	bool is_busy;		     /* and something is under way, or has failed */
};

/* An instance of a clone is called name:NUMBER. */
static bool has_name(const pe_resource_t *resource, const char *name)
{
	size_t len = strlen(name);

	if (resource->clone_name && strcmp(resource->clone_name, name) == 0)
		return true;
	return strncmp(resource->id, name, len) == 0 &&
	       (resource->id[len] == '\0' || resource->id[len] == ':');
}

static bool is_on(const pe_resource_t *resource, const pe_node_t *node)
{
	for (const GList *at = resource->running_on; at; at = at->next)
		if (((const pe_node_t *)at->data)->details == node->details)
			return true;
	return false;
}

static void take_instance(const pe_resource_t *resource, struct search *search)
{
	const pe_node_t *node = search->node;

	search->is_known |= resource->known_on &&
			    g_hash_table_lookup(resource->known_on, node->details->id) != NULL;
	search->is_busy |= resource->pending_task && resource->pending_node &&
			   resource->pending_node->details == node->details;
	if (!is_on(resource, node))
		return;
	search->active = resource;
	search->is_busy |= pcmk_is_set(resource->flags, pe_rsc_failed);
}

static void look(const GList *resources, struct search *search)
{
	for (const GList *at = resources; at; at = at->next) {
		const pe_resource_t *resource = at->data;

		if (resource->children)
			look(resource->children, search);
		else if (has_name(resource, search->name))
			take_instance(resource, search);
	}
}

/* "stopped" only where that is certain: nothing of it runs, and nothing is about to. */
static const char *role_of(const GList *resources, const char *name, const pe_node_t *node)
{
	struct search search = {.name = name, .node = node};

	look(resources, &search);
	if (search.is_busy || (!search.active && !search.is_known))
		return "unknown";
	if (!search.active)
		return "stopped";
	return search.active->role == RSC_ROLE_PROMOTED ? "promoted" : "unpromoted";
}

static void print_node(const pe_working_set_t *cluster, const pe_node_t *node,
		       const struct options *options)
{
	const char *value = NULL;

	cib_print_text(node->details->uname);
	(void)printf("\t%s", state_of(node));
	if (options->resource)
		(void)printf("\t%s", role_of(cluster->resources, options->resource, node));
	if (options->attribute)
		value = g_hash_table_lookup(node->details->attrs, options->attribute);
	if (value && *value) {
		(void)putchar('\t');
		cib_print_text(value);
	}
	(void)putchar('\n');
}

enum cib_exit cib_print_nodes(cib_t *cib, const struct options *options)
{
	pe_working_set_t *cluster;
	xmlNode *root = NULL;
	int rc = cib->cmds->query(cib, NULL, &root, cib_scope_local | cib_sync_call);

	if (rc < 0 || !root) {
		free_xml(root);
		return cib_complain(CIB_FAILED, "the CIB cannot be read", rc);
	}
	cluster = unpack(root);
	if (!cluster)
		return cib_complain(CIB_FAILED, "the CIB is not understood", 0);
	for (const GList *at = cluster->nodes; at; at = at->next)
		print_node(cluster, at->data, options);
	pe_free_working_set(cluster);
	return CIB_DONE;
}
