# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's own test command: sanity and unit tests, on the newest and the oldest ansible-core.

It brings its own virtual environments, and gives each a pip with a script that it would download. It is handed one that
does the same from PyPI's pip wheel: `seed_pip`.
"""

from __future__ import annotations

import re
from pathlib import Path

import toolboxes
import venvs
from workshop import HOME, IN_ROOT, Skipped, Workshop

from steps.step import Step

GET_PIP = '''\
import glob, os, sys
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wheels")
sys.path.insert(0, glob.glob(os.path.join(here, "pip-%(version)s-*.whl"))[0])
from pip._internal.cli.main import main
arguments = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
sys.exit(main(["install", "--quiet", "--find-links", here] + arguments))
'''


ON_THE_CONTROLLER = (
    *(f"tests/unit/plugins/{kind}/" for kind in ("action", "callback", "filter", "inventory")),
    "tests/unit/playbooks/", "tests/unit/roles/",
)  # fmt: skip
"""Unit tests of what runs within ansible-core; module_utils know nothing of it."""


def seed_pip(workshop: Workshop, programs: Path) -> None:
    """Put what ansible-test would download to bootstrap pip where it looks first."""
    source = next(programs.parent.glob("lib/python3*/site-packages/ansible_test/_internal/python_requirements.py"))
    cache = HOME / ".ansible" / "test" / "cache"
    wheels = cache / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    for version in sorted(set(re.findall(r"\bpip='([0-9.]+)'", source.read_text(encoding="utf-8")))):
        script = cache / (f"get_pip_{version.replace('.', '_')}.py")
        if not script.exists():
            download = ["download", "--no-deps", "-d", wheels, f"pip=={version}"]
            workshop.call([programs / "python", *venvs.PIP, *download])
            script.write_text(GET_PIP % {"version": version}, encoding="utf-8")


def sanity(workshop: Workshop, programs: Path) -> None:
    """Run every sanity test that this machine can run."""
    seed_pip(workshop, programs)
    root = workshop.tree()
    toolboxes.put_shellcheck(workshop, root / "programs")
    command = [programs / "ansible-test", "sanity", "--local", "--color", "no"]
    workshop.call(command, cwd=root / IN_ROOT, path=[root / "programs"])


def sanity_new(workshop: Workshop) -> None:
    """Sanity tests of the newest ansible-core."""
    sanity(workshop, toolboxes.core_new(workshop))


def sanity_old(workshop: Workshop) -> None:
    """Sanity tests of the oldest ansible-core that the collection supports."""
    sanity(workshop, toolboxes.core_old(workshop))


def units(workshop: Workshop, programs: Path, *parts: str) -> None:
    """Run the unit tests, or those of some folders, the way Ansible's own collections do, on the Python of that ansible-core."""
    if not workshop.has("tests/unit/plugins"):
        raise Skipped("no unit tests in the tree")
    seed_pip(workshop, programs)
    command = [programs / "ansible-test", "units", "--venv", "--color", "no", "--python", version_of(programs), *parts]
    workshop.call(command, cwd=workshop.tree() / IN_ROOT)


def units_new(workshop: Workshop) -> None:
    """Unit tests on the newest ansible-core, Python and libraries."""
    units(workshop, toolboxes.core_new(workshop))


def units_old(workshop: Workshop) -> None:
    """Unit tests of what imports Ansible, on the oldest ansible-core; the rest runs without it."""
    units(workshop, toolboxes.core_old(workshop), *ON_THE_CONTROLLER)


def version_of(programs: Path) -> str:
    """Return the minor version of a virtual environment's Python, as `3.13`."""
    return next(programs.parent.glob("lib/python3*")).name[len("python"):]


STEPS = [
    Step("sanity-new", "sanity", sanity_new),
    Step("sanity-old", "sanity", sanity_old),
    Step("units-new", "units", units_new),
    Step("units-old", "units", units_old),
]
