/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFSSERVER_QUERY_H
#define NFSSERVER_QUERY_H

/* The kernel's NFS server. Whoever reads its files waits, in a way that no signal ends, for whoever
 * stops its threads, and those may wait for a device that hangs. */

#include "ocf/ocf.h"

#include <haops/nfs.h>

/* From when its threads are told to end until they have, or run again. */
void nfs_server_ends(struct ocf_run *run);
void nfs_server_has_ended(struct ocf_run *run);
/* Meanwhile it is asked in a child, which may be left behind. The code to return; the reason is
 * told. */
int nfs_server_query(struct ocf_run *run, struct haops_nfs_server *ret);

#endif
