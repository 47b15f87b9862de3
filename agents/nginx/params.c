/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parameters of nginx: names and defaults of the agent it stands in for, then its own. Each
 * text ends with a line "Drop-in:" that says how far the meaning is the same. Looks at no host. */

#include "nginx/nginx.h"
#include "nginx/pattern.h"

#include <string.h>
#include <strings.h>

static bool has_control(const char *value)
{
	for (; *value; value++)
		if ((unsigned char)*value < 0x20 || *value == 0x7f)
			return true;
	return false;
}

static const char *check_path(const char *value)
{
	if (has_control(value))
		return "holds a line end or another control character";
	return value[0] == '/' ? NULL : "is no absolute path";
}

static const char *check_url(const char *value)
{
	bool is_http = strncasecmp(value, "http", 4) == 0;
	const char *authority = strstr(value, "://");

	if (has_control(value) || strchr(value, ' '))
		return "holds a space, line end or another control character";
	if (strncmp(value, "unix:", 5) == 0)
		return value[5] == '/' ? NULL : "lacks the absolute path of the socket after unix:";
	if (value[0] == '-')
		return "begins with -";
	if (!is_http)
		return NULL;
	if ((strncasecmp(value, "http://", 7) != 0 && strncasecmp(value, "https://", 8) != 0) ||
	    !authority[3] || authority[3] == '/')
		return "is no URL like http://127.0.0.1:80/path";
	return NULL;
}

/* The status page has no relative form in the stock agent; a path is an addition. */
static const char *check_status_url(const char *value)
{
	const char *problem = check_url(value);

	if (problem)
		return problem;
	if (value[0] != '/' && strncasecmp(value, "http", 4) != 0 &&
	    strncmp(value, "unix:", 5) != 0)
		return "is neither a URL like http://127.0.0.1:80/nginx_status nor a path";
	return NULL;
}

static const char *check_client(const char *value)
{
	if (has_control(value) || value[0] == '-' || strpbrk(value, " \"'\\|&;<>()$`*?[]"))
		return "is not the name or path of one program";
	return strchr(value, '/') && value[0] != '/' ? "is neither a name nor an absolute path"
						     : NULL;
}

static const char *check_line(const char *value)
{
	return has_control(value) ? "holds a line end or another control character" : NULL;
}

static const char *check_command(const char *value)
{
	struct args args;

	return args_split(value, true, &args);
}

/* Letters of one option word: each stands alone but for the last, which may take what follows. */
static const char *check_option(const char *word)
{
	for (const char *c = word + 1; *c; c++) {
		if (strchr("pge", *c))
			return NULL;
		if (*c == 'c')
			return "holds -c: name the configuration in configfile";
		return "holds an option with which nginx does not serve: only -p, -g and -e are of "
		       "use here";
	}
	return "holds a - alone";
}

const char *nginx_options_check(const char *value)
{
	struct args args;
	const char *problem = args_split(value, false, &args);

	for (size_t i = 0; !problem && i < args.count; i++) {
		const char *word = args.words[i];

		if (word[0] != '-')
			return "holds a word that belongs to no option: quote values with spaces";
		problem = check_option(word);
		/* The value may be a word of its own. */
		if (!problem && word[2] == '\0' && !args.words[++i])
			problem = "ends with an option that lacks its value";
	}
	return problem;
}

