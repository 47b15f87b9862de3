/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TOOL_LIVE_H
#define HAOPS_TOOL_LIVE_H

/* The view that is drawn again and again: on a terminal in place, otherwise one below the other. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct live {
	int signals; /* descriptor: interrupted, or the terminal has another size */
	bool is_terminal;
	bool has_drawn;
};

/* 0 or -errno. */
int live_begin(struct live *live);
/* Shows text; false when the output is closed. */
bool live_show(struct live *live, const char *text);
/* Waits; false when the user or the reader of the output has had enough. */
bool live_wait(struct live *live, int64_t ms);
void live_end(struct live *live);

/* Columns of the terminal at descriptor 1, and its lines; 0 when it is none. */
void live_size(unsigned int *ret_columns, unsigned int *ret_lines);
/* Everything to descriptor 1: 0 or -errno. */
int live_write(const char *text);

#endif
