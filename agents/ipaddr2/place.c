/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds out where the addresses belong on this host, and how they are to be there. Changes nothing.
 */

#include "ipaddr2/ipaddr2.h"

#include <errno.h>
#include <string.h>

int ipaddr2_enter_netns(struct ocf_run *run)
{
	int rc;

	if (!ocf_is_set(run, P_NETWORK_NAMESPACE))
		return OCF_SUCCESS;
	rc = haops_netns_enter(ocf_ctx(run), ocf_str(run, P_NETWORK_NAMESPACE));
	if (rc == -ENOENT)
		return ocf_fail(run, OCF_ERR_ARGS, "%s", haops_ctx_error(ocf_ctx(run)));
	return rc < 0 ? ocf_fail_haops(run, rc, NULL) : OCF_SUCCESS;
}

static uint32_t host_mask(uint8_t prefix_len)
{
	return prefix_len >= 32 ? 0 : UINT32_MAX >> prefix_len;
}

static void set_broadcast(const struct ipaddr2_config *cfg, struct haops_vip *vip)
{
	uint32_t addr;

	if (cfg->broadcast_kind == BROADCAST_AUTO)
		return;
	memcpy(&addr, vip->addr.bytes, sizeof(addr));
	vip->has_broadcast = true;
	if (cfg->broadcast_kind == BROADCAST_GIVEN)
		vip->broadcast = cfg->broadcast;
	else if (cfg->broadcast_kind == BROADCAST_ONES)
		vip->broadcast.s_addr = addr | htonl(host_mask(vip->prefix_len));
	else
		vip->broadcast.s_addr = addr & ~htonl(host_mask(vip->prefix_len));
}

/* The label begins with the interface's real name, which nic need not be (alternative names). */
static int set_label(struct ocf_run *run, const struct ipaddr2_config *cfg, struct haops_vip *vip)
{
	struct haops_link link;
	size_t len;
	int rc;

	if (!*cfg->label)
		return OCF_SUCCESS;
	rc = haops_link_get_by_index(ocf_ctx(run), vip->ifindex, ocf_deadline(run), &link);
	if (rc < 0)
		return ocf_fail_haops(run, rc, NULL);
	if (strlen(link.name) + 1 + strlen(cfg->label) >= sizeof(vip->label))
		return ocf_fail(run, OCF_ERR_CONFIGURED,
				"label \"%s:%s\" exceeds 15 characters: shorten iflabel", link.name,
				cfg->label);
	len = strlen(link.name);
	memcpy(vip->label, link.name, len);
	vip->label[len] = ':';
	memcpy(vip->label + len + 1, cfg->label, strlen(cfg->label) + 1);
	return OCF_SUCCESS;
}

static int locate(struct ocf_run *run, const struct ipaddr2_config *cfg, struct haops_vip *vip)
{
	const struct haops_vip_want want = {.nic = *cfg->nic ? cfg->nic : NULL,
					    .prefix_len = cfg->prefix_len};
	int rc = haops_vip_locate(ocf_ctx(run), &want, ocf_deadline(run), vip);

	if (rc == -ENODEV)
		return ocf_fail(run, OCF_ERR_ARGS, "%s", haops_ctx_error(ocf_ctx(run)));
	if (rc == -ENOENT)
		return ocf_fail(run, OCF_ERR_GENERIC, "%s", haops_ctx_error(ocf_ctx(run)));
	return rc < 0 ? ocf_fail_haops(run, rc, NULL) : OCF_SUCCESS;
}

static int place_one(struct ocf_run *run, const struct ipaddr2_config *cfg, struct haops_vip *vip)
{
	int rc;

	vip->metric = cfg->metric;
	vip->proto = cfg->proto;
	vip->noprefixroute = ocf_bool(run, P_NOPREFIXROUTE);
	vip->preferred_lft_s = HAOPS_VIP_FOREVER;
	vip->valid_lft_s = cfg->lease_ms / 1000;
	rc = locate(run, cfg, vip);
	if (rc != OCF_SUCCESS)
		return rc;
	if (vip->addr.family == AF_INET) {
		set_broadcast(cfg, vip);
		return set_label(run, cfg, vip);
	}
	vip->nodad = ocf_bool(run, P_NODAD);
	vip->preferred_lft_s = cfg->preferred_lft_s;
	return OCF_SUCCESS;
}

int ipaddr2_place(struct ocf_run *run, const struct ipaddr2_config *cfg, struct haops_vip *vips)
{
	for (size_t i = 0; i < cfg->count; i++) {
		int rc;

		vips[i] = (struct haops_vip){.addr = cfg->addrs[i]};
		rc = place_one(run, cfg, &vips[i]);
		if (rc != OCF_SUCCESS)
			return rc;
	}
	return OCF_SUCCESS;
}
