/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The heartbeat core in simulated time: each scenario is a script of what happens, and what must be
 * so at which millisecond. */
#include "heart_world.h"

#include "unit.h"

#define SETTINGS "keepalive 1\ndeadtime 10\nwarntime 4\ninitdead 20\ndisk_path off\n"

enum verb {
	END,
	STOP,	  /* node sends no heartbeats */
	GO,	  /* node sends again */
	STALL,	  /* the ring stands still for value ms */
	PAUSE,	  /* we stand still for value ms */
	MUTE,	  /* our own heartbeats come back (0) or not (1) */
	RING,	  /* the ring is formed anew, same members */
	UNSETTLE, /* the ring is being formed */
	QUORUM,	  /* value */
	CARRIER,  /* value */
	PINGS,	  /* up: value, of 2 */
	CLUSTER,  /* value: enum haops_cluster_state */
	LEAVE,	  /* node, value: enum haops_cluster_reason */
	JOIN,	  /* node, value: incarnation */
	BYE,	  /* node says goodbye */
	SLOW,	  /* node's keepalive is value */
	IS,	  /* node is in state value */
	HAS,	  /* we have this flag */
	HAS_NOT,
	TOLD,	  /* text, value times */
	PROOF,	  /* heart_proof_ms() is from after value */
	OLD_PROOF /* there is one, but from before value */
};

struct step {
	int64_t at_ms;
	enum verb verb;
	uint32_t node;
	int64_t value;
	const char *text;
};

static void do_ring(struct world *w, const struct step *step)
{
	if (step->verb == UNSETTLE)
		w->view.quorum_ring.seq = 0;
	w->view.is_settled = step->verb != UNSETTLE;
	if (step->verb == QUORUM)
		w->view.is_quorate = step->value;
	if (step->verb == RING)
		world_new_ring(w);
	else
		world_set_cluster_state(w, w->view.state);
}

static void do_host(struct world *w, const struct step *step)
{
	if (step->verb == CARRIER)
		heart_carrier(w->heart, step->value, w->now_ms);
	else
		heart_pings(w->heart, (unsigned int)step->value, 2, w->now_ms);
	world_turn(w);
}

static void do_peer(struct world *w, const struct step *step)
{
	struct world_peer *peer = world_peer(w, step->node);

	switch (step->verb) {
	case STOP:
	case GO:
		peer->is_stopped = step->verb == STOP;
		break;
	case SLOW:
		peer->keepalive_ms = step->value;
		break;
	case LEAVE:
		world_leave(w, step->node, (enum haops_cluster_reason)step->value);
		break;
	case JOIN:
		world_join(w, step->node, (uint64_t)step->value);
		break;
	default:
		world_goodbye(w, step->node);
		break;
	}
}

static void check(struct world *w, const struct step *step)
{
	unsigned int flag = heart_own_flags(w->heart) & (unsigned int)step->value;
	const char *text = step->text ? step->text : "";

	if (step->verb == IS && world_state(w, step->node) != (enum heart_peer_state)step->value)
		fail_msg("at %lld: node%u is %s, not %s", (long long)step->at_ms, step->node,
			 heart_state_name(world_state(w, step->node)),
			 heart_state_name((enum heart_peer_state)step->value));
	if ((step->verb == HAS && !flag) || (step->verb == HAS_NOT && flag))
		fail_msg("at %lld: flags are 0x%x", (long long)step->at_ms,
			 heart_own_flags(w->heart));
	if (step->verb == TOLD && world_told(w, text) != (size_t)step->value)
		fail_msg("at %lld: \"%s\" was told %zu times", (long long)step->at_ms, text,
			 world_told(w, text));
	if (step->verb == PROOF && heart_proof_ms(w->heart) < 1000000 + step->value)
		fail_msg("at %lld: the proof is of %lld", (long long)step->at_ms,
			 (long long)heart_proof_ms(w->heart) - 1000000);
	if (step->verb == OLD_PROOF)
		assert_in_range(heart_proof_ms(w->heart), 1, 1000000 + step->value - 1);
}