const struct ocf_param nginx_params[NGINX_PARAM_COUNT] = {
	[NGINX_CONFIGFILE] =
		{
			.name = "configfile",
			.shortdesc = "Configuration file",
			.longdesc = "Absolute path of nginx's configuration file. When unset, the "
				    "one that "
				    "nginx was built with (\"nginx -V\"; /etc/nginx/nginx.conf on "
				    "Debian). "
				    "Two resources on one node need two configuration files.\n"
				    "Drop-in: same. The file may be missing at a probe, a monitor "
				    "and a "
				    "stop: what runs is found without it.",
			.type = OCF_STRING,
			.unique_group = "configfile",
			.max_len = NGINX_PATH_MAX - 1,
			.check = check_path,
		},
	[NGINX_HTTPD] =
		{
			.name = "httpd",
			.shortdesc = "Program of nginx",
			.longdesc =
				"Absolute path of the nginx program. When unset, or when it is the "
				"default and there is no such file, the first one of "
				"/usr/sbin/nginx, "
				"/usr/local/sbin/nginx and /usr/sbin/httpd is taken.\n"
				"Drop-in: differs in two cases. Unset, /usr/sbin/httpd comes last, "
				"since it is another web server on many hosts; and a path other "
				"than "
				"the default that is not there is an error, not a reason to start "
				"another program.",
			.type = OCF_STRING,
			.default_value = "/usr/sbin/httpd",
			.max_len = NGINX_PATH_MAX - 1,
			.check = check_path,
		},
	[NGINX_PORT] =
		{
			.name = "port",
			.shortdesc = "Port for the status page",
			.longdesc =
				"Port at which monitors of depth 10 and 20 look for a page whose "
				"URL "
				"does not say one. When unset, the first one without TLS that the "
				"configuration listens on, or else 80.\n"
				"Drop-in: as described there. The stock agent ignores it when the "
				"configuration has a listen directive; here it counts.",
			.type = OCF_INTEGER,
			.is_reloadable = true,
			.min = 1,
			.max = 65535,
		},
	[NGINX_STATUS10URL] =
		{
			.name = "status10url",
			.shortdesc = "URL of the status page (depth 10)",
			.longdesc =
				"What a monitor of depth 10 asks for: http://ADDRESS[:PORT]/PATH, "
				"https://..., unix:/SOCKET:/PATH, or a path alone. When unset, the "
				"last "
				"location of the configuration that has stub_status, or else "
				"/nginx_status. Let it answer on this host only; where nginx "
				"listens on "
				"a virtual address alone, allow that address, too.\n"
				"Drop-in: same; unix: and a path alone are additions. The answer's "
				"status has to be 2xx.",
			.type = OCF_STRING,
			.is_reloadable = true,
			.check = check_status_url,
		},
	[NGINX_STATUS10REGEX] =
		{
			.name = "status10regex",
			.shortdesc = "Pattern for the status page (depth 10)",
			.longdesc = "Extended regular expression, regex(7), that a line of the "
				    "page has to "
				    "match, in any letter case.\n"
				    "Drop-in: same.",
			.type = OCF_STRING,
			.default_value = "Reading: [0-9]+ Writing: [0-9]+ Waiting: [0-9]+",
			.is_reloadable = true,
			.check = pattern_check,
		},
	[NGINX_TESTCLIENT] =
		{
			.name = "testclient",
			.shortdesc = "HTTP client program",
			.longdesc =
				"Program that gets the pages of depth 10 and 20: curl, wget, or "
				"another "
				"one that takes the URL as its last argument and prints the page. "
				"When "
				"unset, the agent asks itself, without a further process, and only "
				"https and host names are left to curl or wget.\n"
				"Drop-in: same when set. The stock agent describes this name but "
				"reads "
				"the name client; here both work.",
			.type = OCF_STRING,
			.is_reloadable = true,
			.max_len = NGINX_PATH_MAX - 1,
			.check = check_client,
		},
	[NGINX_CLIENT] =
		{
			.name = "client",
			.shortdesc = "HTTP client program (other name of testclient)",
			.longdesc = "The name under which the stock agent reads testclient. "
				    "Ignored when "
				    "testclient is set.\n"
				    "Drop-in: same; it is not in the stock agent's meta-data.",
			.type = OCF_STRING,
			.is_reloadable = true,
			.max_len = NGINX_PATH_MAX - 1,
			.deprecated = "Use testclient, which is the documented name.",
			.replaced_with = "testclient",
			.check = check_client,
		},
	[NGINX_TEST20URL] =
		{
			.name = "test20url",
			.shortdesc = "URL of a page (depth 20)",
			.longdesc = "What a monitor of depth 20 asks for. What does not begin with "
				    "http or "
				    "unix: is a path at the address that the configuration listens "
				    "on, see "
				    "port. Up to 10 redirections are followed.\n"
				    "Drop-in: same; unix: is an addition. The answer's status has "
				    "to be "
				    "2xx.",
			.type = OCF_STRING,
			.is_reloadable = true,
			.check = check_url,
		},
	[NGINX_TEST20REGEX] =
		{
			.name = "test20regex",
			.shortdesc = "Pattern for the page (depth 20)",
			.longdesc =
				"Extended regular expression, regex(7), that a line of the page "
				"has to match, in any letter case.\n"
				"Drop-in: same.",
			.type = OCF_STRING,
			.is_reloadable = true,
			.check = pattern_check,
		},
	[NGINX_TEST20CONFFILE] =
		{
			.name = "test20conffile",
			.shortdesc = "File with tests (depth 20)",
			.longdesc =
				"File of tests for depth 20, instead of test20url and test20regex. "
				"A "
				"test is a line \"test NAME\", lines of a keyword and a value, and "
				"a "
				"line \"end\". Keywords: url, match (both needed), user, password, "
				"client, client_opts. Lines that begin with # are comments. Let "
				"only "
				"root read a file with a password.\n"
				"Drop-in: same format. A file that cannot be read is a failure of "
				"the "
				"monitor; the stock agent then tests test20url without a word. The "
				"password is never in the arguments of a process.",
			.type = OCF_STRING,
			.is_reloadable = true,
			.check = check_path,
		},
	[NGINX_TEST20NAME] =
		{
			.name = "test20name",
			.shortdesc = "Name of the test (depth 20)",
			.longdesc = "Which test of test20conffile is made. When unset, the first "
				    "one.\n"
				    "Drop-in: as described there. The stock agent always makes the "
				    "first one.",
			.type = OCF_STRING,
			.is_reloadable = true,
			.check = check_line,
		},
	[NGINX_EXTERNAL_MONITOR30_CMD] =
		{
			.name = "external_monitor30_cmd",
			.shortdesc = "Command of depth 30",
			.longdesc =
				"Program and arguments that a monitor of depth 30 runs; status 0 "
				"says "
				"that all is well. There is no shell: words are separated by "
				"spaces, "
				"quotes and backslashes keep them together. What needs a shell "
				"belongs "
				"into a script. The program is an absolute path or is looked for "
				"in "
				"/usr/local/sbin, /usr/local/bin, /usr/sbin, /usr/bin, /sbin, "
				"/bin.\n"
				"Drop-in: same for a program alone. The stock agent leaves out the "
				"arguments; here they are passed. A failure is 1 (failed), not 7 "
				"(not "
				"running).",
			.type = OCF_STRING,
			.is_reloadable = true,
			.check = check_command,
		},
	[NGINX_OPTIONS] =
		{
			.name = "options",
			.shortdesc = "Further options of nginx",
			.longdesc =
				"Arguments that nginx is started and tested with besides -c: -p, "
				"-g and "
				"-e with their values. Quotes keep words together, as in -g "
				"'worker_"
				"priority -5;'. nginx itself has to go into the background: not -g "
				"'daemon off;'.\n"
				"Drop-in: same, and quotes work. Options with which nginx would "
				"not "
				"serve are refused.",
			.type = OCF_STRING,
			.check = nginx_options_check,
		},
	[NGINX_GRACEFUL_TIMEOUT] =
		{
			.name = "graceful_timeout",
			.shortdesc = "Time for open requests at stop",
			.longdesc =
				"How long stop lets nginx finish open requests (SIGQUIT), before "
				"it ends "
				"them (SIGTERM, later SIGKILL). New connections are refused from "
				"the "
				"beginning, so a long time makes a planned move slow. 0 ends them "
				"at "
				"once. At most half of the stop operation's timeout is used.\n"
				"Drop-in: an addition. The stock agent ends open requests at once.",
			.type = OCF_TIME,
			.default_value = "3s",
			.is_reloadable = true,
			.min = 0,
			.max = 3600000,
		},
};
