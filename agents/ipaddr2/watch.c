/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watch record of the addresses: where each one is, for haopsd. */

#include "ipaddr2/ipaddr2.h"

#include <stdio.h>
#include <stdlib.h>

#include "util/cleanup.h"

struct names {
	struct haops_link links[IPADDR2_GROUPS_MAX];
	size_t count;
};

/* NULL: it cannot be found out. */
static const char *name_of(struct ocf_run *run, struct names *names, int ifindex)
{
	struct haops_link *link = &names->links[names->count];

	for (size_t i = 0; i < names->count; i++) {
		if (names->links[i].ifindex == ifindex)
			return names->links[i].name;
	}
	if (names->count == IPADDR2_GROUPS_MAX ||
	    haops_link_get_by_index(ocf_ctx(run), ifindex, ocf_deadline(run), link) < 0)
		return NULL;
	names->count++;
	return link->name;
}

void ipaddr2_watch(struct ocf_run *run, const struct ipaddr2_config *cfg,
		   const struct haops_vip *vips)
{
	CLEANUP_FREE struct haops_watch_object *objects = calloc(cfg->count, sizeof(*objects));
	struct haops_watch what = {.lease_ms = cfg->lease_ms,
				   .objects = objects,
				   .object_count = cfg->count};
	struct names names = {.count = 0};

	if (!objects)
		return;
	for (size_t i = 0; i < cfg->count; i++) {
		const char *name = name_of(run, &names, vips[i].ifindex);

		/* It went this moment: the next monitor tells. */
		if (!name)
			return;
		objects[i].kind = HAOPS_WATCH_ADDRESS;
		objects[i].address.addr = vips[i].addr;
		objects[i].address.prefix_len = vips[i].prefix_len;
		(void)snprintf(objects[i].address.link, sizeof(objects[i].address.link), "%s",
			       name);
	}
	(void)snprintf(what.netns, sizeof(what.netns), "%s", ocf_str(run, P_NETWORK_NAMESPACE));
	ocf_watch_put(run, &what);
}
