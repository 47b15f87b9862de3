/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the parameters into struct ipaddr2_config, strictly, and refuses what is not supported.
 * Looks at nothing but the parameters and the clone meta attributes: syntax only. */

#include "ipaddr2/ipaddr2.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

#define LIST_SEPARATORS " ,"

static bool parse_number(const char *text, uint64_t max, uint64_t *ret_number)
{
	uint64_t number = 0;
	size_t len = strlen(text);

	if (len == 0 || len > 10)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i]))
			return false;
		number = number * 10 + (uint64_t)(text[i] - '0');
	}
	if (number > max)
		return false;
	*ret_number = number;
	return true;
}

/* The next item of a list with spaces and commas between; NULL at its end. Cuts it out of text. */
static char *next_item(char **text)
{
	char *item = *text + strspn(*text, LIST_SEPARATORS);
	size_t len = strcspn(item, LIST_SEPARATORS);

	if (len == 0)
		return NULL;
	*text = item + len;
	if (**text)
		*(*text)++ = '\0';
	return item;
}

static size_t count_items(const char *text)
{
	size_t count = 0;

	for (;;) {
		text += strspn(text, LIST_SEPARATORS);
		if (!*text)
			return count;
		count++;
		text += strcspn(text, LIST_SEPARATORS);
	}
}

/* Notes what is wrong; the first problem stays. */
static int HAOPS_PRINTF(2, 3) bad(struct ipaddr2_config *cfg, const char *fmt, ...)
{
	va_list args;

	if (!*cfg->problem) {
		va_start(args, fmt);
		(void)vsnprintf(cfg->problem, sizeof(cfg->problem), fmt, args);
		va_end(args);
	}
	return OCF_ERR_CONFIGURED;
}

static int fail_memory(struct ipaddr2_config *cfg)
{
	(void)bad(cfg, "memory is short");
	return OCF_ERR_GENERIC;
}

static size_t sort_unique(struct haops_addr *addrs, size_t count)
{
	size_t kept = 0;

	qsort(addrs, count, sizeof(*addrs), haops_addr_cmp);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || haops_addr_cmp(&addrs[kept - 1], &addrs[i]) != 0)
			addrs[kept++] = addrs[i];
	}
	return kept;
}

static int read_one_addr(struct ocf_run *run, const char *item, struct ipaddr2_config *cfg)
{
	struct haops_addr addr;

	if (haops_addr_parse(ocf_ctx(run), item, &addr) < 0)
		return bad(cfg, "parameter ip: \"%.48s\" is no IPv4 or IPv6 address: correct it",
			   item);
	if (!haops_addr_is_unicast(&addr))
		return bad(cfg, "parameter ip: %s cannot be the address of a host", item);
	cfg->addrs[cfg->count++] = addr;
	return OCF_SUCCESS;
}

/* The number of this clone instance: from the meta attribute, else from the ":N" of its name. */
static uint64_t clone_number(const struct ocf_run *run)
{
	const char *meta = ocf_meta(run, "clone");
	const char *colon = strrchr(ocf_instance(run), ':');
	uint64_t number = 0;

	if (meta && parse_number(meta, UINT32_MAX, &number))
		return number;
	if (colon && parse_number(colon + 1, UINT32_MAX, &number))
		return number;
	return 0;
}

/* Adds to the last byte of an IPv4 address, as the stock agent does, or the last 8 of an IPv6 one.
 */
static bool add_to_addr(struct haops_addr *addr, uint64_t number)
{
	size_t end = addr->family == AF_INET ? 4 : 16;
	size_t begin = addr->family == AF_INET ? 3 : 8;

	for (size_t i = end; i > begin; i--) {
		number += addr->bytes[i - 1];
		addr->bytes[i - 1] = (uint8_t)number;
		number >>= 8;
	}
	return number == 0;
}

