# SPDX-License-Identifier: GPL-2.0-or-later
"""Real MariaDB servers in namespaces of their own. All of it ends with the process that made it."""

import contextlib
import pathlib
import subprocess
import time

WAIT_S = 20
ROOT = pathlib.PurePosixPath("/mnt")
REPLICATION = ("repl", "s'ecr\\et")


def wait_until(what, condition, limit_s=WAIT_S):
    """Waits for a condition and returns what it became; what names it when it does not come."""
    deadline = time.monotonic() + limit_s
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {limit_s} s: {what}"
        time.sleep(0.01)
    return value


def literal(text):
    """A string of SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


class Box:
    """A network and a mount namespace, with a tmpfs on /mnt. What runs in there is killed by the kernel when
    this process ends, however that happens."""

    def __init__(self):
        script = "mount -t tmpfs -o size=4g tmpfs /mnt && ip link set lo up && echo ready && exec cat"
        self.holder = subprocess.Popen(["unshare", "-n", "-m", "sh", "-c", script],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.holder.stdout.readline() == "ready\n"

    def command(self, *args):
        """The command line that runs args in there; each program along it becomes the next one."""
        return ["nsenter", "-t", str(self.holder.pid), "-n", "-m", "setpriv", "--pdeathsig", "KILL", *map(str, args)]

    def start(self, *args, **options):
        """Starts args in there."""
        return subprocess.Popen(self.command(*args), **options)

    def run(self, *args, check=True, **options):
        """Runs args in there; the finished process, its output as text."""
        done = subprocess.run(self.command(*args), text=True, capture_output=True, check=False,
                              stdin=None if "input" in options else subprocess.DEVNULL, timeout=WAIT_S, **options)
        assert not check or done.returncode == 0, f"{args}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def close(self):
        """Lets go of it."""
        self.holder.stdin.close()
        self.holder.wait(WAIT_S)
        self.holder.stdout.close()


class Server:
    """A mariadbd with a data folder of its own."""

    OPTIONS = ("--no-defaults", "--user=root", "--log-bin=bin", "--log-slave-updates=1", "--binlog-format=ROW",
               "--relay-log=relay", "--gtid-strict-mode=1", "--skip-slave-start", "--read-only=1",
               "--sync-binlog=1", "--innodb-flush-log-at-trx-commit=1", "--slave-net-timeout=4",
               "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M", "--key-buffer-size=1M",
               "--performance-schema=0", "--skip-name-resolve", "--gtid-domain-id=0",
               "--innodb-fast-shutdown=2")

    def __init__(self, box, number, template):
        self.box, self.number = box, number
        self.dir = ROOT / f"n{number}"
        self.socket = self.dir / "sock"
        self.port = 3300 + number
        self.template = template
        self.process = None
        self.clients = []
        box.run("cp", "-a", template, self.dir)

    def start(self, *options, waits=True):
        """Starts it, read-only, without its replication threads."""
        self.process = self.box.start(
            "mariadbd", *self.OPTIONS, f"--datadir={self.dir}/data", f"--socket={self.socket}",
            f"--port={self.port}", f"--server-id={self.number}", f"--pid-file={self.dir}/pid",
            f"--log-error={self.dir}/log", *options, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        if waits:
            wait_until(f"n{self.number} answers", self.answers)
        return self

    def answers(self):
        """Whether it answers."""
        assert self.process.poll() is None, self.log()
        return self.client("SELECT 1", check=False).returncode == 0

    def log(self):
        """The end of its error log."""
        return self.box.run("tail", "-n", 40, self.dir / "log", check=False).stdout

    def client(self, sql, *options, check=True):
        """Runs statements as root; the finished mariadb(1)."""
        return self.box.run("mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "--batch",
                            "--connect-timeout=5", *options, check=check, input=sql)

    def sql(self, text):
        """Runs statements as root; their rows as lists of texts."""
        return [line.split("\t") for line in self.client(text, "--skip-column-names").stdout.splitlines()]

    def one(self, text):
        """The one value that a statement gives."""
        rows = self.sql(text)
        return rows[0][0] if rows else None

    def kill(self):
        """Ends it at once, as a power failure does to a process."""
        if self.process:
            self.process.kill()
            self.process.wait(WAIT_S)

    def session(self, *statements):
        """A client of its own that runs statements and stays connected until close(); its output as it comes."""
        client = self.box.start("mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "--batch",
                                "--skip-column-names", "--unbuffered", "--skip-reconnect", stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.clients.append(client)
        for statement in statements:
            client.stdin.write(statement + ";\n")
        client.stdin.flush()
        return client

    def close(self):
        """Ends it and its clients."""
        for client in self.clients:
            client.kill()
            client.wait(WAIT_S)
            with contextlib.suppress(BrokenPipeError):
                client.stdin.close()
            client.stdout.close()
        self.clients = []
        self.kill()
        self.box.run("rm", "-rf", self.dir)

    def follow(self, source):
        """Replicates from another server, without the library."""
        user, password = REPLICATION
        self.sql(f"STOP SLAVE; CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={source.port}, "
                 f"MASTER_USER={literal(user)}, MASTER_PASSWORD={literal(password)}, "
                 "MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1; START SLAVE")
        wait_until(f"n{self.number} replicates", lambda: self.threads() == ("Yes", "Yes"))

    def replica(self):
        """Columns of SHOW SLAVE STATUS."""
        lines = self.client("SHOW SLAVE STATUS\\G").stdout.splitlines()
        return {key.strip(): value for key, _, value in (line.partition(": ") for line in lines if ": " in line)}

    def threads(self):
        """(Slave_IO_Running, Slave_SQL_Running)."""
        columns = self.replica()
        return columns.get("Slave_IO_Running"), columns.get("Slave_SQL_Running")


def make_template(box):
    """An installed data folder with the replication account and an application's."""
    template = ROOT / "template"
    box.run("mkdir", template)
    box.run("mariadb-install-db", "--no-defaults", "--user=root", f"--datadir={template}/data",
            "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=8M",
            "--skip-name-resolve")
    user, password = REPLICATION
    accounts = (f"CREATE USER {user} IDENTIFIED BY {literal(password)};\n"
                f"GRANT REPLICATION SLAVE, SLAVE MONITOR ON *.* TO {user};\n"
                "CREATE USER app IDENTIFIED BY 'app';\nGRANT ALL ON test.* TO app;\n"
                "CREATE DATABASE test;\n"
                "CREATE TABLE test.t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(200)) ENGINE=InnoDB;\n")
    box.run("mariadbd", "--no-defaults", "--user=root", "--bootstrap", f"--datadir={template}/data",
            "--innodb-log-file-size=8M", "--log-bin=off", "--skip-log-bin",
            input="FLUSH PRIVILEGES;\n" + accounts)
    return template
