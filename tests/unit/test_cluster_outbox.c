/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Outgoing messages: order, limits, what comes back, what is sent again and what is given up; and
 * the receiver's side of it, which knows doubles. */
#include "unit.h"

#include "outbox.h"
#include "seen.h"

struct done {
	uint64_t seqs[64];
	int results[64];
	size_t count;
};

static struct done done;

static void on_done(void *userdata, uint64_t seq, int result)
{
	struct done *to = userdata;

	assert_true(to->count < ARRAY_LEN(to->seqs));
	to->seqs[to->count] = seq;
	to->results[to->count++] = result;
}

static struct outbox new_box(uint32_t count_max, uint32_t unechoed_max)
{
	memset(&done, 0, sizeof(done));
	return (struct outbox){.count_max = count_max,
			       .unechoed_max = unechoed_max,
			       .done = on_done,
			       .userdata = &done};
}

static uint64_t add(struct outbox *box, unsigned int flags, int64_t now_ms)
{
	struct outbox_message *message = outbox_message_new("m", 1, flags, now_ms);

	assert_non_null(message);
	assert_int_equal(outbox_add(box, message), 0);
	return message->seq;
}

/* Hands over all that may be; the number of the last, 0 for none. */
static uint64_t hand_all(struct outbox *box, uint64_t *order, int64_t now_ms)
{
	struct outbox_message *message;
	uint64_t last = 0;

	while ((message = outbox_next(box))) {
		last = message->seq;
		outbox_handed(box, message, ++*order, now_ms);
	}
	return last;
}

static void assert_done(size_t index, uint64_t seq, int result)
{
	assert_true(index < done.count);
	assert_int_equal(done.seqs[index], seq);
	assert_int_equal(done.results[index], result);
}

static void test_in_order_and_bounded(void **state)
{
	struct outbox box = new_box(4, 2);
	uint64_t order = 0;
	struct outbox_message *fifth;

	(void)state;
	for (uint64_t i = 1; i <= 4; i++)
		assert_int_equal(add(&box, 0, 10), i);
	fifth = outbox_message_new("m", 1, 0, 10);
	assert_int_equal(outbox_add(&box, fifth), -EAGAIN);
	free(fifth);
	assert_int_equal(hand_all(&box, &order, 20), 2);
	assert_int_equal(outbox_oldest_ms(&box), 20);
	assert_int_equal(outbox_echo(&box, 1), 1);
	assert_done(0, 1, 0);
	assert_int_equal(hand_all(&box, &order, 30), 3);
	assert_int_equal(outbox_echo(&box, 2), 2);
	assert_int_equal(outbox_oldest_ms(&box), 30);
	assert_int_equal(outbox_echo(&box, 2), 0);
	outbox_clear(&box);
	assert_done(2, 3, -ECANCELED);
	assert_done(3, 4, -ECANCELED);
	assert_int_equal(box.count, 0);
	assert_null(box.tail);
	assert_int_equal(outbox_oldest_ms(&box), 0);
}

static void test_sent_again_after_reconnection(void **state)
{
	struct outbox box = new_box(8, 8);
	uint64_t order = 0;

	(void)state;
	(void)add(&box, 0, 10);
	(void)add(&box, HAOPS_CLUSTER_VOLATILE, 10);
	(void)add(&box, 0, 10);
	assert_int_equal(hand_all(&box, &order, 20), 3);
	(void)add(&box, HAOPS_CLUSTER_VOLATILE, 25);
	outbox_reset(&box);
	assert_int_equal(done.count, 2);
	assert_done(0, 2, -ECONNRESET);
	assert_done(1, 4, -ECONNRESET);
	assert_int_equal(box.unechoed, 0);
	assert_int_equal(box.volatile_count, 0);
	assert_int_equal(outbox_next(&box)->seq, 1);
	order = 0;
	assert_int_equal(hand_all(&box, &order, 30), 3);
	assert_int_equal(add(&box, 0, 40), 5);
	outbox_clear(&box);
}

/* A copy from before the reconnection comes back before the message goes out again. */
static void test_old_copy_comes_back(void **state)
{
	struct outbox box = new_box(8, 8);
	uint64_t order = 0;

	(void)state;
	(void)add(&box, 0, 10);
	(void)hand_all(&box, &order, 20);
	outbox_reset(&box);
	assert_int_equal(outbox_echo(&box, 1), 0);
	assert_done(0, 1, 0);
	assert_null(outbox_next(&box));
}