static int add_clone_number(struct ocf_run *run, struct ipaddr2_config *cfg)
{
	uint64_t number = clone_number(run);
	char text[HAOPS_ADDR_TEXT_MAX];

	for (size_t i = 0; i < cfg->count; i++) {
		haops_addr_format(&cfg->addrs[i], text);
		if (!add_to_addr(&cfg->addrs[i], number))
			return bad(cfg,
				   "parameter ip: %s plus clone number %llu is out of range: "
				   "choose a lower address",
				   text, (unsigned long long)number);
	}
	return OCF_SUCCESS;
}

/* Goes on behind a value that is no address: stop removes what can be read. */
static int read_addrs(struct ocf_run *run, struct ipaddr2_config *cfg)
{
	CLEANUP_FREE char *list = strdup(ocf_str(run, P_IP));
	char *rest = list;
	char *item;
	size_t count = list ? count_items(list) : 0;
	int rc = OCF_SUCCESS;

	if (!list)
		return fail_memory(cfg);
	if (count == 0)
		return bad(cfg, "parameter ip is not set: give the address");
	if (count > HAOPS_VIP_MAX)
		return bad(cfg, "parameter ip has %zu addresses: at most %d are possible", count,
			   HAOPS_VIP_MAX);
	cfg->addrs = calloc(count, sizeof(*cfg->addrs));
	if (!cfg->addrs)
		return fail_memory(cfg);
	while ((item = next_item(&rest)) != NULL) {
		int item_rc = read_one_addr(run, item, cfg);

		rc = rc == OCF_SUCCESS ? item_rc : rc;
	}
	cfg->count = sort_unique(cfg->addrs, cfg->count);
	if (ocf_bool(run, P_UNIQUE_CLONE_ADDRESS) && add_clone_number(run, cfg) != OCF_SUCCESS)
		rc = OCF_ERR_CONFIGURED;
	return rc;
}

/* A name that no interface can have is refused: the kernel forbids white space, '/' and ':'. */
static int read_nic(struct ocf_run *run, struct ipaddr2_config *cfg)
{
	const char *nic = ocf_str(run, P_NIC);
	const char *colon = strchr(nic, ':');
	size_t len = colon ? (size_t)(colon - nic) : strlen(nic);
	const char *label = colon ? colon + 1 : ocf_str(run, P_IFLABEL);

	for (const char *c = nic; *c; c++) {
		if (!isgraph((unsigned char)*c) || *c == '/')
			return bad(cfg, "parameter nic: \"%.32s\" is no interface name", nic);
	}
	if (len >= sizeof(cfg->nic) || (len == 0 && *nic) || (colon && !*label) ||
	    (colon && strchr(label, ':')))
		return bad(cfg, "parameter nic: \"%.32s\" is no interface name", nic);
	if (strlen(label) >= sizeof(cfg->label))
		return bad(cfg, "parameter iflabel: \"%.32s\" exceeds 15 characters", label);
	for (const char *c = label; *c; c++) {
		if (!isgraph((unsigned char)*c))
			return bad(cfg, "parameter iflabel: white space and control characters are "
					"not possible");
	}
	memcpy(cfg->nic, nic, len);
	memcpy(cfg->label, label, strlen(label));
	return OCF_SUCCESS;
}

static bool is_family_present(const struct ipaddr2_config *cfg, uint8_t family)
{
	for (size_t i = 0; i < cfg->count; i++) {
		if (cfg->addrs[i].family == family)
			return true;
	}
	return false;
}

/* 255.255.255.0 -> 24; -1 when it is no netmask. */
static int prefix_of_dotted(const char *text)
{
	struct in_addr mask;
	uint32_t bits;
	int len = 0;

	if (inet_pton(AF_INET, text, &mask) != 1)
		return -1;
	for (bits = ntohl(mask.s_addr); bits & 0x80000000u; bits <<= 1)
		len++;
	return bits == 0 ? len : -1;
}

