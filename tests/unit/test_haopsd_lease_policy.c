/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decisions about leases: every combination of what they depend on against the rule, and the
 * promise itself against a kernel and a guard that are stopped at random. */
#include "unit.h"

#include "guard/lease-policy.h"
#include "lease-page.h"

#define NOW INT64_C(1000000)
#define TOKEN 3000
#define CONSENSUS 3600

static const int64_t ages[] = {-1, 0, 100, 899, 900, 999, 1000, 1001, 1500, 1501, 2999, 3000, 3001};

static int64_t time_of(int64_t age)
{
	return age < 0 ? 0 : NOW - age;
}

static enum haops_lease_verdict expected_verdict(const struct lease_facts *facts, int64_t echo,
						 int64_t pacemaker)
{
	int64_t older = echo > pacemaker ? echo : pacemaker;

	if (facts->proof.is_two_node)
		return HAOPS_LEASE_TWO_NODE;
	if (!facts->proof.is_quorate)
		return HAOPS_LEASE_NO_QUORUM;
	if (facts->proof.is_paused || time_of(echo) < facts->resumed_ms)
		return HAOPS_LEASE_PAUSED;
	if (echo < 0 || echo > 1500)
		return HAOPS_LEASE_NO_ECHO;
	if (pacemaker < 0 || pacemaker > 1500)
		return HAOPS_LEASE_NO_PACEMAKER;
	return NOW - older < facts->resumed_ms ? HAOPS_LEASE_PAUSED : HAOPS_LEASE_OK;
}

static enum lease_action expected_action(const struct lease_facts *facts, int64_t age,
					 int64_t limit)
{
	bool is_fit = facts->proof.is_quorate && !facts->proof.is_two_node;

	/* Never proven, but renewed by us 150 ms ago: that was on a proof. */
	if (age < 0 && facts->renewed_ms > 0 && !is_fit)
		return LEASE_DROP;
	if (age >= 0 && (!is_fit || age > (int64_t)facts->lease_ms))
		return LEASE_DROP;
	if (!is_fit || age < 0 || facts->proof.is_paused || NOW - age < facts->resumed_ms ||
	    age > 1500 || age > limit * 9 / 10 || facts->proof.token_ms == 0)
		return LEASE_WAIT;
	return facts->renewed_ms == 0 || NOW - facts->renewed_ms >= facts->lease_ms / 5
		       ? LEASE_RENEW
		       : LEASE_WAIT;
}

static void check(const struct lease_facts *facts, int64_t echo, int64_t pacemaker)
{
	int64_t age = echo < 0 || pacemaker < 0 ? -1 : echo > pacemaker ? echo : pacemaker;
	int64_t limit = (int64_t)facts->proof.token_ms - facts->proof.token_ms / 5 +
			facts->proof.consensus_ms - facts->lease_ms - HAOPS_LEASE_KERNEL_LATE_MS -
			1;
	struct lease_decision decision = lease_decide(facts);
	enum haops_lease_verdict verdict = expected_verdict(facts, echo, pacemaker);

	assert_int_equal(decision.age_ms, age);
	assert_int_equal(decision.action, expected_action(facts, age, limit));
	assert_int_equal(decision.is_too_long, facts->proof.token_ms > 0 && limit < 0);
	if (decision.action != LEASE_DROP)
		assert_int_equal(decision.verdict, verdict);
	else
		assert_int_not_equal(decision.verdict, HAOPS_LEASE_OK);
}

/* Flags as bits: quorate, two_node, paused, resumed lately, renewed lately, token known. */
static void check_flags(unsigned int flags, size_t echo, size_t pacemaker, uint32_t lease_ms)
{
	const struct lease_facts facts = {
		.now_ms = NOW,
		.proof = {.echo_ms = time_of(ages[echo]),
			  .pacemaker_ms = time_of(ages[pacemaker]),
			  .is_quorate = flags & 1,
			  .is_two_node = flags & 2,
			  .is_paused = flags & 4,
			  .token_ms = flags & 32 ? TOKEN : 0,
			  .consensus_ms = flags & 32 ? CONSENSUS : 0},
		.resumed_ms = flags & 8 ? NOW - 500 : 0,
		.lease_ms = lease_ms,
		.renewed_ms = flags & 16 ? NOW - 150 : 0,
		.begun_ms = NOW - 900,
	};

	check(&facts, ages[echo], ages[pacemaker]);
}

static void every_combination_follows_the_rule(void **state)
{
	static const uint32_t leases[] = {1000, 2000, 3000, 4000, 5000};

	(void)state;
	for (size_t echo = 0; echo < ARRAY_LEN(ages); echo++)
		for (size_t pacemaker = 0; pacemaker < ARRAY_LEN(ages); pacemaker++)
			for (unsigned int rest = 0; rest < 64 * ARRAY_LEN(leases); rest++)
				check_flags(rest % 64, echo, pacemaker, leases[rest / 64]);
}

