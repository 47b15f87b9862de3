/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways back, in the order of how little they cost; see ways.h. */

#include "ways.h"

#include "position.h"

#include <stdarg.h>
#include <string.h>

static void say(struct way *way, bool is_possible, const char *format, ...) HAOPS_PRINTF(3, 4);

static void say(struct way *way, bool is_possible, const char *format, ...)
{
	va_list args;

	way->is_possible = is_possible;
	va_start(args, format);
	(void)vsnprintf(way->why, sizeof(way->why), format, args);
	va_end(args);
}

static void command(struct way *way, const char *format, ...) HAOPS_PRINTF(2, 3);

static void command(struct way *way, const char *format, ...)
{
	size_t len = strlen(way->commands);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(way->commands + len, sizeof(way->commands) - len, format, args);
	va_end(args);
}

/* Only recovery after a crash can cut the log off, and only what was not committed yet. */
static void judge_truncate(const struct divergence *d, struct way *way)
{
	const struct db_node *node = d->node;

	way->name = "truncate";
	if (node->server.is_answering)
		say(way, false,
		    "the server runs: what it has is committed, and a restart cuts nothing off");
	else if (node->is_bad)
		say(way, false, "it was started since it crashed: what it had is committed");
	else {
		say(way, true,
		    "after a crash the agent does it by itself when it starts the server "
		    "(rejoin_policy=truncate)");
		command(way, "crm_resource --cleanup --resource %s --node %s\n", d->snapshot->top,
			node->name);
	}
}

static const char *against_flashback(const struct divergence *d)
{
	if (!d->node->server.is_answering)
		return "the server does not answer";
	if (d->node->server.status.server.flavor != HAOPS_MYSQL_MARIADB)
		return "only MariaDB has it";
	if (!d->file[0])
		return d->trouble;
	if (!d->tail.is_whole || d->tail.is_cut || d->tail.transactions == 0)
		return "its log could not be read as a whole";
	if (!position_is_beyond(&d->tail,
				d->primary->server.logged ? d->primary->server.logged : ""))
		return "its log has transactions of the primary behind its own";
	return d->tables[0] ? d->tables : NULL;
}

static void judge_flashback(const struct divergence *d, struct way *way)
{
	const char *against = against_flashback(d);
	const char *socket = d->access->socket;

	way->name = "flashback";
	if (!against && d->tail.others > 0) {
		say(way, false, "not all of it are rows: %s", d->tail.other);
		return;
	}
	if (against) {
		say(way, false, "%s", against);
		return;
	}
	say(way, true, "takes %llu transaction%s back, row by row; --discard does it",
	    (unsigned long long)d->tail.transactions, d->tail.transactions == 1 ? "" : "s");
	command(way,
		"mariadb-binlog --flashback --read-from-remote-server --socket=%s --user=root "
		"--start-position=%s --to-last-log any >/root/flashback.sql\n",
		socket, d->position);
	command(way,
		"(echo 'SET sql_log_bin=0;'; cat /root/flashback.sql) | mariadb --socket=%s "
		"--user=root\n",
		socket);
	command(way,
		"mariadb --socket=%s --user=root -e \"STOP SLAVE; RESET MASTER; SET GLOBAL "
		"gtid_binlog_state='%s'; SET GLOBAL gtid_slave_pos='%s'\"\n",
		socket, d->state, d->position);
	command(way, "haops mysql rejoin %s\n", d->node->name);
}

/* Another replica, so that the primary has no work with it. */
static const char *donor(const struct divergence *d)
{
	for (size_t i = 0; i < d->snapshot->node_count; i++) {
		const struct db_node *node = &d->snapshot->nodes[i];

		if (node != d->node && node != d->primary && !node->is_bad && node->is_safe &&
		    server_replicates(&node->server))
			return node->name;
	}
	return d->primary->name;
}

static void judge_rebuild(const struct divergence *d, struct way *way)
{
	const char *from = donor(d);
	bool is_primary = strcmp(from, d->primary->name) == 0;
	const char *datadir = d->access->datadir;
	const char *top = d->snapshot->top;

	way->name = "rebuild";
	say(way, true, "always: a copy of %s takes the place of what %s has", from, d->node->name);
	command(way, "crm_resource --ban --resource %s --node %s && crm_resource --wait\n", top,
		d->node->name);
	/* It may be a mount point. */
	command(way,
		"install -d -m 0700 %s.diverged && find %s -mindepth 1 -maxdepth 1 -exec mv -t "
		"%s.diverged {} +\n",
		datadir, datadir, datadir);
	command(way,
		"ssh %s mariadb-backup --defaults-file=%s --backup%s --user=root --socket=%s "
		"--stream=xbstream | mbstream -x -C %s\n",
		from, d->access->config, is_primary ? "" : " --slave-info", d->access->socket,
		datadir);
	command(way, "mariadb-backup --prepare --target-dir=%s && chown -R mysql:mysql %s\n",
		datadir, datadir);
	command(way, "cat %s/*_%s_info   # the position, such as 0-1-2345\n", datadir,
		is_primary ? "binlog" : "slave");
	command(way, "crm_resource --clear --resource %s && crm_resource --wait\n", top);
	command(way,
		"mariadb --socket=%s --user=root -e \"STOP SLAVE; RESET MASTER; SET GLOBAL "
		"gtid_binlog_state='THE POSITION'; SET GLOBAL gtid_slave_pos='THE POSITION'\"\n",
		d->access->socket);
	command(way, "haops mysql rejoin %s\n", d->node->name);
}

void ways_judge(const struct divergence *divergence, struct way ways[WAY_COUNT])
{
	memset(ways, 0, WAY_COUNT * sizeof(*ways));
	judge_truncate(divergence, &ways[WAY_TRUNCATE]);
	judge_flashback(divergence, &ways[WAY_FLASHBACK]);
	judge_rebuild(divergence, &ways[WAY_REBUILD]);
}

static bool refuse(char text[SNAPSHOT_TEXT_MAX], const char *why)
{
	(void)snprintf(text, SNAPSHOT_TEXT_MAX, "%.500s", why);
	return false;
}

bool ways_allow_discard(const struct divergence *divergence, const struct way *flashback,
			bool has_yes, char text[SNAPSHOT_TEXT_MAX])
{
	const struct db_node *node = divergence->node;
	const struct haops_mysql_status *status = &node->server.status;
	char why[SNAPSHOT_TEXT_MAX];

	if (!flashback->is_possible) {
		(void)snprintf(why, sizeof(why),
			       "it cannot be taken back while the server runs: %.300s; rebuild it "
			       "by hand",
			       flashback->why);
		return refuse(text, why);
	}
	if (!divergence->is_local)
		return refuse(text, "--discard has to be called by root on the node itself");
	if (!node->is_bad)
		return refuse(text,
			      "the agent has not marked the node as diverged yet: wait for its "
			      "next monitor");
	if (node->is_safe)
		return refuse(text, "the node is in the safe set: what it received may be nowhere "
				    "else; wait until the primary has taken it out");
	if (status->is_writable || status->acks || status->applier == HAOPS_MYSQL_RUNNING)
		return refuse(text, "the server is writable, acknowledges or replicates: not now");
	if (!has_yes) {
		(void)snprintf(why, sizeof(why),
			       "nothing was changed: with --yes, what only %.200s has is taken "
			       "back, "
			       "%llu transaction%s",
			       node->name, (unsigned long long)divergence->tail.transactions,
			       divergence->tail.transactions == 1 ? "" : "s");
		return refuse(text, why);
	}
	return true;
}
