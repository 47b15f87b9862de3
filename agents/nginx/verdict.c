/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes and reads the state file of a verdict: lines of a keyword and values. See verdict.h. */

#include "nginx/verdict.h"

#include "util/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char HEAD[] = "haops nginx verdict 1";

void verdict_free(struct verdict *v)
{
	conf_facts_free(&v->facts);
	free(v->stamps);
	v->stamps = NULL;
}

/* All but the stamps. */
int verdict_copy_facts(const struct verdict *from, struct verdict *to)
{
	int r = 0;

	conf_facts_free(&to->facts);
	to->facts = from->facts;
	to->facts.watch = NULL;
	to->facts.watch_count = 0;
	for (size_t i = 0; i < from->facts.watch_count && r == 0; i++)
		r = conf_watch_append(&to->facts, from->facts.watch[i],
				      strlen(from->facts.watch[i]));
	return r;
}

static void format_listen(FILE *f, const char *key, const struct conf_listen *l)
{
	fprintf(f, "%s %d %d %s\n", key, l->is_http, l->is_ssl, l->addr);
}

static void format_all(FILE *f, const struct verdict *v, const char *key)
{
	const struct conf_facts *c = &v->facts;

	fprintf(f, "%s\nkey %s\ngood %d\nmessage %s\n", HEAD, key, v->is_good, v->message);
	fprintf(f, "pid %s\nforeground %d\nsingle %d\nfull %d\n", c->pid, c->is_foreground,
		c->is_single, c->is_watch_full);
	fprintf(f, "status %s\nserver %s\n", c->status_path, c->status_server);
	format_listen(f, "statuslisten", &c->status_listen);
	for (size_t i = 0; i < c->listen_count; i++)
		format_listen(f, "listen", &c->listens[i]);
	for (size_t i = 0; i < c->watch_count; i++) {
		const struct file_stamp *s = &v->stamps[i];

		fprintf(f, "file %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %s\n", s->dev,
			s->ino, s->size, s->ctime_ns, c->watch[i]);
	}
	fprintf(f, "end \n");
}

int verdict_format(const struct verdict *v, const char *key, char **ret_text, size_t *ret_len)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int r;

	if (!f)
		return -ENOMEM;
	format_all(f, v, key);
	r = ferror(f);
	if (fclose(f) != 0 || r) {
		free(text);
		return -ENOMEM;
	}
	*ret_text = text;
	*ret_len = len;
	return 0;
}

static int take_text(const char *value, char *buf, size_t size)
{
	size_t len = strlen(value);

	if (len >= size)
		return -EINVAL;
	memcpy(buf, value, len + 1);
	return 0;
}

static int take_listen(const char *value, struct conf_listen *l)
{
	if (value[0] < '0' || value[0] > '1' || value[1] != ' ' || value[2] < '0' ||
	    value[2] > '1' || value[3] != ' ')
		return -EINVAL;
	l->is_http = value[0] == '1';
	l->is_ssl = value[2] == '1';
	return take_text(value + 4, l->addr, sizeof(l->addr));
}

static int take_file(const char *value, struct verdict *v)
{
	struct file_stamp s;
	struct file_stamp *stamps;
	size_t before = v->facts.watch_count;
	int end = 0;
	int r;

	if (sscanf(value, "%" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 "%n", &s.dev, &s.ino,
		   &s.size, &s.ctime_ns, &end) != 4 ||
	    value[end] != ' ' || !value[end + 1])
		return -EINVAL;
	r = conf_watch_append(&v->facts, value + end + 1, strlen(value + end + 1));
	if (r < 0)
		return r;
	if (v->facts.watch_count == before)
		return -EINVAL;
	stamps = realloc(v->stamps, v->facts.watch_count * sizeof(*stamps));
	if (!stamps)
		return -ENOMEM;
	v->stamps = stamps;
	stamps[before] = s;
	return 0;
}

static int take_more(const char *key, const char *value, struct verdict *v)
{
	struct conf_facts *c = &v->facts;

	if (strcmp(key, "status") == 0)
		return take_text(value, c->status_path, sizeof(c->status_path));
	if (strcmp(key, "server") == 0)
		return take_text(value, c->status_server, sizeof(c->status_server));
	if (strcmp(key, "statuslisten") == 0)
		return take_listen(value, &c->status_listen);
	if (strcmp(key, "listen") == 0 && c->listen_count < CONF_LISTENS_MAX)
		return take_listen(value, &c->listens[c->listen_count++]);
	if (strcmp(key, "file") == 0)
		return take_file(value, v);
	return -EINVAL;
}

static int take_pair(const char *key, const char *value, struct verdict *v)
{
	struct conf_facts *c = &v->facts;
	bool is_one = strcmp(value, "1") == 0;

	if (strcmp(key, "good") == 0)
		v->is_good = is_one;
	else if (strcmp(key, "foreground") == 0)
		c->is_foreground = is_one;
	else if (strcmp(key, "single") == 0)
		c->is_single = is_one;
	else if (strcmp(key, "full") == 0)
		c->is_watch_full = is_one;
	else if (strcmp(key, "message") == 0)
		return take_text(value, v->message, sizeof(v->message));
	else if (strcmp(key, "pid") == 0)
		return take_text(value, c->pid, sizeof(c->pid));
	else
		return take_more(key, value, v);
	return 0;
}

/* Changes text: each line is cut into key and value. 0 only if the last line is "end". */
static int parse_lines(char *text, const char *key, struct verdict *v)
{
	char *state = NULL;
	int r;

	for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		char *value = strchr(line, ' ');

		if (!value)
			return -EINVAL;
		*value++ = '\0';
		if (strcmp(line, "end") == 0)
			return 0;
		if (strcmp(line, "key") == 0)
			r = strcmp(value, key) == 0 ? 0 : -EINVAL;
		else
			r = take_pair(line, value, v);
		if (r < 0)
			return r;
	}
	return -EINVAL;
}

int verdict_parse(const char *text, const char *key, struct verdict *ret_verdict)
{
	struct verdict v;
	CLEANUP_FREE char *copy = NULL;
	size_t head = strlen(HEAD);
	int r;

	/* Without a key line at its place it could be about anything. */
	if (strncmp(text, HEAD, head) != 0 || strncmp(text + head, "\nkey ", 5) != 0)
		return -EINVAL;
	copy = strdup(text + head + 1);
	if (!copy)
		return -ENOMEM;
	memset(&v, 0, sizeof(v));
	r = parse_lines(copy, key, &v);
	if (r < 0)
		verdict_free(&v);
	else
		*ret_verdict = v;
	return r;
}