/* Corosync ended and was back before the guard's next look: everything is fresh, and yet. */
static void what_was_renewed_before_a_break_goes(void **state)
{
	struct lease_facts facts = {.now_ms = NOW,
				    .proof = {.echo_ms = NOW - 10,
					      .pacemaker_ms = NOW - 10,
					      .is_quorate = true,
					      .broken_ms = NOW - 40,
					      .token_ms = TOKEN,
					      .consensus_ms = CONSENSUS},
				    .lease_ms = 3000,
				    .renewed_ms = NOW - 300};

	(void)state;
	assert_int_equal(lease_decide(&facts).action, LEASE_DROP);
	assert_int_equal(lease_decide(&facts).verdict, HAOPS_LEASE_NO_ECHO);
	facts.renewed_ms = 0;
	assert_int_equal(lease_decide(&facts).action, LEASE_RENEW);
	facts.renewed_ms = NOW - 20;
	assert_int_equal(lease_decide(&facts).action, LEASE_WAIT);
}

/* Whatever becomes of the proof: what was renewed was renewed on one. */
static void what_was_renewed_goes_without_a_proof(void **state)
{
	struct lease_facts facts = {.now_ms = NOW,
				    .proof = {.pacemaker_ms = NOW - 10,
					      .is_quorate = true,
					      .is_paused = true,
					      .token_ms = TOKEN,
					      .consensus_ms = CONSENSUS},
				    .resumed_ms = NOW - 100,
				    .lease_ms = 3000,
				    .renewed_ms = NOW - 3000};

	(void)state;
	assert_int_equal(lease_decide(&facts).action, LEASE_WAIT);
	facts.now_ms++;
	assert_int_equal(lease_decide(&facts).action, LEASE_DROP);
	assert_int_equal(lease_decide(&facts).verdict, HAOPS_LEASE_PAUSED);
	/* Nor does the lifetime count that the haopsd before us left: a suspend lengthens it. */
	facts.renewed_ms = 0;
	facts.begun_ms = facts.now_ms - 3000;
	assert_int_equal(lease_decide(&facts).action, LEASE_WAIT);
	facts.begun_ms--;
	assert_int_equal(lease_decide(&facts).action, LEASE_DROP);
}

static void pause_is_half_a_token(void **state)
{
	(void)state;
	assert_false(lease_is_pause(1000, 0));
	assert_true(lease_is_pause(1001, 0));
	assert_true(lease_is_pause(1001, 1000));
	assert_false(lease_is_pause(1500, 3000));
	assert_true(lease_is_pause(1501, 3000));
	assert_false(lease_is_pause(-5, 3000));
}

static void late_renewal_is_noticed(void **state)
{
	struct lease_facts facts = {.now_ms = NOW,
				    .proof = {.echo_ms = NOW - 999,
					      .pacemaker_ms = NOW,
					      .is_quorate = true,
					      .token_ms = TOKEN,
					      .consensus_ms = CONSENSUS},
				    .lease_ms = 3000};

	(void)state;
	assert_false(lease_was_late(&facts));
	facts.now_ms++;
	assert_true(lease_was_late(&facts));
	facts.lease_ms = 1000;
	assert_false(lease_was_late(&facts));
	facts.now_ms++;
	assert_true(lease_was_late(&facts));
}

static void reasons_are_sentences(void **state)
{
	(void)state;
	for (int i = HAOPS_LEASE_OK; i <= HAOPS_LEASE_HELD; i++)
		for (int k = HAOPS_LEASE_OK; k < i; k++)
			assert_string_not_equal(lease_reason((enum haops_lease_verdict)i),
						lease_reason((enum haops_lease_verdict)k));
	assert_non_null(strstr(lease_reason(HAOPS_LEASE_TWO_NODE), "two_node"));
}

/* The promise ----------------------------------------------------------------------------------*/

#define STEP 10
#define RUNS 3000
#define RUN_MS 30000

struct world {
	uint64_t random;
	int64_t now;
	struct guard_proof proof;
	int64_t resumed, last_turn, renewed;
	int64_t expiry;	   /* of the address in the kernel at its latest; 0: it is not there */
	int64_t stopped;   /* haopsd stands still until then */
	int64_t cut;	   /* no echo from there on */
	int64_t send_late; /* a renewal that was decided on, but not made: it is made when it goes
			      on */
	int64_t held_on;   /* how often the address was there after a suspend */
	bool is_longer; /* the kernel's lifetime, by a suspend: haopsd alone can end it in time */
	uint32_t lease;
};

static uint32_t dice(struct world *world, uint32_t sides)
{
	world->random =
		world->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(world->random >> 33) % sides;
}

static struct lease_facts facts_of(const struct world *world)
{
	return (struct lease_facts){.now_ms = world->now,
				    .proof = world->proof,
				    .resumed_ms = world->resumed,
				    .lease_ms = world->lease,
				    .renewed_ms = world->renewed,
				    .begun_ms = NOW};
}

/* What the kernel does: never adds, removes late. Then the second look at the clock. */
static void make_renewal(struct world *world)
{
	struct lease_facts facts = facts_of(world);

	if (world->expiry > 0)
		world->expiry = world->now + world->lease + HAOPS_LEASE_KERNEL_LATE_MS;
	world->is_longer = false;
	world->renewed = world->now;
	if (lease_was_late(&facts))
		world->expiry = 0;
}

