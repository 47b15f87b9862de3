# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing is left behind, however a lab ends; and the command by hand."""
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import Iterator

import pytest
from haopslab import Cluster, LabError, cli, leftovers, link, rpc, wait_until

LAB = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lab")
OWNER = """
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from haopslab import Cluster
cluster = Cluster(nodes=2, name=sys.argv[2])
cluster.start()
print("started", flush=True)
sys.stdin.read()
"""


USED: set[str] = set()


def run_lab(name: str, *words: str, check: bool = True) -> subprocess.CompletedProcess:
    USED.add(words[0])
    done = subprocess.run([LAB, "--name", name, *words], capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL)
    assert not check or done.returncode == 0, done.stderr
    return done


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return f"life-{os.getpid()}-{abs(hash(request.node.name)) % 1000}"


@pytest.fixture
def owner(name: str) -> Iterator[subprocess.Popen]:
    """A process that owns a lab, as a test run does."""
    process = subprocess.Popen([sys.executable, "-c", OWNER, os.path.dirname(LAB), name],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


def guard_pid(name: str) -> int:
    with rpc.connect(name) as sock:
        return rpc.peer_credentials(sock)[0]


def assert_gone(footprint: leftovers.Footprint) -> None:
    assert len(footprint.processes) > 1 and footprint.namespaces
    wait_until("all of the lab to be gone", lambda: (
        not leftovers.find(footprint), leftovers.find(footprint)), 10)
    footprint.close()


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_owner_ends(name: str, owner: subprocess.Popen, signum: int) -> None:
    assert owner.stdout.readline() == "started\n"
    footprint = leftovers.footprint(name, guard_pid(name))
    owner.send_signal(signum)
    assert_gone(footprint)


@pytest.mark.parametrize("moment", range(4))
def test_owner_is_killed_in_mid_start(name: str, owner: subprocess.Popen, moment: int) -> None:
    wait_until("the lab's socket", lambda: (name in rpc.running_labs(), rpc.running_labs()), 10,
               0.001)
    pid = guard_pid(name)
    wait_until("some of its processes", lambda: (
        len(leftovers.descendants(pid)) > 2 + 3 * moment, leftovers.descendants(pid)), 10, 0.001)
    footprint = leftovers.footprint(name, pid)
    owner.kill()
    assert_gone(footprint)


@pytest.mark.parametrize("victim", ["guard", "keeper"])
def test_a_part_of_the_lab_is_killed(name: str, owner: subprocess.Popen, victim: str) -> None:
    owner.stdout.readline()
    pid = guard_pid(name)
    footprint = leftovers.footprint(name, pid)
    os.kill(pid if victim == "guard" else link._keeper_of(pid), signal.SIGKILL)
    assert_gone(footprint)


def test_failed_start_leaves_nothing(name: str) -> None:
    with pytest.raises(LabError, match="/nonesuch is to appear|nonesuch"):
        Cluster(nodes=1, name=name, agents_dir="/nonesuch").up()
    assert name not in rpc.running_labs()


def test_two_labs_at_once_and_one_name_twice(name: str) -> None:
    one, two = Cluster(nodes=1, name=name), Cluster(nodes=1, name=name + "b")
    try:
        one.start()
        two.start()
        with pytest.raises(LabError, match="runs already"):
            Cluster(nodes=1, name=name).start()
        assert {name, name + "b"} <= set(rpc.running_labs())
        assert one.node("n1").ip == two.node("n1").ip
    finally:
        one.down()
        two.down()


DUMMY = """<resources><primitive id="dummy" class="ocf" provider="pacemaker" type="Dummy"/></resources>"""


def check_cluster_by_hand(name: str, folder) -> None:
    """list, load, observe."""
    assert name in run_lab(name, "list").stdout.split()
    (folder / "cib.xml").write_text(DUMMY)
    run_lab(name, "load", str(folder / "cib.xml"))
    assert "dummy=Started" in run_lab(name, "status").stdout
    observed = json.loads(run_lab(name, "observe", "10.77.0.51", "--seconds", "0.5", "--json").stdout)
    seen = observed["addresses"]["10.77.0.51"]
    assert seen["answers"] > 10 and [run["who"] for run in seen["owners"]] == ["web1"]
    assert "10.77.0.51" in run_lab(name, "observe", "10.77.0.51", "--seconds", "0.2").stdout


def test_help_names_every_command(capsys: pytest.CaptureFixture) -> None:
    told = run_lab("none", "--help").stdout
    assert "A first session:" in told
    for command in cli.COMMANDS:
        assert f"\n    {command} " in told, command
        with pytest.raises(SystemExit):
            cli.main([command, "--help"])
        assert "usage: lab" in capsys.readouterr().out


def test_by_hand(name: str, tmp_path) -> None:
    run_lab(name, "up", "2", "--no-stonith")
    footprint = leftovers.footprint(name, guard_pid(name))
    try:
        assert json.loads(run_lab(name, "status", "--json").stdout)["cluster"]["quorate"]
        assert "n2=online" in run_lab(name, "status").stdout
        assert run_lab(name, "ssh", "n2", "hostname").stdout == "n2\n"
        for words in (["cut", "n1", "--ring", "1"], ["heal", "n1"], ["switch", "off", "1"],
                      ["switch", "on", "1"], ["freeze", "n1", "pacemakerd"],
                      ["thaw", "n1", "pacemakerd"], ["fill", "n1"], ["unfill", "n1"],
                      ["hog", "n1", "2"], ["hog", "n1", "0"],
                      ["loss", "n1", "10"], ["loss", "n1", "0"], ["host", "add", "web1", "--web"],
                      ["client", "ping", "-c1", "-W2", "10.77.0.51"], ["kill", "n2"],
                      ["kill", "n2"], ["boot", "n2"], ["boot", "n2"], ["logs", "n1"]):
            run_lab(name, *words)
        probed = run_lab(name, "probe", "http://10.77.0.51/", "--seconds", "0.5", "--json")
        assert json.loads(probed.stdout)["ok"] > 20
        check_cluster_by_hand(name, tmp_path)
        assert "power off target=n2" in run_lab(name, "timeline").stdout
        events = json.loads(run_lab(name, "timeline", "--json").stdout)
        assert any(event["text"].startswith("power off") for event in events)
        saved = run_lab(name, "save", str(tmp_path / "saved")).stdout.strip()
        assert saved == str(tmp_path / "saved") and "power off" in (tmp_path / "saved/timeline.txt").read_text()
        run_lab(name, "down", "--save", str(tmp_path))
        assert (tmp_path / "timeline.txt").exists()
        assert set(cli.COMMANDS) - USED == set(), "commands that nobody tested"
    finally:
        run_lab(name, "down", check=False)
    assert_gone(footprint)


def test_ctrl_c_during_up(name: str) -> None:
    up = subprocess.Popen([LAB, "--name", name, "up", "2"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL)
    wait_until("the lab's socket", lambda: (name in rpc.running_labs(), None), 10)
    pid = guard_pid(name)
    wait_until("some of its processes", lambda: (
        len(leftovers.descendants(pid)) > 6, leftovers.descendants(pid)), 10, 0.001)
    footprint = leftovers.footprint(name, pid)
    up.send_signal(signal.SIGINT)
    assert up.wait(20) == 130
    assert_gone(footprint)


@pytest.mark.parametrize("words, message", [
    (["status"], "no lab named"), (["up", "0"], "at least one node"),
    (["ssh", "n1"], "starts it"), (["up", "--cib", "/nonesuch"], "cannot read /nonesuch"),
    (["up", "--env", "X"], "NAME=VALUE"),
    (["up", "--haopsd", "--stage", "/nonesuch"], "no usr/sbin/haopsd in /nonesuch")])
def test_errors_say_what_to_do(name: str, words: list[str], message: str) -> None:
    done = run_lab(name, *words, check=False)
    assert done.returncode == 1 and message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_only_root_paths_and_no_host_files(name: str) -> None:
    with Cluster(nodes=1, name=name) as cluster:
        assert not os.path.exists("/run/haops-lab")
        state = cluster.link.host_path(cluster.link.status()["state_dir"])
        assert os.stat(state).st_mode & 0o777 == 0o700
