/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watch records as text and back. Pure: reads and writes no file. */
#include "watch-text.h"

#include "internal.h"
#include "util/num.h"

#include <arpa/inet.h>
#include <haops/nfs.h>
#include <haops/state.h>
#include <inttypes.h>
#include <stdio.h>

#define HEADER "haops-watch 1"
#define WORDS_MAX 4
#define CHUNK 512
#define OBJECTS_STEP 16

static bool is_name(const char *text, bool may_be_empty)
{
	size_t len = strnlen(text, HAOPS_WATCH_NAME_MAX);

	return len < HAOPS_WATCH_NAME_MAX && (len > 0 || may_be_empty);
}

static bool is_address(const struct haops_watch_object *object)
{
	uint8_t family = object->address.addr.family;
	size_t len = strnlen(object->address.link, HAOPS_LINK_NAME_MAX);

	return (family == AF_INET || family == AF_INET6) &&
	       object->address.prefix_len <= (family == AF_INET ? 32 : 128) && len > 0 &&
	       len < HAOPS_LINK_NAME_MAX;
}

/* By role; written and read. */
static const char *const role_words[] = {
	[HAOPS_WATCH_PLAIN] = "plain",
	[HAOPS_WATCH_PRIMARY] = "primary",
	[HAOPS_WATCH_REPLICA] = "replica",
};

static bool is_database(const struct haops_watch_object *object)
{
	const char *socket = object->database.socket;

	return socket && socket[0] == '/' &&
	       strnlen(socket, HAOPS_WATCH_SOCKET_MAX) < HAOPS_WATCH_SOCKET_MAX &&
	       (unsigned int)object->database.role < ARRAY_LEN(role_words);
}

static bool is_export(const struct haops_watch_object *object)
{
	const char *client = object->nfs_export.client;
	const char *directory = object->nfs_export.directory;

	return client && client[0] &&
	       strnlen(client, HAOPS_NFS_CLIENT_MAX) < HAOPS_NFS_CLIENT_MAX && directory &&
	       directory[0] == '/' &&
	       strnlen(directory, HAOPS_WATCH_PATH_MAX) < HAOPS_WATCH_PATH_MAX;
}

static const char *check_object(const struct haops_watch_object *object)
{
	const char *path = object->mount.path;

	switch (object->kind) {
	case HAOPS_WATCH_ADDRESS:
		return is_address(object) ? NULL : "an address is outside its range";
	case HAOPS_WATCH_PROCESS:
		return object->process.pid > 0 && object->process.start_time <= INT64_MAX
			       ? NULL
			       : "a process is outside its range";
	case HAOPS_WATCH_MOUNT:
		return path && path[0] == '/' &&
				       strnlen(path, HAOPS_WATCH_PATH_MAX) < HAOPS_WATCH_PATH_MAX &&
				       object->mount.mount_id <= INT64_MAX
			       ? NULL
			       : "a mount point is no absolute path";
	case HAOPS_WATCH_DATABASE:
		return is_database(object) ? NULL : "a database is outside its range";
	case HAOPS_WATCH_EXPORT:
		return is_export(object) ? NULL : "an export is outside its range";
	default:
		return "an object is of no known kind";
	}
}

const char *watch_text_check(const struct haops_watch *watch)
{
	const char *problem = NULL;

	if (!is_name(watch->resource, false) || !is_name(watch->provider, true) ||
	    !is_name(watch->agent, true) || !is_name(watch->netns, true))
		return "a name is empty or too long";
	if (watch->object_count > HAOPS_WATCH_OBJECTS_MAX ||
	    (watch->object_count > 0 && !watch->objects))
		return "more objects than a record can have";
	for (size_t i = 0; i < watch->object_count && !problem; i++)
		problem = check_object(&watch->objects[i]);
	return problem;
}

struct text {
	char *data;
	size_t len;
	size_t size;
	int code; /* of the first failure */
};

static void put_bytes(struct text *text, const char *bytes, size_t len)
{
	if (text->code == 0 && text->len + len > HAOPS_STATE_MAX)
		text->code = -EFBIG;
	if (text->code == 0 && text->len + len > text->size) {
		size_t size = text->size * 2 + len + CHUNK;
		char *data = realloc(text->data, size);

		if (data) {
			text->data = data;
			text->size = size;
		} else {
			text->code = -ENOMEM;
		}
	}
	if (text->code < 0)
		return;
	memcpy(text->data + text->len, bytes, len);
	text->len += len;
}

