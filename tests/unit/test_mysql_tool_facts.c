/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haops-mysql(8): what Pacemaker's state says of a database, over CIBs written here. */

#include "facts-xml.h"
#include "facts.h"
#include "remember.h"
#include "unit.h"

#include <crm/common/logging.h>
#include <crm/common/xml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CIB_MAX 32768
#define UUID "11111111-2222-3333-4444-555555555555"
#define NVPAIR(name, value) "<nvpair id='nv-" name "' name='" name "' value='" value "'/>"

/* What a test changes in a cluster whose n1 is promoted and whose n2 replicates. */
struct setup {
	const char *options;	 /* nvpairs of crm_config */
	const char *params;	 /* nvpairs of the primitive */
	const char *resources;	 /* more of them */
	const char *constraints; /* all of them */
	const char *history;	 /* more operations of n2 */
	const char *attributes;	 /* transient nvpairs of n2 */
	const char *node;	 /* attributes of n2's node_state; NULL: online */
	const char *sets;	 /* more sets of crm_config */
};

#define OP(node, task, interval, call, rc, more)                                                   \
	"<lrm_rsc_op id='db_" task "_" interval "_" node "' operation_key='db_" task "_" interval  \
	"' operation='" task "' crm_feature_set='3.16.1' transition-key='4:0:0:" UUID              \
	"' transition-magic='0:" rc ";4:0:0:" UUID "' on_node='" node "' call-id='" call           \
	"' rc-code='" rc "' op-status='0' interval='" interval                                     \
	"' last-rc-change='1700000000' exec-time='1' queue-time='0' " more "/>"
#define LRM(id, ops)                                                                               \
	"<lrm id='" id "'><lrm_resources><lrm_resource id='db' type='mysql' class='ocf' "          \
	"provider='haops'>" ops "</lrm_resource></lrm_resources></lrm>"
#define ATTRIBUTES(id, pairs)                                                                      \
	"<transient_attributes id='" id "'><instance_attributes id='status-" id "'>" pairs         \
	"</instance_attributes></transient_attributes>"
#define ONLINE "in_ccm='true' crmd='online' join='member' expected='member'"

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static void write_cib(const struct setup *setup, char *buf, size_t size)
{
	int len = snprintf(
		buf, size,
		"<cib validate-with='pacemaker-3.0' have-quorum='1' admin_epoch='0' epoch='1' "
		"num_updates='1' crm_feature_set='3.16.1' dc-uuid='1'><configuration><crm_config>"
		"<cluster_property_set id='cps'>%s</cluster_property_set>%s</crm_config>"
		"<nodes><node id='1' uname='n1'/><node id='2' uname='n2'/></nodes><resources>"
		"<clone id='ms'><meta_attributes id='ms-meta'>" NVPAIR("promotable", "true")
			NVPAIR("notify", "true") "</meta_attributes><primitive id='db' class='ocf' "
						 "provider='haops' type='mysql'>"
						 "<instance_attributes id='db-params'>%s"
						 "</instance_attributes></primitive></clone>%s"
						 "</resources><constraints>%s</constraints>"
						 "</configuration><status>",
		or_empty(setup->options), or_empty(setup->sets), or_empty(setup->params),
		or_empty(setup->resources), or_empty(setup->constraints));

	len += snprintf(
		buf + len, size - (size_t)len,
		"<node_state id='1' uname='n1' " ONLINE
		">" LRM("1", OP("n1", "start", "0", "10", "0", "")
				     OP("n1", "promote", "0", "11", "0", ""))
			ATTRIBUTES(
				"1",
				NVPAIR("master-db", "2000") NVPAIR(
					"readable",
					"1")) "</node_state><node_state id='2' uname='n2' %s>"
					      "<lrm id='2'><lrm_resources><lrm_resource id='db' "
					      "type='mysql' "
					      "class='ocf' provider='haops'>" OP(
						      "n2", "start", "0", "10", "0",
						      "") "%s</lrm_resource></lrm_resources></lrm>"
							  "<transient_attributes "
							  "id='2'><instance_attributes "
							  "id='status-2'>%s</instance_attributes>"
							  "</transient_attributes></node_state></"
							  "status></cib>",
		setup->node ? setup->node : ONLINE, or_empty(setup->history),
		or_empty(setup->attributes));
	assert_true((size_t)len < size);
}

