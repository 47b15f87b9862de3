# SPDX-License-Identifier: GPL-2.0-or-later
"""The agent framework by its demo agent: actions, exit codes, parameters, deadline, meta-data."""

import os
import pathlib
import pty
import re
import signal
import subprocess
import time

import pytest
from demo import Demo, meta, params, reason

RECURRING = meta(interval=10000, timeout=20000)
PROBE = meta(interval=0, timeout=20000)
BAD = {"state": "relative", "mode": "LOUD", "level": "11", "time": "1 day", "active": "perhaps",
       "result": "one"}
ALL = ["state", "password", "mode", "level", "time", "active", "result", "text", "old"]


@pytest.fixture(name="demo", scope="module")
def fixture_demo():
    """The agent."""
    demo = Demo()
    yield demo
    demo.close()


@pytest.fixture(name="state")
def fixture_state(tmp_path):
    """Path of the resource's state file."""
    return tmp_path / "state"


def test_life_without_a_cluster(demo, state):
    """No meta variable is set, as when a shell or drbd-reactor is the caller."""
    env = params(state=state)
    for action, code in [("monitor", 7), ("stop", 0), ("promote", 7), ("start", 0), ("start", 0),
                         ("monitor", 0), ("status", 0), ("promote", 0), ("promote", 0), ("monitor", 8),
                         ("demote", 0), ("demote", 0), ("monitor", 0), ("notify", 0),
                         ("reload-agent", 0), ("validate-all", 0), ("stop", 0), ("stop", 0),
                         ("monitor", 7)]:
        done = demo.run(action, env)
        assert done.returncode == code, (action, done.stderr)
        assert done.stdout == ""


@pytest.mark.parametrize("result, recurring, probe", [
    (0, 0, 0), (1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4), (5, 5, 5), (6, 1, 6), (7, 7, 7), (8, 8, 8),
    (9, 9, 9), (190, 190, 190), (191, 191, 191), (10, 1, 1), (255, 1, 1), (1000, 1, 1)])
def test_exit_codes_of_monitor(demo, state, result, recurring, probe):
    """6 never leaves a recurring monitor, and no unknown code leaves at all."""
    env = params(state=state, result=result, text="why")
    for extra, code in [(RECURRING, recurring), ({}, recurring), (PROBE, probe)]:
        done = demo.run("monitor", env | extra)
        assert done.returncode == code
        assert reason(done) == "why"


def test_error_of_the_library(demo, state):
    """Its sentence is the reason, its error the code."""
    done = demo.run("monitor", params(state=state, text="library") | RECURRING)
    assert done.returncode == 2
    assert reason(done).startswith("demo: ") and len(reason(done)) > 20


def test_unknown_action(demo):
    """Unimplemented, with a reason, and nothing but that."""
    done = demo.run("mig\nrate")
    assert done.returncode == 3
    assert done.stderr == 'ocf-exit-reason:demo has no action "mig\\nrate"\n'
    assert demo.run("").returncode == 3


def test_extra_arguments_are_ignored(demo, state):
    """As OCF says."""
    assert demo.run(["monitor", "start", "-x"], params(state=state)).returncode == 7


def test_usage(demo):
    """Without an action on standard error with 2; asked for, on standard output with 0."""
    done = demo.run([])
    assert done.returncode == 2 and done.stdout == ""
    assert "reload-agent" in done.stderr and "OCF_RESKEY_state=VALUE demo monitor" in done.stderr
    for name in ["help", "usage", "--help", "-h"]:
        asked = demo.run(name)
        assert asked.returncode == 0 and asked.stdout == done.stderr


@pytest.mark.parametrize("action", ["start", "validate-all", "promote", "reload-agent"])
@pytest.mark.parametrize("name", BAD)
def test_wrong_value(demo, state, action, name):
    """6 with a reason that names the parameter; nothing is changed on the host."""
    done = demo.run(action, params(**{"state": state, name: BAD[name]}))
    assert done.returncode == 6
    assert reason(done).startswith(f"parameter {name}: value \"{BAD[name]}\" ")
    assert not state.exists()


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("value, part", [("x" * 10240, "is too long"), ("a\nb", "a line end"),
                                         ("/a\x1b[2J", "control character")])
def test_hostile_value(demo, state, name, value, part):
    """Refused before anything of it is used, and not repeated as it came."""
    done = demo.run("start", params(**{"state": state, name: value}))
    assert done.returncode == 6
    assert done.stderr.count("\n") == 1 and len(done.stderr) < 160 and "\x1b" not in done.stderr
    assert part in reason(done) and name in reason(done)
    assert not state.exists()