static void do_step(struct world *w, const struct step *step)
{
	switch (step->verb) {
	case STALL:
		world_stall(w, step->value);
		break;
	case PAUSE:
		world_pause(w, step->value);
		break;
	case MUTE:
		w->is_mute = step->value;
		break;
	case RING:
	case UNSETTLE:
	case QUORUM:
		do_ring(w, step);
		break;
	case CLUSTER:
		world_set_cluster_state(w, (enum haops_cluster_state)step->value);
		break;
	case CARRIER:
	case PINGS:
		do_host(w, step);
		break;
	case STOP:
	case GO:
	case SLOW:
	case LEAVE:
	case JOIN:
	case BYE:
		do_peer(w, step);
		break;
	default:
		check(w, step);
		break;
	}
}

static void play(size_t peers, const struct step *steps)
{
	struct world *w = world_new(SETTINGS, peers);
	int64_t start_ms = w->now_ms;

	w->prints = getenv("HEART_PRINTS") != NULL;
	for (; steps->verb != END; steps++) {
		int64_t left = start_ms + steps->at_ms - w->now_ms;

		if (left < 0)
			fail_msg("the step at %lld is in the past", (long long)steps->at_ms);
		world_run(w, left);
		do_step(w, steps);
	}
	world_free(w);
}

/* node2 beats at 74, 1074, ...; we at 0, 1000, ...; a message takes 1 ms. */
static void all_is_well(void **state)
{
	static const struct step steps[] = {{0, IS, 2, HEART_UNKNOWN, NULL},
					    {80, IS, 2, HEART_ACTIVE, NULL},
					    {80, HAS, 0, HEART_OWN_SETTLING, NULL},
					    {2201, HAS_NOT, 0, HEART_OWN_SETTLING, NULL},
					    {20001, HAS_NOT, 0, -1, NULL},
					    {86400000, IS, 2, HEART_ACTIVE, NULL},
					    {86400000, IS, 3, HEART_ACTIVE, NULL},
					    {86400000, TOLD, 0, 1, "node2"},
					    {86400000, TOLD, 0, 1,
					     "node2 is a member now (node number 2)."},
					    {86400000, TOLD, 0, 1, "node3"},
					    {86400000, PROOF, 0, 86398000, NULL},
					    {0, END, 0, 0, NULL}};

	(void)state;
	play(2, steps);
}

/* Last heartbeat at 60075; silence is proven by an own one that is sent when the time is over, 100
 * ms after its return. */
static void a_stopped_peer_is_silent_at_deadtime_and_a_keepalive(void **state)
{
	static const struct step steps[] =
		{{60500, STOP, 2, 0, NULL},
		 {64000, IS, 2, HEART_ACTIVE, NULL},
		 {65200, IS, 2, HEART_LATE, NULL},
		 {65200, TOLD, 0, 1, "The heartbeat of node2 is late: none came for 5.0 s"},
		 {70075, IS, 2, HEART_LATE, NULL},
		 {70176, IS, 2, HEART_SILENT, NULL},
		 {70176, TOLD, 0, 1, "node2 is silent: no heartbeat for 10.1 s (deadtime 10.0 s)"},
		 {70176, IS, 3, HEART_ACTIVE, NULL},
		 {80500, GO, 2, 0, NULL},
		 {81075, IS, 2, HEART_ACTIVE, NULL},
		 {81075, TOLD, 0, 1, "node2 has returned: its heartbeat comes again after 21.0 s"},
		 {99000, TOLD, 0, 1, "late"},
		 {0, END, 0, 0, NULL}};

	(void)state;
	play(2, steps);
}

static void a_late_peer_is_told_once_per_lateness(void **state)
{
	static const struct step steps[] = {{30500, STOP, 2, 0, NULL},
					    {36500, GO, 2, 0, NULL},
					    {37075, IS, 2, HEART_ACTIVE, NULL},
					    {37075, TOLD, 0, 1, "is late"},
					    {37075, TOLD, 0, 1,
					     "The heartbeat of node2 came, after 7.0 s."},
					    {50500, STOP, 2, 0, NULL},
					    {56500, GO, 2, 0, NULL},
					    {58000, TOLD, 0, 2, "is late"},
					    {0, END, 0, 0, NULL}};

	(void)state;
	play(1, steps);
}

/* Corosync forms the ring anew after a node was lost: nothing is delivered for up to 2.2 s here,
 * but with a deadtime near to that nobody may be blamed. */