/* The snapshot is too large for a test's stack. */
static struct snapshot *read_as(const struct setup *setup, struct facts_question *question,
				struct access *access, int wanted)
{
	struct snapshot *s = calloc(1, sizeof(*s));
	pe_working_set_t *cluster = pe_new_working_set();
	char *cib = malloc(CIB_MAX);

	assert_true(s && cluster && cib);
	write_cib(setup, cib, CIB_MAX);
	cluster->input = string2xml(cib);
	assert_non_null(cluster->input);
	cluster->flags |= pe_flag_no_counts | pe_flag_no_compat;
	assert_true(cluster_status(cluster));
	assert_int_equal(facts_read(cluster, question, s, access), wanted);
	if (wanted == 0) {
		char *text = facts_memory(cluster->input, s->resource);

		assert_non_null(text);
		remember(s, text);
		free(text);
	}
	pe_free_working_set(cluster);
	free(cib);
	return s;
}

static struct snapshot *read_well(const struct setup *setup)
{
	struct facts_question question = {.own = "n2"};
	struct access access;

	return read_as(setup, &question, &access, 0);
}

static void test_defaults(void **state)
{
	struct facts_question question = {.own = "n2"};
	struct access access;
	struct snapshot *s = read_as(&(struct setup){0}, &question, &access, 0);

	(void)state;
	assert_string_equal(s->resource, "db");
	assert_string_equal(s->top, "ms");
	assert_string_equal(s->dc, "n1");
	assert_true(s->is_promotable && s->is_notified && s->is_managed && s->is_quorate);
	assert_false(s->is_maintained);
	assert_int_equal(s->durability, HAOPS_MYSQL_SAFE);
	assert_int_equal(s->max_lag_s, 3600);
	assert_int_equal(s->node_count, 2);
	assert_string_equal(s->nodes[0].name, "n1");
	assert_string_equal(s->nodes[0].host, "n1");
	assert_int_equal(s->nodes[0].role, ROLE_PROMOTED);
	assert_int_equal(s->nodes[0].presence, PRESENCE_ONLINE);
	assert_true(s->nodes[0].has_score && s->nodes[0].score == 2000);
	assert_true(s->nodes[0].has_reads && s->nodes[0].is_readable);
	assert_int_equal(s->nodes[1].role, ROLE_UNPROMOTED);
	assert_false(s->nodes[1].has_score || s->nodes[1].has_reads);
	assert_true(s->nodes[1].is_own && !s->nodes[0].is_own);
	assert_false(s->memory.has_primary);
	assert_string_equal(access.user, "root");
	assert_string_equal(access.password, "");
	assert_int_equal(access.port, 3306);
	assert_string_equal(access.socket, "/var/run/mysqld/mysqld.sock");
	free(s);
}

