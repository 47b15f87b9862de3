/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a database in an empty data directory, with the programs of the server. Never where a file
 * system should be mounted, see datadir.c and mount.c. */

#include "mysql/datadir.h"
#include "mysql/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUTPUT_MAX 65536
#define TERM_BEFORE_MS 1000
#define ARGUMENT_MAX (MYSQL_PATH_MAX + 32)

struct installer {
	char program[MYSQL_PATH_MAX];
	char config[ARGUMENT_MAX];
	char datadir[ARGUMENT_MAX];
	char user[ARGUMENT_MAX];
	const char *argv[8];
};

/* MariaDB has a script, MySQL's server does it itself. */
static bool find_installer(struct ocf_run *run, const struct mysql_site *site, struct installer *in)
{
	static const char *const scripts[] = {"mariadb-install-db", "mysql_install_db"};
	bool notifies;
	bool is_mariadb;

	(void)snprintf(in->config, ARGUMENT_MAX, "--defaults-file=%s", ocf_str(run, MYSQL_CONFIG));
	(void)snprintf(in->datadir, ARGUMENT_MAX, "--datadir=%s", ocf_str(run, MYSQL_DATADIR));
	(void)snprintf(in->user, ARGUMENT_MAX, "--user=%.100s", ocf_str(run, MYSQL_USER));
	in->argv[0] = in->program;
	in->argv[1] = in->config;
	in->argv[2] = in->datadir;
	in->argv[3] = in->user;
	mysql_site_features(site, &notifies, &is_mariadb);
	if (!is_mariadb) {
		(void)snprintf(in->program, MYSQL_PATH_MAX, "%s", site->binary);
		in->argv[4] = "--initialize-insecure";
		return true;
	}
	in->argv[4] = "--skip-test-db";
	return mysql_site_tool(run, site, scripts[0], in->program) ||
	       mysql_site_tool(run, site, scripts[1], in->program);
}

static int run_installer(struct ocf_run *run, struct installer *in)
{
	const struct haops_process_spec spec = {.argv = in->argv,
						.output_max_bytes = OUTPUT_MAX,
						.term_before_ms = TERM_BEFORE_MS};
	struct haops_process_result result;
	char error[256];
	int r = haops_process_run(ocf_ctx(run), &spec, ocf_deadline(run), &result);

	if (r < 0)
		return ocf_fail_haops(run, r, in->program);
	mysql_log_pick(result.output, error, sizeof(error));
	r = OCF_SUCCESS;
	if (result.end == HAOPS_PROCESS_TIMED_OUT)
		r = ocf_fail(run, OCF_ERR_GENERIC, "%s did not end in time", in->program);
	else if (result.end != HAOPS_PROCESS_EXITED || result.status != 0)
		r = ocf_fail(run, OCF_ERR_GENERIC, "%s failed: %s", in->program,
			     error[0] ? error : "it told no reason");
	haops_process_result_done(&result);
	return r;
}

/* An empty folder of root's is a mount point that lacks its file system, more often than not. */
static int check_place(struct ocf_run *run, const struct mysql_site *site)
{
	const char *folder = ocf_str(run, MYSQL_DATADIR);
	struct stat st;

	if (stat(folder, &st) < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "datadir %s: %s", folder, strerror(errno));
	if (st.st_uid == site->uid || mysql_mount_is_point(site))
		return OCF_SUCCESS;
	return ocf_fail(run, OCF_ERR_GENERIC,
			"datadir %s is empty, no mount point and not %s's: mount it, or chown it "
			"for a new database",
			folder, ocf_str(run, MYSQL_USER));
}

int mysql_datadir_create(struct ocf_run *run, struct mysql_site *site)
{
	const char *folder = ocf_str(run, MYSQL_DATADIR);
	struct installer in = {.program = ""};
	char entry[128];
	int r;

	if (datadir_content(folder, entry, sizeof(entry)) != DATADIR_EMPTY ||
	    !ocf_bool(run, MYSQL_ENABLE_CREATION))
		return OCF_SUCCESS;
	r = check_place(run, site);
	if (r != OCF_SUCCESS)
		return r;
	if (!find_installer(run, site, &in))
		return ocf_fail(run, OCF_ERR_INSTALLED,
				"mariadb-install-db is not beside %s: install it", site->binary);
	if (chown(folder, site->uid, site->gid) < 0)
		return ocf_fail(run, OCF_ERR_GENERIC, "datadir %s: %s", folder, strerror(errno));
	ocf_log(run, HAOPS_LOG_INFO, "making a new database in %s", folder);
	return run_installer(run, &in);
}
