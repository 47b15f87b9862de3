/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decides what a file system is, by its type, options and device, see kind.h. */

#include "filesystem/kind.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct type_row {
	const char *name;
	enum fs_kind kind;
	bool is_block;
	bool wants_fsck;
	bool is_clone; /* several nodes may have it */
	/* Even read-only, a mount may write (its journal), so two nodes never may. */
	bool is_journaled;
};

/* As the stock agent has them. What is not here is local, on a block device, and checked. */
static const struct type_row types[] = {
	{"ext4", FS_LOCAL, true, false, false, true},
	{"ext4dev", FS_LOCAL, true, false, false, true},
	{"ext3", FS_LOCAL, true, false, false, true},
	{"reiserfs", FS_LOCAL, true, false, false, true},
	{"reiser4", FS_LOCAL, true, false, false, true},
	{"xfs", FS_LOCAL, true, false, false, true},
	{"jfs", FS_LOCAL, true, false, false, true},
	{"nss", FS_LOCAL, true, false, false, false},
	{"vfat", FS_LOCAL, true, false, false, false},
	{"fat", FS_LOCAL, true, false, false, false},
	{"zfs", FS_LOCAL, false, false, false, false},
	{"ocfs2", FS_CLUSTER, true, false, true, false},
	{"gfs2", FS_CLUSTER, true, false, true, false},
	{"nfs", FS_NETWORK, false, false, true, false},
	{"nfs4", FS_NETWORK, false, false, true, false},
	{"efs", FS_NETWORK, false, false, true, false},
	{"cifs", FS_NETWORK, false, false, true, false},
	{"smbfs", FS_NETWORK, false, false, true, false},
	{"lustre", FS_NETWORK, false, false, true, false},
	{"glusterfs", FS_NETWORK, false, false, true, false},
	{"ceph", FS_NETWORK, false, false, true, false},
	{"cvfs", FS_NETWORK, false, false, true, false},
	{"rozofs", FS_NETWORK, false, false, false, false},
	{"tmpfs", FS_VIRTUAL, false, false, true, false},
	{"overlay", FS_VIRTUAL, false, false, true, false},
	{"overlayfs", FS_VIRTUAL, false, false, true, false},
	{"none", FS_VIRTUAL, false, false, true, false},
};

static const char *const forced_types[] = {"nfs", "nfs4", "efs", "cifs", "smbfs"};

static bool is_fuse(const char *fstype)
{
	return strncmp(fstype, "fuse", 4) == 0;
}

static struct type_row find_type(const char *fstype)
{
	struct type_row other = {fstype, FS_LOCAL, true, true, false, false};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, fstype) == 0)
			return types[i];
	if (is_fuse(fstype) && strcmp(fstype, "fuseblk") != 0)
		other = (struct type_row){fstype, FS_NETWORK, false, false, false, false};
	return other;
}

bool options_have(const char *options, const char *word)
{
	size_t len = strlen(word);

	while (*options) {
		size_t here = strcspn(options, ",");

		if (here >= len && strncmp(options, word, len) == 0 &&
		    (here == len || options[len] == '='))
			return true;
		options += here;
		if (*options)
			options++;
	}
	return false;
}

static const char *module_of(const char *fstype, enum fs_kind kind)
{
	if (!fstype[0] || kind == FS_BIND || strchr(fstype, ',') || !strcmp(fstype, "none") ||
	    !strcmp(fstype, "auto"))
		return NULL;
	if (!strcmp(fstype, "efs"))
		return "nfs4";
	if (!strncmp(fstype, "fuse.", 5) || !strcmp(fstype, "glusterfs") ||
	    !strcmp(fstype, "rozofs"))
		return "fuse";
	return fstype;
}

void kind_judge(const char *fstype, const char *options, const char *device,
		struct fs_kind_facts *ret_facts)
{
	struct type_row row = find_type(fstype);
	bool is_bind = options_have(options, "bind") || options_have(options, "rbind");
	/* A name without a path and without a tag, such as "server:/path", is no block device. */
	bool is_named = device[0] != '/' && device[0] != '-' && !strchr(device, '=');