static void test_parameters(void **state)
{
	const struct setup setup =
		{.params = NVPAIR("replication_user", "repl") NVPAIR("replication_passwd", "s3cret")
			 NVPAIR("replication_port", "3307") NVPAIR("socket", "/m.sock")
				 NVPAIR("durability", "async")
					 NVPAIR("node_list", "n2=10.0.0.2,  n1 n9")
						 NVPAIR("reader_attribute", "reads")
							 NVPAIR("max_slave_lag", "30")
								 NVPAIR("initial_primary", "n2"),
		 .attributes = NVPAIR("reads", "0") NVPAIR("master-db", "-INFINITY")};
	struct facts_question question = {.own = "n1", .resource = "ms"};
	struct access access;
	struct snapshot *s = read_as(&setup, &question, &access, 0);

	(void)state;
	assert_string_equal(access.user, "repl");
	assert_string_equal(access.password, "s3cret");
	assert_int_equal(access.port, 3307);
	assert_string_equal(access.socket, "/m.sock");
	assert_int_equal(s->durability, HAOPS_MYSQL_ASYNC);
	assert_int_equal(s->max_lag_s, 30);
	assert_string_equal(s->initial, "n2");
	assert_int_equal(s->node_count, 3);
	assert_string_equal(s->nodes[0].name, "n2");
	assert_string_equal(s->nodes[0].host, "10.0.0.2");
	assert_true(s->nodes[0].has_reads && !s->nodes[0].is_readable);
	assert_int_equal(s->nodes[0].score, -1000000);
	assert_string_equal(s->nodes[1].host, "n1");
	assert_int_equal(s->nodes[2].presence, PRESENCE_UNKNOWN);
	assert_int_equal(s->nodes[2].role, ROLE_UNKNOWN);
	free(s);
}

static void test_address_by_attribute(void **state)
{
	struct snapshot *s =
		read_well(&(struct setup){.attributes = NVPAIR("db_mysql_master_IP", "10.1.0.2")});

	(void)state;
	assert_string_equal(s->nodes[1].host, "10.1.0.2");
	assert_string_equal(s->nodes[0].host, "n1");
	free(s);
}

static void test_memory(void **state)
{
	struct snapshot *s = read_well(&(struct setup){
		.sets = "<cluster_property_set id='haops-mysql-db'>" NVPAIR("primary", "7 n1 0-1-9")
			NVPAIR("safe", "n1 n2") NVPAIR("acks", "") NVPAIR("bad-n2", "errant")
				NVPAIR("allow-stale", "6") "</cluster_property_set>"
							   "<cluster_property_set "
							   "id='haops-mysql-other'><nvpair "
							   "id='x' name='primary' value='9 n2 "
							   "0-2-9'/></cluster_property_set>"});

	(void)state;
	assert_int_equal(s->memory.epoch, 7);
	assert_string_equal(s->memory.primary, "n1");
	assert_true(s->nodes[0].is_safe && s->nodes[1].is_safe && s->nodes[1].is_bad);
	assert_false(s->memory.is_stale_allowed);
	free(s);
}

