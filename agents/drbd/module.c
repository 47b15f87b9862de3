/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DRBD's kernel module: whether it is there, which version, and loading it. */

#include "drbd/drbd.h"
#include "ocf/args.h"
#include "ocf/host.h"

#include "util/cleanup.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION_FILE "/sys/module/drbd/version"
#define PROC_FILE "/proc/drbd"
#define FILE_MAX 65536
#define MODPROBE "/usr/sbin/modprobe"
#define MODPROBE_SBIN "/sbin/modprobe"

struct version {
	unsigned int major, minor, patch;
};

bool drbd_module_is_loaded(void)
{
	return access(PROC_FILE, F_OK) == 0 || access("/sys/module/drbd", F_OK) == 0;
}

/* "8.4.11", whatever is behind it. */
static bool parse(const char *text, struct version *version)
{
	return sscanf(text, "%3u.%3u.%3u", &version->major, &version->minor, &version->patch) == 3;
}

static bool find_version(struct version *version)
{
	CLEANUP_FREE char *text = NULL;
	CLEANUP_FREE char *proc = NULL;
	size_t len;

	if (host_read(VERSION_FILE, FILE_MAX, &text, &len) == 0 && parse(text, version))
		return true;
	return host_read(PROC_FILE, FILE_MAX, &proc, &len) == 0 &&
	       strncmp(proc, "version: ", 9) == 0 && parse(proc + 9, version);
}

bool drbd_module_is_9(void)
{
	struct version version;

	return find_version(&version) && version.major >= 9;
}

static bool is_below(const struct version *a, const struct version *b)
{
	if (a->major != b->major)
		return a->major < b->major;
	return a->minor != b->minor ? a->minor < b->minor : a->patch < b->patch;
}

int drbd_module_check_version(struct ocf_run *run)
{
	const char *least = ocf_str(run, DRBD_VERSION_GE);
	const char *limit = ocf_str(run, DRBD_VERSION_LT);
	struct version found;
	struct version wanted;

	if (!find_version(&found))
		return OCF_SUCCESS;
	if (parse(least, &wanted) && is_below(&found, &wanted))
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"the kernel has DRBD %u.%u.%u, require_drbd_module_version_ge "
				"wants %s: install it",
				found.major, found.minor, found.patch, least);
	if (parse(limit, &wanted) && !is_below(&found, &wanted))
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"the kernel has DRBD %u.%u.%u, require_drbd_module_version_lt "
				"wants less than %s",
				found.major, found.minor, found.patch, limit);
	return OCF_SUCCESS;
}

/* "modprobe drbd OPTION=VALUE...", the options as drbdadm takes them from drbd.conf. */
static int load(struct ocf_run *run, const struct args *options)
{
	const char *argv[ARGS_MAX + 4] = {host_is_program(MODPROBE) ? MODPROBE : MODPROBE_SBIN,
					  "-s", "drbd"};
	struct drbd_answer answer;
	int r = OCF_SUCCESS;

	for (size_t i = 0; i < options->count; i++)
		argv[3 + i] = options->words[i];
	if (!drbd_program(run, argv, ocf_deadline(run), &answer) || !answer.is_done)
		r = ocf_fail(run, OCF_ERR_INSTALLED,
			     "module drbd cannot be loaded, install DRBD for this kernel: %s",
			     answer.line);
	else
		ocf_log(run, HAOPS_LOG_INFO, "kernel module drbd is loaded");
	drbd_answer_done(&answer);
	return r;
}

int drbd_module_require(struct ocf_run *run)
{
	struct args options = {.count = 0};
	struct drbd_answer answer;
	int r;

	if (!drbd_module_is_loaded()) {
		if (drbd_adm(run, "sh-mod-parms", NULL, &answer) && answer.is_done)
			(void)args_split(answer.line, true, &options);
		drbd_answer_done(&answer);
		r = load(run, &options);
		if (r != OCF_SUCCESS)
			return r;
	}
	return drbd_module_check_version(run);
}
