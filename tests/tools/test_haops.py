# SPDX-License-Identifier: GPL-2.0-or-later
"""What haops prints, and how it ends: JSON and XML are well-formed and the same tree, --watch is clean, the manual fits."""

import errno
import fcntl
import json
import os
import pathlib
import pty
import re
import signal
import statistics
import struct
import subprocess
import termios
import time
import xml.etree.ElementTree

import pytest
from toolslab import wait_until

TREE = pathlib.Path(__file__).resolve().parents[2]
MAN = (TREE / "tools" / "haops" / "haops.8").read_text(encoding="utf-8")
STATUSES = {"healthy": 0, "sick": 2, "isolated": 2, "large": 2, "odd": 2, "empty": 2}
VIEWS = ["status", "members", "heartbeat", "watched", "links", "events"]


def keys(tree):
    """All keys in a JSON tree."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield key
            yield from keys(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from keys(value)


def as_text(value):
    """A JSON scalar as XML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def same(tree, element, path=""):
    """Whether a JSON object and an XML element say the same."""
    for key, value in tree.items():
        here = f"{path}/{key}"
        if isinstance(value, dict):
            same(value, element.find(key), here)
        elif isinstance(value, list):
            children = list(element.find(key))
            assert len(children) == len(value), here
            for one, child in zip(value, children):
                same(one, child, here)
        elif value is None:
            assert key not in element.attrib, here
        elif not re.search("age_ms|uptime|since", key):  # time passes between the two
            assert re.sub("[\x00-\x1f\x7f\ufffe\uffff]", "\ufffd", as_text(value)) == \
                re.sub("[\x00-\x1f\x7f\ufffe\uffff]", "\ufffd", element.attrib[key]), here


class TestForms:
    """JSON and XML of everything."""

    @pytest.mark.parametrize("status", STATUSES)
    def test_forms(self, place, daemon, status):
        daemon(status)
        for view in VIEWS:
            made = place.haops("--json", view)
            marked = place.haops("--xml", view)
            assert made.returncode == marked.returncode == (STATUSES[status] if view == "status" else 0)
            assert made.stderr == marked.stderr == b""
            lint = subprocess.run(["xmllint", "--noout", "-"], input=marked.stdout, capture_output=True, check=False)
            assert lint.returncode == 0, lint.stderr
            tree = json.loads(made.stdout)
            assert tree["api"] == 1 and tree["command"] == view
            same(tree, xml.etree.ElementTree.fromstring(marked.stdout))

    def test_every_name_is_in_the_manual(self, place, daemon):
        daemon("sick")
        named = set(re.findall(r"\w+", MAN))
        for command in (*VIEWS, "hbstatus", "reload"):
            for key in keys(json.loads(place.haops("--json", command).stdout)):
                assert key in named, key

    def test_largest(self, place, daemon):
        daemon("large")
        tree = json.loads(place.haops("--json", "status").stdout)
        assert (len(tree["nodes"]), len(tree["watched"]), len(tree["events"])) == (64, 1000, 64)
        assert all(len(watched["reason"]) == 255 for watched in tree["watched"])
        assert tree["nodes"][5]["lost"] == (2 ** 64 - 1) // 2
        assert [watched["lost"] for watched in tree["watched"]] == [True] * 500 + [False] * 500
        assert any("484 more resources are lost" in problem["text"] for problem in tree["problems"])

    def test_text_controls_no_terminal(self, place, daemon):
        daemon("odd")
        for view in VIEWS:
            out = place.haops(view).stdout
            assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", out)
            assert "\u202e" not in out.decode()
            out.decode("utf-8")


