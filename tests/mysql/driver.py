# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls of the library by way of mysql-driver."""

import json
import os
import pathlib
import signal
import subprocess

from servers import REPLICATION, ROOT, wait_until

TREE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = "tests/mysql/mysql-driver"
PASSWORD_FILE = ROOT / "password"
WRONG_FILE = ROOT / "wrong"
SECRET = REPLICATION[1]
SLACK_MS = 100


def find():
    """The built driver; builds it where a build is configured."""
    named = os.environ.get("HAOPS_BUILD")
    places = [pathlib.Path(named) / "main", pathlib.Path(named)] if named else []
    for place in [*places, TREE / "build" / "main"]:
        if (place / "Makefile").exists():
            subprocess.run(["make", "-s", "-C", place, PROGRAM], check=True, stdout=subprocess.DEVNULL)
        if (place / PROGRAM).exists():
            return str(place / PROGRAM)
    raise AssertionError(f"{PROGRAM} is not built: configure in build/main, or set HAOPS_BUILD")


class Driver:
    """One call on one server, as JSON. What it tells anybody never holds the password."""

    def __init__(self, box):
        self.box, self.program = box, find()
        for path, text in ((PASSWORD_FILE, SECRET), (WRONG_FILE, "wrong")):
            box.run("sh", "-c", f"umask 077; cat >{path}", input=text + "\n")

    def command(self, server, *args, timeout_ms=10000, options=(), by_tcp=False):
        """The arguments of a call."""
        place = ("--host", "127.0.0.1", "--port", server.port) if by_tcp \
            else ("--socket", server.socket, "--user", "root")
        return [self.program, *place, "--timeout", timeout_ms, *options, *args]

    def __call__(self, server, *args, **how):
        """Carries a call out: what it printed."""
        done = self.box.run(*self.command(server, *args, **how), check=False)
        return self.judge(done.returncode, done.stdout, done.stderr, how.get("timeout_ms", 10000))

    @staticmethod
    def judge(status, out, err, timeout_ms):
        """What a call printed. It was in time, and told no password."""
        assert status == 0, f"exit status {status}\n{out}{err}"
        result = json.loads(out)
        told = err + result["error"] + "".join(value for value in result.values() if isinstance(value, str))
        assert SECRET not in told and SECRET.replace("'", "''") not in told
        assert result["took_ms"] <= timeout_ms + SLACK_MS, result
        result["log"] = err
        return result

    def ok(self, server, *args, **how):
        """A call that has to succeed."""
        result = self(server, *args, **how)
        assert result["result"] == "OK", result
        return result

    def is_killed(self, server, *args, after, **how):
        """Whether a call was killed after that many statements; or it was done before."""
        options = (*how.pop("options", ()), "--stop-after", after)
        done = self.box.run(*self.command(server, *args, options=options, **how), check=False)
        assert done.returncode in (0, -signal.SIGKILL), done
        return done.returncode != 0

    def begin(self, server, *args, **how):
        """A call that connects and waits; go on with end()."""
        options = (*how.pop("options", ()), "--wait")
        child = self.box.start(*self.command(server, *args, options=options, **how), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        wait_until("the call is connected", lambda: child.stderr.readline() == "connected\n")
        return child

    def end(self, child, timeout_ms=10000):
        """Lets it go on: what it printed."""
        out, err = child.communicate("\n", timeout=60)
        return self.judge(child.returncode, out, err, timeout_ms)


def repoint_args(source, password_file=PASSWORD_FILE):
    """Arguments of repoint."""
    return ("repoint", "127.0.0.1", source.port, REPLICATION[0], password_file)
