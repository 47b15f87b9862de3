/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the database among Pacemaker's resources, and what its instances do on which node. */

#include "facts-find.h"

#include <crm/msg_xml.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_database(const pe_resource_t *resource)
{
	const char *provider = crm_element_value(resource->xml, XML_AGENT_ATTR_PROVIDER);
	const char *type = crm_element_value(resource->xml, XML_ATTR_TYPE);

	return provider && type && strcmp(provider, "haops") == 0 && strcmp(type, "mysql") == 0;
}

void facts_name(const pe_resource_t *resource, char name[SNAPSHOT_NAME_MAX])
{
	char *colon;

	(void)snprintf(name, SNAPSHOT_NAME_MAX, "%s",
		       resource->clone_name ? resource->clone_name : resource->id);
	colon = strrchr(name, ':');
	if (resource->parent && !pcmk_is_set(resource->flags, pe_rsc_unique) && colon)
		*colon = '\0';
}

const pe_resource_t *facts_top(const pe_resource_t *resource)
{
	while (resource->parent)
		resource = resource->parent;
	return resource;
}

static bool has_name(const pe_resource_t *resource, const char *name)
{
	char own[SNAPSHOT_NAME_MAX];

	facts_name(resource, own);
	return strcmp(own, name) == 0 || strcmp(resource->id, name) == 0 ||
	       strcmp(facts_top(resource)->id, name) == 0;
}

void facts_each(const GList *resources, facts_visit *visit, void *userdata)
{
	for (const GList *at = resources; at; at = at->next) {
		const pe_resource_t *resource = at->data;

		if (resource->children)
			facts_each(resource->children, visit, userdata);
		else if (is_database(resource) && !pcmk_is_set(resource->flags, pe_rsc_orphan))
			visit(resource, userdata);
	}
}

struct search {
	const char *name;
	const pe_resource_t *found;
	char last[SNAPSHOT_NAME_MAX];
	size_t count; /* of names, not of instances */
	char names[SNAPSHOT_TEXT_MAX];
};

static void consider(const pe_resource_t *resource, void *userdata)
{
	struct search *search = userdata;
	size_t len = strlen(search->names);
	char name[SNAPSHOT_NAME_MAX];

	facts_name(resource, name);
	if ((search->name && !has_name(resource, search->name)) || strcmp(search->last, name) == 0)
		return;
	memcpy(search->last, name, sizeof(name));
	search->found = resource;
	search->count++;
	(void)snprintf(search->names + len, sizeof(search->names) - len, "%s%s",
		       len > 0 ? ", " : "", name);
}

int facts_find(const pe_working_set_t *cluster, struct facts_question *question,
	       const pe_resource_t **ret_resource)
{
	struct search search = {.name = question->resource};

	facts_each(cluster->resources, consider, &search);
	if (search.count == 1) {
		*ret_resource = search.found;
		return 0;
	}
	if (search.count > 1) {
		(void)snprintf(question->text, sizeof(question->text),
			       "there are several databases, name one of them: %.400s",
			       search.names);
		return -ENOTUNIQ;
	}
	if (question->resource)
		(void)snprintf(question->text, sizeof(question->text),
			       "Pacemaker has no resource %.200s of agent ocf:haops:mysql",
			       question->resource);
	else
		(void)snprintf(question->text, sizeof(question->text),
			       "Pacemaker has no resource of agent ocf:haops:mysql");
	return -ENOENT;
}
