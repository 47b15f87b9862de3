/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict on a lost resource, by Pacemaker's own status code over CIBs written here. */

#include "unit.h"

#include "judge.h"

#include <crm/common/logging.h>
#include <crm/common/xml.h>
#include <stdio.h>

#define CIB_MAX 32768
#define UUID "11111111-2222-3333-4444-555555555555"

/* What a test changes in the cluster of one node. */
struct setup {
	const char *options;   /* nvpairs of crm_config */
	const char *node;      /* inside <node> of n1 */
	const char *resources; /* NULL for vip alone */
	const char *meta;      /* nvpairs of vip's meta attributes */
	const char *defaults;  /* below <configuration>: rsc_defaults */
	const char *history;   /* lrm_resources of n1; NULL: vip was started */
	const char *transient; /* transient_attributes of n1 */
	const char *join;      /* "member" unless given */
};

#define OP(rsc, task, interval, call, rc, status)                                                  \
	"<lrm_rsc_op id='" rsc "_" task "_" call "' operation_key='" rsc "_" task "_" interval     \
	"' operation='" task "' crm_feature_set='3.16.1' transition-key='4:0:0:" UUID              \
	"' transition-magic='" status ":" rc ";4:0:0:" UUID "' on_node='n1' call-id='" call        \
	"' rc-code='" rc "' op-status='" status "' interval='" interval                            \
	"' last-rc-change='1700000000' exec-time='1' queue-time='0'/>"
#define HISTORY(rsc, ops)                                                                          \
	"<lrm_resource id='" rsc "' type='IPaddr2' class='ocf' provider='haops'>" ops              \
	"</lrm_resource>"
#define STARTED(rsc) HISTORY(rsc, OP(rsc, "start", "0", "10", "0", "0"))
#define NVPAIR(name, value) "<nvpair id='nv-" name "' name='" name "' value='" value "'/>"
#define PRIMITIVE(id, meta)                                                                        \
	"<primitive id='" id "' class='ocf' provider='haops' type='IPaddr2'>"                      \
	"<meta_attributes id='" id "-meta'>" meta "</meta_attributes></primitive>"

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static void write_cib(const struct setup *setup, char *buf, size_t size)
{
	int len = snprintf(
		buf, size,
		"<cib validate-with='pacemaker-3.0' have-quorum='1' admin_epoch='0' epoch='1' "
		"num_updates='1' crm_feature_set='3.16.1' dc-uuid='1'><configuration>"
		"<crm_config><cluster_property_set id='cps'>" NVPAIR(
			"stonith-enabled", "false") "%s</cluster_property_set></crm_config>"
						    "<nodes><node id='1' uname='n1'>%s</node><node "
						    "id='2' uname='n2'/></nodes>"
						    "<resources>%s",
		or_empty(setup->options), or_empty(setup->node), or_empty(setup->resources));

	if (!setup->resources)
		len += snprintf(buf + len, size - (size_t)len, PRIMITIVE("vip", "%s"),
				or_empty(setup->meta));
	len += snprintf(buf + len, size - (size_t)len,
			"</resources><constraints/>%s</configuration><status>"
			"<node_state id='1' uname='n1' in_ccm='true' crmd='online' join='%s' "
			"expected='member' crm-debug-origin='x'><lrm id='1'><lrm_resources>%s"
			"</lrm_resources></lrm>%s</node_state>"
			"<node_state id='2' uname='n2' in_ccm='true' crmd='online' join='member' "
			"expected='member' crm-debug-origin='x'/></status></cib>",
			or_empty(setup->defaults), setup->join ? setup->join : "member",
			setup->history ? setup->history : STARTED("vip"),
			or_empty(setup->transient));
	assert_true((size_t)len < size);
}

static void judge_as(const struct setup *setup, const struct judge_question *question,
		     struct judge_verdict *ret_verdict)
{
	char cib[CIB_MAX];
	pe_working_set_t *cluster = pe_new_working_set();

	write_cib(setup, cib, sizeof(cib));
	cluster->input = string2xml(cib);
	assert_non_null(cluster->input);
	cluster->flags |= pe_flag_no_counts | pe_flag_no_compat;
	assert_true(cluster_status(cluster));
	judge_loss(cluster, question, ret_verdict);
	if (ret_verdict->id) {
		/* They belong to the working set: only their being there outlives it. */
		assert_string_equal(ret_verdict->standard, "ocf");
		assert_string_equal(ret_verdict->type, "IPaddr2");
	}
	pe_free_working_set(cluster);
}

