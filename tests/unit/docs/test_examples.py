# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Examples can be pasted: each text is tasks or plays, never both, and README names the collections that any of them needs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml")  # comes with ansible-core, which the oldest libraries are tested without

ROOT = Path(__file__).parents[3]
PLUGINS = [path for kind in ("modules", "filter", "inventory") for path in sorted((ROOT / "plugins" / kind).glob("*.py"))]
TEXTS = [*PLUGINS, *sorted((ROOT / "docs/docsite/rst").glob("*.rst")), *sorted((ROOT / "roles").glob("*/README.md")), ROOT / "README.md"]
OWN = ("ansible.builtin", "mailops.tls")
_MODULE = re.compile(r"^ *(?:- )?(?:action: )?([a-z_]+\.[a-z_]+)\.[a-z_0-9]+:", re.MULTILINE)


def examples_of(path: Path) -> str:
    """Return the text of EXAMPLES in a plugin."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "EXAMPLES":
            return str(ast.literal_eval(node.value))
    raise AssertionError(f"{path} has no EXAMPLES")


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: path.stem)
def test_examples_are_tasks_or_plays(path: Path) -> None:
    for document in yaml.safe_load_all(examples_of(path)):
        if isinstance(document, list):
            assert len({"hosts" in item for item in document}) == 1, "tasks and plays in one text"


def test_collections_that_examples_need_are_named_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    needed = {name for path in TEXTS for name in _MODULE.findall(path.read_text(encoding="utf-8"))}
    needed = {name for name in needed if name not in OWN and not name.endswith(".example")}
    assert needed and all(f"`{name}`" in readme for name in needed), sorted(needed)
