# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a command in a virtual machine, as nsenter does in a namespace: with this process's input,
output, environment and end.

    vmexec.py SOCKET -- COMMAND...

What this process is told by a signal the command is told; what the command dies of this process
dies of; when this process is killed the command is, too; and when the machine dies this process
dies of SIGKILL. On a terminal the command has one.
"""
import fcntl
import json
import os
import select
import signal
import socket
import struct
import sys
import termios
import tty

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import vmwire  # noqa: E402

_FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1,
              signal.SIGUSR2, signal.SIGCONT)


def die(signum):
    """End in the way the command did."""
    if signum not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(signum, signal.SIG_DFL)
    os.kill(os.getpid(), signum)
    sys.exit(128 + signum)


class Session:
    """One command."""

    def __init__(self, sock, argv):
        self._sock = sock
        self._frames = vmwire.Frames()
        self._room = vmwire.WINDOW
        self._input_open = True
        start = {"argv": argv, "env": dict(os.environ)}
        if os.isatty(0) and os.isatty(1):
            rows, columns = struct.unpack("HHHH", fcntl.ioctl(0, termios.TIOCGWINSZ, b"\0" * 8))[:2]
            start["tty"] = [rows, columns]
        self._send(vmwire.START, payload=json.dumps(start).encode())

    def _send(self, kind, stream=0, payload=b"", number=0):
        self._sock.sendall(vmwire.frame(0, kind, stream, payload, number))

    def forward(self, signum, _stack=None):
        """Tell the command."""
        self._send(vmwire.SIGNAL, number=signum)

    def run(self, wakeup):
        """Until the command has ended: its wait status."""
        while True:
            watched = [self._sock, wakeup] + [0] * (self._input_open and self._room > 0)
            ready = select.select(watched, [], [])[0]
            if wakeup in ready:
                for signum in os.read(wakeup, 64):
                    self.forward(signum)
            if 0 in ready:
                self._read_input()
            if self._sock in ready:
                status = self._read_answer()
                if status is not None:
                    return status

    def _read_input(self):
        try:
            data = os.read(0, min(self._room, vmwire.MAX_PAYLOAD))
        except OSError:
            data = b""
        self._room -= len(data)
        self._input_open = bool(data)
        self._send(vmwire.DATA, 0, data)

    def _read_answer(self):
        data = self._sock.recv(1 << 18)
        if not data:
            die(signal.SIGKILL)
        for _, kind, stream, value in self._frames.feed(data):
            if kind == vmwire.EXIT:
                return value
            if kind == vmwire.ACK:
                self._room += value
            elif kind == vmwire.DATA and value:
                self._write(stream, value)
        return None

    def _write(self, stream, data):
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(stream, rest):]
        except BrokenPipeError:
            self._send(vmwire.SIGNAL, number=signal.SIGPIPE)
        self._send(vmwire.ACK, stream, number=len(data))


def main(path, _dashes, *argv):
    """Run."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.connect(path)
    except OSError as error:
        print(f"{path}: {error.strerror}: the machine is off", file=sys.stderr)
        return 1
    wakeup, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writer)
    for signum in _FORWARDED:
        signal.signal(signum, lambda *_: None)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    is_terminal = os.isatty(0) and os.isatty(1)
    before = termios.tcgetattr(0) if is_terminal else None
    try:
        session = Session(sock, list(argv))
        if is_terminal:
            tty.setraw(0)
        status = session.run(wakeup)
    except ConnectionError:
        die(signal.SIGKILL)
    finally:
        if is_terminal:
            termios.tcsetattr(0, termios.TCSADRAIN, before)
    if os.WIFSIGNALED(status):
        die(os.WTERMSIG(status))
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
