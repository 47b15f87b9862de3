/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the numbers of servers and of libmariadb to the codes of haops_mysql_connect(). */
#include "connect-error.h"
#include "internal.h"

/* Source: https://mariadb.com/kb/en/mariadb-error-codes/ */
static const struct {
	unsigned int code;
	int err;
} meanings[] = {
	{1040, EUSERS},	      /* too many connections */
	{1203, EUSERS},	      /* of this user */
	{1226, EUSERS},	      /* a limit of this user */
	{1041, EUSERS},	      /* no memory for one more */
	{1044, EACCES},	      /* no access to the database */
	{1045, EACCES},	      /* wrong user or password */
	{1129, EACCES},	      /* the host is blocked */
	{1130, EACCES},	      /* the host is not allowed */
	{1251, EACCES},	      /* the way to log in does not fit */
	{1275, EACCES},	      /* the same */
	{1524, EACCES},	      /* the account's plug-in is not loaded */
	{1698, EACCES},	      /* wrong user, or not the operating system's user of that name */
	{1862, EACCES},	      /* the password has expired */
	{2049, EACCES},	      /* the way to log in is refused on our side */
	{2059, EACCES},	      /* the plug-in of the account's way to log in is not here */
	{2061, EACCES},	      /* that plug-in failed */
	{3118, EACCES},	      /* the account is locked */
	{3159, EACCES},	      /* the server wants TLS */
	{4151, EACCES},	      /* the account is locked (MariaDB) */
	{1053, ECONNREFUSED}, /* it is shutting down */
};

/* libmariadb puts errno at the end of its sentence: "... (111)". */
static int system_error(const char *text)
{
	const char *at = strrchr(text, '(');

	return at ? (int)strtol(at + 1, NULL, 10) : 0;
}

static int from_system(int system)
{
	switch (system) {
	case ENOENT:
	case ECONNREFUSED:
	case ENOTSOCK:
		return ECONNREFUSED;
	case EACCES:
	case EPERM:
		return EACCES;
	case ETIMEDOUT:
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENETUNREACH:
	case ENETDOWN:
		return ETIMEDOUT;
	default:
		return EIO;
	}
}

static int meaning(const struct answer *answer)
{
	for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
		if (meanings[i].code == answer->code)
			return meanings[i].err;
	if (answer->code == 2002 || answer->code == 2003)
		return from_system(system_error(answer->text));
	return EIO;
}

int connect_error_explain(struct haops_ctx *ctx, const char *where, const struct answer *answer)
{
	int err = meaning(answer);
	const char *advice = "";

	if (err == EACCES)
		advice = "; check the account and its grants";
	if (err == EUSERS)
		advice = "; raise max_connections, or use an account that may exceed it";
	if (err == ECONNREFUSED)
		advice = "; the server does not run";
	return haops_fail(ctx, err, "%s: %s (%u)%s", where, answer->text, answer->code, advice);
}
