# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the commands of the host in a virtual machine: the end of vmwire.py's conversation.

A process of its own below the machine's init, so that the init stays free. A command leads a session
of its own; when its caller is gone its process group is killed, and what went into another
session (a daemon) stays.
"""
from __future__ import annotations

import fcntl
import json
import os
import pty
import selectors
import signal
import struct
import subprocess
import termios

from . import vmwire

# No udev runs in a machine, so libdevmapper makes the names of devices itself.
MACHINE_ENV = {"DM_DISABLE_UDEV": "1"}
_CHUNK = 1 << 15  # a virtio port takes no more at once


class Command:
    """One command with its streams. `out` takes frames."""

    def __init__(self, session: int, start: dict, out: bytearray):
        self.session = session
        self._out = out
        self._input = bytearray()
        self._input_over = False
        self._room = {1: vmwire.WINDOW, 2: vmwire.WINDOW}
        self._child: subprocess.Popen | None = None
        self._streams: dict[int, int] = {}
        try:
            self._spawn(start)
        except OSError as error:
            self._say(vmwire.DATA, 2, f"{start['argv'][0]}: {error.strerror}\n".encode())
            self._say(vmwire.EXIT, number=127 << 8)

    def _spawn(self, start: dict) -> None:
        options = {"env": MACHINE_ENV | start["env"], "cwd": "/", "start_new_session": True}
        if "tty" in start:
            master, slave = pty.openpty()
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *start["tty"], 0, 0))
            self._child = subprocess.Popen(
                start["argv"], stdin=slave, stdout=slave, stderr=slave,
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0), **options)
            os.close(slave)
            self._streams = {0: master, 1: os.dup(master)}
        else:
            pipe = subprocess.PIPE
            self._child = subprocess.Popen(start["argv"], stdin=pipe, stdout=pipe, stderr=pipe,
                                           **options)
            self._streams = {0: os.dup(self._child.stdin.fileno()),
                             1: os.dup(self._child.stdout.fileno()),
                             2: os.dup(self._child.stderr.fileno())}
            for file in (self._child.stdin, self._child.stdout, self._child.stderr):
                file.close()
        for fd in self._streams.values():
            os.set_blocking(fd, False)

    def _say(self, kind: int, stream: int = 0, payload: bytes = b"", number: int = 0) -> None:
        self._out += vmwire.frame(self.session, kind, stream, payload, number)

    # What the host says ---------------------------------------------------------------------------

    def take(self, kind: int, stream: int, value: bytes | int) -> None:
        """One frame for this command."""
        if kind == vmwire.DATA:
            self._input += value
            self._input_over = not value
            self.write_input()
        elif kind == vmwire.ACK and stream in self._room:
            self._room[stream] += value
        elif kind == vmwire.SIGNAL and self.is_running():
            os.kill(self._child.pid, value)
        elif kind == vmwire.CLOSE:
            self.end()

    def end(self) -> None:
        """The caller is gone."""
        if self.is_running():
            try:
                os.killpg(self._child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self._child.wait()
        for fd in self._streams.values():
            os.close(fd)
        self._streams.clear()

    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    # Streams --------------------------------------------------------------------------------------

    def wanted(self) -> dict[int, tuple[int, int]]:
        """Descriptor to (stream, what it is to be watched for)."""
        found = {}
        for stream, fd in self._streams.items():
            if stream and self._room[stream] > 0:
                found[fd] = (stream, selectors.EVENT_READ)
            elif not stream and self._input:
                found[fd] = (stream, selectors.EVENT_WRITE)
        return found

    def _close(self, stream: int) -> None:
        os.close(self._streams.pop(stream))

    def write_input(self) -> None:
        """Hand on what the host sent."""
        if 0 in self._streams and self._input:
            try:
                count = os.write(self._streams[0], self._input)
            except BlockingIOError:
                return
            except OSError:  # nobody reads any more; the sender is not to wait for that
                count = len(self._input)
            del self._input[:count]
            self._say(vmwire.ACK, number=count)
        if 0 in self._streams and self._input_over and not self._input:
            self._close(0)

    def read_output(self, stream: int) -> bool:
        """Send some of it; whether there was any."""
        try:
            data = os.read(self._streams[stream], min(_CHUNK, self._room[stream]))
        except BlockingIOError:
            return False
        except OSError:  # a terminal whose last user is gone
            data = b""
        if not data:
            self._close(stream)
            return False
        self._room[stream] -= len(data)
        self._say(vmwire.DATA, stream, data)
        return True

    def is_over(self) -> bool:
        """It has ended and all that it wrote was sent, whoever else has its output open still."""
        if self._child is None:
            return True
        if self.is_running():
            return False
        for stream in (1, 2):
            while stream in self._streams and self._room[stream] > 0 and self.read_output(stream):
                pass
            if stream in self._streams and self._room[stream] <= 0:
                return False
        self._say(vmwire.EXIT, number=_status(self._child.returncode))
        self.end()
        return True


def _status(returncode: int) -> int:
    """As wait(2) has it."""
    return -returncode if returncode < 0 else returncode << 8


class Agent:
    """The event loop."""

    def __init__(self, port: int):
        self._port = port
        self._out = bytearray()
        self._frames = vmwire.Frames()
        self._commands: dict[int, Command] = {}
        self._wakeup, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run(self) -> None:
        """Serve for ever."""
        while True:
            with selectors.DefaultSelector() as selector:
                self._register(selector)
                for key, _ in selector.select():
                    key.data()
            for session, command in list(self._commands.items()):
                if command.is_over():
                    del self._commands[session]
            self._write_port()

    def _register(self, selector: selectors.BaseSelector) -> None:
        selector.register(self._wakeup, selectors.EVENT_READ, self._on_signal)
        events = selectors.EVENT_READ | bool(self._out) * selectors.EVENT_WRITE
        selector.register(self._port, events, self._read_port)
        for command in self._commands.values():
            for fd, (stream, event) in command.wanted().items():
                selector.register(fd, event, _handler(command, fd, stream))

    def _on_signal(self) -> None:
        os.read(self._wakeup, 4096)

    def _read_port(self) -> None:
        try:
            data = os.read(self._port, 1 << 16)
        except BlockingIOError:
            return
        for session, kind, stream, value in self._frames.feed(data):
            if kind == vmwire.START:
                self._commands[session] = Command(session, json.loads(value), self._out)
            elif session in self._commands:
                self._commands[session].take(kind, stream, value)
                if kind == vmwire.CLOSE:
                    del self._commands[session]

    def _write_port(self) -> None:
        while self._out:
            try:
                count = os.write(self._port, self._out[:_CHUNK])
            except BlockingIOError:
                return
            del self._out[:count]


def _handler(command: Command, fd: int, stream: int):
    """What to do when a stream is ready, unless something before it has closed that."""
    def ready() -> None:
        if fd in command.wanted():
            command.read_output(stream) if stream else command.write_input()
    return ready
