/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What we know of ourselves, for the heart: carrier of the cluster's links, ping targets (and their
 * node attribute), the test write. Judges nothing of it.
 */
#include "daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINKS_EACH_MS 60000
#define LINKS_STATUS_MS 5000
#define CARRIER_EACH_MS 5000 /* events can be lost when the kernel's queue is full */
#define NETLINK_MS 200

static void on_event(void *userdata, enum haops_log_level level, const char *text)
{
	daemon_tell(userdata, level, "%s", text);
}

/* Carrier ------------------------------------------------------------------------------------- */

static void remember_link(struct daemon *daemon, const char *name)
{
	for (size_t i = 0; i < daemon->carrier_count; i++) {
		if (strcmp(daemon->carrier_links[i], name) == 0)
			return;
	}
	if (daemon->carrier_count < ARRAY_LEN(daemon->carrier_links))
		(void)snprintf(daemon->carrier_links[daemon->carrier_count++], HAOPS_LINK_NAME_MAX,
			       "%s", name);
}

/* An address that was taken away keeps the interface that it was on: that one's carrier counts. */
static void find_links(struct daemon *daemon)
{
	char found[ARRAY_LEN(daemon->carrier_links)][HAOPS_LINK_NAME_MAX];
	size_t count = 0;

	if (daemon->config.link_count > 0) {
		daemon->carrier_count = 0;
		for (size_t i = 0; i < daemon->config.link_count; i++)
			remember_link(daemon, daemon->config.links[i]);
		return;
	}
	for (size_t i = 0; i < daemon->link_count && count < ARRAY_LEN(found); i++) {
		const char *address = daemon->links[i].local_address;

		if (address[0] && host_link_of(address, found[count]) == 0)
			count++;
	}
	if (count > 0)
		daemon->carrier_count = 0;
	for (size_t i = 0; i < count; i++)
		remember_link(daemon, found[i]);
}

static void tell_links(struct daemon *daemon, size_t old_count)
{
	char text[256] = "";
	size_t len = 0;

	if (daemon->carrier_count == old_count)
		return;
	for (size_t i = 0; i < daemon->carrier_count && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, " %s",
					daemon->carrier_links[i]);
	daemon_tell(daemon, HAOPS_LOG_INFO, "the cluster's links are on%s", text);
}

static bool has_carrier(struct daemon *daemon, const char *name)
{
	struct haops_link link;
	int r = haops_link_get(daemon->ctx, name, haops_deadline_after(daemon->ctx, NETLINK_MS),
			       &link);

	/* Unknown is not absent: only what the kernel said counts against us. */
	if (r < 0)
		return r != -ENODEV;
	return link.is_loopback || (link.is_up && link.has_carrier);
}

void own_carrier(struct daemon *daemon, int64_t now_ms)
{
	size_t old_count = daemon->carrier_count;
	bool is_there = false;

	agenda_set(&daemon->agenda, JOB_CARRIER, now_ms + CARRIER_EACH_MS);
	find_links(daemon);
	tell_links(daemon, old_count);
	for (size_t i = 0; i < daemon->carrier_count && !is_there; i++)
		is_there = has_carrier(daemon, daemon->carrier_links[i]);
	heart_carrier(daemon->heart, is_there || daemon->carrier_count == 0, now_ms);
}

void own_ask_links(struct daemon *daemon, int64_t now_ms)
{
	bool is_wanted = now_ms < daemon->links_wanted_ms;

	agenda_set(&daemon->agenda, JOB_LINKS,
		   now_ms + (is_wanted ? LINKS_STATUS_MS : LINKS_EACH_MS));
	(void)haops_cluster_ask_links(daemon->cluster);
}

void own_links(void *userdata, const struct haops_cluster_link *links, size_t count)
{
	struct daemon *daemon = userdata;
	int64_t now_ms = daemon_enter(daemon);

	daemon->links_ms = now_ms;
	daemon->link_count = count < STATUS_LINKS_MAX ? count : STATUS_LINKS_MAX;
	if (count > 0)
		memcpy(daemon->links, links, daemon->link_count * sizeof(*links));
	agenda_hurry(&daemon->agenda, JOB_CARRIER, now_ms);
	daemon_leave(daemon);
}

/* Ping targets -------------------------------------------------------------------------------- */

void own_put_attribute(struct daemon *daemon)
{
	struct ping_attribute *attribute = &daemon->attribute;
	char value[32];
	int r;

	if (!attribute->is_known || attribute->is_set)
		return;
	(void)snprintf(value, sizeof(value), "%" PRId64, attribute->value);
	r = pcmk_set_attribute(daemon->pcmk, daemon->config.ping_attribute, value,
			       daemon->config.ping_dampen_ms);
	attribute->is_set = r == 0;
}

static void on_pings(void *userdata, unsigned int up, unsigned int total)
{
	struct daemon *daemon = userdata;
	int64_t now_ms = daemon_enter(daemon);
	int64_t value = (int64_t)up * daemon->config.ping_multiplier;

	heart_pings(daemon->heart, up, total, now_ms);
	if (total > 0 && (!daemon->attribute.is_known || daemon->attribute.value != value))
		daemon->attribute = (struct ping_attribute){.is_known = true, .value = value};
	if (total == 0)
		daemon->attribute.is_known = false;
	own_put_attribute(daemon);
	daemon_leave(daemon);
}

/* Test write ---------------------------------------------------------------------------------- */

static void on_written(void *userdata, int64_t written_ms)
{
	struct daemon *daemon = userdata;

	(void)daemon_enter(daemon);
	heart_disk(daemon->heart, written_ms);
	daemon_leave(daemon);
}

/* Life ---------------------------------------------------------------------------------------- */

int own_open(struct daemon *daemon)
{
	static const struct pinger_handlers pings = {.changed = on_pings, .event = on_event};
	static const struct disk_handlers disks = {.written = on_written, .event = on_event};

	daemon->pinger = pinger_new(daemon->ctx, daemon->loop, &daemon->config, &pings, daemon);
	daemon->disk = disk_new(daemon->ctx, daemon->loop, &daemon->config, &disks, daemon);
	return daemon->pinger && daemon->disk ? 0 : -ENOMEM;
}

void own_close(struct daemon *daemon)
{
	if (daemon->pinger)
		pinger_free(daemon->pinger);
	if (daemon->disk)
		disk_free(daemon->disk);
}