static int read_prefix(struct ocf_run *run, struct ipaddr2_config *cfg)
{
	enum ipaddr2_param param = ocf_is_set(run, P_CIDR_NETMASK) ? P_CIDR_NETMASK : P_NETMASK;
	const char *text = ocf_str(run, param);
	bool has_v4 = is_family_present(cfg, AF_INET);
	uint64_t len = 0;

	cfg->prefix_len = -1;
	if (!*text)
		return OCF_SUCCESS;
	if (has_v4 && is_family_present(cfg, AF_INET6))
		return bad(cfg,
			   "parameter %s cannot hold for IPv4 and IPv6 in one list: leave it unset "
			   "or make two resources",
			   ipaddr2_params[param].name);
	if (has_v4 && strchr(text, '.')) {
		int dotted = prefix_of_dotted(text);

		cfg->is_dotted_netmask = true;
		len = dotted > 0 ? (uint64_t)dotted : 0;
	} else if (!parse_number(text, has_v4 ? 32 : 128, &len)) {
		len = 0;
	}
	if (len == 0)
		return bad(cfg, "parameter %s: \"%.32s\" is no prefix length: give 1 to %d",
			   ipaddr2_params[param].name, text, has_v4 ? 32 : 128);
	cfg->prefix_len = (int)len;
	return OCF_SUCCESS;
}

static int read_broadcast(struct ocf_run *run, struct ipaddr2_config *cfg)
{
	const char *text = ocf_str(run, P_BROADCAST);

	if (!*text)
		cfg->broadcast_kind = BROADCAST_AUTO;
	else if (strcmp(text, "+") == 0)
		cfg->broadcast_kind = BROADCAST_ONES;
	else if (strcmp(text, "-") == 0)
		cfg->broadcast_kind = BROADCAST_ZEROS;
	else if (inet_pton(AF_INET, text, &cfg->broadcast) == 1)
		cfg->broadcast_kind = BROADCAST_GIVEN;
	else
		return bad(cfg,
			   "parameter broadcast: \"%.32s\" is neither an IPv4 address nor + or -",
			   text);
	return OCF_SUCCESS;
}

static int read_lifetime(struct ocf_run *run, struct ipaddr2_config *cfg)
{
	const char *text = ocf_str(run, P_PREFERRED_LFT);
	uint64_t seconds;

	if (!*text || strcmp(text, "forever") == 0)
		seconds = HAOPS_VIP_FOREVER;
	else if (!parse_number(text, UINT32_MAX, &seconds))
		return bad(cfg,
			   "parameter preferred_lft: \"%.32s\" is neither \"forever\" nor a number "
			   "of seconds",
			   text);
	cfg->preferred_lft_s = (uint32_t)seconds;
	return OCF_SUCCESS;
}

/* The kernel counts lifetimes in seconds. What a lease rests on is one owner that can be seen. */
static int read_lease(struct ocf_run *run, struct ipaddr2_config *cfg)
{
	int64_t lease_ms = ocf_is_set(run, P_LEASE) ? ocf_int(run, P_LEASE) : 0;

	if (lease_ms == 0)
		return OCF_SUCCESS;
	if (lease_ms % 1000 != 0)
		return bad(cfg, "parameter lease: give whole seconds");
	cfg->lease_ms = (uint32_t)lease_ms;
	if (ocf_is_set(run, P_NETWORK_NAMESPACE))
		return bad(cfg, "lease and network_namespace cannot be combined: haopsd renews "
				"addresses of the host's own network only");
	if (ocf_is_clone(run))
		return bad(cfg, "lease is for an address with one owner: not possible in a clone");
	if (cfg->preferred_lft_s != HAOPS_VIP_FOREVER && cfg->preferred_lft_s != 0)
		return bad(cfg, "lease: preferred_lft can be 0 or \"forever\" only");
	if (ocf_bool(run, P_NODAD) && is_family_present(cfg, AF_INET6))
		return bad(cfg, "lease and nodad cannot be combined: detection shows whether the "
				"old owner still has the address");
	return OCF_SUCCESS;
}

