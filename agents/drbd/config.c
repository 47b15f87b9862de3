/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What drbd.conf and the clone's meta attributes say, and whether they fit the agent. */

#include "drbd/drbd.h"
#include "ocf/host.h"

#include "util/num.h"

#include <strings.h>
#include <unistd.h>

/* The meta attribute by its present name or the one it had; missing for none. */
static int64_t meta_number(const struct ocf_run *run, const char *name, const char *old_name,
			   int64_t missing)
{
	const char *text = ocf_meta(run, name);
	int64_t number;

	if (!text && old_name)
		text = ocf_meta(run, old_name);
	return text && num_parse(text, 0, INT32_MAX, &number) == 0 ? number : missing;
}

int64_t drbd_promoted_max(const struct ocf_run *run)
{
	return meta_number(run, "promoted_max", "master_max", 1);
}

bool drbd_is_true(const char *text)
{
	static const char *const words[] = {"true", "yes", "on", "1", "ja"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(text, words[i]) == 0)
			return true;
	return false;
}

/* Variables about notifications come with each action but a probe, stop among them. */
static bool has_notify(const struct ocf_run *run)
{
	const char *notify = ocf_meta(run, "notify");

	return (notify && drbd_is_true(notify)) || ocf_meta(run, "notify_start_uname");
}

static int check_numbers(struct ocf_run *run)
{
	int64_t clones = meta_number(run, "clone_max", NULL, -1);
	int64_t promoted = drbd_promoted_max(run);

	if (clones < 0)
		return ocf_fail(run, OCF_ERR_CONFIGURED,
				"drbd has to be a promotable clone: set promotable=true on a clone "
				"of it");
	if (meta_number(run, "clone_node_max", NULL, 1) != 1 ||
	    meta_number(run, "promoted_node_max", "master_node_max", 1) != 1)
		return ocf_fail(run, OCF_ERR_CONFIGURED,
				"clone-node-max and promoted-node-max have to be 1");
	if (promoted > 2)
		return ocf_fail(run, OCF_ERR_CONFIGURED,
				"promoted-max is %lld, DRBD can have 2 Primaries at most",
				(long long)promoted);
	if (clones > 2 && (promoted == 2 || !drbd_module_is_9()))
		return ocf_fail(run, OCF_ERR_CONFIGURED,
				"clone-max is %lld: DRBD 8.4, and two Primaries, take 2 at most",
				(long long)clones);
	return OCF_SUCCESS;
}

int drbd_check_clone(struct ocf_run *run)
{
	int r = drbd_is_pacemaker(run) ? check_numbers(run) : OCF_SUCCESS;

	if (r != OCF_SUCCESS || !drbd_is_pacemaker(run))
		return r;
	if (!has_notify(run) && !ocf_bool(run, DRBD_IGNORE_MISSING_NOTIFICATIONS))
		return ocf_fail(run, OCF_ERR_CONFIGURED,
				"notify is off: set notify=true on the clone, or "
				"ignore_missing_notifications=true");
	return OCF_SUCCESS;
}

static int dump(struct ocf_run *run, struct conf *conf)
{
	const char *resource = ocf_str(run, DRBD_RESOURCE);
	struct drbd_answer answer;
	int r = OCF_SUCCESS;

	if (!drbd_adm(run, "dump", NULL, &answer))
		r = ocf_fail(run, OCF_ERR_INSTALLED, "%s", answer.line);
	else if (!answer.is_done)
		r = ocf_fail(run, answer.is_timed_out ? OCF_ERR_GENERIC : OCF_ERR_INSTALLED,
			     "%s: drbdadm cannot use %s: %s", resource, ocf_str(run, DRBD_DRBDCONF),
			     answer.line);
	else if (conf_read(answer.output, conf) < 0)
		r = ocf_fail(run, OCF_ERR_GENERIC, "%s: what drbdadm dump prints is not understood",
			     resource);
	drbd_answer_done(&answer);
	return r;
}

int drbd_conf_load(struct ocf_run *run, struct conf *ret_conf)
{
	const char *path = ocf_str(run, DRBD_DRBDCONF);
	int r = drbd_require_tools(run);

	if (r != OCF_SUCCESS)
		return r;
	if (access(path, R_OK) != 0)
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"%s (parameter drbdconf) is not there or cannot be read", path);
	r = dump(run, ret_conf);
	if (r == OCF_SUCCESS && drbd_promoted_max(run) > 1 && !ret_conf->allows_two_primaries)
		r = ocf_fail(run, OCF_ERR_CONFIGURED,
			     "promoted-max is 2, but %s does not allow-two-primaries",
			     ocf_str(run, DRBD_RESOURCE));
	return r;
}

bool drbd_fencing_is_fatal(struct ocf_run *run, const struct conf *conf)
{
	const char *wish = ocf_str(run, DRBD_REQUIRE_FENCING);
	const char *defect = conf_fencing_defect(conf);

	if (!defect || wish[0] == 'n')
		return false;
	if (wish[0] == 'r')
		return true;
	ocf_log(run, HAOPS_LOG_WARNING,
		"%s can be promoted with stale data: %s; set fencing and a handler fence-peer in "
		"drbd.conf",
		ocf_str(run, DRBD_RESOURCE), defect);
	return false;
}
