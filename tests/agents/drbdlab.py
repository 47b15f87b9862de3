# SPDX-License-Identifier: GPL-2.0-or-later
"""A box with programs in the place of drbdadm and its kind, for faults that real ones cannot be made to have.

What they say to each other is a file: the state that drbdsetup tells, and what an answer to a verb is to be.
"""

import json

import boxlab

RESOURCE = "r0"
PARAMS = {"drbd_resource": RESOURCE, "drbdconf": "/run/box/drbd.conf"}
CLONE = {"clone_max": 2, "clone_node_max": 1, "promoted_max": 1, "promoted_node_max": 1, "notify": "true",
         "on_node": "n1"}
CONF = """resource r0 {
    net { protocol C; }
    disk { fencing %s; }
    handlers { fence-peer "/usr/sbin/haops-outdate-peer"; }
}
"""

# Each program appends what it was called with to "calls", and does what "answers" says for its verb. An answer is
# {"out": text, "status": number, "sleep": seconds, "role": what events2 tells from then on, "gone": true}.
PROGRAM = """#!/usr/bin/python3 -S
import json, os, sys, time
box = "/run/box/fake/"
name = os.path.basename(sys.argv[0])
words = sys.argv[1:]
with open(box + "calls", "a") as file:
    file.write(" ".join([name, *words]) + "\\n")
plain = [w for w in words if not w.startswith("-") and "/" not in w and not w.isdigit()]
verb = plain[0] if plain else ""
answers = json.load(open(box + "answers"))
answer = answers.get(name + " " + verb, {})
if isinstance(answer, list):
    rest = answer[1:] or answer
    answers[name + " " + verb] = rest
    json.dump(answers, open(box + "answers", "w"))
    answer = answer[0]
if answer.get("hang"):
    time.sleep(1000)
state = json.load(open(box + "state"))
if "role" in answer:
    state["role"] = answer["role"]
if answer.get("gone"):
    state = None
json.dump(state, open(box + "state", "w"))
if name == "drbdsetup" and verb == "events2" and "out" not in answer:
    text = ""
    if state:
        text = ("exists resource name:r0 role:{role} suspended:no\\n"
                "exists connection name:r0 local:ipv4:10.0.0.1:7788 peer:ipv4:10.0.0.2:7788 "
                "connection:{connection} role:{peer_role}\\n"
                "exists device name:r0 volume:0 minor:0 disk:{disk}\\n"
                "exists peer-device name:r0 local:ipv4:10.0.0.1:7788 peer:ipv4:10.0.0.2:7788 volume:0 "
                "replication:Off peer-disk:{peer_disk} resync-suspended:no\\n").format(**state)
    print(text + "exists -")
else:
    sys.stdout.write(answer.get("out", ""))
sys.exit(answer.get("status", 0))
"""

WELL = {"role": "Secondary", "disk": "UpToDate", "connection": "Connected", "peer_role": "Secondary",
        "peer_disk": "UpToDate"}
ALONE = {**WELL, "connection": "Connecting", "peer_role": "Unknown", "peer_disk": "DUnknown"}
PROGRAMS = {"/usr/sbin/drbdadm": "drbdadm", "/usr/sbin/drbdsetup": "drbdsetup",
            "/usr/sbin/attrd_updater": "attrd_updater"}
GI = "A000000000000002:B000000000000000:0000000000000000:0000000000000000:1:1:0:1:0:0:0\n"


class Box(boxlab.Box):
    """Namespaces in which DRBD 8.4 seems to be loaded, with a resource that is in some state."""

    def __init__(self, agents, fencing="resource-and-stonith", has_module=True):
        super().__init__(agents, "drbd", ("/sys/module", "/usr/libexec"), "disk:0")
        self.write("/run/box/drbd.conf", CONF % fencing)
        if has_module:
            self.write("/sys/module/drbd/version", "8.4.11\n")
        self.write("/run/box/program", PROGRAM)
        for path, name in PROGRAMS.items():
            self.write(f"/run/box/fake/{name}", PROGRAM)
            self.path(f"/run/box/fake/{name}").chmod(0o755)
            self.run("mount", "--bind", f"/run/box/fake/{name}", path)
        self.write("/usr/libexec/haops/haops-cib", PROGRAM)
        self.path("/usr/libexec/haops/haops-cib").chmod(0o755)
        self.state(WELL)
        self.answers({})

    def state(self, state):
        """What the kernel is to tell; None: no such resource."""
        self.write("/run/box/fake/state", json.dumps(state))

    def answers(self, answers):
        """What the programs are to answer."""
        conf = self.path("/run/box/drbd.conf").read_text(encoding="utf-8")
        self.write("/run/box/fake/answers", json.dumps(
            {"drbdadm dump": {"out": conf}, "drbdadm get-gi": {"out": GI},
             "drbdadm primary": {"role": "Primary"}, "drbdsetup secondary": {"role": "Secondary"},
             "drbdsetup down": {"gone": True}, **answers}))

    def calls(self):
        """[what was called since the last question]."""
        path = self.path("/run/box/fake/calls")
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines

    def score(self):
        """The promotion score that was told last; None: deleted; "" for none told."""
        told = [line for line in self.calls() if line.startswith("attrd_updater --name=master-disk ")]
        if not told:
            return ""
        return None if told[-1].endswith("--delete") else int(told[-1].rpartition("=")[2])

    def act(self, action, meta=None, **params):
        """Runs an action as Pacemaker does."""
        return self.call(action, {**PARAMS, **params}, {**CLONE, **(meta or {})})
