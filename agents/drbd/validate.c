/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this host has to have for the parameters. There are no rules between them. */

#include "drbd/drbd.h"

int drbd_validate(struct ocf_run *run, int level)
{
	struct conf conf;
	int r = OCF_SUCCESS;

	if (level < 10)
		return OCF_SUCCESS;
	r = drbd_conf_load(run, &conf);
	if (r == OCF_SUCCESS)
		r = drbd_module_check_version(run);
	if (r == OCF_SUCCESS && drbd_fencing_is_fatal(run, &conf))
		r = ocf_fail(run, OCF_ERR_INSTALLED,
			     "%s: %s: set both in drbd.conf, or require_fencing=warn",
			     ocf_str(run, DRBD_RESOURCE), conf_fencing_defect(&conf));
	return r;
}
