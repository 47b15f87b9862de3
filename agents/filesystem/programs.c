/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs mount(8), fsck(8) and udevadm(8): types have helpers of their own (mount.nfs), which only
 * mount(8) knows. No shell; each ends at the deadline. */

#include "filesystem/filesystem.h"

#include "ocf/host.h"
#include "util/cleanup.h"

#include <errno.h>
#include <haops/process.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define OUTPUT_MAX 8192
#define FSCK_WRONG 4 /* errors are left, or more than that */
#define FILESYSTEMS_MAX 65536
#define SECOND_MS 1000
#define FORGET_MS 2000
#define UTAB_MAX (1024U * 1024U)

/* Before the action's deadline: one that hangs in the kernel is waited for a little longer. */
static int64_t program_limit(struct ocf_run *run)
{
	int64_t left = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run));

	left -= left / 3 < SECOND_MS ? left / 3 : SECOND_MS;
	return haops_deadline_after(ocf_ctx(run), left);
}

/* In the folders where distributions put them. */
static const char *find_program(const char *const *paths)
{
	for (; *paths; paths++)
		if (host_is_program(*paths))
			return *paths;
	return NULL;
}

/* The last line that says something, without its end. */
static const char *last_line(char *text)
{
	char *end = text + strlen(text);
	char *line;

	while (end > text && strchr(" \n\r\t", end[-1]))
		*--end = '\0';
	line = strrchr(text, '\n');
	return line ? line + 1 : text;
}

/* The line of mount(8) that tells the reason: a hint may follow. */
static const char *reason_line(char *text)
{
	char *line = strstr(text, "mount: ");
	char *end;

	if (!line)
		line = strstr(text, "mount.");
	if (!line)
		return last_line(text);
	end = strchr(line, '\n');
	if (end)
		*end = '\0';
	return line;
}

/* A type that the kernel does not know, also not after mount(8) had its module loaded. */
static bool is_unknown_type(const struct fs_site *site)
{
	CLEANUP_FREE char *text = NULL;
	size_t len;

	return site->facts.module &&
	       host_read("/proc/filesystems", FILESYSTEMS_MAX, &text, &len) == 0 &&
	       !filesystems_have(text, site->facts.module);
}

static int fail_mount(struct ocf_run *run, const struct fs_site *site,
		      struct haops_process_result *result)
{
	if (result->end == HAOPS_PROCESS_TIMED_OUT)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"mount of %s on %s did not end in time: device or server does not "
				"answer",
				site->device.source, site->path);
	if (is_unknown_type(site))
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"this kernel knows no file system %s: install its module",
				site->facts.module);
	/* All of it is in the log, which has room. */
	return ocf_fail(run, OCF_ERR_GENERIC, "mount of %s on %s: %s", site->device.source,
			site->path, reason_line(result->output));
}

int fs_mount(struct ocf_run *run, const struct fs_site *site)
{
	static const char *const paths[] = {"/usr/bin/mount", "/bin/mount", NULL};
	const char *fstype = ocf_str(run, FS_FSTYPE);
	const char *options = ocf_str(run, FS_OPTIONS);
	struct haops_process_result result;
	const char *argv[9] = {find_program(paths)};
	struct haops_process_spec spec = {.argv = argv, .output_max_bytes = OUTPUT_MAX};
	size_t count = 1;
	int r;

	if (!argv[0])
		return ocf_fail(run, OCF_ERR_INSTALLED, "mount(8) is not there: install it");
	if (fstype[0] && strcmp(fstype, "none") != 0) {
		argv[count++] = "-t";
		argv[count++] = fstype;
	}
	if (options[0]) {
		argv[count++] = "-o";
		argv[count++] = options;
	}
	argv[count++] = "--";
	argv[count++] = site->device.source;
	argv[count] = site->path;
	r = haops_process_run(ocf_ctx(run), &spec, program_limit(run), &result);
	if (r < 0)
		return ocf_fail_haops(run, r, "mount");
	r = OCF_SUCCESS;
	if (result.end != HAOPS_PROCESS_EXITED || result.status != 0)
		r = fail_mount(run, site, &result);
	else if (result.output_len > 0)
		ocf_log(run, HAOPS_LOG_WARNING, "mount: %s", last_line(result.output));
	haops_process_result_done(&result);
	return r;
}

