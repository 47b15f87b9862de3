/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The directives that are lists: ping targets and links. They add up over the lines of a file. */
#include "heart/config-internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int fail(char error[CONFIG_ERROR_MAX], const char *what, const char *value)
{
	(void)snprintf(error, CONFIG_ERROR_MAX, "\"%.64s\" %s", value, what);
	return -EINVAL;
}

static bool is_link_local(const struct haops_addr *addr)
{
	return addr->family == AF_INET6 && addr->bytes[0] == 0xfe &&
	       (addr->bytes[1] & 0xc0) == 0x80;
}

static bool is_multicast(const struct haops_addr *addr)
{
	return addr->family == AF_INET ? addr->bytes[0] >= 224 : addr->bytes[0] == 0xff;
}

static bool is_zero(const struct haops_addr *addr)
{
	static const uint8_t zero[16];

	return memcmp(addr->bytes, zero, sizeof(zero)) == 0;
}

static int read_addr(const char *text, struct haops_addr *ret_addr, char error[CONFIG_ERROR_MAX])
{
	struct haops_addr addr = {0};

	if (inet_pton(AF_INET, text, addr.bytes) == 1)
		addr.family = AF_INET;
	else if (inet_pton(AF_INET6, text, addr.bytes) == 1)
		addr.family = AF_INET6;
	else
		return fail(error, "is no IPv4 or IPv6 address (names are not looked up)", text);
	if (is_zero(&addr) || is_multicast(&addr))
		return fail(error, "is no address of one host", text);
	if (is_link_local(&addr))
		return fail(error, "is link-local: give a global address of that host", text);
	*ret_addr = addr;
	return 0;
}

static struct config_ping_group *new_group(struct config *config, const char *name,
					   char error[CONFIG_ERROR_MAX])
{
	struct config_ping_group *group;

	if (strlen(name) >= sizeof(group->name)) {
		(void)fail(error, "is too long for the name of a group", name);
		return NULL;
	}
	for (size_t i = 0; i < config->group_count; i++) {
		if (strcmp(config->groups[i].name, name) == 0) {
			(void)fail(error, "is there already", name);
			return NULL;
		}
	}
	if (config->group_count == CONFIG_GROUPS_MAX) {
		(void)snprintf(error, CONFIG_ERROR_MAX, "more than %d ping targets and groups",
			       CONFIG_GROUPS_MAX);
		return NULL;
	}
	group = &config->groups[config->group_count++];
	memset(group, 0, sizeof(*group));
	memcpy(group->name, name, strlen(name));
	return group;
}

static int add_addr(struct config_ping_group *group, const char *text, char error[CONFIG_ERROR_MAX])
{
	struct haops_addr addr;

	if (read_addr(text, &addr, error) < 0)
		return -EINVAL;
	for (size_t i = 0; i < group->addr_count; i++)
		if (memcmp(&group->addrs[i], &addr, sizeof(addr)) == 0)
			return fail(error, "is there twice", text);
	if (group->addr_count == CONFIG_PINGS_MAX) {
		(void)snprintf(error, CONFIG_ERROR_MAX, "more than %d addresses", CONFIG_PINGS_MAX);
		return -EINVAL;
	}
	group->addrs[group->addr_count++] = addr;
	return 0;
}

static int add_pings(const struct config_line *line, struct config *config,
		     char error[CONFIG_ERROR_MAX])
{
	for (size_t i = 1; i < line->count; i++) {
		struct config_ping_group *group = new_group(config, line->words[i], error);

		if (!group || add_addr(group, line->words[i], error) < 0)
			return -EINVAL;
	}
	return 0;
}

static int add_ping_group(const struct config_line *line, struct config *config,
			  char error[CONFIG_ERROR_MAX])
{
	struct config_ping_group *group;

	if (line->count < 3) {
		(void)snprintf(error, CONFIG_ERROR_MAX, "takes a name and at least one address");
		return -EINVAL;
	}
	group = new_group(config, line->words[1], error);
	if (!group)
		return -EINVAL;
	for (size_t i = 2; i < line->count; i++)
		if (add_addr(group, line->words[i], error) < 0)
			return -EINVAL;
	return 0;
}

static int add_links(const struct config_line *line, struct config *config,
		     char error[CONFIG_ERROR_MAX])
{
	size_t max = sizeof(config->links) / sizeof(config->links[0]);

	for (size_t i = 1; i < line->count; i++) {
		const char *name = line->words[i];

		if (strlen(name) >= sizeof(config->links[0]) || strchr(name, '/'))
			return fail(error, "is no name of an interface", name);
		if (config->link_count == max) {
			(void)snprintf(error, CONFIG_ERROR_MAX, "more than %zu interfaces", max);
			return -EINVAL;
		}
		memset(config->links[config->link_count], 0, sizeof(config->links[0]));
		memcpy(config->links[config->link_count++], name, strlen(name));
	}
	return 0;
}

static const struct {
	const char *name;
	int (*add)(const struct config_line *line, struct config *config,
		   char error[CONFIG_ERROR_MAX]);
} LISTS[] = {{"ping", add_pings}, {"ping_group", add_ping_group}, {"carrier_link", add_links}};

bool config_is_list(const char *name)
{
	for (size_t i = 0; i < sizeof(LISTS) / sizeof(LISTS[0]); i++)
		if (strcmp(name, LISTS[i].name) == 0)
			return true;
	return false;
}

int config_apply_list(const struct config_line *line, struct config *config,
		      char error[CONFIG_ERROR_MAX])
{
	for (size_t i = 0; i < sizeof(LISTS) / sizeof(LISTS[0]); i++) {
		if (strcmp(line->words[0], LISTS[i].name) != 0)
			continue;
		if (line->count >= 2)
			return LISTS[i].add(line, config, error);
		(void)snprintf(error, CONFIG_ERROR_MAX, "takes at least one value");
		return -EINVAL;
	}
	return -ENOENT;
}
