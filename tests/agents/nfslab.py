# SPDX-License-Identifier: GPL-2.0-or-later
"""A box for the NFS agents: the kernel's files are plain ones, exportfs is the real one, daemons are stand-ins.

What a real kernel does with them is for virtual machines.
"""

import pathlib
import subprocess

import boxlab

SOURCE = pathlib.Path(__file__).with_name("fake-nfs.c")
PROGRAMS = ("/usr/sbin/rpcbind", "/usr/sbin/rpc.statd", "/usr/sbin/nfsdcld", "/usr/sbin/rpc.idmapd",
            "/usr/sbin/rpc.mountd", "/usr/sbin/rpc.nfsd", "/usr/sbin/sm-notify")
DAEMONS = ("rpcbind", "rpc.statd", "nfsdcld", "rpc.idmapd", "rpc.mountd")
NFSD = "/proc/fs/nfsd"


def build(folder):
    """The stand-in for the daemons."""
    program = folder / "fake-nfs"
    subprocess.run(["gcc", "-O1", "-Wall", "-Werror", "-o", program, SOURCE], check=True)
    return program


class Box(boxlab.Box):
    """Namespaces with an empty /var/lib/nfs, /srv and what the kernel would show."""

    def __init__(self, agents, name, fake=None, instance="nfs"):
        super().__init__(agents, name, ("/var/lib/nfs", "/srv", "/proc/fs"), instance)
        self.path("/etc/exports")
        if fake:
            self.write("/run/box/fake-nfs", "")
            self.run("mount", "--bind", fake, "/run/box/fake-nfs")
            for program in PROGRAMS:
                self.run("mount", "--bind", fake, program)
            self.kernel()
            self.address("192.0.2.10")

    def address(self, address):
        """Puts an address on the box."""
        self.run("ip", "addr", "add", f"{address}/32", "dev", "lo")

    def kernel(self, threads=0):
        """A kernel with nfsd."""
        self.run("mkdir", "-p", NFSD, "/proc/fs/lockd", "/proc/fs/nfs", "/run/rpc_pipefs")
        self.run("mount", "-t", "tmpfs", "none", NFSD)
        self.run("mount", "-t", "tmpfs", "none", "/run/rpc_pipefs")
        for name, text in (("threads", threads), ("nfsv4leasetime", 90), ("nfsv4gracetime", 90), ("v4_end_grace", "N"),
                           ("versions", "-2 +3 +4 +4.1 +4.2"), ("unlock_ip", ""), ("unlock_filesystem", "")):
            self.set(name, text)
        self.write("/proc/fs/lockd/nlm_end_grace", "N\n")

    def set(self, name, text):
        """Writes what the kernel shows in a file of nfsd's."""
        self.write(f"{NFSD}/{name}", f"{text}\n")

    def get(self, name):
        """What is in a file of nfsd's."""
        return self.path(f"{NFSD}/{name}").read_text(encoding="ascii").strip()

    def serve(self, table):
        """Writes the kernel's export table."""
        self.write("/proc/fs/nfs/exports", "# Version 1.1\n# Path Client(Flags) # IPs\n" + table)

    def etab(self):
        """{(directory, client)} that are exported."""
        path = self.path("/var/lib/nfs/etab")
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return {(line.split("\t")[0], line.split("\t")[1].partition("(")[0]) for line in lines}

    def args(self, name):
        """[(host name, arguments)] of each run of a stand-in."""
        path = self.path(f"/run/box/args-{name}")
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [(line.partition(":")[0], line.partition(":")[2].strip()) for line in lines]

    def daemons(self):
        """{name: pid} of the stand-ins that run."""
        return {name: next(iter(found)) for name in DAEMONS if (found := self.processes(name))}

    def mounts(self):
        """What is mounted where in here."""
        return [line.split()[4] for line in
                self.path("/proc/self/mountinfo").parent.parent.joinpath("1/mountinfo").read_text(
                    encoding="utf-8").splitlines()]