static void a_ring_that_stands_still_blames_nobody(void **state)
{
	static const struct step steps[] =
		{{60500, STALL, 0, 40000, NULL},
		 {71100, IS, 2, HEART_HELD, NULL},
		 {71100, TOLD, 0, 1, "No heartbeat of node2 for"},
		 {71200, TOLD, 0, 2, "not declared dead: our own heartbeat does not come back."},
		 {0, END, 0, 0, NULL}};
	static const struct step after[] = {{60500, STALL, 0, 40000, NULL},
					    {99000, HAS, 0, HEART_OWN_NO_ECHO, NULL},
					    {100501, IS, 2, HEART_ACTIVE, NULL},
					    {100501, IS, 3, HEART_ACTIVE, NULL},
					    {103000, HAS_NOT, 0, -1, NULL},
					    {103000, TOLD, 0, 0, "silent"},
					    {103000, TOLD, 0, 0, "late"},
					    {0, END, 0, 0, NULL}};

	(void)state;
	play(2, steps);
	play(2, after);
}

static void a_new_ring_of_the_same_members_is_normal(void **state)
{
	static const struct step steps[] = {{60500, STALL, 0, 2200, NULL},
					    {60600, UNSETTLE, 0, 0, NULL},
					    {60600, HAS, 0, HEART_OWN_SETTLING, NULL},
					    {62700, RING, 0, 0, NULL},
					    {64000, HAS, 0, HEART_OWN_SETTLING, NULL},
					    {65000, HAS_NOT, 0, -1, NULL},
					    {65000, TOLD, 0, 1, "node2"}, /* that it is a member */
					    {0, END, 0, 0, NULL}};

	(void)state;
	play(2, steps);
}

/* A peer stops while the ring is formed: silent is said token + consensus after, not before. */
static void silence_waits_for_a_settled_ring(void **state)
{
	static const struct step steps[] = {{60500, STOP, 2, 0, NULL},
					    {69000, UNSETTLE, 0, 0, NULL},
					    {75000, IS, 2, HEART_HELD, NULL},
					    {75000, TOLD, 0, 1,
					     "not declared dead: the ring is being formed anew"},
					    {75000, RING, 0, 0, NULL},
					    {77199, IS, 2, HEART_HELD, NULL},
					    {77200, IS, 2, HEART_SILENT, NULL},
					    {0, END, 0, 0, NULL}};

	(void)state;
	play(2, steps);
}

/* All silent, own ring well, nothing says that it is us: they are silent. */
static void all_silent_with_surroundings_well(void **state)
{
	static const struct step steps[] = {{1000, PINGS, 0, 2, NULL},
					    {60500, STOP, 2, 0, NULL},
					    {60500, STOP, 3, 0, NULL},
					    {71200, IS, 2, HEART_SILENT, NULL},
					    {71200, IS, 3, HEART_SILENT, NULL},
					    {0, END, 0, 0, NULL}};

	(void)state;
	play(2, steps);
}

/* The ping targets are known to be gone after the peers: the verdict is taken back. */
static void all_silent_without_ping_targets_is_isolation(void **state)
{
	static const struct step steps[] =
		{{1000, PINGS, 0, 2, NULL},
		 {60500, STOP, 2, 0, NULL},
		 {60500, STOP, 3, 0, NULL},
		 {71200, IS, 2, HEART_SILENT, NULL},
		 {72000, PINGS, 0, 0, NULL},
		 {72000, HAS, 0, HEART_OWN_ISOLATED, NULL},
		 {72000, IS, 2, HEART_HELD, NULL},
		 {72000, IS, 3, HEART_HELD, NULL},
		 {72000, TOLD, 0, 1,
		  "This node is the isolated one: all peers are silent, and no ping"},
		 {150000, IS, 2, HEART_HELD, NULL},
		 {150000, HAS, 0, HEART_OWN_ISOLATED, NULL},
		 {150500, GO, 2, 0, NULL},
		 {151500, IS, 2, HEART_ACTIVE, NULL},
		 {151500, HAS_NOT, 0, HEART_OWN_ISOLATED, NULL},
		 {152600, IS, 3, HEART_HELD, NULL}, /* it has time for two heartbeats */
		 {155000, IS, 3, HEART_SILENT, NULL},
		 {0, END, 0, 0, NULL}};

	(void)state;
	play(2, steps);
}

