# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: up, down, run, shell, status, watch, check."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Callable

from .. import namespace
from ..commands import DEBIAN_PYTHON, EXIT_NOT_ROOT
from ..packages import install
from .layout import DEFAULT_STATE, RolloverLayout
from .packages import missing

WELCOME = """
The rollover network is up and this shell is inside it (network namespace {namespace}).
The sender has begun to probe every second: tail -f {state}/sender/log
  posttls-finger -l dane example.org.test
  nsupdate -k {state}/update.key       (server 127.0.0.11)
  postfix -c {state}/mx1 status
Leave with exit; {program} down ends the network.
"""


def _require_libraries(arguments: Sequence[str]) -> None:
    """Continue under Debian's python3 when this one lacks cryptography or dnspython 2.3."""
    try:
        import cryptography.x509  # noqa: F401
        from dns.dnssec import sign  # noqa: F401
    except ImportError as error:
        if os.path.realpath(sys.executable) == os.path.realpath(DEBIAN_PYTHON):
            raise SystemExit("lab.py: python3-cryptography or python3-dnspython is missing; up installs them") from error
        os.execv(DEBIAN_PYTHON, [DEBIAN_PYTHON, str(Path(__file__).with_name("lab.py")), *arguments])


def _up(options: argparse.Namespace) -> int:
    lacking = missing()
    if lacking:
        print(f"installing {' '.join(lacking)}", flush=True)
        install(lacking)
    _require_libraries(options.arguments)
    from . import network
    from .settings import Settings

    start = time.monotonic()
    network.up(options.layout, Settings(options.ttl, options.negative_ttl, options.signature_lifetime))
    took = time.monotonic() - start
    print(f"up in {took:.1f} s: namespace {options.layout.namespace}, state {options.layout.state}")
    return 0


def _down(options: argparse.Namespace) -> int:
    _require_libraries(options.arguments)
    from . import network

    stopped = network.down(options.layout)
    print(f"stopped {', '.join(stopped)}" if stopped else "was not up")
    return 0


def _run(options: argparse.Namespace) -> int:
    if not options.layout.summary.exists():
        print("the network is not up", file=sys.stderr)
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
    from . import network

    network.load(options.layout.state).start_sender()
    program = Path(__file__).with_name("lab.py")
    print(WELCOME.format(namespace=options.layout.namespace, state=options.layout.state, program=program))
    options.command = [os.environ.get("SHELL", "/bin/bash")]
    return _run(options)


def _status(options: argparse.Namespace) -> int:
    alive = {name: namespace.running(options.layout, path) is not None for name, path in options.layout.pid_files().items()}
    for name, is_alive in alive.items():
        print(f"{name:9} {'running' if is_alive else 'stopped'}")
    complete = all(alive.values()) and options.layout.summary.exists()
    print(f"{options.layout.state}: {'up' if complete else 'not up'}")
    return 0 if complete else 1


def _watch(options: argparse.Namespace) -> int:
    from .sender import Watch

    Watch(options.layout.watch).run()
    return 0


def _check(options: argparse.Namespace) -> int:
    _require_libraries(options.arguments)
    from . import network

    running = network.load(options.layout.state)
    found = running.complaints()
    print("".join(line + "\n" for line in found) + f"{len(running.probes())} probes, {len(found)} complaints")
    return 1 if found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab.py", description="A signed domain with two mail servers and a sender that looks on.")
    parser.add_argument("--state", type=Path, default=DEFAULT_STATE, help="state directory, short (default %(default)s)")
    commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")
    for name, text in (("up", "bring a new network up"), ("shell", "bring a new network up, start the sender and a shell inside")):
        each = commands.add_parser(name, help=text)
        each.add_argument("--ttl", type=int, default=2, metavar="S", help="TTL that TLSA records should have (default %(default)s)")
        each.add_argument("--negative-ttl", type=int, default=2, metavar="S", help="how long absence is remembered (default %(default)s)")
        each.add_argument("--signature-lifetime", type=int, metavar="S", help="how long signatures are good (default two weeks)")
    commands.add_parser("down", help="stop what up started and remove the namespace")
    run = commands.add_parser("run", help="run a command inside")
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- CMD")
    commands.add_parser("status", help="what is running")
    commands.add_parser("watch", help="be the sender; to be run inside")
    commands.add_parser("check", help="was one of the sender's probes not verified?")
    return parser


HANDLERS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "up": _up,
    "down": _down,
    "run": _run,
    "shell": _shell,
    "status": _status,
    "watch": _watch,
    "check": _check,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit status (77: root is needed)."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    options = _parser().parse_args(arguments)
    options.arguments = list(arguments)
    options.layout = RolloverLayout(options.state.absolute())
    if os.geteuid() != 0:
        print("lab.py: root is needed for network namespaces and port 25; run it with sudo", file=sys.stderr)
        return EXIT_NOT_ROOT
    try:
        return HANDLERS[options.name](options)
    except subprocess.CalledProcessError as error:
        print(f"lab.py: {error.cmd} failed with status {error.returncode}; logs are in {options.layout.state}", file=sys.stderr)
    except (RuntimeError, FileNotFoundError) as error:
        print(f"lab.py: {error}", file=sys.stderr)
    return 1
