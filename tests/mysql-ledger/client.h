/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two clients of tests/mysql-ledger share: connections that give up after a second, files
 * of lines, and the conversation with the test over stdin and stdout. */
#ifndef MYSQL_LEDGER_CLIENT_H
#define MYSQL_LEDGER_CLIENT_H

#include <mysql.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define CLIENT_TIMEOUT_S 1
#define CLIENT_PASSWORD_MAX 128
#define CLIENT_VALUE_MAX 64

struct client_account {
	const char *user;
	char password[CLIENT_PASSWORD_MAX];
};

/** Set when the test wants the end: no more work is begun. */
extern atomic_bool client_stopping;

int64_t client_now_us(void);
/** Waits until that time, or until the end is wanted. */
void client_wait_until(int64_t at_us);

/** Reads a password from a file, without the line end. False, and said on stderr, if there is none.
 */
bool client_read_password(struct client_account *account, const char *path);

/** A connection, or NULL with the error's number. Each wait of it ends after CLIENT_TIMEOUT_S. */
MYSQL *client_connect(const struct client_account *account, const char *host, unsigned int port,
		      unsigned int *ret_errno);

/** Asks for one value. False if there was no answer. */
bool client_ask(MYSQL *mysql, const char *query, char ret_value[CLIENT_VALUE_MAX]);

/** A new file of that name in the folder, or -1, said on stderr. */
int client_open_log(const char *folder, const char *name);

/** Writes a line by one call: it is there even if the program is killed right after. */
void client_log(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Answers each line "report" on stdin by calling report(userdata), until stdin ends or so many
 * seconds are over (0: no limit). */
void client_serve(unsigned int seconds, void (*report)(void *userdata), void *userdata);

/** A whole number of an option; ends the program with a sentence if it is none. */
unsigned int client_number(const char *name, const char *text, unsigned int least,
			   unsigned int most);

#endif