class TestVerbs:
    """Commands for scripts."""

    @pytest.mark.parametrize("args, code, out", [
        (["hbstatus"], 0, "running"), (["nodestatus", "alpha"], 0, "active"), (["nodestatus", "beta"], 2, "silent"),
        (["nodestatus", "2"], 2, "silent"), (["nodestatus", "gamma"], 1, "late"), (["nodestatus", "delta"], 2, "left"),
        (["nodestatus", "omega"], 5, "there is no such node"), (["is-active", "gamma"], 1, ""),
        (["is-active", "alpha"], 0, ""), (["is-active", "omega"], 5, ""), (["rscstatus"], 2, "lost"),
        (["rscstatus", "vip"], 2, "lost"), (["rscstatus", "web"], 0, "whole"), (["rscstatus", "db"], 5, "none"),
        (["members", "omega"], 5, ""), (["heartbeat", "omega"], 5, ""), (["reload"], 6, ""),
        (["set", "deadtime", "15"], 0, "done"), (["set", "nonsense", "15"], 6, ""), (["set", "a", "b" * 300], 6, ""),
    ])
    def test_verb(self, place, daemon, args, code, out):
        daemon("sick")
        done = place.haops(*args)
        assert (done.returncode, done.stdout.decode().strip()) == (code, out)
        assert bool(done.stderr) == (not out and args[0] != "is-active")
        told = json.loads(place.haops("--json", *args).stdout)
        assert told.get("code", code) == code

    @pytest.mark.parametrize("args", [
        [], ["nonsense"], ["status", "more"], ["nodestatus"], ["set", "deadtime"], ["--json", "--xml", "status"],
        ["--watch=0", "status"], ["--watch=x", "status"], ["--watch", "reload"], ["--nonsense", "status"], ["-z"]])
    def test_usage(self, place, args):
        done = place.haops(*args)
        assert (done.returncode, done.stdout) == (64, b"")
        assert b"haops --help" in done.stderr

    def test_output_is_full(self, place, daemon):
        daemon()
        with open("/dev/full", "wb") as full:
            done = subprocess.run(place.command(place.folder / "haops", "status"), stdout=full, stderr=subprocess.PIPE,
                                  check=False, timeout=20)
        assert done.returncode == 74 and b"cannot be written" in done.stderr


class Terminal:
    """haops on a terminal."""

    def __init__(self, place, *args, columns=80, lines=40, env=None):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.fd = ours
        self.process = subprocess.Popen(place.command(place.folder / "haops", *args), stdin=theirs, stdout=theirs,
                                        stderr=theirs, env={"PATH": os.environ["PATH"], "TERM": "xterm", **(env or {})})
        os.close(theirs)

    def read(self, until=None):
        """What comes until a text, or to the end."""
        out = b""
        while until is None or until not in out:
            try:
                out += os.read(self.fd, 65536)
            except OSError as error:
                assert error.errno == errno.EIO
                break
        return out

    def close(self):
        """Its exit status."""
        code = self.process.wait(20)
        os.close(self.fd)
        return code


