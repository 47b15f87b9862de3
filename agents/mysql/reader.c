/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decides whether clients may read from a server. */
#include "mysql/reader.h"

bool reader_decide(const struct haops_mysql_status *status, const struct reader_limits *limits,
		   bool follows_primary, bool was_readable)
{
	if (status->is_writable)
		return true;
	/* An unknown lag (the receiver does not run) is no small one. */
	if (!follows_primary || status->lag_s < 0 || status->delay_s > 0)
		return false;
	if (limits->out_s == 0)
		return true;
	return status->lag_s <= (was_readable ? limits->out_s : limits->in_s);
}
