/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judges a loss by Pacemaker's own flags: rules, defaults, templates and parents are in them. Asks
 * nobody and changes nothing.
 */
#include "judge.h"

#include <crm/msg_xml.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void decide(struct judge_verdict *verdict, enum pcmk_result result, const char *fmt, ...)
	HAOPS_PRINTF(3, 4);

static void decide(struct judge_verdict *verdict, enum pcmk_result result, const char *fmt, ...)
{
	va_list args;

	verdict->result = result;
	va_start(args, fmt);
	(void)vsnprintf(verdict->text, sizeof(verdict->text), fmt, args);
	va_end(args);
}

/* Whether id is name, or an instance of it: name:NUMBER. */
static bool is_instance_of(const char *id, const char *name)
{
	size_t len = strlen(name);

	return strncmp(id, name, len) == 0 &&
	       (id[len] == '\0' ||
		(id[len] == ':' && strspn(id + len + 1, "0123456789") == strlen(id + len + 1)));
}

/* An anonymous clone's agents know the name without a number; those of a unique one know it with.
 */
static bool has_name(const pe_resource_t *resource, const char *name)
{
	if (strcmp(resource->id, name) == 0 ||
	    (resource->clone_name && strcmp(resource->clone_name, name) == 0))
		return true;
	return !pcmk_is_set(resource->flags, pe_rsc_unique) && is_instance_of(resource->id, name);
}

static bool is_on(const pe_resource_t *resource, const char *node)
{
	for (const GList *at = resource->running_on; at; at = at->next) {
		const pe_node_t *running = at->data;

		if (strcmp(running->details->uname, node) == 0)
			return true;
	}
	return false;
}

/* The primitive of this name that is on the node, else any of this name, else NULL. */
static const pe_resource_t *find(const GList *resources, const struct judge_question *question)
{
	const pe_resource_t *elsewhere = NULL;

	for (const GList *at = resources; at; at = at->next) {
		const pe_resource_t *found = at->data;

		if (found->children)
			found = find(found->children, question);
		else if (!has_name(found, question->resource))
			found = NULL;
		if (found && is_on(found, question->node))
			return found;
		if (found && !elsewhere)
			elsewhere = found;
	}
	return elsewhere;
}

static const pe_node_t *find_node(const pe_working_set_t *cluster, const char *name)
{
	for (const GList *at = cluster->nodes; at; at = at->next) {
		const pe_node_t *node = at->data;

		if (node->details->uname && strcmp(node->details->uname, name) == 0)
			return node;
	}
	return NULL;
}

/* The cluster and the node as a whole. True when the verdict is made. */
static bool judge_node(const pe_working_set_t *cluster, const pe_node_t *node,
		       struct judge_verdict *verdict)
{
	if (!node || !node->details->online || node->details->pending)
		decide(verdict, PCMK_UNAVAILABLE, "this node is not online in Pacemaker yet");
	else if (pcmk_is_set(cluster->flags, pe_flag_maintenance_mode))
		decide(verdict, PCMK_UNMANAGED, "the cluster is in maintenance mode");
	else if (node->details->maintenance)
		decide(verdict, PCMK_UNMANAGED, "node %s is in maintenance", node->details->uname);
	else
		return false;
	return true;
}

/* A failure that on-fail=block answers takes a resource out of management, too: that is the second
 * question. */
static bool judge_managed(const pe_resource_t *resource, struct judge_verdict *verdict)
{
	for (const pe_resource_t *at = resource; at; at = at->parent) {
		if (pcmk_is_set(at->flags, pe_rsc_maintenance)) {
			decide(verdict, PCMK_UNMANAGED, "%s is in maintenance", at->id);
			return true;
		}
	}
	if (pcmk_is_set(resource->flags, pe_rsc_block)) {
		decide(verdict, PCMK_NOT_HERE, "Pacemaker has blocked %s after a failure",
		       resource->id);
		return true;
	}
	for (const pe_resource_t *at = resource; at; at = at->parent) {
		if (!pcmk_is_set(at->flags, pe_rsc_managed)) {
			decide(verdict, PCMK_UNMANAGED, "%s is unmanaged", at->id);
			return true;
		}
	}
	return false;
}

static bool is_to_stop(const pe_resource_t *resource)
{
	for (const pe_resource_t *at = resource; at; at = at->parent)
		if (at->next_role == RSC_ROLE_STOPPED)
			return true;
	return false;
}

/* Operations under way, as the controllers recorded them before they began. */
static bool judge_pending(const pe_resource_t *resource, const struct judge_question *question,
			  struct judge_verdict *verdict)
{
	const char *task = resource->pending_task;