static void put(struct text *text, const char *fmt, ...) HAOPS_PRINTF(2, 3);

static void put(struct text *text, const char *fmt, ...)
{
	char line[CHUNK];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	put_bytes(text, line, (size_t)len);
}

static bool is_clean(const char *word, const char *c)
{
	return *c > ' ' && *c < 0x7f && *c != '%' && !(*c == '-' && c == word);
}

static void put_word(struct text *text, const char *word)
{
	if (!*word)
		put_bytes(text, "-", 1);
	for (const char *c = word; *c; c++) {
		if (is_clean(word, c))
			put_bytes(text, c, 1);
		else
			put(text, "%%%02X", (unsigned int)(unsigned char)*c);
	}
}

static void put_member(struct text *text, const char *key, const char *word)
{
	put(text, "%s ", key);
	put_word(text, word);
	put_bytes(text, "\n", 1);
}

static void put_object(struct text *text, const struct haops_watch_object *object)
{
	char addr[HAOPS_ADDR_TEXT_MAX];

	switch (object->kind) {
	case HAOPS_WATCH_ADDRESS:
		put(text, "address %s %u ", haops_addr_format(&object->address.addr, addr),
		    (unsigned int)object->address.prefix_len);
		put_word(text, object->address.link);
		break;
	case HAOPS_WATCH_PROCESS:
		put(text, "process %d %" PRIu64, (int)object->process.pid,
		    object->process.start_time);
		break;
	case HAOPS_WATCH_MOUNT:
		put(text, "mount %" PRIu64 " ", object->mount.mount_id);
		put_word(text, object->mount.path);
		break;
	case HAOPS_WATCH_DATABASE:
		put(text, "database %s %" PRIu32 " ", role_words[object->database.role],
		    object->database.stuck_ms);
		put_word(text, object->database.socket);
		break;
	case HAOPS_WATCH_EXPORT:
		put(text, "export ");
		put_word(text, object->nfs_export.client);
		put_bytes(text, " ", 1);
		put_word(text, object->nfs_export.directory);
		break;
	}
	put_bytes(text, "\n", 1);
}

int watch_text_encode(const struct haops_watch *watch, char **ret_text, size_t *ret_len)
{
	struct text text = {0};

	put(&text, HEADER "\n");
	put_member(&text, "resource", watch->resource);
	put_member(&text, "provider", watch->provider);
	put_member(&text, "agent", watch->agent);
	put(&text, "pacemaker %d\n", watch->is_pacemaker ? 1 : 0);
	put_member(&text, "netns", watch->netns);
	put(&text, "lease %" PRIu32 "\n", watch->lease_ms);
	for (size_t i = 0; i < watch->object_count; i++)
		put_object(&text, &watch->objects[i]);
	put(&text, "end\n");
	if (text.code < 0) {
		free(text.data);
		return text.code;
	}
	*ret_text = text.data;
	*ret_len = text.len;
	return 0;
}

/* What is left of the text, as a string that is cut into lines. */
struct lines {
	char *at;
	char *end;
};