static void check_name(const struct setup *setup, const char *resource, enum pcmk_result result,
		       const char *text)
{
	const struct judge_question question = {.node = "n1",
						.resource = resource,
						.agent = "haops:IPaddr2"};
	struct judge_verdict verdict;

	judge_as(setup, &question, &verdict);
	if (verdict.result != result || !strstr(verdict.text, text))
		fail_msg("result %d, \"%s\"; expected %d, \"%s\"", (int)verdict.result,
			 verdict.text, (int)result, text);
}

static void check(const struct setup *setup, enum pcmk_result result, const char *text)
{
	check_name(setup, "vip", result, text);
}

static void test_lost_is_told(void **state)
{
	(void)state;
	check(&(struct setup){0}, PCMK_REPORTED, "vip failed");
}

static void test_unknown(void **state)
{
	const struct judge_question elsewhere = {.node = "n2",
						 .resource = "vip",
						 .agent = "haops:IPaddr2"};
	const struct judge_question stranger = {.node = "n9",
						.resource = "vip",
						.agent = "haops:IPaddr2"};
	const struct judge_question other_agent = {.node = "n1",
						   .resource = "vip",
						   .agent = "heartbeat:IPaddr2"};
	struct judge_verdict verdict;

	(void)state;
	check_name(&(struct setup){0}, "nix", PCMK_NOT_HERE, "no resource nix");
	check_name(&(struct setup){0}, "vi", PCMK_NOT_HERE, "no resource");
	check_name(&(struct setup){0}, "vip:0", PCMK_NOT_HERE, "no resource");
	judge_as(&(struct setup){0}, &elsewhere, &verdict);
	assert_int_equal(verdict.result, PCMK_NOT_HERE);
	judge_as(&(struct setup){0}, &stranger, &verdict);
	assert_int_equal(verdict.result, PCMK_UNAVAILABLE);
	judge_as(&(struct setup){0}, &other_agent, &verdict);
	assert_int_equal(verdict.result, PCMK_NOT_HERE);
}

static void test_cluster_maintenance(void **state)
{
	(void)state;
	check(&(struct setup){.options = NVPAIR("maintenance-mode", "true")}, PCMK_UNMANAGED,
	      "cluster is in maintenance");
}

static void test_node_maintenance(void **state)
{
	(void)state;
	check(&(struct setup){.node = "<instance_attributes id='ia'>" NVPAIR(
				      "maintenance", "true") "</instance_attributes>"},
	      PCMK_UNMANAGED, "node n1 is in maintenance");
}

static void test_node_standby_and_shutdown(void **state)
{
	(void)state;
	check(&(struct setup){.node = "<instance_attributes id='ia'>" NVPAIR(
				      "standby", "on") "</instance_attributes>"},
	      PCMK_NOT_HERE, "standby");
	check(&(struct setup){.transient =
				      "<transient_attributes id='1'><instance_attributes "
				      "id='ta'>" NVPAIR("shutdown",
							"1700000000") "</instance_attributes></"
								      "transient_attributes>"},
	      PCMK_NOT_HERE, "being stopped on this node");
}

static void test_node_not_joined(void **state)
{
	(void)state;
	check(&(struct setup){.join = "down"}, PCMK_UNAVAILABLE, "not online");
}

static void test_resource_unmanaged(void **state)
{
	(void)state;
	check(&(struct setup){.meta = NVPAIR("is-managed", "false")}, PCMK_UNMANAGED,
	      "vip is unmanaged");
	check(&(struct setup){.meta = NVPAIR("maintenance", "true")}, PCMK_UNMANAGED,
	      "vip is in maintenance");
	check(&(struct setup){.defaults = "<rsc_defaults><meta_attributes id='d'>" NVPAIR(
				      "is-managed", "false") "</meta_attributes></rsc_defaults>"},
	      PCMK_UNMANAGED, "vip is unmanaged");
}

static void test_rule(void **state)
{
	(void)state;
	check(&(struct setup){.resources = "<primitive id='vip' class='ocf' provider='haops' "
					   "type='IPaddr2'><meta_attributes id='m'><rule id='r' "
					   "score='0'><date_expression id='de' operation='gt' "
					   "start='2001-01-01'/></rule>" NVPAIR(
						   "is-managed",
						   "false") "</meta_attributes></primitive>"},
	      PCMK_UNMANAGED, "vip is unmanaged");
}

