# SPDX-License-Identifier: GPL-2.0-or-later
"""A box for nginx."""

import boxlab
from netlab import wait_until

CONFIG = """
worker_processes {workers};
pid /run/box/{name}.pid;
error_log /run/box/{name}.log;
{main}
events {{ worker_connections 64; }}
http {{
	access_log off;
	include /run/box/conf.d/{name}-*.conf;
	server {{
		listen {listen};
		location = /nginx_status {{ stub_status; }}
		location = /hello {{ return 200 "hello world\\n"; }}
		location = /broken {{ return 500 "hello world\\n"; }}
		location = /moved {{ return 301 /hello; }}
		location = /slow {{ limit_rate 1; return 200 "slowly slowly slowly slowly\\n"; }}
		{server}
	}}
}}
"""


class Box(boxlab.Box):
    """Namespaces with nginx's folders, and the agent run in them."""

    def __init__(self, agents):
        super().__init__(agents, "nginx", ("/var/log/nginx", "/var/lib/nginx"))
        self.path("/run/box/conf.d").mkdir()

    def config(self, name="web", listen="127.0.0.1:8080", main="", server="", workers=2):
        """Writes a configuration; returns its path."""
        return self.write(f"/run/box/{name}.conf",
                          CONFIG.format(name=name, listen=listen, main=main, server=server, workers=workers))

    def master(self, name="web"):
        """The pid of the one master of a configuration."""
        def found():
            return [pid for pid, text in self.processes().items() if "master" in text and f"/{name}.conf" in text]
        # A worker just forked has the master's title until it sets its own.
        wait_until(lambda: len(found()) == 1, f"one master of {name}.conf")
        return found()[0]

    def workers(self):
        """The pids of all workers."""
        return [pid for pid, text in self.processes().items() if "nginx: worker" in text]

    def get(self, url="http://127.0.0.1:8080/hello"):
        """What curl gets."""
        return self.run("curl", "-s", "-m", "5", url, check=False).stdout