static void carrier_loss_holds_for_convergence_time(void **state)
{
	static const struct step steps[] =
		{{60000, CARRIER, 0, 0, NULL},
		 {60000, HAS, 0, HEART_OWN_CONVERGING, NULL},
		 {60000, TOLD, 0, 1, "all our cluster links have lost their carrier"},
		 {60500, STOP, 2, 0, NULL},
		 {62000, CARRIER, 0, 1, NULL}, /* the switch port learns from now on */
		 {72000, IS, 2, HEART_HELD, NULL},
		 {72000, TOLD, 0, 1, "not declared dead: the network may still be converging"},
		 {106999, IS, 2, HEART_HELD, NULL},
		 {107000, IS, 2, HEART_SILENT, NULL},
		 {107000, HAS_NOT, 0, -1, NULL},
		 {0, END, 0, 0, NULL}};

	(void)state;
	play(2, steps);
}

static void without_carrier_and_all_silent_we_are_isolated_beyond_it(void **state)
{
	static const struct step steps[] = {{60000, CARRIER, 0, 0, NULL},
					    {60500, STOP, 2, 0, NULL},
					    {72000, HAS, 0, HEART_OWN_ISOLATED, NULL},
					    {500000, IS, 2, HEART_HELD, NULL},
					    {500000, HAS, 0, HEART_OWN_ISOLATED, NULL},
					    {500000, HAS_NOT, 0, HEART_OWN_CONVERGING, NULL},
					    {0, END, 0, 0, NULL}};

	(void)state;
	play(1, steps);
}

/* After 30 s of standing still, the news of then is read at once: nobody is dead. */
static void own_pause_comes_first(void **state)
{
	static const struct step steps[] = {{59000, PROOF, 0, 57000, NULL},
					    {60500, PAUSE, 0, 30000, NULL},
					    {90500, HAS, 0, HEART_OWN_PAUSED, NULL},
					    {90500, OLD_PROOF, 0, 60500, NULL},
					    {90500, TOLD, 0, 1, "This node stood still for 3"},
					    {90600, HAS_NOT, 0, HEART_OWN_PAUSED, NULL},
					    {90600, PROOF, 0, 90500, NULL},
					    {91100, IS, 2, HEART_ACTIVE, NULL},
					    {99000, TOLD, 0, 0, "silent"},
					    {99000, TOLD, 0, 0, "late"},
					    {99000, TOLD, 0, 1,
					     "This node has recovered from standing still"},
					    {0, END, 0, 0, NULL}};

	(void)state;
	play(2, steps);
}

/* A whole machine was away: alone in a ring first, quorate by two_node. */
static void a_ring_of_fewer_nodes_is_not_trusted_at_once_after_a_pause(void **state)
{
	static const struct step steps[] =
		{{60500, PAUSE, 0, 6000, NULL},
		 {66500, LEAVE, 2, HAOPS_CLUSTER_NODE_GONE, NULL},
		 {66500, HAS, 0, HEART_OWN_PAUSED, NULL},
		 {66500, TOLD, 0, 1, "node2 is not in our ring: it may be we who were away"},
		 {66500, RING, 0, 0, NULL},
		 {67400, HAS, 0, HEART_OWN_PAUSED, NULL},
		 {67400, OLD_PROOF, 0, 60500, NULL},
		 {67430, JOIN, 2, 1000, NULL},
		 {67430, RING, 0, 0, NULL},
		 {68700, HAS_NOT, 0, HEART_OWN_PAUSED, NULL},
		 {68700, PROOF, 0, 67430, NULL},
		 {99000, IS, 2, HEART_ACTIVE, NULL},
		 {99000, TOLD, 0, 0, "silent"},
		 {0, END, 0, 0, NULL}};
	static const struct step alone[] = {{60500, PAUSE, 0, 6000, NULL},
					    {66500, LEAVE, 2, HAOPS_CLUSTER_NODE_GONE, NULL},
					    {66500, RING, 0, 0, NULL},
					    {68500, OLD_PROOF, 0, 60500, NULL},
					    {70000, PROOF, 0, 68500, NULL},
					    {70000, HAS_NOT, 0, HEART_OWN_PAUSED, NULL},
					    {0, END, 0, 0, NULL}};

	(void)state;
	play(1, steps);
	play(1, alone);
}

static void a_pause_without_quorum_after_it_is_not_over(void **state)
{
	static const struct step steps[] = {{60500, PAUSE, 0, 6000, NULL},
					    {66500, QUORUM, 0, 0, NULL},
					    {90000, HAS, 0, HEART_OWN_PAUSED, NULL},
					    {90000, HAS, 0, HEART_OWN_NO_QUORUM, NULL},
					    {90000, TOLD, 0, 1, "This node has no quorum"},
					    {90000, OLD_PROOF, 0, 60500, NULL},
					    {90100, QUORUM, 0, 1, NULL},
					    {91200, HAS_NOT, 0, HEART_OWN_PAUSED, NULL},
					    {91200, PROOF, 0, 90100, NULL},
					    {0, END, 0, 0, NULL}};

	(void)state;
	play(2, steps);
}

