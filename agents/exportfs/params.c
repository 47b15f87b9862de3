/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parameters of exportfs: names and defaults of the agent it stands in for, then its own. Each
 * text ends with a line "Drop-in:" that says how far the meaning is the same. Looks at no host. */

#include "exportfs/exportfs.h"

#include <haops/addr.h>
#include <string.h>

#define LIST_MAX (TABLE_TEXT_MAX - 1)

static const char *check_clients(const char *value)
{
	static struct table_words words;
	const char *problem = table_split(value, false, &words);

	if (problem)
		return problem;
	if (strpbrk(value, "(),\\\"'$`;|&<>"))
		return "holds a byte that is part of no client (options have a parameter of their "
		       "own)";
	for (size_t i = 0; i < words.count; i++)
		if (table_word(&words, i)[0] == '-')
			return "holds a client that begins with -";
	return NULL;
}

static const char *check_directories(const char *value)
{
	static struct table_words words;
	const char *problem = table_split(value, false, &words);

	for (size_t i = 0; !problem && i < words.count; i++) {
		if (table_word(&words, i)[0] != '/')
			problem = "holds a path that is not absolute";
		else if (strlen(table_word(&words, i)) >= EXPORTFS_PATH_MAX)
			problem = "holds a path that is too long";
	}
	return problem;
}

static const char *check_options(const char *value)
{
	return strpbrk(value, " \t\n\"'\\()") ? "holds a blank, a quote or a bracket: options are "
						"words between commas"
					      : NULL;
}

static const char *check_fsid(const char *value)
{
	return strpbrk(value, ", \t\n\"'\\()=") ? "is no number, UUID or \"root\"" : NULL;
}

static const char *check_backup(const char *value)
{
	if (value[0] == '/' || strcmp(value, "..") == 0 || strncmp(value, "../", 3) == 0 ||
	    strstr(value, "/../"))
		return "is no path below the exported directory";
	return NULL;
}

static const char *check_addresses(const char *value)
{
	static struct table_words words;
	const char *problem = table_split(value, true, &words);
	struct haops_addr addr;
	struct haops_ctx *ctx;

	if (problem || haops_ctx_new(&ctx) < 0)
		return problem;
	for (size_t i = 0; i < words.count; i++)
		if (haops_addr_parse(ctx, table_word(&words, i), &addr) < 0)
			problem = "holds what is no IP address";
	haops_ctx_free(ctx);
	return problem;
}

const struct ocf_param exportfs_params[EXPORTFS_PARAM_COUNT] = {
	[P_CLIENTSPEC] =
		{
			.name = "clientspec",
			.shortdesc = "Who may mount",
			.longdesc =
				"Host, network, wildcard or netgroup as in exports(5), such as "
				"192.0.2.0/24; IPv6 in brackets, such as [2001:db8::]/64. Several "
				"are "
				"separated by blanks.\n"
				"Drop-in: same; several clients are new.",
			.type = OCF_STRING,
			.is_required = true,
			.max_len = LIST_MAX,
			.check = check_clients,
		},
	[P_OPTIONS] =
		{
			.name = "options",
			.shortdesc = "Export options",
			.longdesc = "Options of exports(5), separated by commas. fsid is put in by "
				    "the agent.\n"
				    "Drop-in: same; a change takes effect without a restart.",
			.type = OCF_STRING,
			.default_value = NULL,
			.is_reloadable = true,
			.check = check_options,
		},
	[P_DIRECTORY] =
		{
			.name = "directory",
			.shortdesc = "What is exported",
			.longdesc =
				"Absolute path of a directory; several are separated by blanks. "
				"Symbolic links are resolved.\n"
				"Drop-in: same. A directory that is missing at start fails on this "
				"node (2), "
				"and does not keep the resource off every node (6).",
			.type = OCF_STRING,
			.is_required = true,
			.max_len = LIST_MAX,
			.check = check_directories,
		},
	[P_FSID] =
		{
			.name = "fsid",
			.shortdesc = "Identifier of the file system, the same on every node",
			.longdesc =
				"A number, a UUID, or \"root\" (0, the root of NFSv4's tree). "
				"Clients hold "
				"it in their file handles, so it has to be the same on all nodes, "
				"and no "
				"other export may have it. Several directories count on from it, "
				"and it has "
				"to be a number then. It overrides an fsid in options.\n"
				"Drop-in: same.",
			.type = OCF_STRING,
			.is_required = true,
			.max_len = EXPORTFS_FSID_MAX - 1,
			.check = check_fsid,
		},
	[P_UNLOCK_ON_STOP] =
		{
			.name = "unlock_on_stop",
			.shortdesc = "Release NFSv3 locks on stop",
			.longdesc = "After the export ended, the kernel releases the locks of its "
				    "clients: "
				    "those that were taken through the addresses in unlock_ip, or, "
				    "without "
				    "that, all locks on the file system, whoever exports it.\n"
				    "Drop-in: same.",
			.type = OCF_BOOLEAN,
			.default_value = "1",
			.is_reloadable = true,
		},
	[P_WAIT_FOR_LEASETIME_ON_STOP] =
		{
			.name = "wait_for_leasetime_on_stop",
			.shortdesc = "Wait until NFSv4 clients have let go",
			.longdesc =
				"What an NFSv4 client has open keeps the file system from being "
				"unmounted until its lease is over. With this, stop waits until no "
				"client "
				"has anything on it any more, but one lease time and two seconds "
				"at most, "
				"and only once for exports that stop one after the other (those of "
				"a "
				"group). The timeout of stop has to allow for it.\n"
				"Drop-in: same, but it ends as soon as the kernel shows that "
				"nothing is "
				"left, and a group waits once.",
			.type = OCF_BOOLEAN,
			.default_value = "0",
			.is_reloadable = true,
		},
	[P_RMTAB_BACKUP] =
		{
			.name = "rmtab_backup",
			.shortdesc = "Where NFSv3 mounts are remembered",
			.longdesc = "File below the exported directory that the lines of "
				    "/var/lib/nfs/rmtab "
				    "about it are copied to by each monitor and by stop, and taken "
				    "back from by "
				    "start. \"none\": no copy.\n"
				    "Drop-in: same. It is written only when it changes, and never "
				    "through a "
				    "symbolic link: clients can write there.",
			.type = OCF_STRING,
			.default_value = ".rmtab",
			.is_reloadable = true,
			.check = check_backup,
		},
	[P_UNLOCK_IP] =
		{
			.name = "unlock_ip",
			.shortdesc = "Addresses whose NFSv3 locks are released",
			.longdesc = "The virtual addresses of this group, separated by commas or "
				    "blanks. With "
				    "it, stop releases the locks that were taken through them, and "
				    "leaves those "
				    "of other groups alone.\n"
				    "Drop-in: new.",
			.type = OCF_STRING,
			.default_value = NULL,
			.is_reloadable = true,
			.check = check_addresses,
		},
	[P_EXPIRE_CLIENTS_ON_STOP] =
		{
			.name = "expire_clients_on_stop",
			.shortdesc = "End NFSv4 clients that still hold something",
			.longdesc =
				"After the export ended (and the wait, if there is one), NFSv4 "
				"clients that "
				"still have something on the file system are ended by the server. "
				"They lose "
				"what they have on other file systems of this server, too. Without "
				"it, a "
				"client that goes on working through another group's address keeps "
				"the file "
				"system from being unmounted. Needs Linux 5.3.\n"
				"Drop-in: new.",
			.type = OCF_BOOLEAN,
			.default_value = "0",
			.is_reloadable = true,
		},
};