static bool wants_fsck(const struct ocf_run *run, const struct fs_site *site)
{
	const char *mode = ocf_str(run, FS_RUN_FSCK);

	if (!site->facts.is_block || strcmp(mode, "no") == 0)
		return false;
	return strcmp(mode, "force") == 0 || site->facts.wants_fsck;
}

static int judge_fsck(struct ocf_run *run, const struct fs_site *site,
		      struct haops_process_result *result)
{
	if (result->end == HAOPS_PROCESS_TIMED_OUT)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"fsck of %s did not end in time: give start a longer timeout",
				site->device.source);
	if (result->end != HAOPS_PROCESS_EXITED || result->status >= FSCK_WRONG)
		return ocf_fail(run, OCF_ERR_GENERIC,
				"fsck of %s: %d: repair it by hand; it said: %s",
				site->device.source, result->status, last_line(result->output));
	return OCF_SUCCESS;
}

int fs_check(struct ocf_run *run, const struct fs_site *site)
{
	static const char *const paths[] = {"/usr/sbin/fsck", "/sbin/fsck", NULL};
	const char *fstype = ocf_str(run, FS_FSTYPE);
	const char *argv[6] = {find_program(paths), "-p"};
	const struct haops_process_spec spec = {.argv = argv, .output_max_bytes = OUTPUT_MAX};
	struct haops_process_result result;
	size_t count = 2;
	int r;

	if (!wants_fsck(run, site))
		return OCF_SUCCESS;
	/* "auto" is a type for mount(8) only: without one, fsck(8) looks itself. */
	if (strcmp(fstype, "auto") != 0) {
		argv[count++] = "-t";
		argv[count++] = fstype;
	}
	argv[count] = site->device.source;
	if (!argv[0])
		return ocf_fail(run, OCF_ERR_INSTALLED, "fsck(8) is not there: install it");
	ocf_log(run, HAOPS_LOG_INFO, "checking the file system on %s", site->device.source);
	r = haops_process_run(ocf_ctx(run), &spec, program_limit(run), &result);
	if (r < 0)
		return ocf_fail_haops(run, r, "fsck");
	r = judge_fsck(run, site, &result);
	haops_process_result_done(&result);
	return r;
}

void fs_settle(struct ocf_run *run, const struct fs_site *site)
{
	static const char *const paths[] = {"/usr/bin/udevadm", "/bin/udevadm", "/sbin/udevadm",
					    NULL};
	int64_t left_s = haops_deadline_left_ms(ocf_ctx(run), ocf_deadline(run)) / SECOND_MS / 2;
	char exists[FS_PATH_MAX + 20];
	char timeout[40];
	const char *const argv[] = {find_program(paths), "settle", timeout, exists, NULL};
	const struct haops_process_spec spec = {.argv = argv};
	struct haops_process_result result;

	(void)snprintf(timeout, sizeof(timeout), "--timeout=%" PRId64, left_s);
	(void)snprintf(exists, sizeof(exists), "--exit-if-exists=%s", site->device.link);
	if (argv[0] &&
	    haops_process_run(ocf_ctx(run), &spec,
			      haops_deadline_after(ocf_ctx(run), left_s * SECOND_MS), &result) == 0)
		haops_process_result_done(&result);
}

/* Whether mount(8) has noted options that the kernel does not keep (_netdev, x-...). */
static bool is_noted(const char *path)
{
	CLEANUP_FREE char *text = NULL;
	char wanted[FS_PATH_MAX + 16];
	size_t len;

	/* Blanks and such are written otherwise there: up to them is enough to ask. */
	(void)snprintf(wanted, sizeof(wanted), " TARGET=%.*s", (int)strcspn(path, " \t\n\\"), path);
	return host_read("/run/mount/utab", UTAB_MAX, &text, &len) == 0 && strstr(text, wanted);
}

void fs_forget(struct ocf_run *run, const char *path)
{
	static const char *const paths[] = {"/usr/bin/umount", "/bin/umount", NULL};
	const char *const argv[] = {find_program(paths), "--fake", "-c", "-i", "--", path, NULL};
	const struct haops_process_spec spec = {.argv = argv};
	struct haops_process_result result;
	int64_t limit = ocf_deadline_within(run, FORGET_MS);

	if (!is_noted(path) || !argv[0])
		return;
	if (haops_process_run(ocf_ctx(run), &spec, limit, &result) == 0)
		haops_process_result_done(&result);
}
