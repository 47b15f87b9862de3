# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's own tests: one shared cluster with a stock address."""
from __future__ import annotations

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import pytest  # noqa: E402
from haopslab import spec  # noqa: E402
from haopslab.pytest_plugin import *  # noqa: E402,F403

VIP = "10.77.0.100"
CIB = f"""
<resources>
  <primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2">
    <instance_attributes id="vip-params">
      <nvpair id="vip-ip" name="ip" value="{VIP}"/>
      <nvpair id="vip-prefix" name="cidr_netmask" value="24"/>
    </instance_attributes>
    <operations><op id="vip-monitor" name="monitor" interval="10s" timeout="20s"/></operations>
  </primitive>
</resources>
<rsc_defaults><meta_attributes id="defaults">
  <nvpair id="stick" name="resource-stickiness" value="100"/>
</meta_attributes></rsc_defaults>
"""

# A service as haopsd is one: says that it is ready, and tells each second on its output what time it
# has; ends with a status of its own.
HERALD = ["/usr/bin/python3", "-c", """
import os, signal, socket, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sock.sendto(b"STATUS=fine\\nREADY=1", os.environ["NOTIFY_SOCKET"])
while True:
    print(f"herald {int(time.time())}", flush=True)
    time.sleep(0.2)
"""]


@pytest.fixture(scope="session")
def lab_options(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """A staged agent folder is part of it, to see that agents come from there."""
    agents = tmp_path_factory.mktemp("agents")
    (agents / "Staged").write_text("#!/bin/true\n")
    (agents / "Staged").chmod(0o755)
    libs = tmp_path_factory.mktemp("libs")
    (libs / "marker").write_text("here\n")
    herald = spec.ServiceSpec("herald", HERALD, notifies=True, log=spec.HAOPSD_LOG)
    return {"cib": CIB, "agents_dir": str(agents), "lib_dirs": [str(libs)],
            "extra_services": [herald], "tmpfs": {"/run/haops": 1024}, "volumes": {"/srv/data": 4}}