static int read_proto(struct ocf_run *run, struct ipaddr2_config *cfg)
{
	/* IFAPROT_KERNEL_LO, _RA and _LL of linux/if_addr.h */
	static const char *const names[] = {"kernel_lo", "kernel_ra", "kernel_ll"};
	const char *text = ocf_str(run, P_PROTO);
	uint64_t number = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(text, names[i]) == 0)
			number = i + 1;
	}
	if (*text && number == 0 && (!parse_number(text, UINT8_MAX, &number) || number == 0))
		return bad(cfg,
			   "parameter proto: \"%.32s\" is no protocol: give a number from 1 to 255",
			   text);
	cfg->proto = (uint8_t)number;
	return OCF_SUCCESS;
}

static int read_targets(struct ocf_run *run, struct ipaddr2_config *cfg)
{
	CLEANUP_FREE char *list = strdup(ocf_str(run, P_ANNOUNCE_TARGET));
	char *rest = list;
	char *item;

	if (!list)
		return fail_memory(cfg);
	while ((item = next_item(&rest)) != NULL) {
		struct haops_addr *target = &cfg->targets[cfg->target_count];

		if (cfg->target_count == HAOPS_ARP_TARGETS_MAX)
			return bad(cfg, "parameter announce_target has more than %d addresses",
				   HAOPS_ARP_TARGETS_MAX);
		if (haops_addr_parse(ocf_ctx(run), item, target) < 0 ||
		    !haops_addr_is_unicast(target))
			return bad(cfg,
				   "parameter announce_target: \"%.48s\" is no address of a host",
				   item);
		cfg->target_count++;
	}
	return OCF_SUCCESS;
}

static int read_schedule(struct ocf_run *run, struct ipaddr2_config *cfg)
{
	cfg->schedule.burst_count = (uint32_t)ocf_int(run, P_ARP_COUNT);
	cfg->schedule.burst_interval_ms = (uint32_t)ocf_int(run, P_ARP_INTERVAL);
	if (haops_arp_schedule_parse(ocf_ctx(run), ocf_str(run, P_ANNOUNCE_SCHEDULE),
				     &cfg->schedule) < 0)
		return bad(cfg, "parameter announce_schedule: %s", haops_ctx_error(ocf_ctx(run)));
	return OCF_SUCCESS;
}

static void read_form(struct ocf_run *run, struct ipaddr2_config *cfg)
{
	const char *sender = ocf_str(run, P_ARP_SENDER);
	const char *opts = ocf_str(run, P_SEND_ARP_OPTS);

	cfg->form = HAOPS_ARP_REQUEST;
	if (!*sender || strcmp(sender, "send_arp") == 0)
		cfg->form = HAOPS_ARP_BOTH;
	for (;;) {
		size_t len;

		opts += strspn(opts, " \t");
		len = strcspn(opts, " \t");
		if (len == 0)
			return;
		if (len == 2 && strncmp(opts, "-A", 2) == 0)
			cfg->form = HAOPS_ARP_REPLY;
		else if (len == 2 && strncmp(opts, "-U", 2) == 0)
			cfg->form = HAOPS_ARP_REQUEST;
		else if (!cfg->unknown_send_arp_opt)
			cfg->unknown_send_arp_opt = opts;
		opts += len;
	}
}

static int refuse_unsupported(struct ocf_run *run, struct ipaddr2_config *cfg)
{
	if (ocf_bool(run, P_LVS_SUPPORT))
		return bad(cfg,
			   "parameter lvs_support is not supported: use ocf:heartbeat:IPaddr2 for "
			   "an LVS address");
	if (ocf_bool(run, P_LVS_IPV6_ADDRLABEL) || ocf_int(run, P_LVS_IPV6_ADDRLABEL_VALUE) != 99)
		return bad(cfg, "parameter %s is not supported: use preferred_lft=0 instead",
			   ocf_bool(run, P_LVS_IPV6_ADDRLABEL) ? "lvs_ipv6_addrlabel"
							       : "lvs_ipv6_addrlabel_value");
	if (ocf_is_set(run, P_MAC))
		return bad(cfg,
			   "parameter mac: CLUSTERIP is gone from the kernel: use a load balancer "
			   "or unique_clone_address");
	if (strcmp(ocf_str(run, P_CLUSTERIP_HASH), "sourceip-sourceport") != 0)
		return bad(cfg,
			   "parameter clusterip_hash: CLUSTERIP is gone from the kernel: use a "
			   "load balancer or unique_clone_address");
	return OCF_SUCCESS;
}

