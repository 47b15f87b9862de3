/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds bytes to the HTTP response reader: at once and in pieces it must come to the same end. The
 * same bytes are read as a URL as well. */

#include "http-parse.h"

#include <stdlib.h>
#include <string.h>

#define BODY_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run(struct http_parser *p, const char *data, size_t size, size_t step)
{
	int r = 0;

	http_parser_init(p, BODY_MAX);
	for (size_t pos = 0; pos < size && r == 0; pos += step)
		r = http_parser_feed(p, data + pos, size - pos < step ? size - pos : step);
	if (r == 0)
		r = http_parser_close(p);
	return r;
}

static void check_url(const uint8_t *data, size_t size)
{
	struct http_credentials credentials = {"user", "password"};
	struct http_url url;
	char request[HTTP_REQUEST_MAX];
	size_t len;
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	if (!http_url_parse(text, &url) &&
	    !http_request_build(&url, NULL, &credentials, request, &len) &&
	    (len != strlen(request) || strstr(request, "\r\n\r\n") != request + len - 4))
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_parser whole;
	struct http_parser pieces;
	int a = run(&whole, (const char *)data, size, size ? size : 1);
	int b = run(&pieces, (const char *)data, size, size % 7 + 1);

	if (a != b || whole.body_len > BODY_MAX)
		abort();
	if (a == 0 && (whole.status != pieces.status || whole.body_len != pieces.body_len))
		abort();
	http_parser_done(&whole);
	http_parser_done(&pieces);
	check_url(data, size);
	return 0;
}
