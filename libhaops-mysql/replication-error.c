/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sorts the errors of replication threads. */
#include "replication-error.h"
#include "internal.h"

#define ER_MASTER_FATAL_ERROR_READING_BINLOG 1236
#define ER_SERVER_SOURCE_FATAL_ERROR_READING_BINLOG 13114 /* MySQL 8.0 */

/*
 * Sources: https://mariadb.com/kb/en/mariadb-error-codes/ and
 * https://dev.mysql.com/doc/mysql-errors/8.4/en/
 */
static const struct {
	unsigned int code;
	int err;
} meanings[] = {
	{1044, EACCES},	      {1045, EACCES},	    {1129, EACCES},	  {1130, EACCES},
	{1142, EACCES},	      {1227, EACCES},	    {1251, EACCES},	  {1524, EACCES},
	{1698, EACCES},	      {1862, EACCES},	    {2049, EACCES},	  {2059, EACCES},
	{2061, EACCES},	      {3118, EACCES},	    {3159, EACCES},	  {4151, EACCES},
	{1040, ECONNREFUSED}, {1053, ECONNREFUSED}, {1158, ECONNREFUSED}, {1159, ECONNREFUSED},
	{1160, ECONNREFUSED}, {1161, ECONNREFUSED}, {1203, ECONNREFUSED}, {1226, ECONNREFUSED},
	{2002, ECONNREFUSED}, {2003, ECONNREFUSED}, {2005, ECONNREFUSED}, {2006, ECONNREFUSED},
	{2013, ECONNREFUSED}, {2055, ECONNREFUSED}, {2026, EIO},	  {1789, ESTALE},
	{1945, ESTALE},	      {1950, ESTALE},	    {1951, ESTALE},
};

/* 1236 is about more than histories. */
static bool is_about_something_else(const char *text)
{
	static const char *const parts[] =
		{"server_id", "server_uuid", "max_allowed_packet", "Binary log is not open",
		 "memory",    "read error",  "I/O error",	   "Out of resources"};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (strcasestr(text, parts[i]))
			return true;
	return false;
}

int replication_error_of_receiver(unsigned int code, const char *text)
{
	if (code == ER_MASTER_FATAL_ERROR_READING_BINLOG ||
	    code == ER_SERVER_SOURCE_FATAL_ERROR_READING_BINLOG)
		return is_about_something_else(text) ? EIO : ESTALE;
	for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
		if (meanings[i].code == code)
			return meanings[i].err;
	/* "Master command COM_REGISTER_SLAVE failed: Access denied; ..." has a number of its own.
	 */
	return strcasestr(text, "access denied") ? EACCES : EIO;
}

int replication_error_of_applier(unsigned int code)
{
	return code == 1950 ? ESTALE : EBADMSG; /* out of order: another history */
}
