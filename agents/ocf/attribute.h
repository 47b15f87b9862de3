/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_OCF_ATTRIBUTE_H
#define HAOPS_OCF_ATTRIBUTE_H

/*
 * Node attributes, promotion scores among them. Each change interrupts what Pacemaker is doing, so
 * they are written only when they differ from what a state file says that was written to the same
 * executor not long ago.
 */

#include "ocf/ocf.h"

#define ATTRIBUTE_VALUE_MAX 32

/* what: a short name for the state file. value NULL: the attribute is deleted. A failure is logged.
 */
void attribute_set(struct ocf_run *run, const char *what, const char *attribute, const char *value);
/* The promotion score of the resource, as the attribute that Pacemaker reads. */
void attribute_set_score(struct ocf_run *run, const char *value);
/* What was written last, whenever and by whomever; false: nothing, or it was deleted. */
bool attribute_last(struct ocf_run *run, const char *what, char ret_value[ATTRIBUTE_VALUE_MAX]);

#define ATTRIBUTE_SCORE "score"

#endif
