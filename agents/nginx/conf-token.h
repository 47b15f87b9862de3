/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NGINX_CONF_TOKEN_H
#define NGINX_CONF_TOKEN_H

/* The words of nginx's configuration language. Pure. */

#include <stdbool.h>
#include <stddef.h>

#define TOKEN_WORDS_MAX 16
#define TOKEN_WORD_MAX 256

enum token_end {
	TOKEN_EOF,
	TOKEN_SEMICOLON,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_FILE /* a line that names a file of the dump; words[0] is its path */
};

/* A directive: its words up to ; or {. Longer words and further ones are cut off. */
struct directive {
	char words[TOKEN_WORDS_MAX][TOKEN_WORD_MAX];
	size_t count;
	enum token_end end;
};

struct tokens {
	const char *pos;
	const char *end;
};

void token_next(struct tokens *tokens, struct directive *ret_directive);

/* Passes over a block of another language (Lua) after its {: up to the } that closes it. */
void token_skip_block(struct tokens *tokens);

#endif
