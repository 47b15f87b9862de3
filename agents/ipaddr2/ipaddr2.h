/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPADDR2_H
#define IPADDR2_H

/* What the files of the IPaddr2 agent share: parameters, the settings read out of them, the steps.
 */

#include "ocf/ocf.h"

#include <haops/addr.h>
#include <haops/arp.h>
#include <haops/link.h>
#include <haops/vip.h>
#include <netinet/in.h>

/* Interfaces that one resource's addresses may be spread over: each has a sender of its own. */
#define IPADDR2_GROUPS_MAX 8
#define IPADDR2_NIC_MAX 128
#define IPADDR2_REFRESH_MAX 100
/* The kernel gives each network namespace its loopback interface first. */
#define IPADDR2_LOOPBACK_IFINDEX 1
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

enum ipaddr2_param {
	P_IP,
	P_NIC,
	P_CIDR_NETMASK,
	P_BROADCAST,
	P_IFLABEL,
	P_LVS_SUPPORT,
	P_LVS_IPV6_ADDRLABEL,
	P_LVS_IPV6_ADDRLABEL_VALUE,
	P_MAC,
	P_CLUSTERIP_HASH,
	P_UNIQUE_CLONE_ADDRESS,
	P_ARP_INTERVAL,
	P_ARP_COUNT,
	P_ARP_COUNT_REFRESH,
	P_ARP_BG,
	P_ARP_SENDER,
	P_SEND_ARP_OPTS,
	P_FLUSH_ROUTES,
	P_RUN_ARPING,
	P_NODAD,
	P_NOPREFIXROUTE,
	P_PREFERRED_LFT,
	P_NETWORK_NAMESPACE,
	P_METRIC,
	P_KILL_CONNECTIONS_ON_STOP,
	P_ANNOUNCE_TARGET,
	P_ANNOUNCE_SCHEDULE,
	P_CHECK_LINK_STATUS,
	P_PROTO,
	P_LEASE,
	P_NETMASK,
	P_COUNT
};

extern const struct ocf_param ipaddr2_params[P_COUNT];

enum ipaddr2_broadcast {
	BROADCAST_AUTO, /* as the interface's own addresses have it */
	BROADCAST_GIVEN,
	BROADCAST_ONES, /* "+" */
	BROADCAST_ZEROS /* "-" */
};

/* The parameters, read. Addresses are sorted and each is there once. */
struct ipaddr2_config {
	struct haops_addr *addrs;
	size_t count;
	char nic[IPADDR2_NIC_MAX];	 /* "" to find it */
	char label[HAOPS_LINK_NAME_MAX]; /* what follows "nic:", or "" */
	int prefix_len;			 /* -1 to find it */
	bool is_dotted_netmask;
	enum ipaddr2_broadcast broadcast_kind;
	struct in_addr broadcast;
	uint32_t preferred_lft_s;
	uint32_t metric;
	uint32_t lease_ms; /* 0 for none */
	uint8_t proto;
	enum haops_arp_form form;
	const char *unknown_send_arp_opt; /* send_arp_opts from there on, or NULL */
	struct haops_addr targets[HAOPS_ARP_TARGETS_MAX];
	size_t target_count;
	struct haops_arp_schedule schedule;
	char problem[160]; /* the first thing that is wrong, or "" */
};

/*
 * config.c. cfg is zeroed before, and ended with ipaddr2_config_done(). Returns an exit code; the
 * reason is in cfg->problem then, and what could be read is in cfg nevertheless. OCF_ERR_GENERIC is
 * none of the parameters' fault: there may be addresses that are not in cfg.
 */
int ipaddr2_config_read(struct ocf_run *run, struct ipaddr2_config *cfg);
void ipaddr2_config_done(struct ipaddr2_config *cfg);
#define CLEANUP_CONFIG __attribute__((cleanup(ipaddr2_config_done)))

/* place.c: where the addresses belong on this host. Return an exit code and have given the reason.
 */
int ipaddr2_enter_netns(struct ocf_run *run);
/* vips has room for cfg->count entries, filled in the order of cfg->addrs. Changes nothing. */
int ipaddr2_place(struct ocf_run *run, const struct ipaddr2_config *cfg, struct haops_vip *vips);

/* host.c: what this agent asks the system for itself. */
int ipaddr2_enter_netns_of(pid_t pid); /* 0 or -errno */
void ipaddr2_sleep_ms(int64_t ms);

/*
 * lease.c: what parameter lease asks for; nothing, when it is unset. Exit codes, and the reason was
 * given. prove: waits until haopsd's proof allows a lease. claim: waits until nobody else has the
 * addresses. begin: right after they were added; takes them back when the proof does not hold.
 * watched: after the watch record was put; takes them back when there is none.
 * adopt: for a start of what is there already: renews it, or removes it when it has no lifetime.
 */
