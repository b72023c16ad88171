# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of all findings, made of the catalogue. Its test writes it when it is asked to:

    WRITE_PAGES=1 bash tests/run/pytest.sh tests/unit/docs/test_findings_page.py
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator

from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind
from ansible_collections.mailops.tls.tests.unit.makers.made_findings import PACKAGE, ROOT, entries

PAGE = ROOT / "docs/docsite/rst/findings.rst"
TITLES = {
    "dane": "TLSA records",
    "dns": "DNS around them",
    "smtp": "SMTP sessions",
    "x509": "Certificates and chains",
    "postfix": "Postfix",
    "rollover": "Rollover of keys",
    "mailbox": "Mailboxes and submission",
}
"""The subjects in the order of the page. Others follow by the names of their files."""

_TOP = """\
..
  Copyright (c) 2026, the mailops.tls authors
  GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

.. This page is made of plugins/module_utils/_catalogue by tests/unit/docs/findings_page.py. Change it there.

.. _ansible_collections.mailops.tls.docsite.findings:

What was found, and what to do
==============================

Results carry findings with an ``id``, in ``lint``, ``findings``, ``alarms``, ``problems`` and ``blockers``. Each has its
reason and its remedy beside it, in ``why``, ``fix`` and ``reference``. This page has all of them.

- **error**: mail, login or protection is broken now.
- **warning**: it works, but it is wrong or one step from breaking.
- **notice**: worth knowing.

A module may say ``severity`` otherwise in a single case, where it is worse or better than usual.
An id is never used again for something else, so playbooks can rely on it:

.. code-block:: yaml+jinja

    - name: Stop for what is broken now
      ansible.builtin.fail:
        msg: "{{ item.subject }}: {{ item.text }}. {{ item.fix }}"
      loop: "{{ probe.results | map(attribute='lint') | flatten | selectattr('severity', 'equalto', 'error') }}"
"""
_MODULE = re.compile(r"mailops\.tls\.(\w+)")


def page() -> str:
    """Return the text of the page."""
    known = {room: [one for one in kinds.values() if not one.to_come] for room, kinds in entries().items()}
    rooms = sorted((room for room, kinds in known.items() if kinds), key=lambda room: (*TITLES, room).index(room))
    return _TOP + "".join(line + "\n" for room in rooms for line in _subject(room, known[room]))


def _subject(room: str, kinds: list[FindingKind]) -> Iterator[str]:
    title = TITLES.get(room, room.replace("_", " "))
    about = (importlib.import_module(f"{PACKAGE}.{room}").__doc__ or "").strip()
    yield from ("", title, "-" * len(title), "", _text(about))
    for kind in sorted(kinds, key=lambda one: one.id):
        yield from ("", kind.id, "^" * len(kind.id), "")
        yield from (f"**{kind.severity.value}**: {_text(kind.title)}.", "")
        yield from (_text(kind.why), "", f"*What to do:* {_text(kind.fix)}", "", f"*Reference:* {_text(kind.reference)}")


def _text(text: str) -> str:
    """Plain text as reStructuredText, with links to the modules that it names."""
    safe = re.sub(r"([*`|\\]|_(?!\w))", r"\\\1", text)
    return _MODULE.sub(lambda found: f":ansplugin:`{found[0]}#module`", safe)