static bool is_meta_true(const struct ocf_run *run, const char *name)
{
	const char *value = ocf_meta(run, name);

	return value && (strcmp(value, "true") == 0 || strcmp(value, "1") == 0);
}

/* pcs and crmsh validate before there is a clone, so that is when nothing is said about it. */
static int check_clone(struct ocf_run *run, struct ipaddr2_config *cfg)
{
	bool is_unique = is_meta_true(run, "globally_unique");

	if (strcmp(ocf_action_name(run), "validate-all") == 0 && !ocf_meta(run, "clone"))
		return OCF_SUCCESS;
	if (ocf_bool(run, P_UNIQUE_CLONE_ADDRESS) && !is_unique)
		return bad(cfg, "unique_clone_address needs a clone with globally-unique=true");
	if (!ocf_bool(run, P_UNIQUE_CLONE_ADDRESS) && is_unique && ocf_is_clone(run))
		return bad(cfg,
			   "a clone with globally-unique=true needs unique_clone_address=true: "
			   "CLUSTERIP is gone from the kernel");
	return OCF_SUCCESS;
}

/* A link-local address says nothing about its interface. */
static int check_link_local(struct ipaddr2_config *cfg)
{
	char text[HAOPS_ADDR_TEXT_MAX];

	for (size_t i = 0; i < cfg->count && !*cfg->nic; i++) {
		const struct haops_addr *addr = &cfg->addrs[i];

		if (addr->family == AF_INET6 && addr->bytes[0] == 0xfe &&
		    (addr->bytes[1] & 0xc0) == 0x80)
			return bad(cfg, "parameter nic is needed for the link-local address %s",
				   haops_addr_format(addr, text));
	}
	return OCF_SUCCESS;
}

static int check_label(struct ipaddr2_config *cfg)
{
	/* An alternative name may be longer than a real one; the real one counts, see place.c. */
	if (*cfg->label && *cfg->nic && strlen(cfg->nic) < HAOPS_LINK_NAME_MAX &&
	    strlen(cfg->nic) + 1 + strlen(cfg->label) >= HAOPS_LINK_NAME_MAX)
		return bad(cfg, "label \"%s:%s\" exceeds 15 characters: shorten iflabel", cfg->nic,
			   cfg->label);
	return OCF_SUCCESS;
}

static int check_netns(struct ocf_run *run, struct ipaddr2_config *cfg)
{
	const char *name = ocf_str(run, P_NETWORK_NAMESPACE);

	for (const char *c = name; *c; c++) {
		if (!isgraph((unsigned char)*c) || *c == '/')
			return bad(cfg, "parameter network_namespace: \"%.32s\" is no file name",
				   name);
	}
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return bad(cfg, "parameter network_namespace: \"%s\" is no namespace", name);
	return OCF_SUCCESS;
}

/* Reads on behind a problem: monitor and stop work with what could be read. */
int ipaddr2_config_read(struct ocf_run *run, struct ipaddr2_config *cfg)
{
	static int (*const readers[])(struct ocf_run *, struct ipaddr2_config *) =
		{read_addrs,  read_nic,	   check_netns,	   refuse_unsupported,
		 check_clone, read_prefix, read_broadcast, read_lifetime,
		 read_lease,  read_proto,  read_targets,   read_schedule};
	int rc = OCF_SUCCESS;

	for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
		int step_rc = readers[i](run, cfg);

		rc = rc == OCF_SUCCESS ? step_rc : rc;
	}
	if (rc == OCF_SUCCESS)
		rc = check_link_local(cfg);
	if (rc == OCF_SUCCESS)
		rc = check_label(cfg);
	cfg->metric = (uint32_t)ocf_int(run, P_METRIC);
	read_form(run, cfg);
	return rc;
}

void ipaddr2_config_done(struct ipaddr2_config *cfg)
{
	free(cfg->addrs);
	cfg->addrs = NULL;
	cfg->count = 0;
}
