# SPDX-License-Identifier: GPL-2.0-or-later
"""What the scenarios of the file server do by hand: agents' actions, the cluster's memory, locks of clients."""

import contextlib

from haopslab import storageconf, timeline
from haopslab.wait import wait_until

MEMORY = ["/usr/libexec/haops/haops-cib", "get", f"haops-drbd-{storageconf.RESOURCE}"]
# What a client takes by fcntl(2) the server has as a lock on the file itself, in both versions of NFS.
TAKE = """import fcntl, signal, sys
file = open(sys.argv[1], "a")
fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
print("taken", flush=True)
if sys.argv[2] == "hold":
    signal.pause()
"""


class Action:
    """One action of an agent, run by hand as Pacemaker would."""

    def __init__(self, files, node, resource, timeout_ms=60000):
        self._agent, self._env = storageconf.command(files.agents, resource, node, timeout_ms)
        self._node = files.cluster.node(node)

    def _words(self, action):
        return ["env", *(f"{name}={value}" for name, value in self._env.items()), self._agent, action]

    def run(self, action):
        """(code, exit reason)."""
        done = self._node.run(self._words(action), check=False, timeout=120)
        reasons = [line.partition(":")[2] for line in done.stderr.splitlines() if line.startswith("ocf-exit-reason:")]
        return done.returncode, reasons[-1] if reasons else ""

    def kill_after(self, action, seconds):
        """Begins it, and kills it then, with nothing but SIGKILL; whether it was still there."""
        words = ["timeout", "--signal=KILL", f"{seconds}", *self._words(action)]
        return self._node.run(words, check=False, timeout=120).returncode in (-9, 137)


def memory(files, name):
    """What the cluster remembers of the disk: {name: value}."""
    text = files.cluster.node(name).run(MEMORY).stdout
    return dict(line.split("\t", 1) for line in text.splitlines())


@contextlib.contextmanager
def locked(mount):
    """A client's process that holds a lock on a file of the server."""
    path = f"{mount.folder}/locked"
    holder = mount.client.popen(["/usr/bin/python3", "-c", TAKE, path, "hold"], stdout=-1)
    try:
        assert holder.stdout.readline().strip() in (b"taken", "taken")
        yield
        assert holder.poll() is None, "the holder of the lock has ended"
    finally:
        holder.kill()
        holder.wait()


def is_locked(files, server):
    """Whether the server keeps others from the file."""
    path = f"{storageconf.EXPORT}/locked"
    done = files.cluster.node(server).run(["/usr/bin/python3", "-c", TAKE, path, "look"], check=False)
    assert "taken" in done.stdout or "BlockingIOError" in done.stderr, done
    return "BlockingIOError" in done.stderr


def wait_locked(files, server):
    """Until a client has its lock again."""
    wait_until(f"the client's lock on {server}", lambda: (is_locked(files, server), ""), 60, 0.5)


@contextlib.contextmanager
def banned(files, name):
    """The node may not have the disk as Primary: a planned move."""
    crm = files.cluster.crm
    crm.run(["crm_resource", "--ban", "-r", storageconf.CLONE, "--promoted", "-N", name])
    try:
        yield
    finally:
        crm.run(["crm_resource", "--clear", "-r", storageconf.CLONE])


def text(files, name, command):
    """Output of a shell command on a node."""
    return files.cluster.node(name).run(["sh", "-c", command], timeout=120).stdout


def told(files, name, sentence, since):
    """Whether a node has logged that since then."""
    return any(event.machine == name and event.time >= since and sentence in event.text
               for event in timeline.collect(files.cluster, verbose=True))