static void test_lost_without_a_word(void **state)
{
	struct outbox box = new_box(8, 8);
	uint64_t order = 0;

	(void)state;
	(void)add(&box, 0, 10);
	(void)add(&box, HAOPS_CLUSTER_VOLATILE, 10);
	(void)add(&box, 0, 10);
	(void)hand_all(&box, &order, 20);
	order = outbox_echo(&box, 3);
	assert_int_equal(order, 3);
	assert_int_equal(outbox_lost(&box, order), 2);
	assert_done(0, 3, 0);
	assert_done(1, 2, -ECONNRESET);
	assert_int_equal(outbox_next(&box)->seq, 1);
	assert_int_equal(outbox_lost(&box, 99), 0);
	outbox_clear(&box);
}

static void test_late_volatile_is_given_up(void **state)
{
	struct outbox box = new_box(8, 1);
	uint64_t order = 0;

	(void)state;
	(void)add(&box, HAOPS_CLUSTER_VOLATILE, 10);
	(void)hand_all(&box, &order, 11);
	(void)add(&box, HAOPS_CLUSTER_VOLATILE, 20);
	(void)add(&box, 0, 20);
	(void)add(&box, HAOPS_CLUSTER_VOLATILE, 30);
	outbox_expire(&box, 2020, 2000);
	assert_int_equal(done.count, 0);
	outbox_expire(&box, 2021, 2000);
	assert_int_equal(done.count, 1);
	assert_done(0, 2, -ETIMEDOUT);
	outbox_expire(&box, 9000, 2000);
	assert_done(1, 4, -ETIMEDOUT);
	assert_int_equal(box.count, 2);
	assert_int_equal(add(&box, 0, 9000), 5); /* behind the new end */
	outbox_clear(&box);
	assert_int_equal(done.count, 5);
}

static void test_doubles_are_known(void **state)
{
	static struct seen seen;

	(void)state;
	assert_true(seen_is_new(&seen, 7, 1));
	assert_true(seen_is_new(&seen, 7, 2));
	assert_false(seen_is_new(&seen, 7, 2));
	assert_true(seen_is_new(&seen, 7, 10)); /* volatile ones between were given up */
	assert_true(seen_is_new(&seen, 7, 5));	/* one of them was only late */
	assert_false(seen_is_new(&seen, 7, 5));
	assert_true(seen_is_new(&seen, 8, 5)); /* another sender */
	assert_true(seen_is_new(&seen, 7, 5000));
	assert_false(seen_is_new(&seen, 7, 5000));
	assert_false(seen_is_new(&seen, 7, 4000)); /* too long ago to be told from a double */
	assert_true(seen_is_new(&seen, 7, 4999));
	assert_true(seen_is_new(&seen, 7, 5000 - SEEN_WINDOW + 1));
	assert_false(seen_is_new(&seen, 7, 5000 - SEEN_WINDOW));
}

/* Numbers that skip over words, against a plain list. */
static void test_window_is_exact(void **state)
{
	static struct seen seen;
	static bool plain[4096];
	uint64_t last = 0;
	uint32_t random = 1;

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		uint64_t seq;
		bool is_new;

		random = random * 1103515245 + 12345;
		seq = 1 + i / 8 + (random >> 16) % 300;
		if (seq > last)
			last = seq;
		is_new = !plain[seq] && last - seq < SEEN_WINDOW;
		plain[seq] = plain[seq] || is_new;
		assert_int_equal(seen_is_new(&seen, 1, seq), is_new);
	}
}

static void test_many_senders(void **state)
{
	static struct seen seen;

	(void)state;
	for (uint64_t sender = 1; sender <= 10000; sender++) {
		assert_true(seen_is_new(&seen, sender, 1));
		assert_false(seen_is_new(&seen, sender, 1));
		/* Who speaks is not forgotten for those who come and go. */
		if (sender > 5) {
			assert_true(seen_is_new(&seen, 5, sender));
			assert_false(seen_is_new(&seen, 5, sender));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order_and_bounded),
		cmocka_unit_test(test_sent_again_after_reconnection),
		cmocka_unit_test(test_old_copy_comes_back),
		cmocka_unit_test(test_lost_without_a_word),
		cmocka_unit_test(test_late_volatile_is_given_up),
		cmocka_unit_test(test_doubles_are_known),
		cmocka_unit_test(test_window_is_exact),
		cmocka_unit_test(test_many_senders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