	*ret_facts = (struct fs_kind_facts){
		.kind = is_bind ? FS_BIND : row.kind,
		.is_block = row.is_block && !is_bind && !is_named && !options_have(options, "loop"),
		.wants_fsck = row.wants_fsck,
		.is_read_only = options_have(options, "ro"),
		.has_secret = options_have(options, "password") || options_have(options, "pass"),
	};
	ret_facts->module = module_of(fstype, ret_facts->kind);
	for (size_t i = 0; i < sizeof(forced_types) / sizeof(forced_types[0]); i++)
		ret_facts->is_forced |= !is_bind && strcmp(forced_types[i], fstype) == 0;
}

enum fs_clone clone_judge(const char *fstype, const char *options, bool is_forced)
{
	struct type_row row = find_type(fstype);

	if (row.is_clone)
		return FS_CLONE_SAFE;
	if (is_forced)
		return FS_CLONE_FORCED;
	if (options_have(options, "ro") && !row.is_journaled)
		return FS_CLONE_READ_ONLY;
	return FS_CLONE_REFUSED;
}

struct tag {
	const char *prefix;
	const char *name; /* of mount(8) */
	const char *folder;
};

static const struct tag tags[] = {
	{"--uuid=", "UUID", "by-uuid"},
	{"--uuid ", "UUID", "by-uuid"},
	{"--label=", "LABEL", "by-label"},
	{"--label ", "LABEL", "by-label"},
	{"-U", "UUID", "by-uuid"},
	{"-L", "LABEL", "by-label"},
	{"UUID=", "UUID", "by-uuid"},
	{"LABEL=", "LABEL", "by-label"},
	{"PARTUUID=", "PARTUUID", "by-partuuid"},
	{"PARTLABEL=", "PARTLABEL", "by-partlabel"},
};

/* The name of a link of udev's: what is not plain in it is \xHH. */
static void append_encoded(const char *value, char *out, size_t size)
{
	size_t len = strlen(out);

	for (; *value && len + 5 < size; value++) {
		unsigned char c = (unsigned char)*value;

		if (isalnum(c) || c >= 0x80 || strchr("#+-.:=@_", c))
			len += (size_t)snprintf(out + len, size - len, "%c", c);
		else
			len += (size_t)snprintf(out + len, size - len, "\\x%02x", c);
	}
}

static const char *take_tag(const struct tag *tag, const char *value, struct fs_device *device)
{
	while (*value == ' ' || *value == '\t')
		value++;
	if (!*value || strlen(value) > 255)
		return "names no device behind -U, -L, UUID= or LABEL=";
	(void)snprintf(device->source, sizeof(device->source), "%s=%s", tag->name, value);
	(void)snprintf(device->link, sizeof(device->link), "/dev/disk/%s/", tag->folder);
	append_encoded(value, device->link, sizeof(device->link));
	return NULL;
}

const char *device_parse(const char *text, struct fs_device *ret_device)
{
	memset(ret_device, 0, sizeof(*ret_device));
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		size_t len = strlen(tags[i].prefix);

		if (strncmp(text, tags[i].prefix, len) == 0)
			return take_tag(&tags[i], text + len, ret_device);
	}
	if (text[0] == '-')
		return "is no device: give a path, -U UUID, -L LABEL or server:/path";
	if (strlen(text) >= FS_PATH_MAX)
		return "is too long";
	(void)snprintf(ret_device->source, sizeof(ret_device->source), "%s", text);
	if (text[0] == '/')
		(void)snprintf(ret_device->link, sizeof(ret_device->link), "%s", text);
	return NULL;
}

static size_t without_slashes(const char *path)
{
	size_t len = strlen(path);

	while (len > 0 && path[len - 1] == '/')
		len--;
	return len;
}

bool source_is_other(const char *wanted, const char *found)
{
	const char *wanted_path = strstr(wanted, ":/");
	const char *found_path = strstr(found, ":/");
	size_t len;

	if (!wanted_path || !found_path)
		return false;
	/* A server has many names: of another one nothing is known. */
	len = (size_t)(wanted_path - wanted);
	if ((size_t)(found_path - found) != len || strncmp(wanted, found, len) != 0)
		return false;
	len = without_slashes(wanted_path);
	return len != without_slashes(found_path) || strncmp(wanted_path, found_path, len) != 0;
}

bool filesystems_have(const char *text, const char *fstype)
{
	size_t len = strlen(fstype);

	/* "nodev\tNAME\n" or "\tNAME\n" */
	for (const char *at = strstr(text, fstype); at; at = strstr(at + 1, fstype))
		if ((at == text || at[-1] == '\t') && (at[len] == '\n' || at[len] == '\0'))
			return true;
	return false;
}