/* An agent's start: by the same proof as a renewal. */
static void start(struct world *world)
{
	struct lease_facts facts = facts_of(world);

	facts.renewed_ms = 0;
	if (world->expiry > 0 || lease_decide(&facts).action != LEASE_RENEW)
		return;
	world->expiry = world->now + world->lease + HAOPS_LEASE_KERNEL_LATE_MS;
	world->is_longer = false;
}

static void guard_turn(struct world *world)
{
	struct lease_facts facts;
	enum lease_action action;

	if (lease_is_pause(world->now - world->last_turn, TOKEN))
		world->resumed = world->now;
	world->last_turn = world->now;
	facts = facts_of(world);
	action = lease_decide(&facts).action;
	if (action == LEASE_DROP) {
		world->expiry = 0;
		world->renewed = 0;
	}
	if (action != LEASE_RENEW)
		return;
	if (dice(world, 50) == 0) { /* stopped between decision and renewal */
		world->stopped = world->now + dice(world, 6000);
		world->send_late = 1;
		return;
	}
	make_renewal(world);
}

/* Own messages come back a moment after they were sent, as long as the token goes round. */
static void receive(struct world *world)
{
	int64_t sent = world->now - 5 - dice(world, 100);

	if (sent < world->cut && sent >= world->resumed && dice(world, 40) == 0) {
		world->proof.echo_ms = sent;
		world->proof.is_paused = false;
	}
	if (dice(world, 20) == 0)
		world->proof.pacemaker_ms = sent;
}

/*
 * The machine stands still: its clocks and timers, too, but for CLOCK_BOOTTIME, so the kernel's
 * lifetime goes on by so much longer. The network may be gone from its beginning on, which nothing
 * here tells yet. The guard goes first; then comes what the other thread makes of it, at worst that
 * there never was a proof.
 */
static void suspend(struct world *world)
{
	int64_t ms = dice(world, dice(world, 2) ? 3000 : 8000);

	if (world->now < world->cut && dice(world, 2) == 0)
		world->cut = world->now;
	world->now += ms;
	if (world->expiry > 0)
		world->expiry += ms;
	world->is_longer = true;
	guard_turn(world);
	if (world->resumed != world->now)
		return;
	world->held_on += world->expiry > 0;
	world->proof.is_paused = true;
	if (dice(world, 2) == 0)
		world->proof.echo_ms = 0;
}

static void step(struct world *world)
{
	world->now += STEP;
	if (world->expiry > 0 && world->now >= world->expiry)
		world->expiry = 0;
	if (world->now < world->stopped)
		return;
	if (world->send_late) {
		world->send_late = 0;
		make_renewal(world);
		/* And right after that it is killed. */
		if (dice(world, 2) == 0)
			world->stopped = INT64_MAX;
		return;
	}
	receive(world);
	if (!world->is_longer && dice(world, 2000) == 0)
		world->stopped = world->now + dice(world, 12000);
	else if (dice(world, 1000) == 0)
		suspend(world);
	else if (dice(world, 100) == 0)
		start(world);
	else if (dice(world, 5) == 0)
		guard_turn(world);
}

/*
 * Others can have the address from the budget after the last message on that came back. After a cut
 * nothing comes back, so that is the last time at which the token went round.
 */
static void no_address_outlives_the_budget(void **state)
{
	int64_t held = 0;
	int64_t held_on = 0;

	(void)state;
	for (uint64_t run = 1; run <= RUNS; run++) {
		struct world world = {.random = run, .now = NOW, .last_turn = NOW};

		world.lease = 1000 * (1 + dice(&world, 3));
		world.cut = NOW + 5000 + dice(&world, 15000);
		world.proof = (struct guard_proof){.echo_ms = NOW,
						   .pacemaker_ms = NOW,
						   .is_quorate = true,
						   .token_ms = TOKEN,
						   .consensus_ms = CONSENSUS};
		world.expiry = NOW + world.lease + HAOPS_LEASE_KERNEL_LATE_MS;
		while (world.now < NOW + RUN_MS) {
			step(&world);
			held += world.expiry > 0 && world.now < world.cut;
			if (world.expiry > 0)
				assert_true(world.now <=
					    world.cut + lease_budget_ms(TOKEN, CONSENSUS));
		}
		held_on += world.held_on;
	}
	assert_true(held > RUNS * 100);	  /* the model does hold addresses, */
	assert_true(held_on > RUNS / 30); /* over a suspend, too */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_combination_follows_the_rule),
		cmocka_unit_test(what_was_renewed_before_a_break_goes),
		cmocka_unit_test(what_was_renewed_goes_without_a_proof),
		cmocka_unit_test(pause_is_half_a_token),
		cmocka_unit_test(late_renewal_is_noticed),
		cmocka_unit_test(reasons_are_sentences),
		cmocka_unit_test(no_address_outlives_the_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