static void test_nodes(void **state)
{
	static const struct {
		const char *node;
		enum presence presence;
	} table[] = {
		{ONLINE, PRESENCE_ONLINE},
		{"in_ccm='true' crmd='online' join='down' expected='member'", PRESENCE_PENDING},
		{"in_ccm='false' crmd='offline' join='down' expected='member'", PRESENCE_UNCLEAN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct snapshot *s = read_well(&(struct setup){.node = table[i].node});

		assert_int_equal(s->nodes[1].presence, table[i].presence);
		free(s);
	}
}

static void test_settings(void **state)
{
	struct snapshot *s = read_well(&(struct setup){.options = NVPAIR("maintenance-mode", "true")
							       NVPAIR("stonith-enabled", "false")});

	(void)state;
	assert_true(s->is_maintained);
	assert_false(s->has_fencing);
	free(s);
	s = read_well(&(struct setup){.options = NVPAIR("stonith-enabled", "true")});
	assert_true(s->has_fencing);
	free(s);
}

/* What Pacemaker keeps of the last operation that did not come to what it expected. */
#define LAST_FAILURE(task, interval, rc, reason)                                                   \
	"<lrm_rsc_op id='db_last_failure_0' operation_key='db_" task "_" interval                  \
	"' operation='" task "' crm_feature_set='3.16.1' transition-key='4:0:0:" UUID              \
	"' transition-magic='0:" rc ";4:0:0:" UUID "' exit-reason='" reason                        \
	"' on_node='n2' call-id='12' rc-code='" rc "' op-status='0' interval='" interval           \
	"' last-rc-change='1700000042'/>"

static void test_failure(void **state)
{
	struct snapshot *s = read_well(
		&(struct setup){.history = LAST_FAILURE("promote", "0", "1", "n1 has more")});

	(void)state;
	assert_string_equal(s->nodes[1].failure, "promote: n1 has more");
	assert_int_equal(s->nodes[1].failure_s, 1700000042);
	assert_string_equal(s->nodes[0].failure, "");
	free(s);
}

static void test_probe_is_no_failure(void **state)
{
	struct snapshot *s =
		read_well(&(struct setup){.history = LAST_FAILURE("monitor", "0", "0", "")});

	(void)state;
	assert_string_equal(s->nodes[1].failure, "");
	assert_int_equal(s->nodes[1].failure_s, 0);
	free(s);
}

/* Somebody closed a primary: its monitor found a replica. */
static void test_monitor_that_found_another_role_is_one(void **state)
{
	struct snapshot *s =
		read_well(&(struct setup){.history = LAST_FAILURE("monitor", "10000", "0", "")});

	(void)state;
	assert_string_equal(s->nodes[1].failure, "monitor: exit code 0");
	free(s);
}

/* What crm_resource leaves; its rule may be over already. */
static void test_constraint(void **state)
{
	static const struct {
		const char *text;
		const char *id;
	} table[] = {
		{"<rsc_location id='cli-prefer-ms' rsc='ms' role='Promoted' node='n2' "
		 "score='INFINITY'/>",
		 "cli-prefer-ms"},
		{"<rsc_location id='cli-ban-ms-on-n2' rsc='ms' node='n2' score='-INFINITY'/>",
		 "cli-ban-ms-on-n2"},
		{"<rsc_location id='mine' rsc='ms' node='n2' score='10'/>", ""},
		{"<rsc_location id='cli-prefer-x' rsc='db' node='n2' score='10'/>", "cli-prefer-x"},
		{"<rsc_location id='cli-prefer-ms' rsc='ms' role='Promoted'><rule id='r' "
		 "score='INFINITY' boolean-op='and'><expression id='e' attribute='#uname' "
		 "operation='eq' value='n2' type='string'/><date_expression id='d' operation='lt' "
		 "end='2001-01-01 00:00:00Z'/></rule></rsc_location>",
		 ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct snapshot *s = read_well(&(struct setup){.constraints = table[i].text});

		assert_string_equal(s->constraint, table[i].id);
		free(s);
	}
}

#define OTHER                                                                                      \
	"<primitive id='db2' class='ocf' provider='haops' type='mysql'/>"                          \
	"<primitive id='vip' class='ocf' provider='haops' type='IPaddr2'/>"

static void check_trouble(const struct setup *setup, const char *resource, int wanted,
			  const char *text)
{
	struct facts_question question = {.own = "n1", .resource = resource};
	struct access access;

	free(read_as(setup, &question, &access, wanted));
	assert_string_equal(question.text, text);
}

static void test_which(void **state)
{
	const struct setup two = {.resources = OTHER};

	(void)state;
	check_trouble(&two, NULL, -ENOTUNIQ,
		      "there are several databases, name one of them: db, db2");
	check_trouble(&two, "vip", -ENOENT,
		      "Pacemaker has no resource vip of agent ocf:haops:mysql");
	check_trouble(&two, "db2", 0, "");
	check_trouble(&two, "ms", 0, "");
	check_trouble(&two, "db", 0, "");
}

static void test_plain(void **state)
{
	const struct setup two = {.resources = OTHER};
	struct facts_question question = {.own = "n1", .resource = "db2"};
	struct access access;
	struct snapshot *s = read_as(&two, &question, &access, 0);

	(void)state;
	assert_false(s->is_promotable);
	assert_string_equal(s->top, "db2");
	assert_int_equal(s->nodes[0].role, ROLE_STOPPED);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_address_by_attribute),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_probe_is_no_failure),
		cmocka_unit_test(test_monitor_that_found_another_role_is_one),
		cmocka_unit_test(test_constraint),
		cmocka_unit_test(test_which),
		cmocka_unit_test(test_plain),
	};

	crm_log_preinit("test", 0, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
