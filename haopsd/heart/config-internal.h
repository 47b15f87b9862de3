/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_CONFIG_INTERNAL_H
#define HAOPSD_CONFIG_INTERNAL_H

/* What the files of the configuration parser share. */

#include "config.h"

#define CONFIG_LINE_MAX 4096
#define CONFIG_WORDS_MAX 64

/* Bits of config.given that other values depend on. */
enum config_given {
	CONFIG_GIVEN_WARNTIME = 1u << 0,
	CONFIG_GIVEN_INITDEAD = 1u << 1,
	CONFIG_GIVEN_DEADPING = 1u << 2,
	CONFIG_GIVEN_FENCE_AFTER = 1u << 3
};

struct config_line {
	char text[CONFIG_LINE_MAX]; /* words, each ended by NUL */
	char *words[CONFIG_WORDS_MAX];
	size_t count; /* 0: blank or a comment */
};

/* Cuts a line into its words; 0, or -EINVAL with what is wrong. */
int config_line_split(const char *text, size_t len, struct config_line *line,
		      char error[CONFIG_ERROR_MAX]);

/* The value of a time: "30" and "30s" are seconds, "1500ms" milliseconds. 0 or -EINVAL. */
int config_time_parse(const char *text, int64_t *ret_ms);
/* Writes a time so that config_time_parse() reads the same. */
const char *config_time_format(int64_t ms, char buf[32]);

/* One directive with its values: words[0] is its name. 0, or -EINVAL with what is wrong. */
int config_apply(const struct config_line *line, struct config *config,
		 char error[CONFIG_ERROR_MAX]);
/* The lists: ping, ping_group, carrier_link. -ENOENT when it is none of them. */
int config_apply_list(const struct config_line *line, struct config *config,
		      char error[CONFIG_ERROR_MAX]);
bool config_is_list(const char *name);

/* Values that follow from others, then the rules between them. 0, or -EINVAL with what is wrong;
 * *ret_name is the directive then. */
int config_finish(struct config *config, const char **ret_name, char error[CONFIG_ERROR_MAX]);

#endif
