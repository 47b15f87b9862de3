/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One property set of the cluster's options: read, or written in one step and read back. A value
 * that was emptied is not there any more, whether or not its element could be removed behind it.
 */
#include "cib.h"

#include "quorum.h"

#include <crm/common/xml.h>
#include <crm/msg_xml.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XPATH_MAX (OPTIONS_NAME_MAX + 128)
/* More than a part that was cut off writes before Corosync tells it. */
#define LEAD 32

static const char SETS[] = "/" XML_TAG_CIB "/" XML_CIB_TAG_CONFIGURATION "/" XML_CIB_TAG_CRMCONFIG;

static void make_xpath(const char *set, char xpath[XPATH_MAX])
{
	(void)snprintf(xpath, XPATH_MAX, "%s/" XML_CIB_TAG_PROPSET "[@id='%s']", SETS, set);
}

static void print_pairs(const xmlNode *set)
{
	for (const xmlNode *at = set->children; at; at = at->next) {
		const char *name = crm_element_value(at, XML_NVPAIR_ATTR_NAME);
		const char *value = crm_element_value(at, XML_NVPAIR_ATTR_VALUE);

		if (at->type != XML_ELEMENT_NODE || !name || !value || !*value)
			continue;
		cib_print_text(name);
		(void)putchar('\t');
		cib_print_text(value);
		(void)putchar('\n');
	}
}

enum cib_exit cib_get_set(cib_t *cib, const struct options *options)
{
	char xpath[XPATH_MAX];
	xmlNode *found = NULL;
	int rc;

	make_xpath(options->set, xpath);
	rc = cib->cmds->query(cib, xpath, &found, cib_scope_local | cib_sync_call | cib_xpath);
	if (rc == -ENXIO)
		return CIB_DONE;
	if (rc < 0 || !found) {
		free_xml(found);
		return cib_complain(CIB_FAILED, "the CIB cannot be read", rc);
	}
	print_pairs(found);
	free_xml(found);
	return CIB_DONE;
}

static void make_pair_id(const char *set, const char *name, char id[2 * OPTIONS_NAME_MAX])
{
	(void)snprintf(id, 2 * OPTIONS_NAME_MAX, "%s-%s", set, name);
}

static xmlNode *make_pairs(const struct options *options)
{
	xmlNode *section = create_xml_node(NULL, XML_CIB_TAG_CRMCONFIG);
	xmlNode *set = create_xml_node(section, XML_CIB_TAG_PROPSET);

	crm_xml_add(set, XML_ATTR_ID, options->set);
	for (size_t i = 0; i < options->pair_count; i++) {
		xmlNode *pair = create_xml_node(set, XML_CIB_TAG_NVPAIR);
		char id[2 * OPTIONS_NAME_MAX];

		make_pair_id(options->set, options->pairs[i].name, id);
		crm_xml_add(pair, XML_ATTR_ID, id);
		crm_xml_add(pair, XML_NVPAIR_ATTR_NAME, options->pairs[i].name);
		crm_xml_add(pair, XML_NVPAIR_ATTR_VALUE, options->pairs[i].value);
	}
	return section;
}

/* What stays behind when this fails is empty, and means the same. */
static void remove_empty(cib_t *cib, const struct options *options)
{
	char id[2 * OPTIONS_NAME_MAX];
	char xpath[XPATH_MAX];
	char pair[XPATH_MAX + sizeof(id) + 64];

	make_xpath(options->set, xpath);
	for (size_t i = 0; i < options->pair_count; i++) {
		if (*options->pairs[i].value)
			continue;
		make_pair_id(options->set, options->pairs[i].name, id);
		(void)snprintf(pair, sizeof(pair), "%s/" XML_CIB_TAG_NVPAIR "[@id='%s'][@value='']",
			       xpath, id);
		(void)cib->cmds->remove(cib, pair, NULL, cib_sync_call | cib_xpath);
	}
}

/*
 * Of two parts of a cluster that come together again, the CIB with the higher epoch wins. One that
 * was cut off may have taken writes that were under way at that moment, which raised its own by as
 * many: what a majority has taken is put out of their reach.
 */
static void outrun(cib_t *cib)
{
	xmlNode *root = NULL;
	xmlNode *wanted;
	int epoch = 0;

	if (cib->cmds->query(cib, "/" XML_TAG_CIB, &root,
			     cib_scope_local | cib_sync_call | cib_xpath | cib_no_children) == 0 &&
	    crm_element_value_int(root, XML_ATTR_GENERATION, &epoch) == 0) {
		wanted = create_xml_node(NULL, XML_TAG_CIB);
		crm_xml_add_int(wanted, XML_ATTR_GENERATION, epoch + LEAD);
		(void)cib->cmds->modify(cib, NULL, wanted, cib_sync_call);
		free_xml(wanted);
	}
	free_xml(root);
}

