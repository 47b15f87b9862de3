# SPDX-License-Identifier: GPL-2.0-or-later
"""What both generators of manual pages need of man(7)."""

import re


def escape(text):
    """Plain text as roff text: nothing in it is a request or an escape."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def header(name, section, title, release):
    """First lines of a page. release: (version, date); not today's date: the same sources give the same page."""
    version, date = release
    return f'.TH {name.upper()} {section} "{date}" "haops {version}" "{title}"\n'


def section(name, *parts):
    """A section with its roff paragraphs; empty when there are none."""
    body = "".join(part for part in parts if part).removeprefix(".PP\n")
    return f".SH {name}\n{body}" if body else ""


def paragraphs(text):
    """Text whose paragraphs are parted by empty lines; lines that begin with " - " are items."""
    out = []
    for block in re.split(r"\n\s*\n", text.strip()):
        items = re.split(r"(?:^|\n) *- ", block)
        if items[0].strip():
            out.append(".PP\n" + escape(" ".join(items[0].split())) + "\n")
        out += [".IP \\(bu 2\n" + escape(" ".join(item.split())) + "\n" for item in items[1:]]
    return "".join(out)


def tagged(tag, text):
    """An entry of a list: its tag in bold, then the text."""
    return f".TP\n.B {escape(tag)}\n{escape(' '.join(text.split()))}\n"


def code(text):
    """Lines as they are."""
    return ".PP\n.nf\n" + escape(text.expandtabs(8).rstrip("\n")) + "\n.fi\n"
