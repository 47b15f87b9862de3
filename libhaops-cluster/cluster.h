/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_CLUSTER_CLUSTER_H
#define HAOPS_CLUSTER_CLUSTER_H

/* haops_cluster_join() for tests: with a Corosync of theirs. */

#include "corosync.h"

struct cluster_join {
	const struct corosync_ops *ops;
	const struct haops_cluster_options *options;
	const struct haops_cluster_handlers *handlers;
	void *userdata;
};

int cluster_join(struct haops_ctx *ctx, const struct cluster_join *join,
		 struct haops_cluster **ret_cluster);

#endif
