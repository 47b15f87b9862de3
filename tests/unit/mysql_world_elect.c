/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elections of the simulated cluster: what its servers would say, the library's verdict, and what
 * the verdict would lose. */
#include "mysql_world_parts.h"

#define TEXT_MAX 1024

static const char *const names[WORLD_NODES_MAX] = {"n1", "n2", "n3", "n4", "n5"};

/* The transactions from begin to end as the dialect writes them: one entry for each server. */
static void write_set(const struct world *w, const struct world_node *node, size_t begin,
		      size_t end, char text[TEXT_MAX])
{
	size_t len = 0;

	text[0] = '\0';
	for (unsigned int server = 0; server < (unsigned int)w->count; server++) {
		unsigned int first = 0, last = 0;
		size_t last_at = 0;

		for (size_t i = begin; i < end; i++) {
			if (node->history[i].server != server)
				continue;
			last_at = i + 1;
			last = node->history[i].number;
			first = first ? first : last;
		}
		if (last_at == 0)
			continue;
		if (w->flavor == HAOPS_MYSQL_MARIADB)
			len += (size_t)snprintf(text + len, TEXT_MAX - len, "%s0-%u-%zu",
						len > 0 ? "," : "", server + 1, last_at);
		else
			len += (size_t)snprintf(text + len, TEXT_MAX - len,
						"%s3e11fa47-71ca-11e1-9e33-00000000000%u:%u-%u",
						len > 0 ? "," : "", server, first, last);
	}
}

/* A position of MariaDB: the last transaction of so many; "" for none. */
static void write_position(const struct world_node *node, size_t count, char text[TEXT_MAX])
{
	text[0] = '\0';
	if (count > 0)
		(void)snprintf(text, TEXT_MAX, "0-%u-%zu", node->history[count - 1].server + 1,
			       count);
}

/* What a node applied last as a replica: what it wrote itself does not count. */
static size_t applied_of(const struct world_node *node, unsigned int server)
{
	size_t count = node->logged;

	while (count > node->log_begins && node->history[count - 1].server == server)
		count--;
	return count;
}

static struct haops_mysql_status ask(const struct world *w, int which)
{
	const struct world_node *node = &w->nodes[which];
	char logged[TEXT_MAX], applied[TEXT_MAX], received[TEXT_MAX] = "";

	if (w->flavor == HAOPS_MYSQL_MYSQL) {
		write_set(w, node, 0, node->logged, logged);
		write_set(w, node, 0, node->logged, applied);
		write_set(w, node, node->logged, node->held, received);
	} else {
		write_set(w, node, node->log_begins, node->logged, logged);
		write_position(node, applied_of(node, (unsigned int)which), applied);
		if (node->held > node->logged)
			write_position(node, node->held, received);
	}
	return status_of(w->ctx, w->flavor, logged, applied, received);
}

static struct haops_mysql_decision vote(struct world *w, int candidate)
{
	struct haops_mysql_voter voters[WORLD_NODES_MAX];
	struct haops_mysql_status statuses[WORLD_NODES_MAX] = {0};
	struct haops_mysql_election election = {
		.voters = voters,
		.voter_count = (size_t)w->count,
		.candidate = (size_t)candidate,
		.last_primary = w->primary < 0 ? NULL : names[w->primary],
		.durability = HAOPS_MYSQL_SAFE,
	};
	struct haops_mysql_decision decision;
	bool is_hidden = !(w->flaws & WORLD_NEEDS_FEWER);

	for (int i = 0; i < w->count; i++) {
		voters[i] = (struct haops_mysql_voter){.node = names[i],
						       .is_safe = world_is_member(w, i),
						       .is_bad = w->nodes[i].is_bad};
		if (w->nodes[i].is_up) {
			statuses[i] = ask(w, i);
			voters[i].status = &statuses[i];
		} else if (!is_hidden && voters[i].is_safe) {
			voters[i].is_safe = false;
			is_hidden = true;
		}
	}
	haops_mysql_elect(&election, &decision);
	for (int i = 0; i < w->count; i++)
		haops_mysql_status_done(&statuses[i]);
	return decision;
}

static bool has_all_acked(const struct world *w, const struct world_node *node)
{
	bool has[WORLD_HISTORY_MAX + 1] = {false};

	for (size_t i = 0; i < node->held; i++)
		has[node->history[i].id] = true;
	for (unsigned int id = 1; id <= w->ids; id++)
		if (w->is_acked[id] && !has[id])
			return false;
	return true;
}

static bool may_go_on(const struct haops_mysql_decision *decision)
{
	return decision->verdict == HAOPS_MYSQL_MAY || decision->verdict == HAOPS_MYSQL_CATCH_UP;
}

/* With all nodes up and none diverged there is no reason to keep the last primary out. */
static void look_at_primary(struct world *w)
{
	struct haops_mysql_decision decision;

	for (int i = 0; i < w->count; i++)
		if (!w->nodes[i].is_up || w->nodes[i].is_bad)
			return;
	if (w->primary < 0)
		return;
	decision = vote(w, w->primary);
	w->refused_primary +=
		decision.verdict != HAOPS_MYSQL_MAY && decision.verdict != HAOPS_MYSQL_CATCH_UP;
}

/* The candidate gets all that ahead has, or is interrupted. */
static bool catch_up(struct world *w, struct world_node *node, struct world_node *ahead)
{
	ahead->logged = ahead->held;
	node->logged = node->held;
	/* A real one would be told that its position is not in the other's log. */
	if (world_common(node, ahead) < node->held)
		return false;
	w->caught_up++;
	world_copy(node, ahead, world_below(w, 4) == 0 ? world_below(w, 3) : WORLD_HISTORY_MAX);
	node->logged = node->held;
	return node->held == ahead->held;
}

static void open_primary(struct world *w, int candidate)
{
	struct world_node *node = &w->nodes[candidate];
	bool is_member = !(w->flaws & WORLD_STAYS_OUTSIDE) || w->safe == 0;

	w->primary = candidate;
	world_publish(w, w->safe | (is_member ? 1U << candidate : 0));
	node->acks = false;
	if (world_below(w, 8) == 0) {
		node->is_up = false;
		return;
	}
	w->promotions++;
	w->writer = candidate;
	w->waits = true;
	if (w->safe == 1U << candidate)
		world_stop_waiting(w);
}

void world_elect(struct world *w)
{
	int candidate = (int)world_below(w, (unsigned int)w->count);
	struct world_node *node = &w->nodes[candidate];
	struct haops_mysql_decision decision;
	struct world_node *ahead;

	if (w->writer >= 0 || !node->is_up)
		return;
	w->elections++;
	look_at_primary(w);
	decision = vote(w, candidate);
	if (!may_go_on(&decision))
		return;
	ahead = &w->nodes[decision.ahead];
	w->lost += !has_all_acked(w, ahead);
	node->logged = node->held;
	if (ahead != node && !catch_up(w, node, ahead))
		return;
	/* Once more, with all that it received in its log. */
	decision = vote(w, candidate);
	if (decision.verdict == HAOPS_MYSQL_MAY) {
		w->lost += !has_all_acked(w, node);
		open_primary(w, candidate);
	}
}
