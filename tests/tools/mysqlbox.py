# SPDX-License-Identifier: GPL-2.0-or-later
"""Three real MariaDB servers with one port on addresses of their own, and a CIB in a file that tells of them: what
haops-mysql asks, without Pacemaker. The first node is this host."""

import pathlib
import socket
import subprocess
import sys
from xml.sax.saxutils import quoteattr

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "mysql"))

from servers import REPLICATION, Box, Server, literal, wait_until  # noqa: E402

PORT = 3306
OWN = socket.gethostname()
NAMES = (OWN, "m2", "m3")
CIB = "/mnt/cib.xml"
ONLINE = "in_ccm='true' crmd='online' join='member' expected='member'"
LOST = "in_ccm='false' crmd='offline' join='down' expected='member'"


def pairs(prefix, values):
    """nvpairs."""
    return "".join(f"<nvpair id='{prefix}-{key}' name='{key}' value={quoteattr(str(value))}/>"
                   for key, value in values.items())


def operation(task, node, call):
    """One of the history of a node."""
    uuid = "11111111-2222-3333-4444-555555555555"
    return (f"<lrm_rsc_op id='db_{task}_{node}' operation_key='db_{task}_0' operation='{task}' crm_feature_set='3.16.1' "
            f"transition-key='4:0:0:{uuid}' transition-magic='0:0;4:0:0:{uuid}' on_node='{node}' call-id='{call}' "
            "rc-code='0' op-status='0' interval='0' last-rc-change='1700000000' exec-time='1' queue-time='0'/>")


class Node(Server):
    """A server that others reach at 127.0.0.NUMBER."""

    def start(self, *options, waits=True):
        return super().start(f"--port={PORT}", f"--bind-address=127.0.0.{self.number}", *options, waits=waits)

    def follow(self, source):
        user, password = REPLICATION
        self.sql(f"STOP SLAVE; CHANGE MASTER TO MASTER_HOST='127.0.0.{source.number}', MASTER_PORT={PORT}, "
                 f"MASTER_USER={literal(user)}, MASTER_PASSWORD={literal(password)}, "
                 "MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1; START SLAVE")
        wait_until(f"n{self.number} replicates", lambda: self.threads() == ("Yes", "Yes"))

    def suspend(self, number):
        """Stops or continues its process by a signal."""
        self.process.send_signal(number)


class Databases:
    """The servers, the CIB, and haops."""

    def __init__(self, build):
        self.box = Box()
        self.build = pathlib.Path(build)
        self.password = REPLICATION[1]
        self.memory = {"primary": f"3 {OWN} 0-1-5", "safe": " ".join(NAMES)}
        self.promoted, self.lost = OWN, ()
        self.box.run("sh", "-ec", "mount -t tmpfs tmpfs /usr/libexec; mkdir /usr/libexec/haops; mount -t tmpfs tmpfs /var/lib")
        for name in ("haops", "haops-mysql"):
            self.box.run("cp", self.build / name, "/usr/libexec/haops/")
        self.servers = []

    def begin(self, template):
        """All servers as new: the first is the primary, the others replicate and acknowledge."""
        self.servers = [Node(self.box, number, template).start() for number in (1, 2, 3)]
        one, *others = self.servers
        one.sql("SET GLOBAL read_only=0; SET GLOBAL rpl_semi_sync_master_timeout=100000000")
        for server in others:
            server.sql("SET GLOBAL rpl_semi_sync_slave_enabled=1; SET GLOBAL gtid_slave_pos=''")
            server.follow(one)
        one.sql("SET GLOBAL rpl_semi_sync_master_enabled=1; CREATE DATABASE d; "
                "CREATE TABLE d.t (id INT PRIMARY KEY, v VARCHAR(20)); INSERT INTO d.t VALUES (1,'a'),(2,'b'),(3,'c')")
        self.settle()
        self.write_cib()

    def end(self):
        """Ends the servers."""
        for server in self.servers:
            server.close()
        self.servers = []
        self.box.run("rm", "-rf", "/var/lib/haops")

    def settle(self):
        """Until all replicas that replicate have all."""
        position = self.servers[0].one("SELECT @@gtid_binlog_pos")
        for server in self.servers[1:]:
            if server.threads() == ("Yes", "Yes"):
                assert server.one(f"SELECT MASTER_GTID_WAIT('{position}', 5)") == "0"

    def write_cib(self, **params):
        """The CIB as it is now; memory, who is promoted, who is lost, and parameters."""
        values = {"node_list": " ".join(f"{name}=127.0.0.{number}" for number, name in enumerate(NAMES, 1)),
                  "replication_user": REPLICATION[0], "replication_passwd": self.password,
                  "socket": self.servers[0].socket, **params}
        states = "".join(self._state(number, name) for number, name in enumerate(NAMES, 1))
        nodes = "".join(f"<node id='{number}' uname='{name}'/>" for number, name in enumerate(NAMES, 1))
        text = (
            "<cib validate-with='pacemaker-3.7' have-quorum='1' admin_epoch='0' epoch='1' num_updates='1' "
            "crm_feature_set='3.16.1' dc-uuid='1'><configuration><crm_config>"
            f"<cluster_property_set id='cps'>{pairs('cps', {'stonith-enabled': 'true'})}</cluster_property_set>"
            f"<cluster_property_set id='haops-mysql-db'>{pairs('memory', self.memory)}</cluster_property_set></crm_config>"
            f"<nodes>{nodes}</nodes><resources><clone id='ms'><meta_attributes id='ms-meta'>"
            f"{pairs('ms', {'promotable': 'true', 'notify': 'true'})}</meta_attributes><primitive id='db' class='ocf' "
            f"provider='haops' type='mysql'><instance_attributes id='db-params'>{pairs('db', values)}"
            f"</instance_attributes></primitive></clone></resources><constraints/></configuration><status>{states}"
            "</status></cib>")
        self.box.run("sh", "-c", f"cat >{CIB}; chmod 666 {CIB}", input=text)

    def _state(self, number, name):
        ops = operation("start", name, 10) + (operation("promote", name, 11) if name == self.promoted else "")
        score = 2000 if name == self.promoted else 1000
        lrm = (f"<lrm id='{number}'><lrm_resources><lrm_resource id='db' type='mysql' class='ocf' provider='haops'>{ops}"
               f"</lrm_resource></lrm_resources></lrm><transient_attributes id='{number}'><instance_attributes "
               f"id='s{number}'>{pairs(f's{number}', {'master-db': score, 'readable': 1})}</instance_attributes>"
               "</transient_attributes>")
        return (f"<node_state id='{number}' uname='{name}' {LOST if name in self.lost else ONLINE}>"
                f"{'' if name in self.lost else lrm}</node_state>")

    def cib(self):
        """The CIB as text."""
        return self.box.run("cat", CIB).stdout

    def haops(self, *args, wrapper=(), timeout=60):
        """haops to its end."""
        return subprocess.run(
            self.box.command(*wrapper, "/usr/libexec/haops/haops", *args), stdin=subprocess.DEVNULL, text=True,
            capture_output=True, timeout=timeout, check=False,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC", "CIB_file": CIB})

    def start_haops(self, *args):
        """haops under way; signals reach it."""
        return subprocess.Popen(
            self.box.command("/usr/libexec/haops/haops", *args), stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC", "CIB_file": CIB})

    def close(self):
        """Ends all of it."""
        self.end()
        self.box.close()
