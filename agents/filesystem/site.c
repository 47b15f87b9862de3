/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parameters say, before any look at the host. */

#include "filesystem/filesystem.h"

#include <stdio.h>
#include <string.h>

bool fs_site_is_named(const struct ocf_run *run)
{
	/* A wrong value reads as the default, which these do not have. */
	return ocf_str(run, FS_DEVICE)[0] && ocf_str(run, FS_DIRECTORY)[0];
}

int fs_site_read(struct ocf_run *run, struct fs_site *ret_site)
{
	static const enum fs_param required[] = {FS_DEVICE, FS_DIRECTORY};
	const char *device = ocf_str(run, FS_DEVICE);

	for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
		int code = ocf_require(run, required[i]);

		if (code != OCF_SUCCESS)
			return code;
	}
	/* Its syntax is what the parameter was checked by. */
	(void)device_parse(device, &ret_site->device);
	kind_judge(ocf_str(run, FS_FSTYPE), ocf_str(run, FS_OPTIONS), device, &ret_site->facts);
	(void)snprintf(ret_site->path, sizeof(ret_site->path), "%s", ocf_str(run, FS_DIRECTORY));
	return OCF_SUCCESS;
}
