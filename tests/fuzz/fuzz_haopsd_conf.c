/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds bytes to the configuration parser as a file, and its lines as assignments. What is accepted
 * keeps the rules between the values; what is refused says why and changes nothing. */
#include "heart/config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct config *config)
{
	if (config->deadtime_ms <= 2 * config->keepalive_ms ||
	    config->deadping_ms <= 2 * config->keepalive_ms ||
	    config->initdead_ms < config->deadtime_ms || config->keepalive_ms < 1 ||
	    config->fence_after_ms < config->deadtime_ms || config->convergence_ms < 0)
		abort();
	if (config->group_count > CONFIG_GROUPS_MAX || config_hash(config) == 0)
		abort();
	for (size_t i = 0; i < config->group_count; i++)
		if (config->groups[i].addr_count < 1 ||
		    config->groups[i].addr_count > CONFIG_PINGS_MAX ||
		    !memchr(config->groups[i].name, 0, sizeof(config->groups[i].name)))
			abort();
	if (!memchr(config->disk_path, 0, sizeof(config->disk_path)) ||
	    !memchr(config->ping_attribute, 0, sizeof(config->ping_attribute)))
		abort();
}

static void assign(char *text, struct config *config)
{
	struct config before = *config;
	char error[CONFIG_ERROR_MAX] = "";

	if (config_assign(text, config, error) == 0)
		check(config);
	else if (error[0] == '\0' || memcmp(config, &before, sizeof(before)) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[CONFIG_ERROR_MAX] = "";
	struct config config;
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	config_defaults(&config);
	check(&config);
	if (config_parse(text, size, &config, error) == 0)
		check(&config);
	else if (strncmp(error, "line ", 5) != 0)
		abort();
	for (char *line = text, *end; line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		assign(line, &config);
	}
	free(text);
	return 0;
}
