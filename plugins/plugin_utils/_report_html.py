# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the page of a report together: the frame by Jinja2, the style and the script in it, each allowed by its hash.

Frame, style and script are files beside this one, in `report_page/`. A managed machine does not get them (decision 0149).
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from ansible_collections.mailops.tls.plugins.module_utils._report.html.facts import page_facts
from ansible_collections.mailops.tls.plugins.module_utils._report.material import Material
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

FOLDER = Path(__file__).with_name("report_page")
SCRIPTS = ("tools.js", "data.js", "table.js", "route.js", "matrix.js", "page.js", "start.js")
"""The parts of the script, those first that the others use."""


def html_report(material: Material) -> str:
    """Return the page."""
    style = _read("style.css")
    script = '"use strict";\n(() => {\n' + "\n".join(_read(name) for name in SCRIPTS) + "\n})();\n"
    frames = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return frames.from_string(_read("frame.html.j2")).render(
        page=page_facts(material),
        style=Markup(style),
        script=Markup(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
