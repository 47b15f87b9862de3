# SPDX-License-Identifier: GPL-2.0-or-later
"""Pacemaker's configuration and status as data. Pure: text in, text or dataclasses out."""
from __future__ import annotations

import html
import xml.etree.ElementTree as ET
from dataclasses import asdict, dataclass, field

FEATURE_SET = "3.16.1"
SCHEMA = "pacemaker-3.9"
SECTIONS = ("crm_config", "nodes", "resources", "constraints")
OPTIONAL_SECTIONS = ("rsc_defaults", "op_defaults", "fencing-topology", "tags", "alerts", "acls")
DEFAULT_PROPERTIES = {
    "dc-deadtime": "2s", "stonith-enabled": "false", "no-quorum-policy": "stop",
    "cluster-recheck-interval": "15min", "stonith-action": "off", "stonith-timeout": "30s",
}


def _set_property(config: ET.Element, name: str, value: str) -> None:
    """Set one cluster property in the first property set, which is made if missing."""
    for pair in config.iter("nvpair"):
        if pair.get("name") == name:
            pair.set("value", value)
            return
    props = config.find("cluster_property_set")
    if props is None:
        props = ET.SubElement(config, "cluster_property_set", id="cib-bootstrap-options")
    ET.SubElement(props, "nvpair", id=f"{props.get('id')}-{name}", name=name, value=value)


def configuration_of(xml: str) -> ET.Element:
    """The <configuration> of a text that is a <cib>, a <configuration>, or sections of one."""
    text = xml.strip()
    if text.startswith("<?xml"):
        text = text.split("?>", 1)[1]
    root = ET.fromstring(f"<wrap>{text}</wrap>")
    found = root.find(".//configuration")
    if found is None:
        found = ET.Element("configuration")
        for child in root:
            if child.tag not in SECTIONS + OPTIONAL_SECTIONS:
                raise ValueError(f"<{child.tag}> is no section of a configuration")
            found.append(child)
    for name in SECTIONS:
        if found.find(name) is None:
            ET.SubElement(found, name)
    return found


def compose(xml: str, properties: dict[str, str], stonith: str) -> ET.Element:
    """The user's configuration with the lab's properties (the user's own win) and fencing."""
    configuration = configuration_of(xml) if xml.strip() else configuration_of("<resources/>")
    config = configuration.find("crm_config")
    own = {pair.get("name"): pair.get("value") for pair in config.iter("nvpair")}
    for name, value in {**DEFAULT_PROPERTIES, **properties, **own}.items():
        _set_property(config, name, value)
    resources = configuration.find("resources")
    present = {primitive.get("id") for primitive in resources.iter("primitive")}
    for primitive in ET.fromstring(f"<wrap>{stonith}</wrap>"):
        if primitive.get("id") not in present:
            resources.append(primitive)
    return configuration


def seed_cib(configuration: ET.Element) -> str:
    """A cib.xml for the first start."""
    cib = ET.Element("cib", {"crm_feature_set": FEATURE_SET, "validate-with": SCHEMA,
                             "admin_epoch": "0", "epoch": "1", "num_updates": "0"})
    cib.append(configuration)
    ET.SubElement(cib, "status")
    return ET.tostring(cib, encoding="unicode") + "\n"


def merge_live(live: str, wanted: ET.Element) -> str:
    """The running cluster's configuration with everything but its nodes and its own properties
    (dc-version and the like) replaced by what is wanted."""
    configuration = configuration_of(live)
    for name in ("resources", "constraints", *OPTIONAL_SECTIONS):
        old, new = configuration.find(name), wanted.find(name)
        if old is not None:
            configuration.remove(old)
        if new is not None:
            configuration.append(new)
    config = configuration.find("crm_config")
    for pair in wanted.find("crm_config").iter("nvpair"):
        _set_property(config, pair.get("name"), pair.get("value"))
    return ET.tostring(configuration, encoding="unicode")


# Status ------------------------------------------------------------------------------------------


@dataclass
class NodeView:
    """One node as the cluster sees it."""
    name: str
    online: bool
    pending: bool
    unclean: bool
    standby: bool
    maintenance: bool

    def is_whole(self) -> bool:
        return self.online and not (self.pending or self.unclean or self.standby
                                    or self.maintenance)


@dataclass
class ResourceView:
    """One instance of a resource; `id` has no ":0" of an anonymous clone."""
    id: str
    agent: str
    role: str
    nodes: list[str]
    failed: bool
    blocked: bool
    orphaned: bool


@dataclass
class Failure:
    """A failed operation that the cluster still remembers."""
    node: str
    operation: str
    status: str
    reason: str

    def __str__(self) -> str:
        return f"{self.operation} on {self.node}: {self.status} ({self.reason or 'no reason'})"


@dataclass
class View:
    """One crm_mon."""
    dc: str = ""
    quorate: bool = False
    nodes: dict[str, NodeView] = field(default_factory=dict)
    resources: list[ResourceView] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def find(self, resource: str) -> list[ResourceView]:
        return [r for r in self.resources if r.id == resource]

    def where(self, resource: str, role: str = "") -> list[str]:
        """Nodes that a resource is active on (in a role, if one is given)."""
        return sorted({node for r in self.find(resource) for node in r.nodes
                       if r.role != "Stopped" and role in ("", r.role)})

    def to_json(self) -> dict:
        return asdict(self)

    def __str__(self) -> str:
        nodes = ", ".join(f"{n.name}={_node_word(n)}" for n in self.nodes.values())
        resources = ", ".join(f"{r.id}={r.role}@{'+'.join(r.nodes) or '-'}"
                              f"{' FAILED' if r.failed else ''}" for r in self.resources)
        failures = "; ".join(str(f) for f in self.failures)
        return (f"dc {self.dc or 'none'}, {'quorate' if self.quorate else 'no quorum'}; {nodes}; "
                f"{resources}" + (f"; failures: {failures}" if failures else ""))


def _node_word(node: NodeView) -> str:
    words = [word for word in ("pending", "unclean", "standby", "maintenance")
             if getattr(node, word)]
    return "+".join([("online" if node.online else "offline"), *words])


def _is(element: ET.Element, name: str) -> bool:
    return element.get(name) == "true"


def parse_view(xml: str) -> View:
    """Read the output of `crm_mon --output-as=xml`."""
    root = ET.fromstring(xml)
    dc = root.find("summary/current_dc")
    view = View()
    if dc is not None and _is(dc, "present"):
        view.dc, view.quorate = dc.get("name", ""), _is(dc, "with_quorum")
    for item in root.iterfind("nodes/node"):
        flags = [_is(item, f) for f in ("online", "pending", "unclean", "standby", "maintenance")]
        view.nodes[item.get("name")] = NodeView(item.get("name"), *flags)
    section = root.find("resources")
    for item in section.iter("resource") if section is not None else []:
        view.resources.append(_resource(item))
    for item in root.iterfind("failures/failure"):
        operation = item.get("op_key") or item.get("id") or "?"
        # crm_mon of Pacemaker 2.1 escapes reasons twice.
        view.failures.append(Failure(item.get("node", ""), operation, item.get("exitstatus", ""),
                                     html.unescape(item.get("exitreason", ""))))
    return view


def _resource(item: ET.Element) -> ResourceView:
    return ResourceView(
        id=item.get("id").split(":")[0], agent=item.get("resource_agent", ""),
        role=item.get("role", ""), nodes=[n.get("name") for n in item.iterfind("node")],
        failed=_is(item, "failed"), blocked=_is(item, "blocked"), orphaned=_is(item, "orphaned"))
