# SPDX-License-Identifier: GPL-2.0-or-later
"""Members of a process group, each a cluster-driver in a node, and what they told."""
import contextlib
import json
import subprocess
import threading
import time

from haopslab.wait import wait_until

WAIT_S = 20
DRIVER = "/run/lab/bin/0/cluster-driver"


class Member:
    """A running cluster-driver. Its events are kept in the order in which they came."""

    def __init__(self, node, words, wrapper=()):
        self.node = node
        self.events = []
        self._changed = threading.Condition()
        self._process = node.popen([*wrapper, DRIVER, *words], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            with self._changed:
                self.events.append(json.loads(line))
                self._changed.notify_all()

    def tell(self, text):
        """Gives a command; the number of events before it."""
        mark = len(self.events)
        self._process.stdin.write(text + "\n")
        self._process.stdin.flush()
        return mark

    def wait(self, what, condition, since=0, timeout=WAIT_S):
        """The first event behind `since` for which the condition holds."""
        deadline = time.monotonic() + timeout
        at = since
        with self._changed:
            while True:
                for event in self.events[at:]:
                    if condition(event):
                        return event
                at = len(self.events)
                left = deadline - time.monotonic()
                assert left > 0, f"{self.node.name}: not within {timeout} s: {what}"
                self._changed.wait(left)

    def ask(self, text, event):
        """Gives a command; the event of that name that answers."""
        mark = self.tell(text)
        return self.wait(f"answer to {text}", lambda e: e["event"] == event, mark)

    def wait_view(self, what, condition, since=0, timeout=WAIT_S):
        """The first view for which the condition holds."""
        return self.wait(what, lambda e: e["event"] == "view" and condition(e), since, timeout)

    def wait_whole(self, count, since=0, timeout=WAIT_S):
        """Until so many members are known, in a settled and quorate ring."""
        return self.wait_view(f"{count} members", lambda v: is_whole(v, count), since, timeout)

    def of(self, *names, since=0):
        """Events of these names."""
        return [event for event in self.events[since:] if event["event"] in names]

    def view(self):
        """The newest."""
        return self.of("view")[-1]

    def texts(self, since=0):
        """What was received."""
        return [event["text"] for event in self.of("message", since=since)]

    @property
    def incarnation(self):
        """As it calls itself now."""
        return self.view()["incarnation"]

    def stats(self):
        """Its own figures."""
        return self.ask("stats", "stats")

    def kill(self):
        """SIGKILL to the driver, not to what started it in the node."""
        self.node.run(["/usr/bin/kill", "-KILL", str(self.pid())])
        self._process.wait(WAIT_S)

    def pid(self):
        """Number of the driver in its node."""
        own = [m for m in self.view()["members"] if m["incarnation"] == self.incarnation]
        return own[0]["pid"]

    def close(self, timeout=WAIT_S):
        """Ends its input, so that it leaves; its exit status and what it wrote to stderr."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        status = self._process.wait(timeout)
        self._reader.join(timeout)
        errors = self._process.stderr.read()
        self._process.stdout.close()
        self._process.stderr.close()
        return status, errors

    def is_running(self):
        """Whether it has not ended."""
        return self._process.poll() is None


def is_whole(view, count):
    """A view with so many known members in a settled and quorate ring."""
    known = [m for m in view["members"] if int(m["incarnation"], 16)]
    return view["state"] == "up" and view["settled"] and view["quorate"] and len(known) == count


class Crew:
    """The members of one test."""

    def __init__(self, lab, group):
        self.lab = lab
        self.group = group[:100]
        self.members = []
        self.nodes = lab.nodes()

    def join(self, index, *words, wrapper=()):
        """A new member on the index-th node."""
        member = Member(self.nodes[index], [self.group, *map(str, words)], wrapper)
        self.members.append(member)
        return member

    def join_all(self, *words):
        """One member on each node, known to each other."""
        made = [self.join(index, *words) for index in range(3)]
        for member in made:
            member.wait_whole(3)
        return made

    def start_corosync(self, node):
        """Starts it where it does not run."""
        if "corosync" not in node.state()["services"]:
            node.start_service("corosync")

    def kill_corosync(self, node):
        """SIGKILL; returns when it has ended."""
        node.signal("corosync", 9)
        wait_until(f"{node.name}: end of corosync", lambda: (
            "corosync" not in node.state()["services"], node.state()["services"]), WAIT_S)

    def end(self):
        """Undoes faults, ends members, and waits until all nodes are one ring again."""
        self.lab.link.call("heal_all")
        for node in self.nodes:
            self.start_corosync(node)
        for member in self.members:
            if member.is_running():
                member.close()
        for node in self.nodes:
            wait_until(f"{node.name}: all in one ring", lambda n=node: self._members(n), 30, 0.1)

    @staticmethod
    def _members(node):
        text = node.run(["/usr/sbin/corosync-quorumtool", "-s"], check=False).stdout
        return "Nodes:            3" in text and "Quorate:          Yes" in text, text

    def transcript(self):
        """All that was told, for a failed test."""
        return "\n".join(f"{m.node.name} {json.dumps(e)}" for m in self.members for e in m.events[-200:])
