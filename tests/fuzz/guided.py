# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The coverage-guided fuzzer (atheris, on libFuzzer) over one harness; C(run.sh) starts it with what libFuzzer wants to know."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["ansible_collections.mailops.tls.plugins"]):
    from ansible_collections.mailops.tls.tests.fuzz.harnesses import HARNESSES, feed


def main() -> None:
    """Fuzz the harness named first on the command line; the rest is libFuzzer's."""
    name = sys.argv.pop(1)
    if name not in HARNESSES:
        sys.exit("No harness is called %s; there are: %s" % (name, " ".join(HARNESSES)))
    itself = "%s -m %s %s" % (sys.executable, __spec__.name, name)  # libFuzzer starts itself again for a merge
    atheris.Setup([itself, *sys.argv[1:], "-max_len=%d" % HARNESSES[name].longest], lambda data: feed(name, bytes(data)))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
