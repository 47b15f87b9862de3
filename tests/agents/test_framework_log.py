# SPDX-License-Identifier: GPL-2.0-or-later
"""The agent framework by its demo agent: where messages go, traces, and that secrets go nowhere."""

import os
import pty
import re
import socket
import stat
import time

import pytest
from demo import Demo, params

DATE = r"[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d"
SECRET = "sesame-open"


@pytest.fixture(name="demo", scope="module")
def fixture_demo():
    """The agent."""
    demo = Demo()
    yield demo
    demo.close()


@pytest.fixture(name="env")
def fixture_env(tmp_path):
    """A right configuration with a secret in it."""
    return params(state=tmp_path / "state", password=SECRET) | {"OCF_RESOURCE_INSTANCE": "web:1"}


def tag(pid=r"\d+"):
    """The tag of stock agents as a pattern."""
    return rf"demo\(web:1\)\[{pid}\]"


def test_standard_error(demo, env, tmp_path):
    """Where nothing else is set: date, level, text."""
    told = demo.run("start", env).stderr
    assert re.fullmatch(rf"{DATE} INFO: started {tmp_path}/state with \*\*\*\n", told)


def test_failure_is_told_once(demo, env):
    """The reason is on standard error already."""
    done = demo.run("monitor", env | params(result=1, text="no luck"))
    assert done.stderr == "ocf-exit-reason:no luck\n"


def test_log_file(demo, env, tmp_path):
    """A line as stock agents write it, and nothing on standard error."""
    log = tmp_path / "ha-log"
    assert demo.run("start", env | {"HA_LOGFILE": str(log)}).stderr == ""
    assert re.fullmatch(rf"{DATE}  {tag()}:    INFO: started {tmp_path}/state with \*\*\*\n",
                        log.read_text())
    done = demo.run("monitor", env | params(result=1, text="why") | {"HA_LOGFILE": str(log)})
    assert done.stderr == "ocf-exit-reason:why\n"
    assert log.read_text().endswith(":    ERROR: why\n")


def test_whole_text_is_in_the_log(demo, env, tmp_path):
    """The reason is cut, the log is not."""
    log = tmp_path / "ha-log"
    text = "word " * 100 + "end"
    done = demo.run("monitor", env | params(result=1, text=text) | {"HA_LOGFILE": str(log)})
    assert "end" not in done.stderr
    assert log.read_text().endswith(f"ERROR: {text}\n")


def test_date_format_and_tag(demo, env, tmp_path):
    """HA_DATEFMT and HA_LOGTAG."""
    log = tmp_path / "ha-log"
    demo.run("start", env | {"HA_LOGFILE": str(log), "HA_DATEFMT": "%Y|", "HA_LOGTAG": "me\x07"})
    assert re.fullmatch(r"\d{4}\| me\\x07:    INFO: started .*\n", log.read_text())


def test_log_file_that_cannot_be_written(demo, env, tmp_path):
    """The message is not lost, and the action not disturbed; also with a FIFO that nobody reads."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for place in ["/nowhere/log", "/dev/full", str(fifo), str(tmp_path)]:
        done = demo.run("start", env | {"HA_LOGFILE": place})
        assert done.returncode == 0 and "INFO: started" in done.stderr
        assert demo.run("stop", env).returncode == 0


def test_debug_log(demo, env, tmp_path):
    """Gets a copy of each message, and debug messages when HA_debug is set."""
    debug = tmp_path / "ha-debug"
    env |= {"HA_LOGFILE": str(tmp_path / "ha-log"), "HA_DEBUGLOG": str(debug), "OCF_RESKEY_strange": "1"}
    demo.run("start", env)
    assert re.fullmatch(rf"{tag()}:\t{DATE} INFO: started .*\n", debug.read_text())
    demo.run("monitor", env | {"HA_debug": "0"})
    assert debug.read_text().count("\n") == 1
    demo.run("monitor", env | {"HA_debug": "1"})
    assert re.search(rf"{tag()}:\t{DATE} DEBUG: parameter strange is unknown and ignored\n",
                     debug.read_text())
    assert "DEBUG" not in (tmp_path / "ha-log").read_text()


def test_debug_log_that_is_the_log(demo, env, tmp_path):
    """One line, not two."""
    log = tmp_path / "ha-log"
    demo.run("start", env | {"HA_LOGFILE": str(log), "HA_DEBUGLOG": str(log)})
    assert log.read_text().count("\n") == 1


def test_terminal(demo, env):
    """With a person at the other end: tag, level, text on standard error, whatever else is set."""
    master, slave = pty.openpty()
    done = demo.run("start", env | {"HA_LOGFACILITY": "daemon", "HA_LOGFILE": "/nowhere"}, stdin=slave)
    assert re.fullmatch(rf"{tag()}: INFO: started .*\n", done.stderr)
    done = demo.run("monitor", env | params(result=1, text="why"), stdin=slave)
    assert done.stderr == "ocf-exit-reason:why\n"
    os.close(master)
    os.close(slave)


@pytest.fixture(name="syslog")
def fixture_syslog(tmp_path):
    """A syslog daemon's socket, and the command that puts it into /dev."""
    dev = tmp_path / "dev"
    dev.mkdir()
    (dev / "null").touch()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(str(dev / "log"))
    listener.setblocking(False)
    yield listener, ["unshare", "-m", "/bin/sh", "-c",
                     f'mount --make-rprivate / && mount --bind {dev} /dev && exec "$@"', "sh"]
    listener.close()


