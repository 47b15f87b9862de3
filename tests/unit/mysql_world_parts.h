/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_MYSQL_WORLD_PARTS_H
#define HAOPS_TESTS_MYSQL_WORLD_PARTS_H

/* What the two files of the simulated cluster share. */

#include "mysql_world.h"

bool world_is_member(const struct world *w, int node);
unsigned int world_below(struct world *w, unsigned int below);

/* How many transactions two have in common, from the first on. */
size_t world_common(const struct world_node *a, const struct world_node *b);

/* Receives up to that many. */
void world_copy(struct world_node *node, const struct world_node *source, size_t count);

void world_publish(struct world *w, unsigned int safe);
void world_stop_waiting(struct world *w);
void world_end_writer(struct world *w);

/* A node by chance wants to be the primary, if there is none. */
void world_elect(struct world *w);

#endif