/* Who has it ---------------------------------------------------------------------------------- */

static const char *value_of(const xmlNode *set, const char *name)
{
	for (const xmlNode *at = set->children; at; at = at->next) {
		const char *found = crm_element_value(at, XML_NVPAIR_ATTR_NAME);

		if (at->type == XML_ELEMENT_NODE && found && strcmp(found, name) == 0)
			return crm_element_value(at, XML_NVPAIR_ATTR_VALUE);
	}
	return NULL;
}

static bool has_all(const xmlNode *set, const struct options *options)
{
	for (size_t i = 0; i < options->pair_count; i++) {
		const char *value = value_of(set, options->pairs[i].name);

		if (strcmp(value ? value : "", options->pairs[i].value) != 0)
			return false;
	}
	return true;
}

static bool has_node_all(cib_t *cib, const char *node, const struct options *options)
{
	char xpath[XPATH_MAX];
	xmlNode *found = NULL;
	bool is_there;
	int rc;

	make_xpath(options->set, xpath);
	rc = cib->cmds->query_from(cib, node, xpath, &found, cib_sync_call | cib_xpath);
	is_there = rc >= 0 && found && has_all(found, options);
	free_xml(found);
	return is_there;
}

static bool is_member(const struct quorum_view *view, const char *id)
{
	unsigned long number = id ? strtoul(id, NULL, 10) : 0;

	for (size_t i = 0; i < view->member_count; i++)
		if (view->members[i] == number)
			return true;
	return false;
}

static bool is_cluster_node(const xmlNode *node)
{
	const char *type = crm_element_value(node, XML_ATTR_TYPE);

	return node->type == XML_ELEMENT_NODE && (!type || strcmp(type, "member") == 0);
}

/*
 * Whether so many nodes have the values that each majority to come has one of them. That a write
 * is done here says only that this node has it.
 */
static bool is_kept(cib_t *cib, const struct quorum_view *view, const struct options *options)
{
	xmlNode *nodes = NULL;
	size_t expected = 0;
	size_t needed;
	size_t having = 0;

	if (cib->cmds->query(cib, XML_CIB_TAG_NODES, &nodes, cib_scope_local | cib_sync_call) < 0 ||
	    !nodes)
		return false;
	for (const xmlNode *at = nodes->children; at; at = at->next)
		expected += is_cluster_node(at);
	needed = expected / 2 + 1;
	/* With two nodes, or less than half of them, one quorum has to be all of this one. */
	if (needed > view->member_count)
		needed = view->member_count;
	for (const xmlNode *at = nodes->children; at && having < needed; at = at->next)
		if (is_cluster_node(at) && is_member(view, crm_element_value(at, XML_ATTR_ID)))
			having += has_node_all(cib, crm_element_value(at, XML_ATTR_UNAME), options);
	free_xml(nodes);
	return having >= needed;
}

static int write_pairs(cib_t *cib, const struct options *options)
{
	xmlNode *section = make_pairs(options);
	int rc = cib->cmds->modify(cib, XML_CIB_TAG_CRMCONFIG, section, cib_sync_call);

	free_xml(section);
	return rc;
}

static bool is_unknown(int rc)
{
	return rc == -ETIME || rc == -ETIMEDOUT || rc == -ENOTCONN || rc == -ECOMM ||
	       rc == -ENOMSG || rc == -EAGAIN;
}

/* The CIB itself takes writes without quorum, and while the membership is changing. */
enum cib_exit cib_set_set(cib_t *cib, const struct options *options)
{
	struct quorum_view before;
	struct quorum_view after;
	int rc;

	if (!quorum_look(&before))
		return cib_complain(CIB_FAILED, "Corosync does not tell who is there", 0);
	if (!before.is_quorate)
		return cib_complain(CIB_NO_QUORUM, "this part of the cluster has no quorum", 0);
	rc = write_pairs(cib, options);
	if (is_unknown(rc))
		return cib_complain(CIB_UNKNOWN, "unknown whether the CIB was written", rc);
	if (rc < 0)
		return cib_complain(CIB_FAILED, "the CIB cannot be written", rc);
	if (!is_kept(cib, &before, options))
		return cib_complain(CIB_UNKNOWN, "not enough nodes have what was written", 0);
	if (!quorum_look(&after) || !after.is_quorate || after.ring_seq != before.ring_seq)
		return cib_complain(CIB_UNKNOWN, "nodes came or went while it was written", 0);
	remove_empty(cib, options);
	outrun(cib);
	return cib_get_set(cib, options);
}