@pytest.mark.parametrize("names, facility", [
    ({"HA_LOGFACILITY": "daemon"}, 3), ({"HA_LOGFACILITY": "local3"}, 19),
    ({"PCMK_logfacility": "user"}, 1), ({"HA_LOGFACILITY": "local0", "PCMK_logfacility": "user"}, 16),
    ({"HA_LOGFACILITY": "nonsense"}, 3)])
def test_syslog(demo, env, syslog, names, facility):
    """Facility, priority and tag."""
    listener, before = syslog
    env |= {"PATH": os.environ["PATH"]} | names
    assert demo.run("start", env, before=before).stderr == ""
    told = listener.recv(4096).decode()
    assert re.fullmatch(rf"<{facility * 8 + 6}>[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d {tag()}: INFO: "
                        r"started .* with \*\*\*", told)
    done = demo.run("monitor", env | params(result=1, text="why"), before=before)
    assert done.stderr == "ocf-exit-reason:why\n"
    assert listener.recv(4096).decode().startswith(f"<{facility * 8 + 3}>")


def test_syslog_none(demo, env, syslog):
    """none means none."""
    listener, before = syslog
    env |= {"PATH": os.environ["PATH"], "HA_LOGFACILITY": "none", "PCMK_logfacility": "daemon"}
    assert "INFO: started" in demo.run("start", env, before=before).stderr
    with pytest.raises(BlockingIOError):
        listener.recv(4096)


def test_syslog_daemon_that_hangs(demo, env, syslog):
    """A full queue costs a moment, neither the action nor the message."""
    listener, before = syslog
    filler = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    filler.setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            filler.sendto(b"x", listener.getsockname())
    filler.close()
    begin = time.monotonic()
    done = demo.run("start", env | {"PATH": os.environ["PATH"], "HA_LOGFACILITY": "daemon"},
                    before=before)
    assert done.returncode == 0 and "INFO: started" in done.stderr
    assert time.monotonic() - begin < 2


def test_no_syslog_daemon(demo, env, syslog):
    """The message goes to standard error, which Pacemaker logs."""
    listener, before = syslog
    os.unlink(listener.getsockname())
    done = demo.run("start", env | {"PATH": os.environ["PATH"], "HA_LOGFACILITY": "daemon"},
                    before=before)
    assert done.returncode == 0 and "INFO: started" in done.stderr


def make_logger(folder, status):
    """A stand-in for ha_logger that keeps its arguments."""
    program = folder / "ha_logger"
    program.write_text(f'#!/bin/sh\nprintf "%s|" "$@" >> {folder}/told\nexit {status}\n', encoding="ascii")
    program.chmod(0o755)
    return {"HA_SBIN_DIR": str(folder)}


@pytest.mark.parametrize("names", [{"HA_LOGD": "yes"}, {"HA_use_logd": "true"}])
def test_logd(demo, env, tmp_path, names):
    """ha_logger gets tag and text, and then nothing else is written."""
    env |= make_logger(tmp_path, 0) | names | {"HA_LOGFILE": str(tmp_path / "ha-log")}
    assert demo.run("start", env).stderr == ""
    assert re.fullmatch(rf"-t\|{tag()}\|INFO: started .* with \*\*\*\|", (tmp_path / "told").read_text())
    assert not (tmp_path / "ha-log").exists()


def test_logd_not_wanted(demo, env, tmp_path):
    """HA_LOGD has the last word."""
    demo.run("start", env | make_logger(tmp_path, 0) | {"HA_LOGD": "no", "HA_use_logd": "yes"})
    assert not (tmp_path / "told").exists()


def test_logd_fails(demo, env, tmp_path):
    """The message goes on to the next place; a logger that is not there is no error."""
    log = {"HA_LOGD": "yes", "HA_LOGFILE": str(tmp_path / "ha-log")}
    demo.run("start", env | make_logger(tmp_path, 1) | log)
    demo.run("reload-agent", env | {"HA_SBIN_DIR": "/nowhere"} | log)
    assert [line.split(": ")[-1][:7] for line in (tmp_path / "ha-log").read_text().splitlines()] == [
        "started", "level i"]


