# SPDX-License-Identifier: GPL-2.0-or-later
"""What a configuration means, whichever of crm, pcs and XML it was written with: examples come in three forms."""
from __future__ import annotations

import xml.etree.ElementTree as ET


def pairs(element: ET.Element, path: str) -> list[tuple[str | None, str | None]]:
    """Names and values of all nvpairs below a path."""
    return sorted((p.get("name"), p.get("value")) for s in element.findall(path) for p in s)


def operation(op: ET.Element) -> tuple[object, object]:
    """An operation without its id; pcs and crm write "0s" where others write "0"."""
    attributes = {k: v for k, v in op.attrib.items() if k != "id"}
    return sorted(attributes.items()), pairs(op, "instance_attributes")


def constraint(element: ET.Element) -> tuple[object, ...]:
    """A constraint with its rules; the ids of their expressions mean nothing."""
    rules = [(sorted(rule.attrib.items()),
              [(e.tag, sorted((k, v) for k, v in e.attrib.items() if k != "id")) for e in rule])
             for rule in element.findall("rule")]
    return (element.tag, sorted(element.attrib.items()), rules)


def meaning(text: str) -> dict[str, object]:
    """A configuration without what has no meaning: ids of sets and pairs, order of resources that
    do not depend on each other, comments, formatting."""
    config = ET.fromstring(text).find("configuration")
    resources = config.find("resources")
    primitives = {p.get("id"): {
        "agent": (p.get("class"), p.get("provider"), p.get("type")),
        "parameters": pairs(p, "instance_attributes"), "meta": pairs(p, "meta_attributes"),
        "operations": sorted(operation(op) for op in p.findall("operations/op")),
    } for p in resources.iter("primitive")}
    groups = {g.get("id"): [p.get("id") for p in g.findall("primitive")]
              for g in resources.iter("group")}
    clones = {c.get("id"): ([p.get("id") for p in c.iter("primitive")], pairs(c, "meta_attributes"))
              for c in resources.iter("clone")}
    return {
        "primitives": primitives, "groups": groups, "clones": clones,
        "constraints": sorted((constraint(c) for c in config.find("constraints")), key=str),
        "properties": pairs(config, "crm_config/cluster_property_set"),
        "defaults": pairs(config, "rsc_defaults/meta_attributes"),
        "other": sorted(c.tag for c in config if len(c) and c.tag not in (
            "crm_config", "resources", "constraints", "rsc_defaults")),
    }
