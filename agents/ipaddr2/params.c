/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parameters of IPaddr2: names and defaults of the agent it stands in for, then its own. Each
 * text ends with a line "Drop-in:" that says how far the meaning is the same. No code but tables.
 */

#include "ipaddr2/ipaddr2.h"

static const char *const arp_senders[] = {"send_arp", "iputils_arping", "libnet_arping",
					  "ipoibarping", NULL};

const struct ocf_param ipaddr2_params[P_COUNT] = {
	[P_IP] =
		{
			.name = "ip",
			.shortdesc = "Virtual IPv4 or IPv6 address, or a list of them",
			.longdesc = "The address that this resource holds, such as 192.0.2.10 or "
				    "2001:db8::10. IPv6 may be written in any valid form; "
				    "addresses are compared by their bits.\n"
				    "A list of up to 4096 addresses, with spaces or commas "
				    "between, both families mixed if wanted, is held as one: all "
				    "of them or none, with one message batch to the kernel.\n"
				    "Drop-in: same; the list is an addition. Stop removes the "
				    "address from every interface, lo included.",
			.type = OCF_STRING,
			.is_required = true,
			.unique_group = "address",
			.max_len = 131072,
		},
	[P_NIC] =
		{
			.name = "nic",
			.shortdesc = "Network interface",
			.longdesc = "Name of the interface that is to have the address. When "
				    "unset, it is the one with the most specific directly "
				    "connected route, or else own address, whose network contains "
				    "the address. An interface that is down is set up at start.\n"
				    "Drop-in: same. The deprecated form NIC:LABEL still works, "
				    "see iflabel. No other address is needed on the interface.",
			.type = OCF_STRING,
			.max_len = 143,
		},
	[P_CIDR_NETMASK] =
		{
			.name = "cidr_netmask",
			.shortdesc = "Prefix length",
			.longdesc = "Number of bits of the network part: 1 to 32 for IPv4, 1 to "
				    "128 for IPv6. When unset, it is that of the route or address "
				    "by which the interface was found. When set and the address "
				    "is found with another one, monitor reports a failure and "
				    "start replaces it.\n"
				    "Drop-in: same. A dotted quad such as 255.255.255.0 is taken "
				    "with a warning.",
			.type = OCF_STRING,
			.max_len = 15,
		},
	[P_BROADCAST] =
		{
			.name = "broadcast",
			.shortdesc = "Broadcast address",
			.longdesc = "IPv4 broadcast address that is set along with the address; "
				    "\"+\" sets all host bits of the address, \"-\" clears them. "
				    "When unset, it is that of the interface's own address in the "
				    "same network, if there is one. Ignored for IPv6.\n"
				    "Drop-in: same.",
			.type = OCF_STRING,
			.max_len = 15,
		},
	[P_IFLABEL] =
		{
			.name = "iflabel",
			.shortdesc = "Label of the address",
			.longdesc = "Label under which ifconfig(8) and \"ip address\" show an "
				    "IPv4 address: the interface's name, a colon, this text; 15 "
				    "characters in all. Ignored for IPv6, and when nic has a "
				    "label.\n"
				    "Drop-in: same.",
			.type = OCF_STRING,
			.max_len = 13,
		},
	[P_LVS_SUPPORT] =
		{
			.name = "lvs_support",
			.shortdesc = "Not supported: keep on loopback for LVS",
			.longdesc = "Moving the address to the loopback interface when it stops, "
				    "for LVS direct routing, is not supported.\n"
				    "Drop-in: false is accepted. True is a configuration error: "
				    "use ocf:heartbeat:IPaddr2 for such an address.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
		},
	[P_LVS_IPV6_ADDRLABEL] =
		{
			.name = "lvs_ipv6_addrlabel",
			.shortdesc = "Not supported: IPv6 address label for LVS",
			.longdesc = "Adding an address label (ip-addrlabel(8)) is not supported. "
				    "To keep an address from being chosen as source, set "
				    "preferred_lft=0.\n"
				    "Drop-in: false is accepted. True is a configuration error.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
		},
	[P_LVS_IPV6_ADDRLABEL_VALUE] =
		{
			.name = "lvs_ipv6_addrlabel_value",
			.shortdesc = "Not supported: value of the address label",
			.longdesc = "Goes with lvs_ipv6_addrlabel.\n"
				    "Drop-in: 99 is accepted. Another value is a configuration "
				    "error.",
			.type = OCF_INTEGER,
			.default_value = "99",
			.min = 0,
			.max = UINT32_MAX,
		},
	[P_MAC] =
		{
			.name = "mac",
			.shortdesc = "Not supported: shared hardware address",
			.longdesc = "Belonged to load sharing by the CLUSTERIP target of "
				    "iptables, which current kernels do not have.\n"
				    "Drop-in: unset is accepted. A value is a configuration "
				    "error: use a load balancer, or unique_clone_address.",
			.type = OCF_STRING,
		},
	[P_CLUSTERIP_HASH] =
		{
			.name = "clusterip_hash",
			.shortdesc = "Not supported: load sharing hash",
			.longdesc = "Belonged to load sharing by the CLUSTERIP target of "
				    "iptables, which current kernels do not have.\n"
				    "Drop-in: the default is accepted and without effect. Another "
				    "value is a configuration error: use a load balancer, or "
				    "unique_clone_address.",
			.type = OCF_STRING,
			.default_value = "sourceip-sourceport",
		},
	[P_UNIQUE_CLONE_ADDRESS] =
		{
			.name = "unique_clone_address",
			.shortdesc = "Add the clone number to the address",
			.longdesc = "In a clone with globally-unique=true: instance number N "
				    "holds the address plus N, so that each instance has one of "
				    "its own. IPv4: added to the last number. IPv6: added to the "
				    "last 64 bits.\n"
				    "Drop-in: same; IPv6 and lists are additions.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
		},
	[P_ARP_INTERVAL] =
		{
			.name = "arp_interval",
			.shortdesc = "Milliseconds between announcements",
			.longdesc = "Time between the rounds of the first burst of announcements "
				    "(ARP for IPv4, neighbour advertisements for IPv6), in "
				    "milliseconds.\n"
				    "Drop-in: same, and it holds whatever arp_sender is.",
			.type = OCF_INTEGER,
			.default_value = "200",
			.is_reloadable = true,
			.min = 1,
			.max = 60000,
		},
	[P_ARP_COUNT] =
		{
			.name = "arp_count",
			.shortdesc = "Announcements at start",
			.longdesc = "Rounds of the first burst. The first is on the wire before "
				    "start returns. More follow by announce_schedule and whenever "
				    "the carrier comes back.\n"
				    "Drop-in: same.",
			.type = OCF_INTEGER,
			.default_value = "5",
			.is_reloadable = true,
			.min = 1,
			.max = 1000,
		},
	[P_ARP_COUNT_REFRESH] =
		{
			.name = "arp_count_refresh",
			.shortdesc = "Announcements at each monitor",
			.longdesc = "Rounds that each recurring monitor sends while it finds the "
				    "address, arp_interval apart, so that neighbours with a stale "
				    "entry learn better. 0 for none. The monitor lasts that much "
				    "longer.\n"
				    "Drop-in: same; it applies to IPv6 as well.",
			.type = OCF_INTEGER,
			.default_value = "0",
			.is_reloadable = true,
			.min = 0,
			.max = IPADDR2_REFRESH_MAX,
		},
	[P_ARP_BG] =
		{
			.name = "arp_bg",
			.shortdesc = "Send the burst in the background",
			.longdesc = "Whether start returns after the first round (true), or after "
				    "the whole first burst (false).\n"
				    "Drop-in: same for IPv4. When unset it is true for IPv6 too, "
				    "because start sends the first round of either family itself "
				    "and reports when that fails.",
			.type = OCF_BOOLEAN,
			.is_reloadable = true,
		},
	[P_ARP_SENDER] =
		{
			.name = "arp_sender",
			.shortdesc = "Form of the announcements",
			.longdesc = "No program is started: the agent sends by itself, on "
				    "Ethernet and InfiniBand. The value says whose messages are "
				    "sent. Unset or send_arp: each time an ARP request and a "
				    "reply, as some switches heed only one of them. "
				    "iputils_arping, libnet_arping, ipoibarping: requests. IPv6 "
				    "always has unsolicited neighbour advertisements.\n"
				    "Drop-in: same values and same messages on the wire; none of "
				    "the programs is needed.",
			.type = OCF_SELECT,
			.is_reloadable = true,
			.options = arp_senders,
		},
	[P_SEND_ARP_OPTS] =
		{
			.name = "send_arp_opts",
			.shortdesc = "Options that choose the form of the announcements",
			.longdesc = "-A: ARP replies only. -U: ARP requests only. Other options "
				    "are ignored with a warning.\n"
				    "Drop-in: same for -A and -U, whatever arp_sender is.",
			.type = OCF_STRING,
			.is_reloadable = true,
		},
	[P_FLUSH_ROUTES] =
		{
			.name = "flush_routes",
			.shortdesc = "Flush cached routes at stop",
			.longdesc = "Drops the kernel's cached routes after the address is gone, "
				    "as \"ip route flush cache\" does.\n"
				    "Drop-in: same. To end connections, use "
				    "kill_connections_on_stop.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
			.is_reloadable = true,
		},
	[P_RUN_ARPING] =
		{
			.name = "run_arping",
			.shortdesc = "Ask for duplicates before start",
			.longdesc = "Before an IPv4 address is added, ask on the wire whether "
				    "another host has it (RFC 5227; 3 probes in 1.5 seconds). "
				    "When one answers, or when it cannot be found out, start "
				    "fails and the exit reason names the hardware address or the "
				    "cause. For IPv6 the kernel does this, see nodad.\n"
				    "Drop-in: same; a link without carrier is a failure here, "
				    "since nobody could be asked.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
			.is_reloadable = true,
		},
	[P_NODAD] =
		{
			.name = "nodad",
			.shortdesc = "Skip duplicate address detection",
			.longdesc = "IPv6: the address is usable at once, without the kernel's "
				    "duplicate address detection (about one second).\n"
				    "Drop-in: same.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
		},
	[P_NOPREFIXROUTE] =
		{
			.name = "noprefixroute",
			.shortdesc = "Add no route for the network",
			.longdesc = "Adds the address without the route to its network "
				    "(ip-address(8)).\n"
				    "Drop-in: same.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
		},
	[P_PREFERRED_LFT] =
		{
			.name = "preferred_lft",
			.shortdesc = "Preferred lifetime of an IPv6 address",
			.longdesc = "Seconds, or \"forever\". 0: the address is never chosen as "
				    "the source of a connection that this node opens. Ignored for "
				    "IPv4.\n"
				    "Drop-in: same; an empty value counts as unset.",
			.type = OCF_STRING,
			.default_value = "forever",
			.max_len = 10,
		},
	[P_NETWORK_NAMESPACE] =
		{
			.name = "network_namespace",
			.shortdesc = "Network namespace",
			.longdesc = "Name of the network namespace (ip-netns(8)) that has the "
				    "interface. It must exist at start. When it does not, a probe "
				    "reports not running, and stop reports success with a log "
				    "line, because the addresses of a namespace end with it.\n"
				    "Drop-in: same.",
			.type = OCF_STRING,
			.max_len = 200,
		},
	[P_METRIC] =
		{
			.name = "metric",
			.shortdesc = "Metric of the network's route",
			.longdesc = "Metric of the route that the kernel adds for the network of "
				    "the address. Unset: the kernel's own choice.\n"
				    "Drop-in: an addition.",
			.type = OCF_INTEGER,
			.min = 0,
			.max = UINT32_MAX,
		},
	[P_KILL_CONNECTIONS_ON_STOP] =
		{
			.name = "kill_connections_on_stop",
			.shortdesc = "End TCP connections at stop",
			.longdesc = "At stop, end the TCP connections of the address before it is "
				    "removed: local programs see an error at once and peers a "
				    "reset, instead of a silence of many minutes.\n"
				    "Drop-in: an addition.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
			.is_reloadable = true,
		},
	[P_ANNOUNCE_TARGET] =
		{
			.name = "announce_target",
			.shortdesc = "Hosts that are told directly",
			.longdesc = "Up to 16 addresses of neighbours, such as a gateway that "
				    "ignores broadcasts, with spaces or commas between: each "
				    "announcement is also sent to them alone.\n"
				    "Drop-in: an addition.",
			.type = OCF_STRING,
			.is_reloadable = true,
		},
	[P_ANNOUNCE_SCHEDULE] =
		{
			.name = "announce_schedule",
			.shortdesc = "Later announcements",
			.longdesc = "Seconds after start at which the address is announced again, "
				    "rising, up to 32 of them, with commas between; \"none\" for "
				    "none. A switch port that still learns (spanning tree: 30 to "
				    "50 seconds) drops the first ones. The same times count again "
				    "from each return of the carrier.\n"
				    "Drop-in: an addition.",
			.type = OCF_STRING,
			.default_value = "1,2,5,15,35,60",
			.is_reloadable = true,
		},
	[P_CHECK_LINK_STATUS] =
		{
			.name = "check_link_status",
			.shortdesc = "Fail when the link is down",
			.longdesc = "When true, start and monitor fail while the interface is "
				    "down or without carrier. When false, the link is left to "
				    "others, such as ocf:heartbeat:ethmonitor.\n"
				    "Drop-in: Debian 12 has no such parameter and does not look "
				    "at the link, hence the default. Newer releases of the stock "
				    "agent default to true and report \"not running\"; here it is "
				    "a failure (1), because the address is still there and must "
				    "be stopped.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
			.is_reloadable = true,
		},
	[P_PROTO] =
		{
			.name = "proto",
			.shortdesc = "Protocol tag of the address",
			.longdesc = "Number from 1 to 255, or kernel_lo, kernel_ra or kernel_ll, "
				    "with which the address is marked (ip-address(8)). Kernels "
				    "before 5.18 ignore it.\n"
				    "Drop-in: newer than Debian 12; names of "
				    "/etc/iproute2/rt_addrprotos are not read.",
			.type = OCF_STRING,
			.max_len = 16,
		},
	[P_LEASE] =
		{
			.name = "lease",
			.shortdesc = "Hold the address by a lease of so many seconds",
			.longdesc = "The address gets a lifetime in the kernel, which haopsd(8) "
				    "renews only while it proves that this node is in the "
				    "majority: its own messages come back through Corosync, with "
				    "quorum, and Pacemaker (controller and pacemakerd) answers. "
				    "When any of them dies, hangs "
				    "or is cut off, haopsd included, the address goes by itself "
				    "before another node can take it: at most one owner, even "
				    "without a fencing device.\n"
				    "Whole seconds. It must be over before the others agree on "
				    "the loss: at most 3 for token 3000 and consensus 3600; "
				    "validate-all at level 10 says what the running cluster "
				    "allows. keepalive of haopsd.conf(5) must be at most half of "
				    "it: so old gets the proof before the next one. "
				    "Start waits for the proof, and until nobody answers "
				    "for the address any more (IPv4: 0.4 seconds of asking; IPv6: "
				    "the kernel's detection), and fails without. Whenever another "
				    "node is lost, the ring stands still for token and consensus: "
				    "the lease ends too, and the address is started again "
				    "afterwards. Not for clones, network_namespace, a two_node "
				    "cluster without qdevice (it has no majority).\n"
				    "What remains: a hypervisor that pauses the machine and hides "
				    "that from its clocks. When it goes on, two nodes may have the "
				    "address for up to the lease and the kernel's lateness (2 "
				    "seconds); only fencing closes that.\n"
				    "Pacemaker's settings for it: no-quorum-policy=stop (the "
				    "default), start-failure-is-fatal=false, and for the resource "
				    "a migration-threshold and a failure-timeout: a start that "
				    "waited in vain is to be tried again.\n"
				    "Drop-in: an addition; needs haopsd.",
			.type = OCF_TIME,
			.min = 1000,
			.max = 600000,
		},
	[P_NETMASK] =
		{
			.name = "netmask",
			.shortdesc = "Former name of cidr_netmask",
			.longdesc = "Used when cidr_netmask is unset.\n"
				    "Drop-in: same; the stock agent takes it without naming it.",
			.type = OCF_STRING,
			.max_len = 15,
			.deprecated = "Former name of cidr_netmask.",
			.replaced_with = "cidr_netmask",
		},
};
