/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A message as /dev/log takes it (RFC 3164 section 4.1, without the host name). Pure. Not
 * syslog(3), which waits for ever when the daemon does not read.
 */
#include "ocf/run.h"

#include <string.h>
#include <syslog.h>

static const struct {
	const char *name;
	int value;
} facilities[] = {
	{"daemon", LOG_DAEMON}, {"kern", LOG_KERN},	{"user", LOG_USER},
	{"mail", LOG_MAIL},	{"auth", LOG_AUTH},	{"authpriv", LOG_AUTHPRIV},
	{"syslog", LOG_SYSLOG}, {"lpr", LOG_LPR},	{"news", LOG_NEWS},
	{"uucp", LOG_UUCP},	{"cron", LOG_CRON},	{"ftp", LOG_FTP},
	{"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1}, {"local2", LOG_LOCAL2},
	{"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4}, {"local5", LOG_LOCAL5},
	{"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7},
};

int ocf_syslog_facility(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(facilities); i++) {
		if (strcmp(name, facilities[i].name) == 0)
			return facilities[i].value;
	}
	return -1;
}

size_t ocf_syslog_encode(int priority, const char *date, const char *tag, const char *text,
			 char buf[OCF_LINE_MAX])
{
	int len = snprintf(buf, OCF_LINE_MAX, "<%d>%s %s: %s", priority, date, tag, text);

	return len < OCF_LINE_MAX ? (size_t)len : OCF_LINE_MAX - 1;
}