class TestTerminal:
    """Width, colour, and the live view."""

    @pytest.mark.parametrize("columns", [40, 60, 80, 200])
    def test_width(self, place, daemon, columns):
        daemon("healthy")
        terminal = Terminal(place, "members", columns=columns, env={"NO_COLOR": "1"})
        lines = terminal.read().decode().replace("\r", "").splitlines()
        assert terminal.close() == 0
        assert max(map(len, lines)) <= columns
        assert all("NAME" in line and "STATE" in line for line in lines[1:2])
        assert ("VERSION" in lines[1]) == (columns >= 80)

    @pytest.mark.parametrize("env, is_coloured", [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True),
                                                  ({"TERM": "dumb"}, False)])
    def test_colour(self, place, daemon, env, is_coloured):
        daemon("sick")
        terminal = Terminal(place, "status", env=env)
        assert (b"\033[" in terminal.read()) == is_coloured
        assert terminal.close() == 2

    def test_no_colour_in_a_pipe(self, place, daemon):
        daemon("sick")
        assert b"\033" not in place.haops("status", env={"TERM": "xterm"}).stdout

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_live(self, place, daemon, number):
        daemon()
        terminal = Terminal(place, "--watch=1", "status", lines=20)
        frames = terminal.read(until=b"\033[J") + terminal.read(until=b"\033[J")
        assert frames.startswith(b"\033[?25l\033[2J\033[H")
        assert b"the terminal ends here" in frames
        terminal.process.send_signal(number)
        assert terminal.read().endswith(b"\033[?25h\r\n")
        assert terminal.close() == 0

    def test_control_c(self, place, daemon):
        """As typed."""
        daemon()
        ours, theirs = pty.openpty()
        line = ["setsid", "--ctty", *place.command(place.folder / "haops", "--watch=1", "status")]
        with subprocess.Popen(line, stdin=theirs, stdout=theirs, stderr=theirs) as live:
            os.close(theirs)
            assert os.read(ours, 1000)
            os.write(ours, b"\x03")
            assert live.wait(10) == 0
        os.close(ours)

    def test_new_size_redraws(self, place, daemon):
        daemon()
        terminal = Terminal(place, "--watch=60", "members", columns=80)
        assert b"VERSION" in terminal.read(until=b"\033[J")
        fcntl.ioctl(terminal.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 50, 0, 0))
        terminal.process.send_signal(signal.SIGWINCH)
        assert b"VERSION" not in terminal.read(until=b"\033[J")
        terminal.process.terminate()
        terminal.read()
        assert terminal.close() == 0

    def test_reader_goes(self, place, daemon):
        """Ends by itself, at once, also before it has something to write."""
        daemon()
        with subprocess.Popen(place.command(place.folder / "haops", "--watch=3600", "events"), stdout=subprocess.PIPE) as live:
            assert live.stdout.readline()
            live.stdout.close()
            assert live.wait(5) == 0

    def test_lines_of_json(self, place, daemon):
        daemon("odd")
        with subprocess.Popen(place.command(place.folder / "haops", "--watch=1", "--json", "status"),
                              stdout=subprocess.PIPE) as live:
            for _ in range(2):
                assert json.loads(live.stdout.readline())["command"] == "status"
            live.terminate()
            assert live.wait(5) == 0


class TestManual:
    """--help, the manual page and the program tell of the same commands and options."""

    def test_commands_and_options(self, place):
        help_text = place.haops("--help").stdout.decode()
        commands = re.findall(r"^  ([a-z-]+)", help_text.split("Commands:")[1].split("Options:")[0], re.M)
        options = re.findall(r"^  --([a-z]+)", help_text, re.M)
        told = MAN.split(".Sh COMMANDS")[1].split(".Sh OPTIONS")
        assert re.findall(r"^\.It Cm ([a-z-]+)", told[0], re.M) == commands
        assert re.findall(r"^\.It Fl -([a-z]+)", told[1], re.M) == options
        codes = MAN.split(".Sh EXIT STATUS")[1].split(".Sh")[0]
        assert re.findall(r"^\.It (\d+)", codes, re.M) == re.findall(r"\b\d+\b", help_text.split("Exit status:")[1])

    def test_version(self, place):
        version = re.search(r"AC_INIT\(\[haops\], \[([\d.]+)\]", (TREE / "configure.ac").read_text(encoding="utf-8"))[1]
        assert place.haops("--version").stdout.decode() == f"haops {version}\n"

    def test_lint(self):
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", TREE / "tools" / "haops" / "haops.8"],
                              capture_output=True, check=False)
        assert done.stdout == b""


def test_how_long_it_takes(place, daemon):
    """Printed, not judged: a whole run of haops status, with the smallest and the largest answer."""
    for status in ("healthy", "large"):
        fake = daemon(status)
        times = []
        for _ in range(30):
            time.sleep(0.06)  # haopsd rests 50 ms between two answers
            begin = time.monotonic()
            place.haops("status")
            times.append(1000 * (time.monotonic() - begin))
        print(f"haops status, {status}: median {statistics.median(times):.1f} ms, longest {max(times):.1f} ms")
        fake.close()
        wait_until(lambda one=fake: one.process.poll() is not None, "it has ended")