static void test_template(void **state)
{
	(void)state;
	check(&(struct setup){.resources =
				      "<template id='t' class='ocf' provider='haops' "
				      "type='IPaddr2'><meta_attributes id='m'>" NVPAIR(
					      "is-managed", "false") "</meta_attributes></template>"
								     "<primitive id='vip' "
								     "template='t'/>"},
	      PCMK_UNMANAGED, "unmanaged");
	check(&(struct setup){.resources = "<template id='t' class='ocf' provider='haops' "
					   "type='IPaddr2'/><primitive id='vip' template='t'/>"},
	      PCMK_REPORTED, "vip failed");
}

static void test_group(void **state)
{
	static const char plain[] =
		"<group id='g'>" PRIMITIVE("vip", "") PRIMITIVE("two", "") "</group>";
	static const char unmanaged[] = "<group id='g'><meta_attributes id='gm'>" NVPAIR(
		"is-managed", "false") "</meta_attributes>" PRIMITIVE("vip", "") "</group>";
	static const char maintenance[] = "<group id='g'><meta_attributes id='gm'>" NVPAIR(
		"maintenance", "true") "</meta_attributes>" PRIMITIVE("vip", "") "</group>";
	static const char stopped[] = "<group id='g'><meta_attributes id='gm'>" NVPAIR(
		"target-role", "Stopped") "</meta_attributes>" PRIMITIVE("vip", "") "</group>";

	(void)state;
	check(&(struct setup){.resources = plain}, PCMK_REPORTED, "vip failed");
	check_name(&(struct setup){.resources = plain}, "two", PCMK_NOT_HERE, "not active");
	check_name(&(struct setup){.resources = plain}, "g", PCMK_NOT_HERE, "no resource");
	check(&(struct setup){.resources = unmanaged}, PCMK_UNMANAGED, "unmanaged");
	check(&(struct setup){.resources = maintenance}, PCMK_UNMANAGED, "maintenance");
	check(&(struct setup){.resources = stopped}, PCMK_NOT_HERE, "to be stopped");
}

static void test_to_be_stopped(void **state)
{
	(void)state;
	check(&(struct setup){.meta = NVPAIR("target-role", "Stopped")}, PCMK_NOT_HERE,
	      "to be stopped");
	check(&(struct setup){.options = NVPAIR("stop-all-resources", "true")}, PCMK_NOT_HERE,
	      "stop-all-resources");
	check(&(struct setup){.resources = PRIMITIVE("other", "")}, PCMK_NOT_HERE,
	      "taken out of the configuration");
}

static void test_stopped(void **state)
{
	(void)state;
	check(&(struct setup){.history = ""}, PCMK_NOT_HERE, "not active");
	check(&(struct setup){.history = HISTORY("vip",
						 OP("vip", "start", "0", "10", "0", "0")
							 OP("vip", "stop", "0", "12", "0", "0"))},
	      PCMK_NOT_HERE, "not active");
}

static void test_under_way(void **state)
{
	(void)state;
	check(&(struct setup){.history = HISTORY("vip", OP("vip", "start", "0", "10", "0", "0")
								OP("vip", "stop", "0", "-1", "193",
								   "-1"))},
	      PCMK_NOT_HERE, "being stopped");
	check(&(struct setup){.history =
				      HISTORY("vip", OP("vip", "start", "0", "-1", "193", "-1"))},
	      PCMK_UNAVAILABLE, "being started");
	check(&(struct setup){.history = HISTORY("vip", OP("vip", "start", "0", "10", "0", "0")
								OP("vip", "monitor", "10000", "-1",
								   "193", "-1"))},
	      PCMK_REPORTED, "vip failed");
}

/* A look is asked for only while nothing else is done: it makes Pacemaker forget for a moment. */
static void test_look(void **state)
{
	const struct judge_question question = {.node = "n1",
						.resource = "vip",
						.agent = "haops:IPaddr2",
						.wish = PCMK_LOOK};
	const struct setup busy = {.history = HISTORY("vip", OP("vip", "start", "0", "10", "0", "0")
								     OP("vip", "monitor", "10000",
									"-1", "193", "-1"))};
	struct judge_verdict verdict;

	(void)state;
	judge_as(&(struct setup){.meta = NULL}, &question, &verdict);
	assert_int_equal(verdict.result, PCMK_REPORTED);
	assert_int_equal(verdict.wish, PCMK_LOOK);
	assert_string_equal(verdict.text, "the controller was told to look at vip");
	judge_as(&busy, &question, &verdict);
	assert_int_equal(verdict.result, PCMK_UNAVAILABLE);
	assert_non_null(strstr(verdict.text, "monitor"));
}

