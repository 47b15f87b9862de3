# SPDX-License-Identifier: GPL-2.0-or-later
"""Fencing: one simulated BMC (ipmi_sim) per node, and the resources that use it.

A BMC lives in a switch's network with an address of its own; its chassis control (chassis.py)
tells the keeper to end or start the node, so the stock fence_ipmilan really fences.
"""
from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from . import spec
from .switch import Switch

USER, PASSWORD = "admin", "secret"
_CHASSIS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "chassis.py")


@dataclass
class Bmc:
    """A running ipmi_sim."""
    node: str
    address: str
    pid: int

    def to_json(self) -> dict:
        return {"address": self.address, "user": USER, "password": PASSWORD}


def lan_conf(node: str, address: str, socket_path: str) -> str:
    """Configuration of ipmi_sim for one node."""
    return f"""name "{node}"
set_working_mc 0x20
startlan 1
  addr {address} 623
  priv_limit admin
  allowed_auths_callback none md2 md5 straight
  allowed_auths_user none md2 md5 straight
  allowed_auths_operator none md2 md5 straight
  allowed_auths_admin none md2 md5 straight
  guid a123456789abcdefa123456789abcdef
endlan
chassis_control "/usr/bin/python3 -ISE {_CHASSIS} {socket_path} {node}"
user 1 true "" "test" user 10 none md2 md5 straight
user 2 true "{USER}" "{PASSWORD}" admin 10 none md2 md5 straight
"""


EMULATION = """mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
mc_enable 0x20
"""


def start_bmcs(lab: spec.LabSpec, switch: Switch, state_dir: str) -> dict[str, Bmc]:
    """One BMC for each node, in the network of `switch`."""
    bmcs = {}
    for index, node in enumerate(lab.nodes(), start=1):
        switch.add_address(spec.BMC_BASE + index)
        address = spec.ipv4(switch.ring, spec.BMC_BASE + index)
        bmcs[node.name] = _start(node.name, address, switch, state_dir)
    return bmcs


def _start(node: str, address: str, switch: Switch, state_dir: str) -> Bmc:
    folder = f"{state_dir}/bmc/{node}"
    os.makedirs(f"{folder}/state")
    with open(f"{folder}/lan.conf", "w", encoding="ascii") as out:
        out.write(lan_conf(node, address, f"{state_dir}/control"))
    with open(f"{folder}/sim.emu", "w", encoding="ascii") as out:
        out.write(EMULATION)
    with open(f"{folder}/log", "w", encoding="ascii") as log:
        child = subprocess.Popen(
            ["/usr/bin/nsenter", f"--net=/proc/{switch.host_pid}/ns/net", "--",
             "/usr/bin/ipmi_sim", "-c", f"{folder}/lan.conf", "-f", f"{folder}/sim.emu",
             "-s", f"{folder}/state", "-n"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    pid = child.pid
    child.returncode = 0  # the keeper collects all children itself
    return Bmc(node, address, pid)


def stonith_xml(lab: spec.LabSpec) -> str:
    """One fence_ipmilan resource per node. cipher=3: the simulator has no list of ciphers, and
    without it each call waits 14 s."""
    lines = []
    for index, node in enumerate(lab.nodes(), start=1):
        address = spec.ipv4(lab.bmc_ring(), spec.BMC_BASE + index)
        lines.append(_stonith_primitive(node.name, address))
    return "\n".join(lines)


def _stonith_primitive(node: str, address: str) -> str:
    values = {"ip": address, "username": USER, "password": PASSWORD, "lanplus": "1",
              "cipher": "3", "power_wait": "0", "pcmk_host_list": node,
              "pcmk_host_check": "static-list"}
    pairs = "".join(f'<nvpair id="fence-{node}-{key}" name="{key}" value={quoteattr(value)}/>'
                    for key, value in values.items())
    return (f'<primitive id="fence-{node}" class="stonith" type="fence_ipmilan">'
            f'<instance_attributes id="fence-{node}-params">{pairs}</instance_attributes>'
            f'<operations><op id="fence-{node}-start" name="start" interval="0" timeout="60s"/>'
            f'</operations></primitive>')
