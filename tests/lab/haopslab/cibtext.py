# SPDX-License-Identifier: GPL-2.0-or-later
"""Small parts of a CIB as text. Pure."""
from __future__ import annotations


def pairs(owner: str, values: dict[str, object]) -> str:
    """The nvpairs of a set of parameters or meta-attributes."""
    return "".join(f'<nvpair id="{owner}-{key}" name="{key}" value="{value}"/>'
                   for key, value in values.items())


def op(owner: str, name: str, timeout: float, interval: float = 0, role: str = "") -> str:
    """An operation, with times in seconds."""
    ident = f"{owner}-{name}" + (f"-{role.lower()}" if role else "")
    return (f'<op id="{ident}" name="{name}" interval="{interval:g}s" timeout="{timeout:g}s"'
            + (f' role="{role}"' if role else "") + "/>")
