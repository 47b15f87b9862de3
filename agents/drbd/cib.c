/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads and writes what the cluster remembers of the resource, and asks where Pacemaker has
 * promoted it, by way of haops-cib: Pacemaker's libraries would cost each monitor their loading. */

#include "drbd/drbd.h"
#include "ocf/host.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SET_PREFIX "haops-drbd-"
/* A byte of the name may become three. */
#define SET_MAX 256
#define ASK_MS 10000
#define WRITE_MS 15000
/* Kept for the program's own words about its timeout. */
#define SLACK_MS 300
#define WORDS_MAX 8

bool drbd_is_pacemaker(const struct ocf_run *run)
{
	return ocf_meta(run, "on_node") || ocf_meta(run, "clone_max");
}

bool drbd_memory_is_used(struct ocf_run *run)
{
	return ocf_bool(run, DRBD_REMEMBER_PRIMARY) && drbd_is_pacemaker(run) &&
	       host_is_program(HAOPS_CIB_PATH);
}

/* An id of XML: what cannot be in one is written as .XX. */
static void set_name(const struct ocf_run *run, char buf[SET_MAX])
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-";
	size_t len = (size_t)snprintf(buf, SET_MAX, SET_PREFIX);

	for (const char *at = ocf_str(run, DRBD_RESOURCE); *at && len + 4 < SET_MAX; at++) {
		if (strchr(plain, *at))
			buf[len++] = *at;
		else
			len += (size_t)snprintf(buf + len, SET_MAX - len, ".%02X",
						(unsigned int)(unsigned char)*at);
	}
	buf[len] = '\0';
}

static int64_t limit_of(struct ocf_run *run, int64_t limit)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) - SLACK_MS;

	if (left > limit)
		left = limit;
	return left > 1 ? left : 1;
}

/* *ret_text is to be freed. */
static int ask(struct ocf_run *run, const char *const *words, int64_t wish_ms, char **ret_text)
{
	const char *argv[WORDS_MAX + 4] = {HAOPS_CIB_PATH, "--timeout"};
	int64_t limit = limit_of(run, wish_ms);
	struct drbd_answer answer;
	char timeout[24];
	bool is_done;

	(void)snprintf(timeout, sizeof(timeout), "%lld", (long long)limit);
	argv[2] = timeout;
	for (size_t i = 0; words[i] && i < WORDS_MAX; i++)
		argv[3 + i] = words[i];
	is_done = drbd_program(run, argv, haops_deadline_after(ocf_ctx(run), limit + SLACK_MS),
			       &answer) &&
		  answer.is_done;
	if (is_done)
		*ret_text = TAKE_PTR(answer.output);
	else
		ocf_log(run, HAOPS_LOG_WARNING, "%s: the cluster's memory: %s",
			ocf_str(run, DRBD_RESOURCE), answer.line);
	drbd_answer_done(&answer);
	return is_done ? 0 : -EIO;
}

static int take(struct ocf_run *run, const char *text, struct memory *memory)
{
	memory_read(text, memory);
	if (!memory->is_damaged)
		return 0;
	ocf_log(run, HAOPS_LOG_WARNING, "%s: the cluster's memory is damaged: %s",
		ocf_str(run, DRBD_RESOURCE), text);
	return -EBADMSG;
}

int drbd_memory_load(struct ocf_run *run, struct memory *ret_memory)
{
	CLEANUP_FREE char *text = NULL;
	char set[SET_MAX];
	const char *words[] = {"get", set, NULL};

	set_name(run, set);
	if (ask(run, words, ASK_MS, &text) < 0)
		return -EIO;
	return take(run, text, ret_memory);
}

int drbd_memory_save(struct ocf_run *run, const struct memory *memory)
{
	CLEANUP_FREE char *text = NULL;
	char set[SET_MAX];
	char primary[MEMORY_NODE_MAX + 64];
	char data[MEMORY_VALUE_MAX + 16];
	const char *words[] = {"set", set, primary, data, MEMORY_STALE "=", NULL};
	struct memory read;
	size_t len = (size_t)snprintf(primary, sizeof(primary), MEMORY_PRIMARY "=");

	set_name(run, set);
	memory_primary_value(memory, primary + len, sizeof(primary) - len);
	len = (size_t)snprintf(data, sizeof(data), MEMORY_DATA "=");
	memory_data_value(memory, data + len);
	if (ask(run, words, WRITE_MS, &text) < 0)
		return -EIO;
	if (take(run, text, &read) < 0)
		return -EBADMSG;
	if (memory_agrees(memory, &read))
		return 0;
	ocf_log(run, HAOPS_LOG_WARNING,
		"%s: the cluster's memory was changed by another node meanwhile",
		ocf_str(run, DRBD_RESOURCE));
	return -EAGAIN;
}

/* A line is NODE<TAB>STATE<TAB>ROLE. */
static bool is_promoted_there(const char *line, size_t len, const char *own)
{
	static const char role[] = "\tpromoted";
	size_t name = strcspn(line, "\t\n");

	if (name == strlen(own) && strncmp(line, own, name) == 0)
		return false;
	return len > sizeof(role) &&
	       memcmp(line + len - sizeof(role) + 1, role, sizeof(role) - 1) == 0;
}

enum drbd_elsewhere drbd_promoted_elsewhere(struct ocf_run *run)
{
	CLEANUP_FREE char *text = NULL;
	const char *instance = ocf_instance(run);
	char resource[MEMORY_NODE_MAX];
	const char *words[] = {"nodes", resource, NULL};
	char own[MEMORY_NODE_MAX];

	(void)snprintf(resource, sizeof(resource), "%.*s", (int)strcspn(instance, ":"), instance);
	if (!drbd_is_pacemaker(run) || !host_is_program(HAOPS_CIB_PATH) ||
	    ask(run, words, ASK_MS, &text) < 0)
		return DRBD_NOT_KNOWN;
	drbd_own_name(run, own);
	for (const char *at = text; *at;) {
		size_t len = strcspn(at, "\n");

		if (is_promoted_there(at, len, own))
			return DRBD_SOMEBODY;
		at += len + (at[len] == '\n');
	}
	return DRBD_NOBODY;
}
