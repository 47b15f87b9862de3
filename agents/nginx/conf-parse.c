/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds pid file, listening addresses, status page and the files to watch in a dump of the
 * configuration. Follows blocks through included files; judges no syntax. See conf-parse.h.
 */

#include "nginx/conf-parse.h"
#include "nginx/conf-token.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32
#define INCLUDES_MAX 256

enum block {
	BLOCK_MAIN,
	BLOCK_HTTP,
	BLOCK_SERVER,
	BLOCK_LOCATION,
	BLOCK_OTHER,
	BLOCK_OTHER_SERVER
};

struct place {
	enum block block;
	char location[CONF_TEXT_MAX];
};

/* A file is dumped after the one that includes it: where that was tells what its lines mean. */
struct include {
	char pattern[2 * CONF_TEXT_MAX];
	struct place place;
};

struct server {
	struct conf_listen listen;
	char name[CONF_TEXT_MAX];
};

struct parser {
	struct conf_facts *facts;
	struct place stack[DEPTH_MAX];
	size_t depth;
	size_t too_deep; /* blocks beyond the stack */
	struct include *includes;
	size_t include_count;
	char dir[CONF_TEXT_MAX]; /* of the main file, with / behind */
	struct server server;
	bool has_main;
};

static void copy(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, size - 1);

	memcpy(to, from, len);
	to[len] = '\0';
}

