/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_CONFIG_H
#define HAOPSD_CONFIG_H

/*
 * haopsd.conf: directives in the way of Heartbeat's ha.cf. A pure parser over text: same names,
 * units and rules where ha.cf has the directive (a bare number is seconds, "ms" is accepted; "#"
 * starts a comment anywhere; separators are space, tab and comma). The last one of two counts;
 * "ping", "ping_group" and "carrier_link" add up.
 *
 * Rules of ha.cf, errors here as there: deadtime and deadping above 2 x keepalive, initdead not
 * below deadtime. Warnings: initdead below 10 s, warntime not below deadtime.
 * initdead, unless given: deadtime when that is above 10 s, 12 s when it is below 6 s, otherwise
 * 2 x deadtime.
 */

#include <haops/addr.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_PINGS_MAX 32
#define CONFIG_GROUPS_MAX 16
#define CONFIG_TEXT_MAX 65536
#define CONFIG_ERROR_MAX 256

/* Ping targets of one directive: "ping" makes a group of one for each address; "ping_group NAME
 * ADDR..." one that answers when any of its addresses does. */
struct config_ping_group {
	char name[64];
	struct haops_addr addrs[CONFIG_PINGS_MAX];
	size_t addr_count;
};

struct config {
	int64_t keepalive_ms;	/* keepalive: default 1000 */
	int64_t deadtime_ms;	/* deadtime: 30000 */
	int64_t warntime_ms;	/* warntime: deadtime / 2 */
	int64_t initdead_ms;	/* initdead: as ha.cf derives it */
	int64_t deadping_ms;	/* deadping: deadtime */
	int64_t convergence_ms; /* convergence_time: 45000 */
	struct config_ping_group groups[CONFIG_GROUPS_MAX];
	size_t group_count;
	char ping_attribute[64];  /* ping_attribute: node attribute for the result, "pingd" */
	int64_t ping_multiplier;  /* ping_multiplier: value per group that answers, 1000 */
	int64_t ping_dampen_ms;	  /* ping_dampen: 5000 */
	char disk_path[256];	  /* disk_path: folder for the test write; "" turns it off */
	int64_t disk_interval_ms; /* disk_interval: 5000 */
	bool is_realtime;	  /* realtime: on */
	int rtprio;		  /* rtprio: 1 */
	bool fence_silent;	  /* fence_silent: off; hand a proven silent peer to fencing */
	int64_t fence_after_ms;	  /* fence_after: silence before that, 2 x deadtime */
	char links[16][16]; /* carrier_link: interfaces whose carrier is ours; none: those with
			       an address of Corosync's */
	size_t link_count;
	int log_level;		   /* debug 0 or 1 */
	char outdate_command[256]; /* outdate_command: /usr/sbin/drbdadm */
	/* database_interval: how often a database is looked at, 1000 */
	int64_t database_interval_ms;

	uint32_t given; /* which directives were given; the others follow by their rules */
	char warning[CONFIG_ERROR_MAX]; /* accepted, but somebody should look; "" for nothing */
};

void config_defaults(struct config *config);

/* Parses a whole file. Returns 0, or -EINVAL with "line N: directive: what is wrong" in error.
 * config is set on success only. */
int config_parse(const char *text, size_t len, struct config *config, char error[CONFIG_ERROR_MAX]);

/*
 * One assignment, "NAME VALUE" or "NAME=VALUE", on top of an existing configuration. Values that
 * follow from others (warntime from deadtime) follow again unless they were given. Lists (ping,
 * ping_group, carrier_link) are refused: they are the file's. 0 or -EINVAL with "directive: what is
 * wrong" in error; config is changed on success only.
 */
int config_assign(const char *assignment, struct config *config, char error[CONFIG_ERROR_MAX]);

/* A short number of the settings that must be the same on all nodes, to notice that they are not.
 */
uint32_t config_hash(const struct config *config);

#endif