int ipaddr2_lease_prove(struct ocf_run *run, const struct ipaddr2_config *cfg);
int ipaddr2_lease_claim(struct ocf_run *run, const struct ipaddr2_config *cfg,
			const struct haops_vip *vips, size_t count);
int ipaddr2_lease_begin(struct ocf_run *run, const struct ipaddr2_config *cfg,
			const struct haops_vip *vips, size_t count);
int ipaddr2_lease_watched(struct ocf_run *run, const struct ipaddr2_config *cfg,
			  const struct haops_vip *vips);
int ipaddr2_lease_adopt(struct ocf_run *run, const struct ipaddr2_config *cfg, bool *ret_is_leased);
int ipaddr2_lease_validate(struct ocf_run *run, const struct ipaddr2_config *cfg);

/* judge.c: pure. How an address that was found fits what is wanted. */
enum ipaddr2_fit {
	FIT_RIGHT,
	FIT_ABSENT,
	FIT_WRONG_LINK,
	FIT_WRONG_PREFIX,
	FIT_DUPLICATE,
	FIT_UNKNOWN
};

/* ifindex 0: wanted on any interface; prefix_len -1: with any prefix length. */
enum ipaddr2_fit ipaddr2_judge(const struct haops_addr *addr, const struct haops_vip_found *found,
			       int ifindex, int prefix_len);

/* All addresses of a resource together. Zero it before the first ipaddr2_tally_add(). */
struct ipaddr2_tally {
	size_t total;
	size_t absent;
	size_t first_absent;	/* index of the first that is missing */
	size_t first_wrong;	/* index of the first that is there, but not right */
	enum ipaddr2_fit wrong; /* how; FIT_RIGHT when there is none */
};

void ipaddr2_tally_add(struct ipaddr2_tally *tally, enum ipaddr2_fit fit);

/* groups.c: addresses by interface. 0, -ENOMEM, or -E2BIG for too many interfaces. */
struct ipaddr2_group {
	int ifindex;
	const struct haops_addr *addrs;
	size_t count;
};

struct ipaddr2_groups {
	struct haops_addr *addrs;
	struct ipaddr2_group list[IPADDR2_GROUPS_MAX];
	size_t count;
};

int ipaddr2_groups_make(const struct haops_vip *vips, size_t count,
			struct ipaddr2_groups *ret_groups);
void ipaddr2_groups_done(struct ipaddr2_groups *groups);
#define CLEANUP_GROUPS __attribute__((cleanup(ipaddr2_groups_done)))

/* announce.c: a round is never a failure of the action, it is logged and repeated later. */
struct haops_announcement ipaddr2_announcement(const struct ipaddr2_config *cfg,
					       const struct ipaddr2_group *group);
void ipaddr2_announce(struct ocf_run *run, const struct ipaddr2_config *cfg,
		      const struct ipaddr2_groups *groups);
/* More rounds, arp_interval before each, as long as the deadline lasts. Returns how many. */
uint32_t ipaddr2_announce_more(struct ocf_run *run, const struct ipaddr2_config *cfg,
			       const struct ipaddr2_groups *groups, uint32_t rounds);

/*
 * sender.c: the background senders of this resource, one per interface. One that cannot be started
 * is no failure of the action: it is logged, and monitor tries again. Stop: 0 or -errno.
 */
void ipaddr2_senders_start(struct ocf_run *run, const struct ipaddr2_config *cfg,
			   const struct ipaddr2_groups *groups, uint32_t skip_rounds);
int ipaddr2_senders_stop(struct ocf_run *run, const struct ipaddr2_config *cfg);
bool ipaddr2_has_sender(struct ocf_run *run, const struct ipaddr2_config *cfg);
bool ipaddr2_senders_are_running(struct ocf_run *run, const struct ipaddr2_config *cfg,
				 const struct ipaddr2_groups *groups);

/*
 * monitor.c: for a start of what is running already: announces it once more and sees to its
 * senders. Returns an exit code.
 */
int ipaddr2_confirm(struct ocf_run *run, bool *ret_is_running);

/* watch.c: names the addresses to haopsd; vips are in the order of cfg->addrs. */
void ipaddr2_watch(struct ocf_run *run, const struct ipaddr2_config *cfg,
		   const struct haops_vip *vips);
/* monitor.c: the same for those that run already, where they are found. */
void ipaddr2_watch_found(struct ocf_run *run);

/* The actions, and validation for struct ocf_agent. */
int ipaddr2_start(struct ocf_run *run);
int ipaddr2_stop(struct ocf_run *run);
int ipaddr2_monitor(struct ocf_run *run);
int ipaddr2_reload(struct ocf_run *run);
int ipaddr2_validate(struct ocf_run *run, int level);

#endif