int conf_watch_append(struct conf_facts *facts, const char *path, size_t len)
{
	char **list;

	if (facts->watch_count == CONF_WATCH_MAX) {
		facts->is_watch_full = true;
		return 0;
	}
	list = realloc(facts->watch, (facts->watch_count + 1) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	facts->watch = list;
	list[facts->watch_count] = strndup(path, len);
	if (!list[facts->watch_count])
		return -ENOMEM;
	facts->watch_count++;
	return 0;
}

int conf_watch_add(struct conf_facts *facts, const char *path, size_t len)
{
	for (size_t i = 0; i < facts->watch_count; i++)
		if (strncmp(facts->watch[i], path, len) == 0 && !facts->watch[i][len])
			return 0;
	return conf_watch_append(facts, path, len);
}

void conf_facts_free(struct conf_facts *facts)
{
	for (size_t i = 0; i < facts->watch_count; i++)
		free(facts->watch[i]);
	free(facts->watch);
	memset(facts, 0, sizeof(*facts));
}

static struct place *here(struct parser *p)
{
	return &p->stack[p->depth];
}

/* Relative paths of include and certificates are relative to the main file's directory. */
static void full_path(const struct parser *p, const char *path, char buf[2 * CONF_TEXT_MAX])
{
	size_t len = path[0] == '/' ? 0 : strlen(p->dir);

	memcpy(buf, p->dir, len);
	copy(buf + len, 2 * CONF_TEXT_MAX - len, path);
}

static int take_include(struct parser *p, const char *value)
{
	struct include *inc;
	size_t fixed;

	if (p->include_count == INCLUDES_MAX) {
		p->facts->is_watch_full = true;
		return 0;
	}
	inc = &p->includes[p->include_count++];
	full_path(p, value, inc->pattern);
	inc->place = *here(p);
	/* A file that appears in the directory of a pattern changes the directory. */
	fixed = strcspn(inc->pattern, "*?[");
	if (!inc->pattern[fixed])
		return conf_watch_add(p->facts, inc->pattern, fixed);
	while (fixed > 1 && inc->pattern[fixed - 1] != '/')
		fixed--;
	return conf_watch_add(p->facts, inc->pattern, fixed > 1 ? fixed - 1 : fixed);
}

static void take_listen(struct parser *p, const struct directive *d)
{
	struct conf_facts *facts = p->facts;
	enum block block = here(p)->block;
	struct conf_listen listen = {.is_http = block == BLOCK_SERVER};

	if (block != BLOCK_SERVER && block != BLOCK_OTHER_SERVER)
		return;
	copy(listen.addr, sizeof(listen.addr), d->words[1]);
	for (size_t i = 2; i < d->count; i++) {
		if (strcmp(d->words[i], "ssl") == 0 || strcmp(d->words[i], "quic") == 0)
			listen.is_ssl = true;
		/* A datagram port answers no HTTP and is no TCP port that could be taken. */
		if (strcmp(d->words[i], "udp") == 0)
			return;
	}
	if (!p->server.listen.addr[0])
		p->server.listen = listen;
	if (facts->listen_count < CONF_LISTENS_MAX)
		facts->listens[facts->listen_count++] = listen;
}

static void take_status(struct parser *p)
{
	const struct place *place = here(p);

	if (place->block != BLOCK_LOCATION || place->location[0] != '/')
		return;
	copy(p->facts->status_path, CONF_TEXT_MAX, place->location);
	p->facts->status_listen = p->server.listen;
	copy(p->facts->status_server, CONF_TEXT_MAX, p->server.name);
}

static bool is_plain_name(const char *name)
{
	return name[0] && !strpbrk(name, "*~$_ \t\r\n\"");
}

static int take_main(struct parser *p, const struct directive *d)
{
	const char *name = d->words[0];
	const char *value = d->words[1];

	if (strcmp(name, "pid") == 0)
		copy(p->facts->pid, CONF_TEXT_MAX, value);
	else if (strcmp(name, "daemon") == 0)
		p->facts->is_foreground = strcmp(value, "off") == 0;
	else if (strcmp(name, "master_process") == 0)
		p->facts->is_single = strcmp(value, "off") == 0;
	return 0;
}

static bool is_certificate(const char *name)
{
	size_t len = strlen(name);

	return strstr(name, "ssl_") &&
	       (strstr(name, "certificate") || (len >= 7 && !strcmp(name + len - 7, "dhparam")));
}

static int take_simple(struct parser *p, const struct directive *d)
{
	const char *name = d->words[0];
	char path[2 * CONF_TEXT_MAX];

	if (d->count && strcmp(name, "stub_status") == 0 &&
	    (d->count == 1 || strcmp(d->words[1], "off") != 0))
		take_status(p);
	if (d->count < 2)
		return 0;
	if (strcmp(name, "include") == 0)
		return take_include(p, d->words[1]);
	if (strcmp(name, "listen") == 0)
		take_listen(p, d);
	if (strcmp(name, "server_name") == 0 && here(p)->block == BLOCK_SERVER &&
	    !p->server.name[0] && is_plain_name(d->words[1]))
		copy(p->server.name, CONF_TEXT_MAX, d->words[1]);
	/* Variables, "data:" and "engine:" name no file that could be watched. */
	if (is_certificate(name) && !strpbrk(d->words[1], "$:")) {
		full_path(p, d->words[1], path);
		return conf_watch_add(p->facts, path, strlen(path));
	}
	return here(p)->block == BLOCK_MAIN ? take_main(p, d) : 0;
}

static enum block inner_block(enum block outer, const char *name)
{
	if (strcmp(name, "http") == 0)
		return BLOCK_HTTP;
	if (strcmp(name, "server") == 0)
		return outer == BLOCK_HTTP ? BLOCK_SERVER : BLOCK_OTHER_SERVER;
	if (strcmp(name, "location") == 0)
		return BLOCK_LOCATION;
	/* "if" and "limit_except" leave the location as it is. */
	if (outer == BLOCK_LOCATION || outer == BLOCK_SERVER)
		return outer;
	return BLOCK_OTHER;
}

static void enter(struct parser *p, const struct directive *d)
{
	const char *name = d->count ? d->words[0] : "";
	struct place *outer = here(p);
	enum block block = inner_block(outer->block, name);

	if (p->depth + 1 == DEPTH_MAX) {
		p->too_deep++;
		return;
	}
	p->depth++;
	*here(p) = *outer;
	here(p)->block = block;
	if (strcmp(name, "server") == 0)
		memset(&p->server, 0, sizeof(p->server));
	if (block == BLOCK_LOCATION && strcmp(name, "location") == 0)
		copy(here(p)->location, CONF_TEXT_MAX, d->count > 1 ? d->words[d->count - 1] : "");
}

static void leave(struct parser *p)
{
	if (p->too_deep)
		p->too_deep--;
	else if (p->depth)
		p->depth--;
}

static int begin_file(struct parser *p, const char *path)
{
	const char *slash = strrchr(path, '/');

	p->depth = 0;
	p->too_deep = 0;
	p->stack[0] = (struct place){.block = BLOCK_MAIN};
	if (!p->has_main) {
		p->has_main = true;
		copy(p->dir, sizeof(p->dir), path);
		p->dir[slash - path + 1] = '\0';
	}
	for (size_t i = 0; i < p->include_count; i++)
		if (fnmatch(p->includes[i].pattern, path, FNM_PATHNAME) == 0)
			p->stack[0] = p->includes[i].place;
	return conf_watch_add(p->facts, path, strlen(path));
}

static int take(struct parser *p, struct tokens *t, const struct directive *d)
{
	size_t len = d->count ? strlen(d->words[0]) : 0;

	switch (d->end) {
	case TOKEN_FILE:
		return begin_file(p, d->words[0]);
	case TOKEN_SEMICOLON:
		return take_simple(p, d);
	case TOKEN_OPEN:
		if (len >= 10 && strcmp(d->words[0] + len - 10, "_lua_block") == 0)
			token_skip_block(t);
		else
			enter(p, d);
		return 0;
	case TOKEN_CLOSE:
		leave(p);
		return 0;
	default:
		return 0;
	}
}

static int parse(struct parser *p, const char *text, size_t len)
{
	struct tokens t = {.pos = text, .end = text + len};
	struct directive d;
	int r = 0;

	p->includes = calloc(INCLUDES_MAX, sizeof(*p->includes));
	if (!p->includes)
		return -ENOMEM;
	do {
		token_next(&t, &d);
		r = take(p, &t, &d);
	} while (r == 0 && d.end != TOKEN_EOF);
	free(p->includes);
	return r;
}

int conf_parse(const char *dump, size_t len, struct conf_facts *facts)
{
	struct parser p = {.facts = facts};
	const char *begin = strstr(dump, "# configuration file /");

	memset(facts, 0, sizeof(*facts));
	/* nginx's own messages, which come before, are no configuration. */
	return begin ? parse(&p, begin, len - (size_t)(begin - dump)) : 0;
}

int conf_parse_global(const char *text, struct conf_facts *facts)
{
	struct parser p = {.facts = facts};

	return parse(&p, text, strlen(text));
}
