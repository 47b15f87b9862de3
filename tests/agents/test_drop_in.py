# SPDX-License-Identifier: GPL-2.0-or-later
"""The agents' meta-data against the stock agents' of this host, and as the cluster's tools read it."""

import os
import pathlib
import subprocess
import xml.etree.ElementTree as ElementTree

import fslab
import netlab
import nginxlab
import pytest

TREE = pathlib.Path(__file__).resolve().parents[2]
STOCK = "/usr/lib/ocf/resource.d/heartbeat"
AGENTS = ("Filesystem", "IPaddr2", "drbd", "exportfs", "mysql", "nfsserver", "nginx")
STOCK_FOLDER = {"drbd": "/usr/lib/ocf/resource.d/linbit"}
# What an agent links beside libhaops, libmnl and libc.
LIBRARIES = {"mysql": {"libhaops-mysql.so.0"}}

# (agent, parameter): what differs in default or type, and why. The manual page says it, too.
DIFFERENT = {
    ("IPaddr2", "mac"): "refused when set",
    ("nginx", "httpd"): "the stock default is no nginx; both look for nginx where distributions put it",
    ("mysql", "replication_port"): "a number",
    ("drbd", "wfc_timeout"): "a word such as no is a value, too, although the stock agent says that it is a number",
}

INSTALL = """set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /usr/lib/ocf/resource.d
mkdir /usr/lib/ocf/resource.d/haops
cp "$1" "/usr/lib/ocf/resource.d/haops/$2"
shift 2
exec "$@"
"""


@pytest.fixture(name="program", params=AGENTS)
def fixture_program(request, agents):
    """(name, path, library folders) of an agent."""
    return request.param, *netlab.find_program(agents, request.param)


def environment(libraries):
    """What a tool of the cluster needs to run an agent that is not installed."""
    return {"PATH": os.environ["PATH"], "HOME": "/root", "OCF_ROOT": "/usr/lib/ocf",
            "LD_LIBRARY_PATH": ":".join(map(str, libraries if isinstance(libraries, (list, tuple)) else [libraries]))}


def meta_data(path, env):
    """Meta-data of an agent, as text."""
    return subprocess.run([path, "meta-data"], capture_output=True, text=True, check=True, env=env).stdout


def parameters(text):
    """{name: element} of the parameters in meta-data."""
    return {element.get("name"): element for element in ElementTree.fromstring(text).find("parameters")}


def facts(element):
    """What must be the same: required, type, default."""
    content = element.find("content")
    kind = content.get("type")
    default = content.get("default") or ""
    if default in ("true", "false") or kind in ("boolean", "select"):
        kind = "string"  # stock declares many booleans and choices as strings
    return element.get("required") in ("1", "true"), kind, default


def test_every_stock_parameter(program):
    """Name, type and default are the stock agent's."""
    name, path, libraries = program
    ours = parameters(meta_data(path, environment(libraries)))
    stock = parameters(meta_data(f"{STOCK_FOLDER.get(name, STOCK)}/{name}", {"PATH": os.environ["PATH"], "OCF_ROOT": "/usr/lib/ocf"}))
    assert not set(stock) - set(ours)
    differing = {parameter for parameter in stock if facts(stock[parameter]) != facts(ours[parameter])}
    assert differing <= {parameter for agent, parameter in DIFFERENT if agent == name}, {
        parameter: (facts(stock[parameter]), facts(ours[parameter])) for parameter in differing}


def test_every_parameter_of_the_other_stock_agent(agents):
    """mysql stands in for ocf:heartbeat:mariadb, too: its names and types are there, node_list is not required."""
    path, libraries = netlab.find_program(agents, "mysql")
    ours = parameters(meta_data(path, environment(libraries)))
    stock = parameters(meta_data(f"{STOCK}/mariadb", {"PATH": os.environ["PATH"], "OCF_ROOT": "/usr/lib/ocf"}))
    assert not set(stock) - set(ours)
    assert {name for name in stock if facts(stock[name])[1:] != facts(ours[name])[1:]} == {"replication_port"}
    assert {name for name in stock if facts(stock[name])[0] != facts(ours[name])[0]} == {"node_list"}


