/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parameters of drbd: names and defaults of the agent it stands in for, then its own. Each text
 * ends with a line "Drop-in:" that says how far the meaning is the same. Looks at no host. */

#include "drbd/drbd.h"

#include <string.h>

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-%+./:=@_"

static const char *const fencing_wishes[] = {"warn", "refuse", "no", NULL};

static const char *check_resource(const char *value)
{
	if (value[0] == '-' || strcmp(value, "all") == 0 || strncmp(value, "minor-", 6) == 0)
		return "is no name of a resource";
	return value[strspn(value, NAME_CHARACTERS)] ? "has characters that no resource's name has"
						     : NULL;
}

static const char *check_path(const char *value)
{
	if (value[0] != '/')
		return "is no absolute path";
	return value[strspn(value, NAME_CHARACTERS)] ? "has characters other than letters, digits "
						       "and -%+./:=@_"
						     : NULL;
}

static const char *check_scores(const char *value)
{
	struct score_values values;

	return score_read(value, &values);
}

static const char *check_line(const char *value)
{
	return strpbrk(value, "\n\r") ? "has more than one line" : NULL;
}

static bool is_version(const char *value)
{
	unsigned int dots = 0;
	unsigned int digits = 0;

	for (; *value; value++) {
		if (*value == '.' && digits > 0) {
			dots++;
			digits = 0;
		} else if (*value >= '0' && *value <= '9' && digits < 3) {
			digits++;
		} else {
			return false;
		}
	}
	return dots == 2 && digits > 0;
}

static const char *check_version(const char *value)
{
	return is_version(value) ? NULL : "is no version like 9.0.16";
}