	if (!task || !resource->pending_node ||
	    strcmp(resource->pending_node->details->uname, question->node) != 0)
		return false;
	if (strcmp(task, "stop") == 0 || strcmp(task, "migrate_to") == 0) {
		decide(verdict, PCMK_NOT_HERE, "%s is being stopped here", resource->id);
		return true;
	}
	if (strcmp(task, "start") == 0 || strcmp(task, "migrate_from") == 0) {
		decide(verdict, PCMK_UNAVAILABLE, "%s is being started here", resource->id);
		return true;
	}
	/* A look forgets what Pacemaker knows of it, for as long as a probe takes. */
	if (question->wish == PCMK_LOOK) {
		decide(verdict, PCMK_UNAVAILABLE, "%s is under way for %s here", task,
		       resource->id);
		return true;
	}
	return false;
}

static bool judge_stopping(const pe_working_set_t *cluster, const pe_node_t *node,
			   const pe_resource_t *resource, struct judge_verdict *verdict)
{
	const char *why = NULL;

	if (node->details->standby)
		why = "the node is in standby";
	else if (node->details->shutdown)
		why = "Pacemaker is being stopped on this node";
	else if (pcmk_is_set(cluster->flags, pe_flag_stop_everything))
		why = "stop-all-resources is set";
	else if (pcmk_is_set(resource->flags, pe_rsc_orphan))
		why = "it was taken out of the configuration";
	else if (is_to_stop(resource))
		why = "it is to be stopped";
	if (!why)
		return false;
	decide(verdict, PCMK_NOT_HERE, "%s is not to run here: %s", resource->id, why);
	return true;
}

static bool judge_state(const pe_resource_t *resource, const struct judge_question *question,
			struct judge_verdict *verdict)
{
	if (!is_on(resource, question->node))
		decide(verdict, PCMK_NOT_HERE, "%s is not active on %s", resource->id,
		       question->node);
	else if (question->wish == PCMK_LOOK && resource->role == RSC_ROLE_PROMOTED)
		decide(verdict, PCMK_NOT_HERE, "%s is promoted here", resource->id);
	else if (pcmk_is_set(resource->flags, pe_rsc_failed))
		decide(verdict, PCMK_NOT_HERE, "Pacemaker takes %s for failed already",
		       resource->id);
	else
		return judge_pending(resource, question, verdict);
	return true;
}

/* Fills in what the controller wants to know. False: another agent has this name. */
static bool describe(const pe_resource_t *resource, const struct judge_question *question,
		     struct judge_verdict *verdict)
{
	char agent[PACKET_TEXT_MAX];

	verdict->id = resource->clone_name ? resource->clone_name : resource->id;
	verdict->long_id = resource->clone_name ? resource->id : NULL;
	verdict->standard = crm_element_value(resource->xml, XML_AGENT_ATTR_CLASS);
	verdict->provider = crm_element_value(resource->xml, XML_AGENT_ATTR_PROVIDER);
	verdict->type = crm_element_value(resource->xml, XML_ATTR_TYPE);
	(void)snprintf(agent, sizeof(agent), "%s:%s", verdict->provider ? verdict->provider : "",
		       verdict->type ? verdict->type : "");
	if (verdict->standard && verdict->type && strcmp(agent, question->agent) == 0)
		return true;
	decide(verdict, PCMK_NOT_HERE, "%s is configured with agent %.64s, not %.64s", resource->id,
	       agent, question->agent);
	return false;
}

void judge_loss(const pe_working_set_t *cluster, const struct judge_question *question,
		struct judge_verdict *ret_verdict)
{
	const pe_resource_t *resource = find(cluster->resources, question);
	const pe_node_t *node = find_node(cluster, question->node);
	struct judge_verdict *verdict = ret_verdict;

	memset(verdict, 0, sizeof(*verdict));
	verdict->wish = question->wish;
	if (judge_node(cluster, node, verdict))
		return;
	if (!resource) {
		decide(verdict, PCMK_NOT_HERE, "Pacemaker has no resource %s", question->resource);
		return;
	}
	if (!describe(resource, question, verdict) || judge_managed(resource, verdict) ||
	    judge_stopping(cluster, node, resource, verdict) ||
	    judge_state(resource, question, verdict))
		return;
	if (question->wish == PCMK_LOOK)
		decide(verdict, PCMK_REPORTED, "the controller was told to look at %s",
		       resource->id);
	else
		decide(verdict, PCMK_REPORTED, "the controller was told that %s failed",
		       resource->id);
}