static void no_quorum_gives_no_proof_but_holds_no_verdict(void **state)
{
	static const struct step steps[] = {{60500, QUORUM, 0, 0, NULL},
					    {60500, STOP, 2, 0, NULL},
					    {71200, IS, 2, HEART_SILENT, NULL},
					    {71200, HAS, 0, HEART_OWN_NO_QUORUM, NULL},
					    {0, END, 0, 0, NULL}};

	(void)state;
	play(2, steps);
}

static void initdead_protects_who_was_never_heard(void **state)
{
	static const struct step steps[] = {{0, STOP, 2, 0, NULL},
					    {15000, IS, 2, HEART_UNKNOWN, NULL},
					    {15000, HAS, 0, HEART_OWN_STARTING, NULL},
					    {20000, IS, 2, HEART_UNKNOWN, NULL},
					    {21200, IS, 2, HEART_SILENT, NULL},
					    {21200, TOLD, 0, 1,
					     "node2 is silent: never a heartbeat for 20.1 s"},
					    {21200, HAS_NOT, 0, HEART_OWN_STARTING, NULL},
					    {0, END, 0, 0, NULL}};
	static const struct step heard[] = {{1500, STOP, 2, 0,
					     NULL}, /* as in ha.cf, deadtime is for who was heard */
					    {12200, IS, 2, HEART_SILENT, NULL},
					    {0, END, 0, 0, NULL}};
	static const struct step later[] = {{60000, LEAVE, 2, HAOPS_CLUSTER_LEFT, NULL},
					    {70000, JOIN, 2, 77, NULL},
					    {70000, STOP, 2, 0, NULL},
					    {79900, IS, 2, HEART_UNKNOWN, NULL},
					    {81200, IS, 2, HEART_SILENT, NULL},
					    {0, END, 0, 0, NULL}};

	(void)state;
	play(2, steps);
	play(2, heard);
	play(2, later);
}

static void goodbye_is_left_at_once(void **state)
{
	static const struct step steps[] = {{60500, BYE, 2, 0, NULL},
					    {60501, IS, 2, HEART_LEFT, NULL},
					    {60501, TOLD, 0, 1, "node2 has left in an orderly way"},
					    {60502, LEAVE, 2, HAOPS_CLUSTER_PROCESS_GONE, NULL},
					    {60502, IS, 2, HEART_LEFT, NULL},
					    {99000, IS, 2, HEART_LEFT, NULL},
					    {99000, TOLD, 0, 0, "silent"},
					    {99500, JOIN, 2, 5, NULL},
					    {99600, IS, 2, HEART_ACTIVE, NULL},
					    {99600, TOLD, 0, 1,
					     "node2 is a member again, after 38.9 s."},
					    {0, END, 0, 0, NULL}};

	(void)state;
	play(2, steps);
}

static void losses_are_told_apart(void **state)
{
	static const struct step steps[] =
		{{60500, LEAVE, 2, HAOPS_CLUSTER_NODE_GONE, NULL},
		 {60500, IS, 2, HEART_GONE, NULL},
		 {60500, TOLD, 0, 1, "node2 is lost: it was powered off, was cut off, or stopped"},
		 {60600, LEAVE, 3, HAOPS_CLUSTER_PROCESS_GONE, NULL},
		 {60600, IS, 3, HEART_GONE, NULL},
		 {60600, TOLD, 0, 1, "haopsd or Corosync on node3 ended without a goodbye"},
		 {60700, LEAVE, 4, HAOPS_CLUSTER_LEFT, NULL},
		 {60700, IS, 4, HEART_LEFT, NULL},
		 {60800, LEAVE, 5, HAOPS_CLUSTER_GHOST, NULL},
		 {60800, IS, 5, HEART_GONE, NULL},
		 {60800, TOLD, 0, 1, "node5 is lost: it is in no ring any more"},
		 {90000, TOLD, 0, 0, "silent"},
		 {0, END, 0, 0, NULL}};

	(void)state;
	play(4, steps);
}

