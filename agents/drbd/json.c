/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON of "drbdsetup status", see json.h: an array of resources with devices and connections,
 * which have peer devices. A member that others need (names, numbers) comes before them, as
 * drbdsetup prints it.
 */

#include "drbd/json.h"

#include "util/num.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 16
#define BLANKS " \t\r\n"

struct reader {
	const char *at;
	unsigned int depth;
};

/* Reads the value of a member; what it does not know it hands to skip(). */
typedef int (*member_fn)(struct reader *reader, const char *key, void *userdata);

static int skip(struct reader *reader);

static char next(struct reader *reader)
{
	reader->at += strspn(reader->at, BLANKS);
	return *reader->at;
}

static int expect(struct reader *reader, char sign)
{
	if (next(reader) != sign)
		return -EBADMSG;
	reader->at++;
	return 0;
}

/* A string; what is longer than the room for it is cut. Names of DRBD need no escapes. */
static int read_string(struct reader *reader, char *buf, size_t size)
{
	size_t len = 0;

	if (expect(reader, '"') < 0)
		return -EBADMSG;
	for (; *reader->at != '"'; reader->at++) {
		if (reader->at[0] == '\\' && reader->at[1])
			reader->at++;
		if ((unsigned char)*reader->at < ' ')
			return -EBADMSG;
		if (len + 1 < size)
			buf[len++] = *reader->at;
	}
	buf[len] = '\0';
	reader->at++;
	return 0;
}

/* A number or a word, as text. */
static int read_scalar(struct reader *reader, char *buf, size_t size)
{
	size_t len;

	(void)next(reader);
	len = strcspn(reader->at, ",]}" BLANKS);
	if (len == 0 || len >= size)
		return -EBADMSG;
	memcpy(buf, reader->at, len);
	buf[len] = '\0';
	reader->at += len;
	return 0;
}

static int read_object(struct reader *reader, member_fn member, void *userdata)
{
	char key[64];
	int r = expect(reader, '{');

	if (r < 0 || ++reader->depth > DEPTH_MAX)
		return -EBADMSG;
	while (next(reader) != '}') {
		r = read_string(reader, key, sizeof(key));
		if (r == 0)
			r = expect(reader, ':');
		if (r == 0)
			r = member(reader, key, userdata);
		if (r < 0)
			return r;
		if (next(reader) == ',')
			reader->at++;
		else if (*reader->at != '}')
			return -EBADMSG;
	}
	reader->at++;
	reader->depth--;
	return 0;
}

static int read_array(struct reader *reader, int (*element)(struct reader *, void *),
		      void *userdata)
{
	int r = expect(reader, '[');

	if (r < 0 || ++reader->depth > DEPTH_MAX)
		return -EBADMSG;
	while (next(reader) != ']') {
		r = element(reader, userdata);
		if (r < 0)
			return r;
		if (next(reader) == ',')
			reader->at++;
		else if (*reader->at != ']')
			return -EBADMSG;
	}
	reader->at++;
	reader->depth--;
	return 0;
}

static int skip_member(struct reader *reader, const char *key, void *userdata)
{
	(void)key;
	(void)userdata;
	return skip(reader);
}

static int skip_element(struct reader *reader, void *userdata)
{
	(void)userdata;
	return skip(reader);
}

static int skip(struct reader *reader)
{
	char text[64];

	switch (next(reader)) {
	case '{':
		return read_object(reader, skip_member, NULL);
	case '[':
		return read_array(reader, skip_element, NULL);
	case '"':
		return read_string(reader, text, sizeof(text));
	default:
		return read_scalar(reader, text, sizeof(text));
	}
}

static int read_bool(struct reader *reader, bool *ret_value)
{
	char text[8];

	if (read_scalar(reader, text, sizeof(text)) < 0)
		return -EBADMSG;
	*ret_value = strcmp(text, "true") == 0;
	return *ret_value || strcmp(text, "false") == 0 ? 0 : -EBADMSG;
}

static int read_number(struct reader *reader, int64_t *ret_value)
{
	char text[24];

	if (read_scalar(reader, text, sizeof(text)) < 0)
		return -EBADMSG;
	return num_parse(text, -1, UINT32_MAX, ret_value) < 0 ? -EBADMSG : 0;
}

/* The objects of DRBD ------------------------------------------------------------------------- */

struct status {
	const char *resource;
	struct state *state;
	bool is_ours;		 /* of the resource that is read now */
	struct state_peer *peer; /* the connection that is read now */
	struct state_volume *volume;
	struct state_link *link;
};

