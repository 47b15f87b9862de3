/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Meta-data of an agent as XML (OCF Resource Agent API 1.1), from its table. Pure; the document
 * carries its own DTD, see docs/decisions/0003-metadata-dtd.md.
 */
#include "ocf/run.h"

#include <string.h>

/* What the RNG of OCF 1.1 says, as far as this file uses it, in the words of a DTD. */
static const char dtd[] =
	"<!DOCTYPE resource-agent [\n"
	"<!ELEMENT resource-agent (version, longdesc, shortdesc, parameters, actions)>\n"
	"<!ATTLIST resource-agent name CDATA #REQUIRED version CDATA #IMPLIED>\n"
	"<!ELEMENT version (#PCDATA)>\n"
	"<!ELEMENT longdesc (#PCDATA)>\n"
	"<!ATTLIST longdesc lang NMTOKEN #REQUIRED>\n"
	"<!ELEMENT shortdesc (#PCDATA)>\n"
	"<!ATTLIST shortdesc lang NMTOKEN #REQUIRED>\n"
	"<!ELEMENT parameters (parameter+)>\n"
	"<!ELEMENT parameter (deprecated?, longdesc, shortdesc, content)>\n"
	"<!ATTLIST parameter name CDATA #REQUIRED unique-group CDATA #IMPLIED\n"
	"  required (0|1) #IMPLIED reloadable (0|1) #IMPLIED>\n"
	"<!ELEMENT deprecated (replaced-with?, desc)>\n"
	"<!ELEMENT replaced-with EMPTY>\n"
	"<!ATTLIST replaced-with name CDATA #REQUIRED>\n"
	"<!ELEMENT desc (#PCDATA)>\n"
	"<!ATTLIST desc lang NMTOKEN #REQUIRED>\n"
	"<!ELEMENT content (option*)>\n"
	"<!ATTLIST content type (boolean|string|integer|select) #REQUIRED default CDATA #IMPLIED>\n"
	"<!ELEMENT option EMPTY>\n"
	"<!ATTLIST option value CDATA #REQUIRED>\n"
	"<!ELEMENT actions (action+)>\n"
	"<!ELEMENT action EMPTY>\n"
	"<!ATTLIST action name NMTOKEN #REQUIRED timeout CDATA #REQUIRED interval CDATA #IMPLIED\n"
	"  depth CDATA #IMPLIED role CDATA #IMPLIED>\n"
	"]>\n";

static void put_escaped(FILE *out, const char *text)
{
	static const char special[] = "&<>\"";
	static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;"};

	for (; *text; text++) {
		const char *at = strchr(special, *text);

		if (at)
			(void)fputs(entities[at - special], out);
		else
			(void)fputc(*text, out);
	}
}

static void put_element(FILE *out, const char *name, const char *text)
{
	(void)fprintf(out, "<%s lang=\"en\">", name);
	put_escaped(out, text);
	(void)fprintf(out, "</%s>\n", name);
}

static void put_attribute(FILE *out, const char *name, const char *text)
{
	if (!text)
		return;
	(void)fprintf(out, " %s=\"", name);
	put_escaped(out, text);
	(void)fputc('"', out);
}

static void put_deprecated(FILE *out, const struct ocf_param *param)
{
	if (!param->deprecated)
		return;
	(void)fputs("<deprecated>\n", out);
	if (param->replaced_with) {
		(void)fputs("<replaced-with", out);
		put_attribute(out, "name", param->replaced_with);
		(void)fputs("/>\n", out);
	}
	put_element(out, "desc", param->deprecated);
	(void)fputs("</deprecated>\n", out);
}

static void put_content(FILE *out, const struct ocf_param *param)
{
	/* OCF 1.1 has no type for times. */
	static const char *const types[] = {
		[OCF_STRING] = "string", [OCF_BOOLEAN] = "boolean", [OCF_INTEGER] = "integer",
		[OCF_SELECT] = "select", [OCF_TIME] = "string",
	};

	(void)fputs("<content", out);
	put_attribute(out, "type", types[param->type]);
	put_attribute(out, "default", param->default_value);
	if (param->type != OCF_SELECT) {
		(void)fputs("/>\n", out);
		return;
	}
	(void)fputs(">\n", out);
	for (const char *const *option = param->options; *option; option++) {
		(void)fputs("<option", out);
		put_attribute(out, "value", *option);
		(void)fputs("/>\n", out);
	}
	(void)fputs("</content>\n", out);
}

static void put_param(FILE *out, const struct ocf_param *param)
{
	(void)fputs("<parameter", out);
	put_attribute(out, "name", param->name);
	put_attribute(out, "unique-group", param->unique_group);
	put_attribute(out, "required", param->is_required ? "1" : NULL);
	put_attribute(out, "reloadable", param->is_reloadable ? "1" : NULL);
	(void)fputs(">\n", out);
	put_deprecated(out, param);
	put_element(out, "longdesc", param->longdesc);
	put_element(out, "shortdesc", param->shortdesc);
	put_content(out, param);
	(void)fputs("</parameter>\n\n", out);
}

static void put_action(FILE *out, const struct ocf_action *action)
{
	(void)fputs("<action", out);
	put_attribute(out, "name", action->name);
	(void)fprintf(out, " timeout=\"%us\"", action->timeout_s);
	if (action->interval_s > 0)
		(void)fprintf(out, " interval=\"%us\"", action->interval_s);
	if (action->depth >= 0)
		(void)fprintf(out, " depth=\"%d\"", action->depth);
	put_attribute(out, "role", action->role);
	(void)fputs("/>\n", out);
}

static void put_actions(FILE *out, const struct ocf_agent *agent)
{
	static const struct ocf_action own[] = {
		{.name = "meta-data", .timeout_s = 5, .depth = -1},
		{.name = "validate-all", .timeout_s = OCF_DEFAULT_TIMEOUT_S, .depth = 0},
		{.name = "validate-all", .timeout_s = OCF_DEFAULT_TIMEOUT_S, .depth = 10},
	};

	(void)fputs("<actions>\n", out);
	for (size_t i = 0; i < agent->action_count; i++)
		put_action(out, &agent->actions[i]);
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		put_action(out, &own[i]);
	(void)fputs("</actions>\n", out);
}

void ocf_metadata_print(const struct ocf_agent *agent, FILE *out)
{
	(void)fprintf(out, "<?xml version=\"1.0\"?>\n%s<resource-agent", dtd);
	put_attribute(out, "name", agent->name);
	put_attribute(out, "version", PACKAGE_VERSION);
	(void)fputs(">\n<version>1.1</version>\n\n", out);
	put_element(out, "longdesc", agent->longdesc);
	put_element(out, "shortdesc", agent->shortdesc);
	(void)fputs("\n<parameters>\n", out);
	for (size_t i = 0; i < agent->param_count; i++)
		put_param(out, &agent->params[i]);
	(void)fputs("</parameters>\n\n", out);
	put_actions(out, agent);
	(void)fputs("</resource-agent>\n", out);
}
