/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one table from an error of libhaops to an exit code, and the rules which code may leave which
 * action. Pure.
 */
#include "ocf/run.h"

#include <errno.h>
#include <string.h>

/*
 * 2, 4 and 5 keep the resource off this node, 6 off all of them, 1 lets the cluster try again. So
 * what may pass by itself is 1, and no error of the library is 6: it cannot know of other nodes.
 */
static const struct {
	int err;
	enum ocf_code code;
} table[] = {
	{EINVAL, OCF_ERR_ARGS},		 {ENODEV, OCF_ERR_ARGS},      {ENOENT, OCF_ERR_INSTALLED},
	{EOPNOTSUPP, OCF_ERR_INSTALLED}, {ENOSYS, OCF_ERR_INSTALLED}, {EPERM, OCF_ERR_PERM},
	{EACCES, OCF_ERR_PERM},
};

enum ocf_code ocf_code_of_errno(int err)
{
	if (err < 0)
		err = -err;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].err == err)
			return table[i].code;
	}
	return OCF_ERR_GENERIC;
}

static bool is_known(int code)
{
	return (code >= OCF_SUCCESS && code <= OCF_FAILED_PROMOTED) || code == OCF_DEGRADED ||
	       code == OCF_DEGRADED_PROMOTED;
}

int ocf_code_final(int code, const char *action, bool is_probe)
{
	if (!is_known(code))
		return OCF_ERR_GENERIC;
	/* Out of a recurring monitor it would end the resource on every node. */
	if (code == OCF_ERR_CONFIGURED && strcmp(action, "monitor") == 0 && !is_probe)
		return OCF_ERR_GENERIC;
	return code;
}
