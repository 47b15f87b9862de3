/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libcfg: our own addresses on the links. They are hints about interfaces: a failure leaves them
 * empty. */
#include "corosync-real.h"

#include <arpa/inet.h>
#include <corosync/cfg.h>
#include <string.h>

static void put_address(const corosync_cfg_node_address_t *from,
			char text[HAOPS_CLUSTER_ADDRESS_MAX])
{
	struct sockaddr_in6 six;
	struct sockaddr_in four;
	struct sockaddr any;
	const char *done = NULL;

	memcpy(&any, from->address, sizeof(any));
	memcpy(&six, from->address, sizeof(six));
	memcpy(&four, from->address, sizeof(four));
	if (any.sa_family == AF_INET)
		done = inet_ntop(AF_INET, &four.sin_addr, text, HAOPS_CLUSTER_ADDRESS_MAX);
	else if (any.sa_family == AF_INET6)
		done = inet_ntop(AF_INET6, &six.sin6_addr, text, HAOPS_CLUSTER_ADDRESS_MAX);
	if (!done)
		text[0] = '\0';
}

void corosync_read_addresses(const struct corosync_session *session, struct corosync_links *links)
{
	corosync_cfg_node_address_t addresses[HAOPS_CLUSTER_LINKS_MAX] = {0};
	corosync_cfg_callbacks_t callbacks = {0};
	corosync_cfg_handle_t handle;
	int count = 0;

	if (corosync_cfg_initialize(&handle, &callbacks) != CS_OK)
		return;
	if (corosync_cfg_get_node_addrs(handle, session->nodeid, HAOPS_CLUSTER_LINKS_MAX, &count,
					addresses) != CS_OK)
		count = 0;
	for (size_t i = 0; i < links->count; i++) {
		if (links->links[i].link < count)
			put_address(&addresses[links->links[i].link],
				    links->links[i].local_address);
	}
	(void)corosync_cfg_finalize(handle);
}
