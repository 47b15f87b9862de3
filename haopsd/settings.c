/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration file, and what changes in the parts when settings change. Parses nothing. */
#include "daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <util/cleanup.h>

int settings_read(const struct options *options, struct config *ret_config,
		  char error[CONFIG_ERROR_MAX])
{
	CLEANUP_FREE char *text = NULL;
	char detail[CONFIG_ERROR_MAX] = "";
	size_t len = 0;
	int r = host_read_file(options->config_path, CONFIG_TEXT_MAX, &text, &len);

	if (r == -ENOENT && !options->is_config_given) {
		config_defaults(ret_config);
		(void)snprintf(error, CONFIG_ERROR_MAX, "%.150s is not there: defaults are used",
			       options->config_path);
		return 0;
	}
	if (r == -EFBIG)
		(void)snprintf(error, CONFIG_ERROR_MAX, "%.150s: longer than %d bytes, shorten it",
			       options->config_path, CONFIG_TEXT_MAX);
	else if (r < 0)
		(void)snprintf(error, CONFIG_ERROR_MAX, "%.150s cannot be read: %s",
			       options->config_path, strerror(-r));
	if (r < 0)
		return r;
	r = config_parse(text, len, ret_config, detail);
	if (r < 0)
		(void)snprintf(error, CONFIG_ERROR_MAX, "%.100s: %.150s", options->config_path,
			       detail);
	else if (ret_config->warning[0])
		(void)snprintf(error, CONFIG_ERROR_MAX, "%.100s: %.150s", options->config_path,
			       ret_config->warning);
	return r;
}

void settings_apply_realtime(struct daemon *daemon)
{
	int priority = daemon->config.is_realtime ? daemon->config.rtprio : 0;
	int r;

	if (priority == 0 && !daemon->is_realtime)
		return;
	r = host_set_realtime(priority);
	daemon->is_realtime = r == 0 && priority > 0;
	if (r < 0 && daemon->realtime_error != r)
		daemon_tell(daemon, HAOPS_LOG_WARNING,
			    "no real-time priority %d (%s): a busy machine may delay heartbeats",
			    priority, strerror(-r));
	daemon->realtime_error = r;
}

/* What the old settings have to do with the new ones is the parts' own matter. */
static void apply(struct daemon *daemon, const struct config *config)
{
	int64_t now_ms = host_boottime_ms();
	int r;

	daemon->config = *config;
	daemon->log.level = config->log_level > 0 ? HAOPS_LOG_DEBUG : HAOPS_LOG_INFO;
	heart_configure(daemon->heart, config, now_ms);
	disk_reconfigure(daemon->disk, config);
	watcher_set_database_interval(daemon->watcher, config->database_interval_ms);
	r = pinger_reconfigure(daemon->pinger, config);
	if (r < 0)
		daemon_tell(daemon, HAOPS_LOG_ERROR, "ping targets: %s", strerror(-r));
	r = outdate_set_drbdadm(daemon->outdate, config->outdate_command);
	if (r < 0)
		daemon_tell(daemon, HAOPS_LOG_ERROR, "outdate_command: %s", strerror(-r));
	settings_apply_realtime(daemon);
	agenda_hurry(&daemon->agenda, JOB_BEAT, now_ms);
	agenda_hurry(&daemon->agenda, JOB_CARRIER, now_ms);
}

int settings_reload(struct daemon *daemon, char error[CONFIG_ERROR_MAX])
{
	struct config config;
	char assignments[64];
	int r;

	(void)snprintf(assignments, sizeof(assignments), "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
		       host_monotonic_us());
	(void)notify_send(&daemon->notify, assignments);
	r = settings_read(&daemon->options, &config, error);
	if (r == 0)
		apply(daemon, &config);
	if (r < 0)
		daemon_tell(daemon, HAOPS_LOG_ERROR, "%s; the old settings stay", error);
	else
		daemon_tell(daemon, HAOPS_LOG_INFO, "settings read again%s%s", error[0] ? "; " : "",
			    error);
	(void)notify_send(&daemon->notify, "READY=1");
	return r;
}

int settings_assign(struct daemon *daemon, const char *assignment, char error[CONFIG_ERROR_MAX])
{
	struct config config = daemon->config;
	int r = config_assign(assignment, &config, error);

	if (r < 0)
		return r;
	apply(daemon, &config);
	daemon_tell(daemon, HAOPS_LOG_INFO, "until the next reload: %s%s%s", assignment,
		    config.warning[0] ? "; " : "", config.warning);
	return 0;
}