/* The next line in words; how many there are, 0 when there is no line or it is malformed. */
static size_t take_line(struct lines *lines, char *words[WORDS_MAX])
{
	char *line = lines->at;
	char *line_end = memchr(line, '\n', (size_t)(lines->end - line));
	size_t count = 0;

	if (!line_end)
		return 0;
	*line_end = '\0';
	lines->at = line_end + 1;
	while (line) {
		char *word = strsep(&line, " ");

		if (!*word || count == WORDS_MAX)
			return 0;
		words[count++] = word;
	}
	return count;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that "XX" stands for; 0 for what put_word() never writes. */
static char escaped_byte(const char *text, bool is_first)
{
	int high = hex_value(text[0]);
	int low = high < 0 ? -1 : hex_value(text[1]);
	int byte = low < 0 ? 0 : high * 16 + low;

	if (byte > ' ' && byte < 0x7f && byte != '%' && !(is_first && byte == '-'))
		return '\0';
	return (char)byte;
}

/* Unescapes a word where it is. */
static bool read_word(char *word)
{
	char *out = word;

	if (strcmp(word, "-") == 0) {
		*word = '\0';
		return true;
	}
	for (const char *c = word; *c; c++) {
		char byte = *c;

		if (byte == '%') {
			byte = escaped_byte(c + 1, out == word);
			if (!byte)
				return false;
			c += 2;
		} else if (!is_clean(word, c)) {
			return false;
		}
		*out++ = byte;
	}
	*out = '\0';
	return true;
}

static bool read_member(struct lines *lines, const char *key, char name[HAOPS_WATCH_NAME_MAX])
{
	char *words[WORDS_MAX];

	if (take_line(lines, words) != 2 || strcmp(words[0], key) != 0 || !read_word(words[1]) ||
	    strlen(words[1]) >= HAOPS_WATCH_NAME_MAX)
		return false;
	memcpy(name, words[1], strlen(words[1]) + 1);
	return true;
}

/* As written by printf(3): no sign, no zero in front. */
static bool read_number(const char *word, int64_t max, int64_t *ret_number)
{
	return num_parse(word, 0, max, ret_number) == 0 && (word[0] != '0' || !word[1]);
}

static bool read_number_member(struct lines *lines, const char *key, int64_t max,
			       int64_t *ret_number)
{
	char *words[WORDS_MAX];

	return take_line(lines, words) == 2 && strcmp(words[0], key) == 0 &&
	       read_number(words[1], max, ret_number);
}

static bool read_addr(const char *text, struct haops_addr *ret_addr)
{
	struct haops_addr addr = {.family = strchr(text, ':') ? AF_INET6 : AF_INET};
	char again[HAOPS_ADDR_TEXT_MAX];

	if (inet_pton(addr.family, text, addr.bytes) != 1 ||
	    strcmp(haops_addr_format(&addr, again), text) != 0)
		return false;
	*ret_addr = addr;
	return true;
}

static bool read_address(char *const words[WORDS_MAX], struct haops_watch_object *object)
{
	int64_t prefix_len;

	object->kind = HAOPS_WATCH_ADDRESS;
	if (!read_addr(words[1], &object->address.addr) ||
	    !read_number(words[2], 128, &prefix_len) || !read_word(words[3]) ||
	    strlen(words[3]) >= sizeof(object->address.link))
		return false;
	object->address.prefix_len = (uint8_t)prefix_len;
	memcpy(object->address.link, words[3], strlen(words[3]) + 1);
	return true;
}

static bool read_process(char *const words[WORDS_MAX], struct haops_watch_object *object)
{
	int64_t pid, start_time;

	object->kind = HAOPS_WATCH_PROCESS;
	if (!read_number(words[1], INT32_MAX, &pid) ||
	    !read_number(words[2], INT64_MAX, &start_time))
		return false;
	object->process.pid = (pid_t)pid;
	object->process.start_time = (uint64_t)start_time;
	return true;
}

static bool read_mount(char *const words[WORDS_MAX], struct haops_watch_object *object)
{
	int64_t mount_id;

	object->kind = HAOPS_WATCH_MOUNT;
	if (!read_number(words[1], INT64_MAX, &mount_id) || !read_word(words[2]) ||
	    strlen(words[2]) >= HAOPS_WATCH_PATH_MAX)
		return false;
	object->mount.mount_id = (uint64_t)mount_id;
	object->mount.path = words[2];
	return true;
}

static bool read_role(const char *word, enum haops_watch_role *ret_role)
{
	for (size_t i = 0; i < ARRAY_LEN(role_words); i++) {
		if (strcmp(word, role_words[i]) != 0)
			continue;
		*ret_role = (enum haops_watch_role)i;
		return true;
	}
	return false;
}

static bool read_database(char *const words[WORDS_MAX], struct haops_watch_object *object)
{
	int64_t stuck_ms;

	object->kind = HAOPS_WATCH_DATABASE;
	if (!read_role(words[1], &object->database.role) ||
	    !read_number(words[2], UINT32_MAX, &stuck_ms) || !read_word(words[3]))
		return false;
	object->database.stuck_ms = (uint32_t)stuck_ms;
	object->database.socket = words[3];
	return true;
}

static bool read_export(char *const words[WORDS_MAX], struct haops_watch_object *object)
{
	object->kind = HAOPS_WATCH_EXPORT;
	if (!read_word(words[1]) || !read_word(words[2]))
		return false;
	object->nfs_export.client = words[1];
	object->nfs_export.directory = words[2];
	return true;
}

static bool read_object(char *const words[WORDS_MAX], size_t count,
			struct haops_watch_object *object)
{
	if (count == 4 && strcmp(words[0], "address") == 0)
		return read_address(words, object) && !check_object(object);
	if (count == 3 && strcmp(words[0], "process") == 0)
		return read_process(words, object) && !check_object(object);
	if (count == 3 && strcmp(words[0], "mount") == 0)
		return read_mount(words, object) && !check_object(object);
	if (count == 4 && strcmp(words[0], "database") == 0)
		return read_database(words, object) && !check_object(object);
	if (count == 3 && strcmp(words[0], "export") == 0)
		return read_export(words, object) && !check_object(object);
	return false;
}

/* The object's own copy of what the text holds. */
static int keep_path(char **path)
{
	*path = strdup(*path);
	return *path ? 0 : -ENOMEM;
}

static int keep_export(struct haops_watch_object *object)
{
	if (keep_path(&object->nfs_export.client) < 0)
		return -ENOMEM;
	if (keep_path(&object->nfs_export.directory) == 0)
		return 0;
	free(object->nfs_export.client);
	return -ENOMEM;
}

static int keep_paths(struct haops_watch_object *object)
{
	switch (object->kind) {
	case HAOPS_WATCH_MOUNT:
		return keep_path(&object->mount.path);
	case HAOPS_WATCH_DATABASE:
		return keep_path(&object->database.socket);
	case HAOPS_WATCH_EXPORT:
		return keep_export(object);
	case HAOPS_WATCH_ADDRESS:
	case HAOPS_WATCH_PROCESS:
	default:
		return 0;
	}
}

static int append(struct haops_watch *watch, const struct haops_watch_object *object)
{
	struct haops_watch_object *objects = watch->objects;
	size_t count = watch->object_count;

	if (count == HAOPS_WATCH_OBJECTS_MAX)
		return -EBADMSG;
	/* Doubled each time that it is full: a power of two, or nothing yet. */
	if (count == 0 || (count >= OBJECTS_STEP && (count & (count - 1)) == 0)) {
		size_t size = count == 0 ? OBJECTS_STEP : count * 2;

		objects = realloc(objects, size * sizeof(*objects));
		if (!objects)
			return -ENOMEM;
		watch->objects = objects;
	}
	objects[count] = *object;
	if (keep_paths(&objects[count]) < 0)
		return -ENOMEM;
	watch->object_count++;
	return 0;
}

static bool read_head(struct lines *lines, struct haops_watch *watch)
{
	char *words[WORDS_MAX];
	int64_t is_pacemaker, lease_ms;

	if (take_line(lines, words) != 2 || strcmp(words[0], "haops-watch") != 0 ||
	    strcmp(words[1], "1") != 0 || !read_member(lines, "resource", watch->resource) ||
	    !read_member(lines, "provider", watch->provider) ||
	    !read_member(lines, "agent", watch->agent) ||
	    !read_number_member(lines, "pacemaker", 1, &is_pacemaker) ||
	    !read_member(lines, "netns", watch->netns) ||
	    !read_number_member(lines, "lease", UINT32_MAX, &lease_ms) || !watch->resource[0])
		return false;
	watch->is_pacemaker = is_pacemaker != 0;
	watch->lease_ms = (uint32_t)lease_ms;
	return true;
}

static int read_all(struct lines *lines, struct haops_watch *watch)
{
	if (!read_head(lines, watch))
		return -EBADMSG;
	for (;;) {
		struct haops_watch_object object = {0};
		char *words[WORDS_MAX];
		size_t count = take_line(lines, words);
		int code;

		if (count == 1 && strcmp(words[0], "end") == 0)
			return lines->at == lines->end ? 0 : -EBADMSG;
		if (!read_object(words, count, &object))
			return -EBADMSG;
		code = append(watch, &object);
		if (code < 0)
			return code;
	}
}

int watch_text_parse(const char *text, size_t len, struct haops_watch *ret_watch)
{
	CLEANUP_FREE char *copy = malloc(len + 1);
	struct haops_watch watch = {0};
	struct lines lines;
	int code;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (memchr(copy, '\0', len))
		return -EBADMSG;
	lines = (struct lines){copy, copy + len};
	code = read_all(&lines, &watch);
	if (code < 0)
		haops_watch_done(&watch);
	else
		*ret_watch = watch;
	return code;
}
