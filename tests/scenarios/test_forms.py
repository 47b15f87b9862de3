# SPDX-License-Identifier: GPL-2.0-or-later
"""The example as CIB XML, as crm script and as pcs script: all three make the same cluster, from a file and as the
example's README tells people."""
import re
import xml.etree.ElementTree as ET

import pytest
from haopslab import pacemaker, proxy
from haopslab.forms import meaning

CIB = "/tmp/form.xml"
FORMS = ("cib.xml", "proxy.crm", "pcs.sh")
SECTIONS = ("resources", "constraints", "rsc_defaults")


def load(machine, form):
    """The configuration that a form makes of an empty one, checked by Pacemaker itself."""
    machine.write("/tmp/form", proxy.example(form))
    command = {
        "cib.xml": f"CIB_file={CIB} cibadmin --modify --allow-create --xml-file /tmp/form",
        "proxy.crm": f"CIB_file={CIB} crm configure load update /tmp/form",
        "pcs.sh": f"sh /tmp/form {CIB}",
    }[form]
    machine.run(["/bin/sh", "-ec", f"cibadmin --empty >{CIB}; chmod 666 {CIB}; "
                 f"{command} </dev/null; crm_verify --xml-file {CIB} --verbose"])
    return machine.read(CIB)


def first_node(cluster, request):
    """A node. pcs gives its children an environment of its own, so the staged library has to be
    found without LD_LIBRARY_PATH, as an installed one is."""
    if request.config.getoption("--stock"):
        pytest.skip("the forms name the agents of haops, which --stock leaves out")
    node = cluster.nodes()[0]
    node.run(["/bin/sh", "-ec", "for folder in /run/lab/lib/*; do echo $folder; done"
              " >/etc/ld.so.conf.d/stage.conf; ldconfig"])
    return node


@pytest.fixture(scope="module")
def machine(lab_session, request):
    """A node of the shared cluster."""
    return first_node(lab_session.get(), request)


@pytest.mark.parametrize("form", ["proxy.crm", "pcs.sh"])
def test_same_as_xml(machine, form):
    assert meaning(load(machine, form)) == meaning(load(machine, "cib.xml"))


def check_live(machine):
    """The running cluster has the example, and only the lab's own additions more."""
    live = meaning(machine.run(["/usr/sbin/cibadmin", "--query"]).stdout)
    wanted = meaning(load(machine, "cib.xml"))
    assert live["groups"] == wanted["groups"] and live["defaults"] == wanted["defaults"]
    assert live["constraints"] == wanted["constraints"]
    assert set(wanted["properties"]) <= set(live["properties"])
    assert live["primitives"] == wanted["primitives"]


def test_running_cluster_is_the_xml(machine):
    """What the scenarios run on is the example."""
    check_live(machine)


def told(form):
    """The command that the example's README has for a form."""
    commands = re.findall(r"^\| [^|]+ \| `([^`]+)` \|$", proxy.example("README.md"), re.M)
    found = [command for command in commands if command.endswith(form)]
    assert len(found) == 1, commands
    return found[0]


def without_the_example(live):
    """A configuration without what the example says: that of a cluster which was just formed."""
    config = pacemaker.configuration_of(live)
    wanted = [*dict(meaning(proxy.cib())["properties"]), "stop-all-resources"]
    for section in [element for element in config if element.tag in SECTIONS]:
        section[:] = []
    for properties in config.iterfind("crm_config/cluster_property_set"):
        properties[:] = [pair for pair in properties if pair.get("name") not in wanted]
    return ET.tostring(config, encoding="unicode")


def query(node):
    """The live configuration."""
    return node.run(["/usr/sbin/cibadmin", "--query"]).stdout


def load_live(cluster, node, form):
    """Empties the running cluster, and loads a form as the README tells. Nothing runs when its configuration is taken
    away: Pacemaker may forget it before it stops it."""
    cluster.crm.run(["/usr/sbin/crm_attribute", "--name", "stop-all-resources", "--update", "true"])
    cluster.wait_resource("nginx", state="Stopped")
    cluster.crm.wait_settled()
    cluster.crm.replace(without_the_example(query(node)), "configuration")
    cluster.wait_resource("nginx", state="Stopped")
    assert not meaning(query(node))["primitives"]
    node.write(f"/tmp/live/{form}", proxy.example(form))
    done = node.run(["/bin/sh", "-ec", f"cd /tmp/live; chmod 755 {form}; {told(form)} </dev/null"])
    verified = node.run(["/usr/sbin/crm_verify", "--live-check", "-V"])
    assert (verified.stdout + verified.stderr).strip() == "", (done, verified)


@pytest.mark.parametrize("form", FORMS)
def test_loaded_as_the_readme_tells(cluster, request, form):
    """Into a cluster that runs and has nothing yet: the proxy comes up, and serves. (pcs takes most of the time.)"""
    node = first_node(cluster, request)
    try:
        load_live(cluster, node, form)
        cluster.wait_resource("nginx")
        shown = node.run(["/usr/sbin/crm_mon", "-1"]).stdout
        assert re.search(r"Resource Group: proxy:\n(\s+\* \w+\s.*:\s+Started n\d\n){3}", shown), shown
        served = cluster.client.run(["/usr/bin/curl", "-sf", "-m", "5", proxy.URL4]).stdout
        assert served
    except BaseException:
        cluster.load_cib(proxy.cib())
        raise
    check_live(node)