const struct ocf_param drbd_params[DRBD_PARAM_COUNT] = {
	[DRBD_RESOURCE] =
		{
			.name = "drbd_resource",
			.shortdesc = "DRBD resource",
			.longdesc = "Name of the resource in drbd.conf.\n"
				    "Drop-in: same.",
			.type = OCF_STRING,
			.is_required = true,
			.unique_group = "drbd_resource",
			.max_len = STATE_NAME_MAX - 1,
			.check = check_resource,
		},
	[DRBD_DRBDCONF] =
		{
			.name = "drbdconf",
			.shortdesc = "Configuration file",
			.longdesc = "Absolute path of drbd.conf. Stop, demote and monitor do not "
				    "need it.\n"
				    "Drop-in: same.",
			.type = OCF_STRING,
			.default_value = "/etc/drbd.conf",
			.check = check_path,
		},
	[DRBD_ADJUST_MASTER_SCORE] =
		{
			.name = "adjust_master_score",
			.shortdesc = "Promotion scores",
			.longdesc =
				"Four numbers, none below the one before it: the promotion score "
				"of a node that has only Consistent data (0: none); whose data is "
				"not UpToDate while that of a connected peer is; whose data is "
				"UpToDate, and of a peer it is not known what it has; whose data "
				"is UpToDate and that is Primary or knows all peers. One without a "
				"disk on purpose has the third or fourth number less one. A node "
				"that promote would refuse has no score.\n"
				"Drop-in: same numbers. The second one counts with "
				"promote_on_remote_data or on a Primary only. A Consistent node "
				"has the third one, if the cluster remembers that it was Primary "
				"last. A lower score is told once the state has lasted for 30 s: "
				"each change interrupts a failover under way. A wrong value is "
				"refused, not replaced by the default.",
			.type = OCF_STRING,
			.default_value = "0 10 1000 10000",
			.is_reloadable = true,
			.check = check_scores,
		},
	[DRBD_STOP_OUTDATES_SECONDARY] =
		{
			.name = "stop_outdates_secondary",
			.shortdesc = "Outdate a Secondary that stops",
			.longdesc = "Whether a node that is stopped, or loses its peer, while "
				    "Pacemaker knows another one to be promoted marks its own data "
				    "as Outdated. Fencing in drbd.conf is the better way.\n"
				    "Drop-in: same.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
			.is_reloadable = true,
		},
	[DRBD_IGNORE_MISSING_NOTIFICATIONS] =
		{
			.name = "ignore_missing_notifications",
			.shortdesc = "Allow a clone without notify=true",
			.longdesc = "Without notifications a node connects to a peer that starts "
				    "later by itself all the same, but scores change with the next "
				    "monitor only.\n"
				    "Drop-in: same.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
			.is_reloadable = true,
		},
	[DRBD_WFC_TIMEOUT] =
		{
			.name = "wfc_timeout",
			.shortdesc = "How long start waits for the connection",
			.longdesc =
				"Seconds that start waits for the peers to be connected at most; 0 "
				"waits as long as the operation's timeout allows. Anything that is "
				"no number, such as \"no\", does not wait.\n"
				"Drop-in: same, but 0 leaves the rest of start 10 s instead of "
				"running into the timeout.",
			.type = OCF_STRING,
			.default_value = "5",
			.is_reloadable = true,
		},
	[DRBD_REMOVE_MASTER_SCORE] =
		{
			.name = "remove_master_score_if_peer_primary",
			.shortdesc = "No score while a peer is Primary",
			.longdesc =
				"true: no promotion score while DRBD is connected to a Primary "
				"whose data is all UpToDate; after its death a failover waits for "
				"DRBD to notice and for one monitor. unexpected: only where "
				"Pacemaker knows of no promoted instance. Anything else is "
				"false.\n"
				"Drop-in: same.",
			.type = OCF_STRING,
			.default_value = "false",
			.is_reloadable = true,
		},
	[DRBD_FAIL_PROMOTE_EARLY] =
		{
			.name = "fail_promote_early_if_peer_primary",
			.shortdesc = "Promote gives up at once while a peer is Primary",
			.longdesc =
				"Whether promote fails after its first try if a connected peer is "
				"Primary and Pacemaker knows of no promoted instance. Otherwise it "
				"tries until its timeout: the peer may be dead, and DRBD about to "
				"notice.\n"
				"Drop-in: same.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
			.is_reloadable = true,
		},
	[DRBD_UNFENCE_IF_ALL_UPTODATE] =
		{
			.name = "unfence_if_all_uptodate",
			.shortdesc = "Call unfence-peer once all is UpToDate",
			.longdesc =
				"Whether the monitor of a Primary calls \"drbdadm unfence-peer\" "
				"when all of its disks and its peers' are UpToDate.\n"
				"Drop-in: same, but once after each time that one was not, instead "
				"of in each monitor.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
			.is_reloadable = true,
		},
	[DRBD_UNFENCE_EXTRA_ARGS] =
		{
			.name = "unfence_extra_args",
			.shortdesc = "Arguments for the unfence-peer handler",
			.longdesc = "Handed to the handler in the variable "
				    "OCF_RESKEY_unfence_extra_args, as crm-unfence-peer.9.sh "
				    "reads it.\n"
				    "Drop-in: same.",
			.type = OCF_STRING,
			.default_value = "--quiet --flock-required --flock-timeout 0 "
					 "--unfence-only-if-owner-match",
			.is_reloadable = true,
			.check = check_line,
		},
	[DRBD_VERSION_GE] =
		{
			.name = "require_drbd_module_version_ge",
			.shortdesc = "Least version of the kernel module",
			.longdesc = "start fails on a kernel whose DRBD is older.\n"
				    "Drop-in: same, but an empty value is the default, which every "
				    "version is above.",
			.type = OCF_STRING,
			.default_value = "8.0.0",
			.is_reloadable = true,
			.check = check_version,
		},
	[DRBD_VERSION_LT] =
		{
			.name = "require_drbd_module_version_lt",
			.shortdesc = "Version that the kernel module is below",
			.longdesc = "start fails on a kernel whose DRBD is this version or newer.\n"
				    "Drop-in: same, but an empty value is the default.",
			.type = OCF_STRING,
			.default_value = "10.0.0",
			.is_reloadable = true,
			.check = check_version,
		},
	[DRBD_CONNECT_ONLY_AFTER_PROMOTE] =
		{
			.name = "connect_only_after_promote",
			.shortdesc = "Stay disconnected until promoted",
			.longdesc =
				"start attaches the disk only; promote connects. For a stacked "
				"resource whose lower layer is not fenced. Each promotion begins a "
				"new generation of the data.\n"
				"Drop-in: same.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
			.is_reloadable = true,
		},
	[DRBD_REQUIRE_FENCING] =
		{
			.name = "require_fencing",
			.shortdesc = "What to do where drbd.conf has no fencing",
			.longdesc =
				"DRBD can promote stale data unless drbd.conf has fencing "
				"resource-only or resource-and-stonith and a handler fence-peer "
				"(haops-outdate-peer, or drbd-utils' crm-fence-peer.sh, with DRBD "
				"9 crm-fence-peer.9.sh), or, with DRBD 9, quorum. warn: start and "
				"promote say so in the log. "
				"refuse: promote fails. no: nothing.\n"
				"Drop-in: an addition.",
			.type = OCF_SELECT,
			.default_value = "warn",
			.options = fencing_wishes,
			.is_reloadable = true,
		},
	[DRBD_PROMOTE_ON_REMOTE_DATA] =
		{
			.name = "promote_on_remote_data",
			.shortdesc = "Promote on the data of a peer",
			.longdesc =
				"Whether a node whose own disk is missing, Outdated or being "
				"synchronised may be promoted while a connected peer is UpToDate: "
				"reads go over the network, and the loss of that peer is the loss "
				"of the service. Not needed for nodes that have no disk on "
				"purpose.\n"
				"Drop-in: an addition; the stock agent promotes such a node.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
			.is_reloadable = true,
		},
	[DRBD_REMEMBER_PRIMARY] =
		{
			.name = "remember_primary",
			.shortdesc = "Keep in the CIB who has the newest data",
			.longdesc =
				"Whether the property set haops-drbd-RESOURCE of the CIB keeps who "
				"was Primary last, and of which generation of the data (DRBD 8.4). "
				"A node that returns alone and may lack what another one wrote is "
				"not promoted then, until that one is connected. If its data is "
				"lost for good, and only then, let the older data be used by "
				"\"crm_attribute -t crm_config -s haops-drbd-RESOURCE -n "
				"allow-stale -v EPOCH\", EPOCH being the number in the property "
				"primary; it counts for one promotion. Needs haopsd's program "
				"haops-cib; without it, and outside of Pacemaker, nothing is "
				"kept.\n"
				"Drop-in: an addition.",
			.type = OCF_BOOLEAN,
			.default_value = "true",
			.is_reloadable = true,
		},
	[DRBD_DEGRADED_CODES] =
		{
			.name = "degraded_codes",
			.shortdesc = "Tell degraded states by their own codes",
			.longdesc =
				"Whether monitor ends with 190 or 191 (degraded) while the own "
				"disk is missing or not UpToDate, a peer is not connected or is "
				"being synchronised, or quorum is lost. Only where the executor "
				"knows these codes (Pacemaker from 2.1.2).\n"
				"Drop-in: an addition.",
			.type = OCF_BOOLEAN,
			.default_value = "false",
			.is_reloadable = true,
		},
};
