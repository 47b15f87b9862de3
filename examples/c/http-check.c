/* SPDX-License-Identifier: 0BSD */
/* Checks a web server: it must answer with a status of 200 to 399, and its page must have a text in
 * it if one is given. Prints one line; 0: good, 1: bad, 2: wrong argument, 3: no answer in time. */

#include <errno.h>
#include <haops/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX_BYTES 65536

/* No answer and a wrong one are news about the server; what is left are failures of this host. */
static int fail(const struct haops_ctx *ctx, int error)
{
	switch (error) {
	case -ECONNREFUSED:
	case -ECONNRESET:
	case -EHOSTUNREACH:
	case -EPROTO:
		printf("bad: %s\n", haops_ctx_error(ctx));
		return 1;
	case -ETIMEDOUT:
		printf("unknown: %s\n", haops_ctx_error(ctx));
		return 3;
	default:
		fprintf(stderr, "http-check: %s\n", haops_ctx_error(ctx));
		return error == -EINVAL ? 2 : 1;
	}
}

static int judge(const struct haops_http_response *response, const char *text)
{
	if (response->status < 200 || response->status > 399) {
		printf("bad: status %d\n", response->status);
		return 1;
	}
	if (text && !strstr(response->body, text)) {
		printf("bad: status %d, without \"%s\"%s\n", response->status, text,
		       response->is_truncated ? " in the first 64 KiB" : "");
		return 1;
	}
	printf("good: status %d, %zu bytes, first one after %ld ms", response->status,
	       response->body_len, (long)response->first_byte_ms);
	if (response->location)
		printf(", goes on at %s", response->location);
	printf("\n");
	return 0;
}

int main(int argc, char **argv)
{
	struct haops_http_request request = {.body_max_bytes = BODY_MAX_BYTES};
	struct haops_http_response response;
	struct haops_ctx *ctx;
	int r;

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: http-check MILLISECONDS URL [TEXT]\n");
		return 2;
	}
	if (haops_ctx_new(&ctx) < 0) {
		fprintf(stderr, "http-check: memory is short\n");
		return 1;
	}
	request.url = argv[2];
	r = haops_http_get(ctx, &request, haops_deadline_after(ctx, strtol(argv[1], NULL, 10)),
			   &response);
	if (r < 0) {
		r = fail(ctx, r);
	} else {
		r = judge(&response, argv[3]);
		haops_http_response_done(&response);
	}
	haops_ctx_free(ctx);
	return r;
}