static void test_failed_already(void **state)
{
	static const char failed[] =
		HISTORY("vip", OP("vip", "start", "0", "10", "0", "0")
				       OP("vip", "monitor", "10000", "11", "7", "0"));
	static const char blocked[] = "<primitive id='vip' class='ocf' provider='haops' "
				      "type='IPaddr2'><operations><op id='o' name='monitor' "
				      "interval='10s' on-fail='block'/></operations></primitive>";

	(void)state;
	check(&(struct setup){.history = HISTORY("vip", OP("vip", "start", "0", "10", "0", "0")
								OP("vip", "monitor", "10000", "11",
								   "1", "0"))},
	      PCMK_NOT_HERE, "failed already");
	check(&(struct setup){.history = failed}, PCMK_NOT_HERE, "");
	check(&(struct setup){.resources = blocked,
			      .history = HISTORY("vip", OP("vip", "start", "0", "10", "0", "0")
								OP("vip", "monitor", "10000", "11",
								   "1", "0"))},
	      PCMK_NOT_HERE, "blocked");
}

static void test_anonymous_clone(void **state)
{
	static const char clone[] = "<clone id='c'>" PRIMITIVE("web", "") "</clone>";
	static const char unmanaged[] = "<clone id='c'><meta_attributes id='cm'>" NVPAIR(
		"is-managed", "false") "</meta_attributes>" PRIMITIVE("web", "") "</clone>";

	(void)state;
	check_name(&(struct setup){.resources = clone, .history = STARTED("web")}, "web",
		   PCMK_REPORTED, "failed");
	check_name(&(struct setup){.resources = clone, .history = ""}, "web", PCMK_NOT_HERE,
		   "not active");
	check_name(&(struct setup){.resources = unmanaged, .history = STARTED("web")}, "web",
		   PCMK_UNMANAGED, "unmanaged");
}

static void test_cloned_group(void **state)
{
	static const char clone[] =
		"<clone id='c'><group id='g'>" PRIMITIVE("web", "") "</group></clone>";

	(void)state;
	check_name(&(struct setup){.resources = clone, .history = STARTED("web")}, "web",
		   PCMK_REPORTED, "failed");
}

static void test_unique_clone(void **state)
{
	static const char clone[] =
		"<clone id='c'><meta_attributes id='cm'>" NVPAIR("globally-unique", "true")
			NVPAIR("clone-max", "2")
				NVPAIR("clone-node-max",
				       "2") "</meta_attributes>" PRIMITIVE("web", "") "</clone>";
	const struct setup setup = {.resources = clone, .history = STARTED("web:1")};

	(void)state;
	check_name(&setup, "web:1", PCMK_REPORTED, "web:1 failed");
	check_name(&setup, "web:0", PCMK_NOT_HERE, "not active");
	check_name(&setup, "web", PCMK_NOT_HERE, "no resource");
}

static void test_promotable(void **state)
{
	static const char clone[] = "<clone id='c'><meta_attributes id='cm'>" NVPAIR(
		"promotable", "true") "</meta_attributes>" PRIMITIVE("web", "") "</clone>";
	static const char promoted[] =
		HISTORY("web", OP("web", "start", "0", "10", "0", "0")
				       OP("web", "promote", "0", "12", "0", "0"));

	(void)state;
	check_name(&(struct setup){.resources = clone, .history = promoted}, "web", PCMK_REPORTED,
		   "failed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lost_is_told),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_cluster_maintenance),
		cmocka_unit_test(test_node_maintenance),
		cmocka_unit_test(test_node_standby_and_shutdown),
		cmocka_unit_test(test_node_not_joined),
		cmocka_unit_test(test_resource_unmanaged),
		cmocka_unit_test(test_rule),
		cmocka_unit_test(test_template),
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_to_be_stopped),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_under_way),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_failed_already),
		cmocka_unit_test(test_anonymous_clone),
		cmocka_unit_test(test_cloned_group),
		cmocka_unit_test(test_unique_clone),
		cmocka_unit_test(test_promotable),
	};

	crm_log_preinit("test", 0, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
