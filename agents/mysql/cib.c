/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads and writes what the cluster remembers, by way of haops-cib: Pacemaker's libraries would
 * cost each monitor their loading. */

#include "mysql/cluster.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SET_PREFIX "haops-mysql-"
#define OUTPUT_MAX 262144
#define WORDS_MAX 16
#define ASK_MS 5000
#define WRITE_MS 15000
/* Kept for the program's own words about its timeout. */
#define SLACK_MS 300
#define EXIT_NO_QUORUM 4
#define VALUE_ROOM (MEMORY_VALUE_MAX + MEMORY_NAME_MAX)

static int64_t limit_of(struct ocf_run *run, const char *verb)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) - SLACK_MS;
	int64_t limit = strcmp(verb, "set") == 0 ? WRITE_MS : ASK_MS;

	if (left > limit)
		left = limit;
	return left > 1 ? left : 1;
}

static int judge(struct mysql_cluster *cluster, const struct haops_process_result *result)
{
	int len = (int)strcspn(result->output, "\n");

	if (result->end == HAOPS_PROCESS_EXITED && result->status == 0)
		return 0;
	if (result->end != HAOPS_PROCESS_EXITED)
		return mysql_problem(cluster, ETIMEDOUT, "haops-cib did not end in time");
	return mysql_problem(cluster, result->status == EXIT_NO_QUORUM ? ENOLCK : EIO,
			     "the cluster's memory: %.*s", len, result->output);
}

/* What haops-cib says, to be freed. */
static int ask(struct ocf_run *run, struct mysql_cluster *cluster, const char *const *words,
	       char **ret_text)
{
	const char *argv[WORDS_MAX + MEMORY_NODES_MAX + 4] = {HAOPS_CIB_PATH, "--timeout"};
	const struct haops_process_spec spec = {.argv = argv, .output_max_bytes = OUTPUT_MAX};
	struct haops_process_result result;
	char timeout[24];
	int64_t limit = limit_of(run, words[0]);
	int r;

	(void)snprintf(timeout, sizeof(timeout), "%lld", (long long)limit);
	argv[2] = timeout;
	for (size_t i = 0; words[i] && i < WORDS_MAX + MEMORY_NODES_MAX; i++)
		argv[3 + i] = words[i];
	r = ocf_program(run, &spec, haops_deadline_after(ocf_ctx(run), limit + SLACK_MS), &result);
	if (r < 0)
		return mysql_problem(cluster, -r, "%s", haops_ctx_error(ocf_ctx(run)));
	r = judge(cluster, &result);
	if (r == 0)
		*ret_text = TAKE_PTR(result.output);
	haops_process_result_done(&result);
	return r;
}

static void set_name(const struct mysql_cluster *cluster, char buf[MEMORY_NAME_MAX + 16])
{
	(void)snprintf(buf, MEMORY_NAME_MAX + 16, SET_PREFIX "%s", cluster->resource);
}

static int take_memory(struct mysql_cluster *cluster, const char *text, struct memory *memory)
{
	int r = memory_read(text, memory);

	if (r < 0)
		return mysql_problem(cluster, -r, "the cluster's memory names too many nodes");
	if (memory->damage[0])
		return mysql_problem(cluster, EBADMSG, "the cluster's memory is damaged: %s",
				     memory->damage);
	return 0;
}

int mysql_cluster_look(struct ocf_run *run, struct mysql_cluster *cluster, char **ret_nodes)
{
	CLEANUP_FREE char *text = NULL;
	char attribute[MEMORY_NAME_MAX + 32];
	char set[MEMORY_NAME_MAX + 16];
	const char *words[] = {"look", set, cluster->resource, attribute, NULL};
	char *nodes;
	int r;

	set_name(cluster, set);
	(void)snprintf(attribute, sizeof(attribute), "%s_mysql_master_IP", cluster->resource);
	r = ask(run, cluster, words, &text);
	if (r < 0)
		return r;
	/* An empty line ends the memory, which may be empty itself. */
	nodes = text[0] == '\n' ? text : strstr(text, "\n\n");
	if (!nodes)
		return mysql_problem(cluster, EIO, "haops-cib did not tell of the nodes");
	*ret_nodes = strdup(nodes + (nodes == text ? 1 : 2));
	nodes[nodes == text ? 0 : 1] = '\0';
	return *ret_nodes ? take_memory(cluster, text, &cluster->memory)
			  : mysql_problem(cluster, ENOMEM, "memory is short");
}

