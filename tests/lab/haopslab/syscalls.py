# SPDX-License-Identifier: GPL-2.0-or-later
"""The few Linux calls that Python 3.11 does not offer: namespaces, mounts, prctl, inotify.

Nothing in here decides anything; each function is one system call that raises OSError with the
arguments named, so that an error message says what was tried.
"""
from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import struct

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18

IN_MODIFY = 0x2
IN_CLOSE_WRITE = 0x8
IN_CREATE = 0x100
IN_NONBLOCK = 0o4000
IN_CLOEXEC = 0o2000000

_TUNSETIFF = 0x400454ca
_IFF_TAP, _IFF_NO_PI, _IFF_VNET_HDR = 2, 0x1000, 0x4000
_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Give the calling process new namespaces (a new pid namespace holds for its next child)."""
    _check(_libc.unshare(flags), f"unshare({flags:#x})")


def open_tap(pid: int, name: str) -> int:
    """Make a tap interface in the network of that process; it is there as long as the descriptor
    is open. The caller has one thread."""
    own, other = (os.open(f"/proc/{who}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
                  for who in ("self", pid))
    tun = -1
    try:
        _check(_libc.setns(other, CLONE_NEWNET), f"setns (network of {pid})")
        tun = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
        flags = _IFF_TAP | _IFF_NO_PI | _IFF_VNET_HDR
        fcntl.ioctl(tun, _TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
        return tun
    except BaseException:
        if tun >= 0:
            os.close(tun)
        raise
    finally:
        _check(_libc.setns(own, CLONE_NEWNET), "setns (our own network)")
        os.close(own)
        os.close(other)


def mount(source: str, target: str, fstype: str = "", flags: int = 0, data: str = "") -> None:
    """mount(2) with text arguments; empty text is passed as NULL."""
    words = [part.encode() or None for part in (source, target, fstype)]
    _check(_libc.mount(*words, ctypes.c_ulong(flags), data.encode() or None),
           f"mount {source or 'none'} on {target} ({fstype or f'flags {flags:#x}'} {data})")


def bind(source: str, target: str, readonly: bool = False) -> None:
    """Bind a file or folder over another one."""
    mount(source, target, flags=MS_BIND)
    if readonly:
        mount("", target, flags=MS_BIND | MS_REMOUNT | MS_RDONLY)


def make_private(target: str = "/") -> None:
    """Stop mounts made from here on from reaching other mount namespaces."""
    mount("", target, flags=MS_REC | MS_PRIVATE)


def die_with_parent() -> None:
    """Ask the kernel to SIGKILL this process when its parent ends."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl(PDEATHSIG)")


def set_name(name: str) -> None:
    """Name shown by ps for a process that was forked and not exec'd."""
    _check(_libc.prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0), "prctl(NAME)")


def inotify_init() -> int:
    """A non-blocking inotify descriptor."""
    return _check(_libc.inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "inotify_init1")


def inotify_add(fd: int, path: str, mask: int) -> int:
    """Watch a path; returns the watch descriptor."""
    return _check(_libc.inotify_add_watch(fd, path.encode(), mask), f"inotify_add_watch {path}")


def inotify_drain(fd: int) -> int:
    """Read all pending inotify events; returns how many there were."""
    count = 0
    while True:
        try:
            data = os.read(fd, 65536)
        except BlockingIOError:
            return count
        while data:
            name_len = struct.unpack_from("=iIII", data)[3]
            data = data[16 + name_len:]
            count += 1
