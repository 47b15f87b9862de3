/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events: they hold all that they point to, keep their order, and a newer view replaces an older.
 */
#include "unit.h"

#include "events.h"

static const struct haops_cluster_member members[2] = {{.nodeid = 1, .name = "one"},
						       {.nodeid = 2, .name = "two"}};
static const uint32_t nodes[2] = {1, 2};

static struct haops_cluster_view make_view(void)
{
	return (struct haops_cluster_view){.state = HAOPS_CLUSTER_UP,
					   .ring_nodes = nodes,
					   .ring_count = 2,
					   .members = members,
					   .member_count = 2,
					   .trouble = "none"};
}

static void test_view_is_a_copy(void **state)
{
	struct haops_cluster_view view = make_view();
	struct event *event = event_new_view(&view);

	(void)state;
	assert_non_null(event);
	assert_true(event->view.members != members && event->view.ring_nodes != nodes);
	assert_true(event_views_equal(&view, &event->view));
	assert_string_equal(event->view.members[1].name, "two");
	free(event);
}

static void test_every_difference_counts(void **state)
{
	const struct haops_cluster_view view = make_view();
	struct haops_cluster_member other[2] = {members[0], members[1]};
	const uint32_t other_nodes[2] = {1, 3};
	struct haops_cluster_view changed[12];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changed); i++)
		changed[i] = view;
	other[1].is_in_ring = true;
	changed[0].state = HAOPS_CLUSTER_SILENT;
	changed[1].ring.seq = 1;
	changed[2].quorum_ring.nodeid = 1;
	changed[3].is_quorate = true;
	changed[4].is_settled = true;
	changed[5].has_qdevice = true;
	changed[6].token_ms = 1;
	changed[7].ring_nodes = other_nodes;
	changed[8].members = other;
	changed[9].member_count = 1;
	changed[10].trouble = "some";
	changed[11].total_votes = 1;
	for (size_t i = 0; i < ARRAY_LEN(changed); i++)
		assert_false(event_views_equal(&view, &changed[i]));
}

static void test_order(void **state)
{
	struct events events = {0};
	struct haops_cluster_view view = make_view();
	const enum event_kind wanted[] = {EVENT_JOINED, EVENT_VIEW, EVENT_SENT, EVENT_VIEW};

	(void)state;
	events_push(&events, event_new_member(EVENT_JOINED, &members[0]));
	events_push(&events, event_new_view(&view));
	view.token_ms = 5;
	events_push(&events, event_new_view(&view));
	events_push(&events, event_new_sent(1, 0));
	events_push(&events, event_new_view(&view));
	assert_int_equal(events.count, 4);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		struct event *event = events_pop(&events);

		assert_non_null(event);
		assert_int_equal(event->kind, wanted[i]);
		if (event->kind == EVENT_VIEW)
			assert_int_equal(event->view.token_ms, 5);
		free(event);
	}
	assert_null(events_pop(&events));
	assert_int_equal(events.bytes, 0);
	assert_int_equal(events.count, 0);
}

static void test_views_alone_do_not_grow(void **state)
{
	struct events events = {0};
	struct haops_cluster_view view = make_view();

	(void)state;
	for (unsigned int i = 0; i < 100; i++)
		events_push(&events, event_new_view(&view));
	assert_int_equal(events.count, 1);
	events_clear(&events);
	assert_null(events.head);
	assert_null(events.tail);
}

static void test_message_and_links(void **state)
{
	char text[] = "text";
	const struct haops_cluster_message message = {.seq = 3, .data = text, .len = 4};
	const struct haops_cluster_message empty = {.seq = 4};
	const struct haops_cluster_link link = {.nodeid = 2, .link = 1};
	struct event *event = event_new_message(&message);

	(void)state;
	text[0] = 'x';
	assert_memory_equal(event->message.data, "text", 4);
	free(event);
	event = event_new_message(&empty);
	assert_int_equal(event->message.len, 0);
	free(event);
	event = event_new_links(&link, 1);
	assert_int_equal(event->links[0].nodeid, 2);
	free(event);
	event = event_new_links(NULL, 0);
	assert_int_equal(event->link_count, 0);
	free(event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_view_is_a_copy),
		cmocka_unit_test(test_every_difference_counts),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_views_alone_do_not_grow),
		cmocka_unit_test(test_message_and_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
