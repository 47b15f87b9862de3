/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name of the file that depth 20 writes: the stock agent's. */

#include "filesystem/filesystem.h"

#include <stdio.h>
#include <sys/utsname.h>

void fs_status_file(struct ocf_run *run, char *out, size_t size)
{
	const char *clone = ocf_meta(run, "clone");
	struct utsname host;

	if (uname(&host) < 0)
		host.nodename[0] = '\0';
	(void)snprintf(out, size, "%s%s%s%s_%s", ocf_str(run, FS_STATUSFILE_PREFIX),
		       ocf_instance(run), clone ? "_" : "", clone ? clone : "", host.nodename);
}