def test_empty_value_is_none(demo, state):
    """Then the default holds, or the parameter is missing."""
    empty = params(**{name: "" for name in ALL})
    done = demo.run("start", empty)
    assert (done.returncode, reason(done)) == (6, "parameter state is required: set it")
    assert demo.run("start", empty | params(state=state)).returncode == 0


def test_several_wrong_values(demo, state):
    """The first is the reason, the log has the others."""
    done = demo.run("validate-all", params(state=state, level=99, mode="x"))
    assert reason(done).startswith("parameter mode:")
    assert "ERROR: parameter level:" in done.stderr


@pytest.mark.parametrize("name", [name for name in BAD if name not in ("state", "time")])
def test_stop_and_monitor_work_with_wrong_values(demo, state, name):
    """A value that they do not need does not keep them from working."""
    env = params(state=state)
    for value in [BAD[name], "x" * 10240, "\n"]:
        wrong = env | params(**{name: value})
        assert demo.run("start", env).returncode == 0
        assert demo.run("monitor", wrong | RECURRING).returncode == 0
        assert demo.run("monitor", wrong | PROBE).returncode == 0
        assert demo.run("stop", wrong).returncode == 0
        assert demo.run("monitor", wrong | PROBE).returncode == 7


def test_stop_tells_what_it_needs(demo):
    """Success without knowing what to stop would be a lie."""
    done = demo.run("stop", params(state="relative"))
    assert done.returncode == 6 and reason(done).startswith("parameter state: value \"relative\"")
    done = demo.run("stop")
    assert done.returncode == 6 and reason(done) == "parameter state is required: set it"


def test_rule_between_parameters(demo, state):
    """The agent's own validation at level 0."""
    done = demo.run("start", params(state=state, mode="loud", level=-1))
    assert (done.returncode, reason(done)) == (6, "parameter level: mode loud wants 0 to 10")


@pytest.mark.parametrize("level, code", [("", 0), ("0", 0), ("9", 0), ("10", 2), ("20", 2), ("x", 0)])
def test_validate_levels(demo, level, code):
    """Level 0 does not look at the host, level 10 does."""
    env = params(state="/nowhere/at/all/state") | {"OCF_CHECK_LEVEL": level}
    assert demo.run("validate-all", env).returncode == code


def test_what_an_action_is_told(demo, state):
    """Check level (rounded down to a row), probe, clone, meta attributes, as Pacemaker passes them."""
    env = params(state=state, text="level", active="no")
    told = demo.run("monitor", env | {"OCF_CHECK_LEVEL": "15"}).stderr
    assert told.endswith("INFO: level 0, probe 0, clone 0, notify -, active 0\n")
    env = params(state=state, text="level", OCF_CHECK_LEVEL=30)
    told = demo.run("monitor", env | PROBE | meta(clone=1, clone_max=3, notify="true")).stderr
    assert told.endswith("INFO: level 20, probe 1, clone 1, notify true, active 1\n")


def test_version_of_the_interface(demo, state):
    """Another major version is refused, with a reason."""
    env = params(state=state)
    assert demo.run("monitor", env | {"OCF_RA_VERSION_MAJOR": "1"}).returncode == 7
    done = demo.run("monitor", env | {"OCF_RA_VERSION_MAJOR": "2"})
    assert done.returncode == 2 and "API 2 is unknown" in reason(done)


def test_reason_is_cut(demo, state):
    """Pacemaker keeps 128 bytes of the last line with the prefix."""
    text = "word " * 100
    env = params(state=state, result=1, text=text) | {"OCF_EXIT_REASON_PREFIX": "cookie>"}
    told = demo.run("monitor", env).stderr
    assert re.fullmatch(r"cookie>(word )+word\.\.\.\n", told)
    assert 115 < len(told) - len("cookie>\n") <= 128


def test_deadline(demo, state):
    """An action ends by itself before Pacemaker's timeout, and rubbish in it is tolerated."""
    begin = time.monotonic()
    done = demo.run("start", params(state=state, time="30s") | meta(timeout=1000))
    took = time.monotonic() - begin
    assert (done.returncode, reason(done)[:15]) == (1, "not done after ")
    assert 0.6 < took < 1.0
    for timeout in ["rubbish", "-1", "0", "", "9" * 40]:
        assert demo.run("start", params(state=state, time="10ms") | meta(timeout=timeout)).returncode == 0


def test_deprecated_parameter(demo, state):
    """Works, and says so at start."""
    done = demo.run("start", params(state=state, old=1))
    assert done.returncode == 0
    assert done.stderr.endswith("WARNING: parameter old is deprecated: text does it\n") or \
        "WARNING: parameter old is deprecated: text does it\n" in done.stderr


