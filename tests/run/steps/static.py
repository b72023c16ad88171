# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that read the source and run none of it: licences, changelog, style, types, documentation, packaging."""

from __future__ import annotations

from pathlib import Path

import toolboxes
from workshop import IN_ROOT, WORK, Failed, Workshop

from steps.step import Step

TYPED = ("plugins", "tests/unit", "tests/lab", "tests/differential", "tests/benchmarks", "tests/fuzz", "tests/hostile", "tests/rollover")
SCRIPTS = "tests/run"


def reuse(workshop: Workshop) -> None:
    """Every file names its copyright and licence."""
    tools = toolboxes.lint(workshop)
    workshop.call([tools / "reuse", "lint", "--lines"], cwd=workshop.tree() / IN_ROOT)


def changelog(workshop: Workshop) -> None:
    """Changelog fragments are well-formed."""
    tools = toolboxes.lint(workshop)
    workshop.call([tools / "antsibull-changelog", "lint"], cwd=workshop.tree() / IN_ROOT, path=[tools])


def ruff(workshop: Workshop) -> None:
    """Python style and the mistakes that can be seen without running."""
    workshop.call([toolboxes.lint(workshop) / "ruff", "check", "--no-cache", "."])


def yamllint(workshop: Workshop) -> None:
    """YAML style."""
    workshop.call([toolboxes.lint(workshop) / "yamllint", "--strict", "."], cwd=workshop.tree() / IN_ROOT)


def mypy(workshop: Workshop) -> None:
    """Types, strictly: everything by its full name, but the scripts of the test run from where they stand."""
    root = workshop.tree()
    source = root / IN_ROOT
    command = [toolboxes.lint(workshop) / "mypy", "--config-file", source / ".mypy.ini", "--cache-dir", WORK / "mypy"]
    parts = [IN_ROOT / part for part in TYPED if any((source / part).rglob("*.py"))]
    workshop.call([*command, *parts], cwd=root, env={"MYPYPATH": str(root)})
    workshop.call([*command, "."], cwd=source / SCRIPTS, env={"MYPYPATH": str(source / SCRIPTS)})


def docs(workshop: Workshop) -> None:
    """Plugin documentation and guides are valid, and what they refer to exists."""
    tools = toolboxes.lint(workshop)
    command = [tools / "antsibull-docs", "lint-collection-docs", ".", "--plugin-docs", "--validate-collection-refs", "all"]
    workshop.call(command, cwd=workshop.tree() / IN_ROOT, path=[tools])


def importer(workshop: Workshop) -> None:
    """The collection builds, and Galaxy's importer accepts the archive."""
    tools = toolboxes.lint(workshop)
    root = workshop.tree()
    archives = root / "archives"
    workshop.call([tools / "ansible-galaxy", "collection", "build", "--output-path", archives], cwd=root / IN_ROOT)
    (archive,) = archives.glob("*.tar.gz")
    workshop.call([tools / "python", "-m", "galaxy_importer.main", archive], cwd=root, path=[tools])
    said = Path(workshop.log.name).read_text(encoding="utf-8", errors="replace")
    if "Importer processing completed successfully" not in said:
        raise Failed("the importer did not say that it completed")
    for excuse in ("ansible-doc not found", "ansible-lint not found", "skipping ansible-lint"):
        if excuse in said:
            raise Failed(f"the importer left out a check: {excuse}")


def ansible_lint(workshop: Workshop) -> None:
    """Playbooks, roles and test targets follow Ansible's own practice."""
    tools = toolboxes.lint(workshop)
    root = workshop.tree()
    env = {"ANSIBLE_COLLECTIONS_PATH": str(root)}
    workshop.call([tools / "ansible-lint", "--offline", "--strict", "--nocolor"], cwd=root / IN_ROOT, path=[tools], env=env)


STEPS = [
    Step("reuse", "lint", reuse),
    Step("changelog", "lint", changelog),
    Step("ruff", "lint", ruff),
    Step("yamllint", "lint", yamllint),
    Step("mypy", "lint", mypy),
    Step("docs", "lint", docs),
    Step("importer", "lint", importer),
    Step("ansible-lint", "lint", ansible_lint),
]
