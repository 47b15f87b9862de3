/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_CONNECT_ERROR_H
#define HAOPS_MYSQL_CONNECT_ERROR_H

/* What it means when a connection was refused. Pure. */

#include "answer.h"

/* Fails with a code of haops_mysql_connect(), and says where and why. */
int connect_error_explain(struct haops_ctx *ctx, const char *where, const struct answer *answer);

#endif
