/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libcmap: times of totem at run time, names of nodes, state of links. Decides nothing. */
#include "corosync-real.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_TOKEN "runtime.config.totem.token"
#define KEY_CONSENSUS "runtime.config.totem.consensus"
#define KEY_NODES "nodelist."
#define KEY_QDEVICE "quorum.device.model"
#define KEY_LINKS "stats.knet."

static void on_key(cmap_handle_t handle, cmap_track_handle_t track, int32_t event, const char *key,
		   struct cmap_notify_value new_value, struct cmap_notify_value old_value,
		   void *userdata)
{
	const struct corosync_session *session = userdata;

	(void)handle;
	(void)track;
	(void)event;
	(void)key;
	(void)new_value;
	(void)old_value;
	session->listener.config(session->listener.userdata);
}

static cs_error_t dispatch(struct corosync_session *session)
{
	return cmap_dispatch(session->cmap, CS_DISPATCH_ONE_NONBLOCKING);
}

static int track(struct corosync_session *session, const char *key, int32_t how)
{
	cmap_track_handle_t handle;

	return corosync_code(
		cmap_track_add(session->cmap, key,
			       CMAP_TRACK_ADD | CMAP_TRACK_DELETE | CMAP_TRACK_MODIFY | how, on_key,
			       session, &handle));
}

int corosync_open_cmap(struct corosync_session *session)
{
	int fd = -1;
	int r = corosync_code(cmap_initialize(&session->cmap));

	if (r < 0)
		return r;
	session->has_cmap = true;
	r = corosync_code(cmap_fd_get(session->cmap, &fd));
	if (r == 0)
		r = corosync_add_fd(session, fd, dispatch);
	if (r == 0)
		r = track(session, KEY_TOKEN, 0);
	if (r == 0)
		r = track(session, KEY_CONSENSUS, 0);
	if (r == 0)
		r = track(session, KEY_NODES, CMAP_TRACK_PREFIX);
	return r;
}

/* Calls see for each key that begins with prefix; it returns false to end. */
static int each_key(cmap_handle_t handle, const char *prefix,
		    bool (*see)(cmap_handle_t handle, const char *key, void *userdata),
		    void *userdata)
{
	cmap_iter_handle_t iterator;
	char key[CMAP_KEYNAME_MAXLEN + 1];
	size_t len;
	cmap_value_types_t type;
	int r = corosync_code(cmap_iter_init(handle, prefix, &iterator));
	cs_error_t error = CS_OK;

	if (r < 0)
		return r;
	while ((error = cmap_iter_next(handle, iterator, key, &len, &type)) == CS_OK)
		if (!see(handle, key, userdata))
			break;
	(void)cmap_iter_finalize(handle, iterator);
	/* No more sections: the end. */
	return error == CS_ERR_NO_SECTIONS ? 0 : corosync_code(error);
}

static bool see_name(cmap_handle_t handle, const char *key, void *userdata)
{
	struct group_names *names = userdata;
	struct group_name *name = &names->names[names->count];
	unsigned int index = 0;
	int end = 0;
	char number_key[64];
	char *text = NULL;

	if (sscanf(key, "nodelist.node.%u.name%n", &index, &end) != 1 || !end || key[end])
		return true;
	(void)snprintf(number_key, sizeof(number_key), "nodelist.node.%u.nodeid", index);
	if (cmap_get_uint32(handle, number_key, &name->nodeid) != CS_OK ||
	    cmap_get_string(handle, key, &text) != CS_OK)
		return true;
	(void)snprintf(name->name, sizeof(name->name), "%s", text);
	free(text);
	names->count++;
	return names->count < GROUP_NODES_MAX;
}

int corosync_read_cmap(struct corosync_session *session, struct corosync_config *config)
{
	char *model = NULL;

	memset(config, 0, sizeof(*config));
	if (cmap_get_uint32(session->cmap, KEY_TOKEN, &config->token_ms) != CS_OK)
		config->token_ms = 0;
	if (cmap_get_uint32(session->cmap, KEY_CONSENSUS, &config->consensus_ms) != CS_OK)
		config->consensus_ms = 0;
	config->has_qdevice = cmap_get_string(session->cmap, KEY_QDEVICE, &model) == CS_OK;
	free(model);
	return each_key(session->cmap, KEY_NODES, see_name, &config->names);
}

static struct haops_cluster_link *find_link(struct corosync_links *links, uint32_t nodeid,
					    uint8_t number)
{
	for (size_t i = 0; i < links->count; i++)
		if (links->links[i].nodeid == nodeid && links->links[i].link == number)
			return &links->links[i];
	if (links->count == COROSYNC_LINKS_MAX)
		return NULL;
	links->links[links->count] = (struct haops_cluster_link){.nodeid = nodeid, .link = number};
	return &links->links[links->count++];
}

static void read_link(cmap_handle_t handle, const char *key, const char *what,
		      struct haops_cluster_link *link)
{
	uint8_t flag = 0;

	if (!strcmp(what, "enabled")) {
		link->is_enabled = cmap_get_uint8(handle, key, &flag) == CS_OK && flag;
	} else if (!strcmp(what, "connected")) {
		link->is_connected = cmap_get_uint8(handle, key, &flag) == CS_OK && flag;
	} else if (!strcmp(what, "down_count")) {
		if (cmap_get_uint32(handle, key, &link->down_count) != CS_OK)
			link->down_count = 0;
	} else if (cmap_get_uint32(handle, key, &link->latency_us) != CS_OK) {
		link->latency_us = 0;
	}
}

struct link_walk {
	struct corosync_links *links;
	uint32_t own_nodeid;
};

static bool is_wanted(const char *what)
{
	return !strcmp(what, "enabled") || !strcmp(what, "connected") ||
	       !strcmp(what, "down_count") || !strcmp(what, "latency_ave");
}

static bool see_link(cmap_handle_t handle, const char *key, void *userdata)
{
	const struct link_walk *walk = userdata;
	struct haops_cluster_link *link;
	unsigned int nodeid = 0, number = 0;
	int end = 0;

	if (sscanf(key, "stats.knet.node%u.link%u.%n", &nodeid, &number, &end) != 2 || !end ||
	    nodeid == walk->own_nodeid || number >= HAOPS_CLUSTER_LINKS_MAX ||
	    !is_wanted(key + end))
		return true;
	link = find_link(walk->links, nodeid, (uint8_t)number);
	if (link)
		read_link(handle, key, key + end, link);
	return link != NULL;
}

int corosync_read_links(struct corosync_session *session, struct corosync_links *ret_links)
{
	struct link_walk walk = {.links = ret_links, .own_nodeid = session->nodeid};
	cmap_handle_t stats;
	int r = corosync_code(cmap_initialize_map(&stats, CMAP_MAP_STATS));

	ret_links->count = 0;
	if (r < 0)
		return r;
	r = each_key(stats, KEY_LINKS, see_link, &walk);
	(void)cmap_finalize(stats);
	if (r == 0)
		corosync_read_addresses(session, ret_links);
	return r;
}