def read_trace(folder):
    """The only trace under a folder."""
    files = list(folder.glob("trace_ra/demo/*"))
    assert len(files) == 1
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    return files[0]


def test_trace_in_its_default_place(demo, env, tmp_path):
    """Parameters, messages, code and time; no secret."""
    env |= {"OCF_TRACE_RA": "1", "HA_VARLIB": str(tmp_path), "OCF_RESKEY_mode": "loud"}
    assert demo.run("start", env).returncode == 0
    path = read_trace(tmp_path)
    assert re.fullmatch(r"web:1\.start\.\d{4}-\d\d-\d\d\.\d\d:\d\d:\d\d", path.name)
    text = path.read_text()
    lines = [re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} (.*)", line).group(1) for line in text.splitlines()]
    assert re.fullmatch(r"begin start of demo\(web:1\), level 0, no probe, (20000|19\d{3}) ms left", lines[0])
    assert "parameter password = ***" in lines and 'parameter mode = "loud"' in lines
    assert 'parameter level = "5" (default)' in lines
    assert any(line.startswith("INFO: started") for line in lines)
    assert re.fullmatch(r"end start: code 0 after \d+ ms", lines[-1])
    assert SECRET not in text


def test_trace_by_parameter(demo, env, tmp_path):
    """As "crm resource trace" asks for it, with a folder."""
    assert demo.run("start", env | params(trace_ra=1, trace_dir=tmp_path / "trace_ra")).returncode == 0
    read_trace(tmp_path)


@pytest.mark.parametrize("value", ["0", "no", "", "Yes"])
def test_no_trace(demo, env, tmp_path, value):
    """Only what is true asks for one."""
    demo.run("start", env | {"OCF_TRACE_RA": value, "HA_VARLIB": str(tmp_path)})
    assert not (tmp_path / "trace_ra").exists()


def test_trace_has_the_library(demo, env, tmp_path):
    """Debug messages of libhaops are in it, and not in the log."""
    env |= {"OCF_TRACE_RA": "true", "OCF_TRACE_FILE": str(tmp_path / "new" / "trace")}
    done = demo.run("monitor", env | params(text="library"))
    text = (tmp_path / "new" / "trace").read_text()
    assert "DEBUG: " in text and "DEBUG" not in done.stderr
    assert "ERROR: demo: " in text


def as_descriptor_8(fd):
    """A command that passes a descriptor on under this number."""
    return ["/bin/bash", "-c", f'exec "$@" 8>&{fd}', "bash"]


def test_trace_to_a_descriptor(demo, env):
    """Of the caller's, from 3 to 9."""
    reader, writer = os.pipe()
    demo.run("start", env | {"OCF_TRACE_RA": "1", "OCF_TRACE_FILE": "8"}, before=as_descriptor_8(writer),
             pass_fds=[writer])
    assert b"end start: code 0" in os.read(reader, 65536)
    os.close(reader)
    os.close(writer)


def test_trace_into_a_full_pipe(demo, env):
    """Is given up after a moment; the action goes on."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    os.set_blocking(writer, True)
    begin = time.monotonic()
    done = demo.run("start", env | {"OCF_TRACE_RA": "1", "OCF_TRACE_FILE": "8"},
                    before=as_descriptor_8(writer), pass_fds=[writer])
    assert done.returncode == 0 and time.monotonic() - begin < 2
    os.close(reader)
    os.close(writer)


def test_trace_that_cannot_be_written(demo, env, tmp_path):
    """A warning, no failure; a link is not followed."""
    victim = tmp_path / "victim"
    victim.touch()
    (tmp_path / "link").symlink_to(victim)
    for place in [tmp_path / "link", "/dev/null", "/proc/x/y", "relative", "99", tmp_path]:
        done = demo.run("start", env | {"OCF_TRACE_RA": "1", "OCF_TRACE_FILE": str(place)})
        assert done.returncode == 0 and "WARNING: no trace: " in done.stderr, place
    assert victim.read_text() == ""


def test_secrets_go_nowhere(demo, env, tmp_path):
    """Not into logs, traces, reasons, by no action."""
    env |= {"HA_LOGFILE": str(tmp_path / "log"), "HA_DEBUGLOG": str(tmp_path / "debug"), "HA_debug": "1",
            "OCF_TRACE_RA": "1", "OCF_TRACE_FILE": str(tmp_path / "trace"),
            "OCF_RESKEY_text": f"login with {SECRET} failed", "OCF_RESKEY_result": "1"}
    for action in ["start", "monitor", "reload-agent", "validate-all", "stop"]:
        done = demo.run(action, env)
        assert SECRET not in done.stderr + done.stdout
    for name in ["log", "debug", "trace"]:
        text = (tmp_path / name).read_text()
        assert SECRET not in text and "***" in text