def test_every_parameter_says_how_it_compares(program):
    """The last line of each long description makes the table of the manual page."""
    name, path, libraries = program
    for parameter, element in parameters(meta_data(path, environment(libraries))).items():
        last = element.findtext("longdesc").strip().rpartition("\n")[2]
        assert "Drop-in:" in element.findtext("longdesc"), f"{name}: {parameter}: {last}"


def test_schemas(program, tmp_path):
    """Its own document type, and the OCF 1.1 schema that pcs uses."""
    _, path, libraries = program
    document = tmp_path / "meta-data.xml"
    document.write_text(meta_data(path, environment(libraries)), encoding="utf-8")
    subprocess.run(["xmllint", "--noout", "--valid", document], check=True)
    subprocess.run(["xmllint", "--noout", "--nonet", "--relaxng", "/usr/share/pcs/data/ocf-1.1.rng", document],
                   check=True)


def test_tools_of_the_cluster(program, tmp_path):
    """Pacemaker, pcs and crmsh show the parameters and the actions."""
    name, path, libraries = program
    wrapper = tmp_path / name  # pcs clears the environment, and with it where the library is
    wrapper.write_text(f"#!/bin/sh\nLD_LIBRARY_PATH={environment(libraries)['LD_LIBRARY_PATH']} exec {path} \"$@\"\n",
                       encoding="utf-8")
    wrapper.chmod(0o755)

    def installed(*argv):
        done = subprocess.run(["unshare", "-m", "sh", "-c", INSTALL, "sh", wrapper, name, *argv], text=True, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=120, env=environment(libraries))
        assert done.returncode == 0, done.stdout
        return done.stdout
    names = set(parameters(meta_data(path, environment(libraries))))
    for told in (installed("crm_resource", "--show-metadata", f"ocf:haops:{name}"),
                 installed("pcs", "resource", "describe", f"ocf:haops:{name}", "--full"),
                 installed("crm", "ra", "info", f"ocf:haops:{name}")):
        assert not {parameter for parameter in names if parameter not in told}
        assert "reload-agent" in told


def test_links_little(program):
    """A monitor runs for ever: each library would cost loading time, each time."""
    name, path, _ = program
    told = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True).stdout
    needed = {line.split("[")[1].rstrip("]") for line in told.splitlines() if "(NEEDED)" in line}
    assert needed <= {"libhaops.so.0", "libmnl.so.0", "libc.so.6"} | LIBRARIES.get(name, set())


def test_manual_page(program):
    """The page names each parameter, and holds the table that compares."""
    name, path, libraries = program
    text = meta_data(path, environment(libraries))
    page = subprocess.run(["/usr/bin/python3", "-B", TREE / "docs/man/metadata-to-man", "test", "2026-11-27"], input=text,
                          capture_output=True, text=True, check=True).stdout
    assert "COMPARED WITH THE STOCK AGENT" in page
    said = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=page, capture_output=True, text=True,
                          check=False).stdout
    assert said == ""
    shown = subprocess.run(["man", "-l", "-"], input=page, capture_output=True, text=True, check=True,
                           env={"PATH": os.environ["PATH"], "MANWIDTH": "120", "LC_ALL": "C.UTF-8"}).stdout
    assert not [parameter for parameter in parameters(text) if parameter not in shown]


def test_ocf_tester_with_a_file_system(agents):
    """Every check of the stock tester passes with a real file system."""
    box = fslab.Box(agents)
    try:
        disk = box.disk()
        path, libraries = netlab.find_program(agents, "Filesystem")
        options = [word for name, value in disk.items() for word in ("-o", f"{name}={value}")]
        done = box.run("ocf-tester", "-n", "fs", *options, path, check=False, timeout=120, env=environment(libraries))
        assert done.returncode == 0 and "passed all tests" in done.stdout, done.stdout + done.stderr
    finally:
        box.close()


def test_ocf_tester_with_nginx(agents):
    """Every check of the stock tester passes with a real nginx. (IPaddr2's turn is in run-ocft.)"""
    box = nginxlab.Box(agents)
    try:
        config = box.config()
        path, libraries = netlab.find_program(agents, "nginx")
        done = box.run("ocf-tester", "-n", "web", "-o", f"configfile={config}", path, check=False, timeout=120,
                       env=environment(libraries))
        assert done.returncode == 0 and "passed all tests" in done.stdout, done.stdout + done.stderr
    finally:
        box.close()