static int peer_device_member(struct reader *reader, const char *key, void *userdata)
{
	struct status *status = userdata;
	char word[64];
	int64_t number;

	if (strcmp(key, "volume") == 0) {
		if (read_number(reader, &number) < 0 || number < 0)
			return -EBADMSG;
		status->link = state_link_get(status->state, status->peer, (uint32_t)number);
		return status->link ? 0 : -E2BIG;
	}
	if (!status->link)
		return skip(reader);
	if (strcmp(key, "peer-client") == 0)
		return read_bool(reader, &status->link->is_client);
	if (strcmp(key, "peer-disk-state") == 0) {
		if (read_string(reader, word, sizeof(word)) < 0)
			return -EBADMSG;
		status->link->disk = state_disk_of(word);
		return 0;
	}
	if (strcmp(key, "replication-state") == 0) {
		if (read_string(reader, word, sizeof(word)) < 0)
			return -EBADMSG;
		status->link->sync = state_sync_of(word);
		status->link->replication = state_replication_word(word);
		return 0;
	}
	return skip(reader);
}

static int peer_device(struct reader *reader, void *userdata)
{
	struct status *status = userdata;

	status->link = NULL;
	return read_object(reader, peer_device_member, status);
}

static int begin_peer(struct reader *reader, struct status *status)
{
	char key[24];
	int64_t number;

	if (read_number(reader, &number) < 0)
		return -EBADMSG;
	(void)snprintf(key, sizeof(key), "%d", (int)number);
	status->peer = state_peer_get(status->state, key);
	return status->peer ? 0 : -E2BIG;
}

static int connection_member(struct reader *reader, const char *key, void *userdata)
{
	struct status *status = userdata;
	char word[STATE_NAME_MAX];

	if (strcmp(key, "peer-node-id") == 0)
		return begin_peer(reader, status);
	if (!status->peer)
		return skip(reader);
	if (strcmp(key, "peer_devices") == 0)
		return read_array(reader, peer_device, status);
	if (strcmp(key, "name") == 0)
		return read_string(reader, status->peer->name, sizeof(status->peer->name));
	if (strcmp(key, "connection-state") == 0) {
		if (read_string(reader, word, sizeof(word)) < 0)
			return -EBADMSG;
		status->peer->connection = state_connection_of(word);
		return 0;
	}
	if (strcmp(key, "peer-role") == 0) {
		if (read_string(reader, word, sizeof(word)) < 0)
			return -EBADMSG;
		status->peer->role = state_role_of(word);
		return 0;
	}
	return skip(reader);
}

static int connection(struct reader *reader, void *userdata)
{
	struct status *status = userdata;

	status->peer = NULL;
	return read_object(reader, connection_member, status);
}

static int device_member(struct reader *reader, const char *key, void *userdata)
{
	struct status *status = userdata;
	bool has_quorum;
	char word[64];
	int64_t number;
	int r;

	if (strcmp(key, "volume") == 0) {
		if (read_number(reader, &number) < 0 || number < 0)
			return -EBADMSG;
		status->volume = state_volume_get(status->state, (uint32_t)number);
		return status->volume ? 0 : -E2BIG;
	}
	if (!status->volume)
		return skip(reader);
	if (strcmp(key, "minor") == 0)
		return read_number(reader, &status->volume->minor);
	if (strcmp(key, "client") == 0)
		return read_bool(reader, &status->volume->is_client);
	if (strcmp(key, "quorum") == 0) {
		r = read_bool(reader, &has_quorum);
		status->volume->lacks_quorum = r == 0 && !has_quorum;
		return r;
	}
	if (strcmp(key, "disk-state") != 0)
		return skip(reader);
	r = read_string(reader, word, sizeof(word));
	if (r == 0)
		status->volume->disk = state_disk_of(word);
	return r;
}

static int device(struct reader *reader, void *userdata)
{
	struct status *status = userdata;

	status->volume = NULL;
	return read_object(reader, device_member, status);
}

static int resource_member(struct reader *reader, const char *key, void *userdata)
{
	struct status *status = userdata;
	char word[STATE_NAME_MAX];
	int r;

	if (strcmp(key, "name") == 0) {
		r = read_string(reader, word, sizeof(word));
		status->is_ours = r == 0 && strcmp(word, status->resource) == 0;
		status->state->is_configured |= status->is_ours;
		return r;
	}
	if (!status->is_ours)
		return skip(reader);
	if (strcmp(key, "devices") == 0)
		return read_array(reader, device, status);
	if (strcmp(key, "connections") == 0)
		return read_array(reader, connection, status);
	if (strcmp(key, "suspended") == 0)
		return read_bool(reader, &status->state->is_suspended);
	if (strcmp(key, "role") != 0)
		return skip(reader);
	r = read_string(reader, word, sizeof(word));
	if (r == 0)
		status->state->role = state_role_of(word);
	return r;
}

static int resource_object(struct reader *reader, void *userdata)
{
	struct status *status = userdata;

	status->is_ours = false;
	return read_object(reader, resource_member, status);
}

int json_read(const char *text, const char *resource, struct state *state)
{
	struct status status = {.resource = resource, .state = state};
	struct reader reader = {.at = text};
	int r;

	memset(state, 0, sizeof(*state));
	r = read_array(&reader, resource_object, &status);
	if (r < 0)
		return r;
	return next(&reader) == '\0' ? 0 : -EBADMSG;
}