int mysql_cluster_remember(struct ocf_run *run, struct mysql_cluster *cluster)
{
	CLEANUP_FREE char *text = NULL;
	char set[MEMORY_NAME_MAX + 16];
	const char *words[] = {"get", set, NULL};
	int r;

	set_name(cluster, set);
	r = ask(run, cluster, words, &text);
	return r < 0 ? r : take_memory(cluster, text, &cluster->memory);
}

/* NAME=VALUE for haops-cib. */
struct pairs {
	char *texts[WORDS_MAX];
	size_t count;
};

static void add_pair(struct pairs *pairs, const char *name, const char *value)
{
	size_t size = strlen(name) + strlen(value) + 2;
	char *text = malloc(size);

	if (text)
		(void)snprintf(text, size, "%s=%s", name, value);
	pairs->texts[pairs->count++] = text;
}

static int make_pairs(const struct memory *memory, bool had_stale, struct pairs *pairs)
{
	CLEANUP_FREE char *value = malloc(VALUE_ROOM);

	if (!value)
		return -ENOMEM;
	memory_primary_value(memory, value, VALUE_ROOM);
	if (memory->has_primary)
		add_pair(pairs, MEMORY_PRIMARY, value);
	memory_safe_value(memory, value, VALUE_ROOM);
	add_pair(pairs, MEMORY_SAFE, value);
	memory_acks_value(memory, value, VALUE_ROOM);
	add_pair(pairs, MEMORY_ACKS, value);
	if (had_stale && !memory->has_stale)
		add_pair(pairs, MEMORY_STALE, "");
	for (size_t i = 0; i < pairs->count; i++)
		if (!pairs->texts[i])
			return -ENOMEM;
	return 0;
}

static int write_pairs(struct ocf_run *run, struct mysql_cluster *cluster,
		       const struct pairs *pairs, struct memory *ret_memory)
{
	CLEANUP_FREE char *text = NULL;
	char set[MEMORY_NAME_MAX + 16];
	const char *words[WORDS_MAX + 4] = {"set", set};
	int r;

	set_name(cluster, set);
	for (size_t i = 0; i < pairs->count; i++)
		words[2 + i] = pairs->texts[i];
	r = ask(run, cluster, words, &text);
	return r < 0 ? r : take_memory(cluster, text, ret_memory);
}

int mysql_memory_write(struct ocf_run *run, struct mysql_cluster *cluster,
		       const struct memory *wanted)
{
	struct memory *found = calloc(1, sizeof(*found));
	struct pairs pairs = {.count = 0};
	int r = found ? make_pairs(wanted, cluster->memory.has_stale, &pairs) : -ENOMEM;

	if (r < 0)
		r = mysql_problem(cluster, ENOMEM, "memory is short");
	else
		r = write_pairs(run, cluster, &pairs, found);
	if (r == 0 && !memory_agrees(wanted, found))
		r = mysql_problem(cluster, EAGAIN,
				  "the cluster's memory was changed by somebody else meanwhile");
	if (r == 0)
		cluster->memory = *found;
	for (size_t i = 0; i < pairs.count; i++)
		free(pairs.texts[i]);
	free(found);
	return r;
}

int mysql_memory_mark(struct ocf_run *run, struct mysql_cluster *cluster, const char *reason)
{
	char name[MEMORY_NAME_MAX + sizeof(MEMORY_BAD)];
	struct pairs pairs = {.count = 0};
	int r;

	(void)snprintf(name, sizeof(name), MEMORY_BAD "%s",
		       mysql_cluster_name(cluster, cluster->own));
	add_pair(&pairs, name, reason ? reason : "");
	r = pairs.texts[0] ? write_pairs(run, cluster, &pairs, &cluster->memory)
			   : mysql_problem(cluster, ENOMEM, "memory is short");
	free(pairs.texts[0]);
	return r;
}
