/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The promotion score and the readers' attribute of this node. */

#include "ocf/attribute.h"

#include "mysql/cluster.h"

#include <stdio.h>
#include <string.h>

#define READER "reader"

void mysql_score_set(struct ocf_run *run, bool has_score, int score)
{
	char value[ATTRIBUTE_VALUE_MAX];

	/* What Pacemaker takes for never. */
	if (score <= -1000000)
		(void)snprintf(value, sizeof(value), "-INFINITY");
	else
		(void)snprintf(value, sizeof(value), "%d", score);
	attribute_set_score(run, has_score ? value : NULL);
}

void mysql_reader_set(struct ocf_run *run, bool is_readable)
{
	attribute_set(run, READER, ocf_str(run, MYSQL_READER_ATTRIBUTE), is_readable ? "1" : "0");
}

bool mysql_reader_was(struct ocf_run *run)
{
	char value[ATTRIBUTE_VALUE_MAX];

	return attribute_last(run, READER, value) && strcmp(value, "1") == 0;
}

void mysql_attributes_clear(struct ocf_run *run)
{
	attribute_set_score(run, NULL);
	mysql_reader_set(run, false);
}
