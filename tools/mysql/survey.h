/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_MYSQL_SURVEY_H
#define HAOPS_MYSQL_SURVEY_H

/* Asks the servers what they have. Connections are kept from one question to the next. */

#include "access.h"

struct survey;

int survey_new(struct haops_ctx *ctx, struct survey **ret_survey);
void survey_free(struct survey *survey);

/* What the server of one node says now, in place of what it said before. */
void survey_ask(struct survey *survey, const struct access *access, struct db_node *node,
		int64_t timeout_ms);
/* All of them, the primary last: what a replica has then, the primary has had before. Each may
 * take so long. 0, or as snapshot_weigh(). */
int survey_ask_all(struct survey *survey, const struct access *access, struct snapshot *snapshot,
		   int64_t timeout_ms);

/* Frees what one server, or each one, has said. */
void survey_forget(struct server *server);
void survey_forget_all(struct snapshot *snapshot);

#endif