static void a_restart_without_leaving_is_noticed(void **state)
{
	static const struct step steps[] =
		{{60500, JOIN, 2, 4711, NULL},
		 {60500, TOLD, 0, 1, "haopsd on node2 was started anew without having left."},
		 {62000, IS, 2, HEART_ACTIVE, NULL},
		 {0, END, 0, 0, NULL}};

	(void)state;
	play(2, steps);
}

static void corosync_gone_blames_nobody(void **state)
{
	static const struct step steps[] =
		{{60500, CLUSTER, 0, HAOPS_CLUSTER_DOWN, NULL},
		 {60500, STOP, 2, 0, NULL},
		 {60500, STOP, 3, 0, NULL},
		 {62000, TOLD, 0, 1, "This node is not in the cluster: Corosync does not run"},
		 {80000, IS, 2, HEART_HELD, NULL},
		 {80000, HAS, 0, HEART_OWN_NO_CLUSTER, NULL},
		 {90000, CLUSTER, 0, HAOPS_CLUSTER_UP, NULL},
		 {90000, RING, 0, 0, NULL},
		 {90000, GO, 2, 0, NULL},
		 {90000, GO, 3, 0, NULL},
		 {91200, IS, 2, HEART_ACTIVE, NULL},
		 {99000, TOLD, 0, 0, "silent:"},
		 {99000, TOLD, 0, 1, "This node is in the cluster again"},
		 {0, END, 0, 0, NULL}};

	(void)state;
	play(2, steps);
}

static void own_echo_missing_blames_nobody(void **state)
{
	static const struct step steps[] = {{60500, MUTE, 0, 1, NULL},
					    {60500, STOP, 2, 0, NULL},
					    {75000, HAS, 0, HEART_OWN_NO_ECHO, NULL},
					    {75000, IS, 2, HEART_HELD, NULL},
					    {75000, TOLD, 0, 1,
					     "Our own heartbeat has not come back for"},
					    {76000, MUTE, 0, 0, NULL},
					    {79000, HAS_NOT, 0, HEART_OWN_NO_ECHO, NULL},
					    {80000, IS, 2, HEART_SILENT, NULL},
					    {0, END, 0, 0, NULL}};

	(void)state;
	play(2, steps);
}

/* A peer with a keepalive of 8 s beats within its own word: deadtime for it is 16 s. */
static void the_senders_own_keepalive_counts(void **state)
{
	static const struct step steps[] = {{20500, SLOW, 2, 8000, NULL},
					    {200000, IS, 2, HEART_ACTIVE, NULL},
					    {200000, TOLD, 0, 0, "late"},
					    {200000, TOLD, 0, 0, "silent"},
					    {200100, STOP, 2, 0, NULL},
					    {230000, IS, 2, HEART_SILENT, NULL},
					    {230000, TOLD, 0, 1, "(deadtime 16.0 s)"},
					    {0, END, 0, 0, NULL}};

	(void)state;
	play(2, steps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_well),
		cmocka_unit_test(a_stopped_peer_is_silent_at_deadtime_and_a_keepalive),
		cmocka_unit_test(a_late_peer_is_told_once_per_lateness),
		cmocka_unit_test(a_ring_that_stands_still_blames_nobody),
		cmocka_unit_test(a_new_ring_of_the_same_members_is_normal),
		cmocka_unit_test(silence_waits_for_a_settled_ring),
		cmocka_unit_test(all_silent_with_surroundings_well),
		cmocka_unit_test(all_silent_without_ping_targets_is_isolation),
		cmocka_unit_test(carrier_loss_holds_for_convergence_time),
		cmocka_unit_test(without_carrier_and_all_silent_we_are_isolated_beyond_it),
		cmocka_unit_test(own_pause_comes_first),
		cmocka_unit_test(a_ring_of_fewer_nodes_is_not_trusted_at_once_after_a_pause),
		cmocka_unit_test(a_pause_without_quorum_after_it_is_not_over),
		cmocka_unit_test(no_quorum_gives_no_proof_but_holds_no_verdict),
		cmocka_unit_test(initdead_protects_who_was_never_heard),
		cmocka_unit_test(goodbye_is_left_at_once),
		cmocka_unit_test(losses_are_told_apart),
		cmocka_unit_test(a_restart_without_leaving_is_noticed),
		cmocka_unit_test(corosync_gone_blames_nobody),
		cmocka_unit_test(own_echo_missing_blames_nobody),
		cmocka_unit_test(the_senders_own_keepalive_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
