/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Failures and constraints by XPath, and the files of cibsecret(8). */

#include "facts-xml.h"

#include "util/cleanup.h"
#include "util/num.h"

#include <crm/common/iso8601.h>
#include <crm/common/xml.h>
#include <crm/msg_xml.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XPATH_MAX 1024
#define SECRET_MARK "lrm://"
#define SECRETS_FOLDER "/var/lib/pacemaker/lrm/secrets"

/* A name in an expression must not end it. */
static bool is_plain(const char *name)
{
	return !strpbrk(name, "'\"[]");
}

static void describe_failure(xmlNode *op, struct db_node *node)
{
	const char *task = crm_element_value(op, XML_LRM_ATTR_TASK);
	const char *reason = crm_element_value(op, XML_LRM_ATTR_EXIT_REASON);
	const char *code = crm_element_value(op, XML_LRM_ATTR_RC);
	const char *when = crm_element_value(op, XML_RSC_OP_LAST_CHANGE);

	(void)snprintf(node->failure, sizeof(node->failure), "%s: %s%s", task ? task : "operation",
		       reason && reason[0] ? reason : "exit code ",
		       reason && reason[0] ? ""
		       : code		   ? code
					   : "unknown");
	if (!when || num_parse(when, 0, INT64_MAX, &node->failure_s) < 0)
		node->failure_s = 0;
}

/* Pacemaker keeps a probe that found what it did not expect, after a refresh say, as a failure. */
void facts_failure(xmlNode *cib, const char *resource, struct db_node *node)
{
	char path[XPATH_MAX];
	xmlNode *op;

	if (!is_plain(resource) || !is_plain(node->name))
		return;
	(void)snprintf(path, sizeof(path),
		       "//node_state[@uname='%s']/lrm/lrm_resources/lrm_resource[@id='%s']"
		       "/lrm_rsc_op[@id='%s_last_failure_0']"
		       "[not(@operation='monitor' and @interval='0' and (@rc-code='0' or "
		       "@rc-code='8'))]",
		       node->name, resource, resource);
	op = get_xpath_object(path, cib, LOG_NEVER);
	if (op)
		describe_failure(op, node);
}

/* By its rule; without one it lasts. */
static bool is_over(xmlNode *constraint)
{
	xmlNode *date = get_xpath_object_relative("//date_expression[@end]", constraint, LOG_NEVER);
	const char *end = date ? crm_element_value(date, "end") : NULL;
	crm_time_t *then = end ? crm_time_new(end) : NULL;
	crm_time_t *now = crm_time_new(NULL);
	bool is_past = then && now && crm_time_compare(then, now) < 0;

	if (then)
		crm_time_free(then);
	if (now)
		crm_time_free(now);
	return is_past;
}

void facts_constraint(xmlNode *cib, struct snapshot *snapshot)
{
	char path[XPATH_MAX];
	xmlXPathObjectPtr found;

	if (!is_plain(snapshot->top) || !is_plain(snapshot->resource))
		return;
	(void)snprintf(path, sizeof(path),
		       "//constraints/rsc_location[(@rsc='%s' or @rsc='%s') and "
		       "(starts-with(@id,'cli-prefer-') or starts-with(@id,'cli-ban-'))]",
		       snapshot->top, snapshot->resource);
	found = xpath_search(cib, path);
	for (int i = 0; found && i < numXpathResults(found); i++) {
		xmlNode *constraint = getXpathResult(found, i);

		if (constraint && !is_over(constraint))
			(void)snprintf(snapshot->constraint, sizeof(snapshot->constraint), "%s",
				       crm_element_value(constraint, XML_ATTR_ID));
	}
	freeXpathObject(found);
}

/* What was emptied is not there any more. */
static void print_pair(FILE *out, const xmlNode *pair)
{
	const char *name = pair ? crm_element_value(pair, XML_NVPAIR_ATTR_NAME) : NULL;
	const char *value = pair ? crm_element_value(pair, XML_NVPAIR_ATTR_VALUE) : NULL;

	if (!name || !value || !value[0])
		return;
	fprintf(out, "%s\t", name);
	for (; *value; value++)
		fputc(*value == '\n' ? ' ' : *value, out);
	fputc('\n', out);
}

char *facts_memory(xmlNode *cib, const char *resource)
{
	char path[XPATH_MAX] = "/none";
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	xmlXPathObjectPtr found;

	if (!out)
		return NULL;
	if (is_plain(resource))
		(void)snprintf(path, sizeof(path),
			       "//crm_config/cluster_property_set[@id='haops-mysql-%s']/nvpair",
			       resource);
	found = xpath_search(cib, path);
	for (int i = 0; found && i < numXpathResults(found); i++)
		print_pair(out, getXpathResult(found, i));
	freeXpathObject(found);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

void facts_secret(const char *resource, const char *name, char *value, size_t size)
{
	CLEANUP_FILE FILE *file = NULL;
	char path[XPATH_MAX];

	if (strcmp(value, SECRET_MARK) != 0 || strchr(resource, '/'))
		return;
	value[0] = '\0';
	(void)snprintf(path, sizeof(path), SECRETS_FOLDER "/%s/%s", resource, name);
	file = fopen(path, "re");
	if (!file || !fgets(value, (int)size, file))
		value[0] = '\0';
	value[strcspn(value, "\n")] = '\0';
}
