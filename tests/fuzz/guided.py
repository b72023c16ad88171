# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The coverage-guided fuzzer (atheris, on libFuzzer) over one harness; `run.sh` starts it with what libFuzzer wants to know."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["ansible_collections.mailops.tls.plugins"]):
    from ansible_collections.mailops.tls.tests.fuzz.harnesses import HARNESSES, feed


def main() -> None:
    """Fuzz the harness named first on the command line; the rest is libFuzzer's."""
    name = sys.argv.pop(1)
    if name not in HARNESSES:
        sys.exit(f"No harness is called {name}; there are: {' '.join(HARNESSES)}")
    itself = f"{sys.executable} -m {__spec__.name} {name}"  # libFuzzer starts itself again for a merge
    atheris.Setup([itself, *sys.argv[1:], f"-max_len={HARNESSES[name].longest}"], lambda data: feed(name, bytes(data)))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
