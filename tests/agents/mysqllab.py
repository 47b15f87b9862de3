# SPDX-License-Identifier: GPL-2.0-or-later
"""A box for a real MariaDB server, small enough to be started often."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile

import boxlab

CONFIG = """
[mysqld]
bind-address=127.0.0.1
port=3306
innodb_buffer_pool_size=16M
innodb_log_file_size=8M
innodb_flush_method=fsync
innodb_fast_shutdown=1
key_buffer_size=1M
aria_pagecache_buffer_size=1M
max_connections=20
{more}
"""

DATADIR = "/var/lib/mysql"
SOCKET = "/run/mysqld/mysqld.sock"
PID = "/run/mysqld/mysqld.pid"
LOG = "/var/log/mysql/error.log"


@contextlib.contextmanager
def template():
    """A fresh database, made once: the folder is to be copied."""
    with tempfile.TemporaryDirectory(prefix="haops-mysql-") as folder:
        os.chmod(folder, 0o755)
        made = pathlib.Path(folder) / "data"
        made.mkdir()
        shutil.chown(made, "mysql", "mysql")
        subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={made}", "--user=mysql", "--skip-test-db",
                        "--innodb-log-file-size=8M"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
        yield made


class Box(boxlab.Box):
    """Namespaces with a server's folders, and the agent run in them."""

    def __init__(self, agents, data=None, more=""):
        super().__init__(agents, "mysql", ("/var/lib", "/var/log"), "db")
        self.path(DATADIR).mkdir()
        shutil.chown(self.path(DATADIR), "mysql", "mysql")
        self.config(more)
        if data:
            self.fill(data)

    def config(self, more="", path="/run/box/my.cnf"):
        """Writes the server's configuration; returns its path."""
        return self.write(path, CONFIG.format(more=more))

    def fill(self, data, folder=DATADIR):
        """Puts a copy of a database there."""
        subprocess.run(["cp", "-a", f"{data}/.", self.path(folder)], check=True)

    @property
    def params(self):
        """The parameters of the one server."""
        return {"config": "/run/box/my.cnf", "datadir": DATADIR, "socket": SOCKET, "pid": PID, "log": LOG}

    def sql(self, statement, user="root", password=None, check=True, timeout=20):
        """What the client prints, without heading."""
        return self.run("mariadb", "--no-defaults", "-N", "-B", f"-S{SOCKET}", f"-u{user}",
                        *([f"-p{password}"] if password else []), "-e", statement, check=check, timeout=timeout).stdout

    def servers(self):
        """The pids of all servers."""
        return list(self.processes("mariadbd"))

    @property
    def server(self):
        """The pid of the one server."""
        found = self.servers()
        assert len(found) == 1, found
        return found[0]

    def kill_and_wait(self, pid):
        """Ends a process of the box and waits until it is gone."""
        self.kill(pid)
        boxlab.wait_until(lambda: not self.path(f"/proc/{pid}").exists(), f"{pid} gone")
