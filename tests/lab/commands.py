# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: up, down, run, shell, status, list, check."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Callable

from . import namespace, packages
from .layout import DEFAULT_STATE, Layout

EXIT_NOT_ROOT = 77
DEBIAN_PYTHON = "/usr/bin/python3"

WELCOME = """
The lab is up and this shell is inside it (network namespace {namespace}).
DNS is ours (dig +dnssec mx dane-ee.test), posttls-finger finds its configuration:
  posttls-finger dane-ee.test
  posttls-finger -l secure -F {ca_file} dane-ee.test
All cases: {program} list. Logs: {state}/postfix/log, {state}/unbound/log. Leave with exit; {program} down ends the lab.
"""


def _require_libraries(arguments: Sequence[str]) -> None:
    """Continue under Debian's python3 when this one lacks cryptography or dnspython 2.3."""
    try:
        import cryptography.x509  # noqa: F401
        from dns.dnssec import sign  # noqa: F401
    except ImportError as error:
        if os.path.realpath(sys.executable) == os.path.realpath(DEBIAN_PYTHON):
            raise SystemExit("lab.py: python3-cryptography or python3-dnspython is missing; up installs them") from error
        program = str(Path(__file__).with_name("lab.py"))
        os.execv(DEBIAN_PYTHON, [DEBIAN_PYTHON, program, *arguments])


def _up(options: argparse.Namespace) -> int:
    lacking = packages.missing()
    if lacking:
        print(f"installing {' '.join(lacking)}", flush=True)
        packages.install(lacking)
    _require_libraries(options.arguments)
    from . import lifecycle
    from .cases import CASES

    start = time.monotonic()
    fresh = lifecycle.up(options.layout, CASES, options.bench)
    took = f"up in {time.monotonic() - start:.1f} s" if fresh else "already up"
    print(f"{took}: {len(CASES)} cases, namespace {options.layout.namespace}, state {options.layout.state}")
    return 0


def _down(options: argparse.Namespace) -> int:
    _require_libraries(options.arguments)
    from . import lifecycle

    stopped = lifecycle.down(options.layout)
    print(f"stopped {', '.join(stopped)}" if stopped else "was not up")
    return 0


def _run(options: argparse.Namespace) -> int:
    if not options.layout.summary.exists():
        print("the lab is not up", file=sys.stderr)
        return 1
    command = [word for position, word in enumerate(options.command) if word != "--" or position]
    if not command:
        print("run needs a command", file=sys.stderr)
        return 2
    environment = namespace.environment(options.layout)
    return subprocess.run(namespace.inside(options.layout, command), env=environment, check=False).returncode


def _shell(options: argparse.Namespace) -> int:
    result = _up(options)
    if result:
        return result
    layout = options.layout
    program = Path(__file__).with_name("lab.py")
    print(WELCOME.format(namespace=layout.namespace, ca_file=layout.root_pem, state=layout.state, program=program))
    options.command = [os.environ.get("SHELL", "/bin/bash")]
    return _run(options)


def _status(options: argparse.Namespace) -> int:
    _require_libraries(options.arguments)
    from . import lifecycle

    alive = lifecycle.running(options.layout)
    for name, is_alive in alive.items():
        print(f"{name:9} {'running' if is_alive else 'stopped'}")
    complete = all(alive.values()) and options.layout.summary.exists()
    print(f"{options.layout.state}: {'up' if complete else 'not up'}")
    return 0 if complete else 1


def _list(options: argparse.Namespace) -> int:
    _require_libraries(options.arguments)
    if options.json:
        from . import summary

        print(json.dumps(summary.load(options.layout.state), indent=1))
        return 0
    from .cases import CASES

    for case in CASES:
        row = f"row {case.matrix_row}" if case.matrix_row else ""
        print(f"{case.name:28} {row:6} {case.destination:40} {case.title}")
    return 0


def _check(options: argparse.Namespace) -> int:
    _require_libraries(options.arguments)
    from . import check

    return check.check(options.layout, options.case, options.jobs, options.verbose, options.smtp)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab.py", description="A mail network of our own in a network namespace, as data and as servers.")
    parser.add_argument("--state", type=Path, default=DEFAULT_STATE, help="state directory, short (default %(default)s)")
    commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="bring everything up (does nothing when it is)")
    shell = commands.add_parser("shell", help="bring everything up and start a shell inside")
    for each in (up, shell):
        each.add_argument("--bench", type=int, default=0, metavar="N", help="also a zone bench.test with N domains (port 2525)")
    commands.add_parser("down", help="stop what up started and remove the namespace")
    run = commands.add_parser("run", help="run a command inside")
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- CMD")
    commands.add_parser("status", help="what is running")
    listing = commands.add_parser("list", help="the cases")
    listing.add_argument("--json", action="store_true", help="everything a running lab knows, as JSON")
    check = commands.add_parser("check", help="compare every case with the real posttls-finger")
    check.add_argument("case", nargs="*", help="only these cases")
    check.add_argument("-j", "--jobs", type=int, default=6, help="processes at a time (default %(default)s)")
    check.add_argument("--smtp", action="store_true", help="also send mail to every case with the real smtp(8)")
    check.add_argument("-v", "--verbose", action="store_true", help="show posttls-finger's output where it differs")
    return parser


HANDLERS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "up": _up,
    "down": _down,
    "run": _run,
    "shell": _shell,
    "status": _status,
    "list": _list,
    "check": _check,
}

WITHOUT_ROOT = ("list",)


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit status (77: root is needed)."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    options = _parser().parse_args(arguments)
    options.arguments = list(arguments)
    options.layout = Layout(options.state.absolute())
    if os.geteuid() != 0 and options.name not in WITHOUT_ROOT:
        print("lab.py: root is needed for network namespaces and port 25; run it with sudo", file=sys.stderr)
        return EXIT_NOT_ROOT
    try:
        return HANDLERS[options.name](options)
    except subprocess.CalledProcessError as error:
        print(f"lab.py: {error.cmd} failed with status {error.returncode}; logs are in {options.layout.state}", file=sys.stderr)
    except (RuntimeError, FileNotFoundError) as error:
        print(f"lab.py: {error}", file=sys.stderr)
    return 1
