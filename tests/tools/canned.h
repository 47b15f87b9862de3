/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_CANNED_H
#define HAOPS_TESTS_CANNED_H

/* Statuses of clusters that do not exist, for the tests of haops(8) and of the IPC. Each is made by
 * name into an initialised struct status. Times are relative to now_ms. */

#include "ipc/status.h"

/* false: there is no such status. "healthy", "sick", "isolated", "large", "odd", "empty". */
bool canned_fill(const char *name, int64_t now_ms, struct status *status);

#endif