def test_closed_descriptors(demo, state):
    """A socket or file must not become standard error."""
    shell = ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
    env = params(state=state)
    assert demo.run("start", env, before=shell).returncode == 0
    assert state.read_bytes() == b"U"
    assert demo.run("stop", env, before=shell).returncode == 0


def test_reader_gone(demo, state):
    """An error, no death by a signal; and a child has its signals as usual."""
    reader, writer = os.pipe()
    os.close(reader)
    done = demo.run("meta-data", stdout=writer, stderr=subprocess.PIPE)
    assert done.returncode == 1 and "Broken pipe" in done.stderr
    done = demo.run("monitor", params(state=state, result=5, text="x"), stdout=writer, stderr=writer)
    assert done.returncode == 5
    os.close(writer)
    told = demo.run("monitor", params(state=state, text="child")).stderr
    ignored = int(re.search(r"SigIgn:\\t([0-9a-f]+)", told).group(1), 16)
    assert not ignored & (1 << (signal.SIGPIPE - 1))


def test_full_disk_under_meta_data(demo):
    """A cut document is no success."""
    with open("/dev/full", "w", encoding="ascii") as full:
        done = demo.run("meta-data", stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1 and "No space left" in done.stderr


def test_meta_data_validates(demo, tmp_path):
    """By its own DTD, as ocf-tester asks, and by the schema that pcs uses."""
    document = tmp_path / "demo.xml"
    document.write_text(demo.run("meta-data").stdout, encoding="utf-8")
    subprocess.run(["xmllint", "--noout", "--valid", document], check=True)
    subprocess.run(["xmllint", "--noout", "--nonet", "--relaxng", "/usr/share/pcs/data/ocf-1.1.rng",
                    document], check=True)


def test_meta_data_needs_nothing(demo):
    """The user nobody, no environment, root directory."""
    done = demo.run("meta-data", user="nobody", group="nogroup", extra_groups=[], cwd="/")
    assert done.returncode == 0 and done.stdout == demo.run("meta-data").stdout and done.stderr == ""


INSTALL = """set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /usr/lib/ocf/resource.d
mkdir /usr/lib/ocf/resource.d/haops
cp "$1" /usr/lib/ocf/resource.d/haops/demo
shift
exec "$@"
"""


@pytest.fixture(name="installed")
def fixture_installed(demo, tmp_path):
    """Runs a tool where the agent is installed, in a mount namespace of its own."""
    demo.wrapper(tmp_path / "demo")

    def run(*argv, code=0):
        done = subprocess.run(["unshare", "-m", "sh", "-c", INSTALL, "sh", tmp_path / "demo", *argv],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False, timeout=120,
                              env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)})
        assert done.returncode == code, done.stdout
        return done.stdout
    return run


def test_tools_of_the_cluster(installed):
    """Pacemaker's, crmsh's and pcs' readers of meta-data."""
    assert "reload-agent" in installed("crm_resource", "--show-metadata", "ocf:haops:demo")
    described = installed("pcs", "resource", "describe", "ocf:haops:demo", "--full")
    assert "state (required) (unique group: state)" in described
    assert "role=Promoted" in described and "reload-agent:" in described
    assert "state* (string): State file" in installed("crm", "ra", "info", "ocf:haops:demo")


def test_validation_by_pacemaker(installed):
    """The reason comes through."""
    told = installed("crm_resource", "--validate", "--class", "ocf", "--provider", "haops", "--agent",
                     "demo", "--option", "state=x", code=6)
    assert 'parameter state: value "x" is no absolute path' in told


def test_ocf_tester(installed, state):
    """Every check of the stock tester passes."""
    told = installed("ocf-tester", "-n", "t", "-o", f"state={state}", "-o", "password=sesame",
                     "/usr/lib/ocf/resource.d/haops/demo")
    assert "passed all tests" in told and "* rc=" not in told


def test_no_terminal_is_read(demo, state):
    """Standard input stays as it was, also when it is a terminal with something typed ahead."""
    master, slave = pty.openpty()
    os.write(master, b"typed\n")
    assert demo.run("start", params(state=state), stdin=slave).returncode == 0
    assert os.read(slave, 100) == b"typed\n"
    os.close(master)
    os.close(slave)


def test_parallel_runs(demo, tmp_path):
    """200 actions at once do not disturb each other."""
    started = [subprocess.Popen([*demo.argv, "start"], env=params(state=tmp_path / str(n)),
                                stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for n in range(200)]
    assert [process.wait(60) for process in started] == [0] * 200
    assert len(list(pathlib.Path(tmp_path).iterdir())) == 200
