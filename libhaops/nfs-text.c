/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads what exportfs(8) and the kernel's NFS server write about exports and clients, see
 * nfs-text.h. */
#include "nfs-text.h"

#include "util/octal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* PATH, blanks, CLIENT(OPTIONS) */
static bool take_line(char *line, struct nfs_text_export *ret)
{
	size_t path_len = strcspn(line, " \t");
	char *client;

	if (line[0] != '/' || !line[path_len])
		return false;
	line[path_len] = '\0';
	client = line + path_len + 1;
	client += strspn(client, " \t");
	client[strcspn(client, "( \t")] = '\0';
	if (!client[0])
		return false;
	octal_unescape(line);
	octal_unescape(client);
	ret->path = line;
	ret->client = client;
	return true;
}

bool nfs_text_next(char **text, struct nfs_text_export *ret)
{
	while (**text) {
		char *line = *text;
		size_t len = strcspn(line, "\n");

		*text += len + (line[len] == '\n');
		line[len] = '\0';
		if (take_line(line, ret))
			return true;
	}
	return false;
}

/* Brackets around an IPv6 address are for exportfs(8) only; "<world>" is its word for everybody. */
static bool is_same(const char *listed, size_t len, const char *wanted)
{
	if (len == 7 && strncmp(listed, "<world>", len) == 0) {
		listed = "*";
		len = 1;
	}
	for (; *wanted; wanted++) {
		if (*wanted == '[' || *wanted == ']')
			continue;
		if (!len || tolower((unsigned char)*listed) != tolower((unsigned char)*wanted))
			return false;
		listed++;
		len--;
	}
	return len == 0;
}

static bool is_plain_name(const char *name)
{
	return !strpbrk(name, "*?[]/@:.") && strspn(name, "0123456789") < strlen(name);
}

bool nfs_text_is_client(const char *listed, const char *wanted)
{
	size_t short_len = strlen(wanted);

	for (;;) {
		size_t len = strcspn(listed, ",");

		if (is_same(listed, len, wanted))
			return true;
		if (is_plain_name(wanted) && len > short_len && listed[short_len] == '.' &&
		    strncasecmp(listed, wanted, short_len) == 0)
			return true;
		if (!listed[len])
			return false;
		listed += len + 1;
	}
}

bool nfs_text_is_by_address(const char *listed)
{
	return listed[0] == '$';
}

/* The first one in each line: behind it is the name of a file, which clients choose. */
bool nfs_text_has_state_on(const char *states, unsigned int major, unsigned int minor)
{
	static const char key[] = "superblock: \"";
	char wanted[32];
	size_t wanted_len = (size_t)snprintf(wanted, sizeof(wanted), "%02x:%02x:", major, minor);

	while (*states) {
		size_t len = strcspn(states, "\n");
		const char *found = strstr(states, key);

		if (!found)
			return false;
		if (found < states + len &&
		    strncmp(found + sizeof(key) - 1, wanted, wanted_len) == 0)
			return true;
		states += len + (states[len] == '\n');
	}
	return false;
}

/* At the beginning of a line: a client chooses its name, which stands in another one, escaped. */
long nfs_text_last_renew_s(const char *info)
{
	static const char key[] = "seconds from last renew: ";
	const char *found = strncmp(info, key, sizeof(key) - 1) == 0 ? info : NULL;

	if (!found) {
		found = strstr(info, "\nseconds from last renew: ");
		found = found ? found + 1 : NULL;
	}
	if (!found || !isdigit((unsigned char)found[sizeof(key) - 1]))
		return -1;
	return strtol(found + sizeof(key) - 1, NULL, 10);
}

bool nfs_text_offers(const char *versions, char major)
{
	for (; *versions; versions++)
		if (versions[0] == '+' && versions[1] == major)
			return true;
	return false;
}
