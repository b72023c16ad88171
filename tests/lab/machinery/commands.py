# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line that labs have in common: up, down, run, shell, status; a lab adds its own."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from . import lifecycle, packages
from .layout import LabLayout

EXIT_NOT_ROOT = 77
DEBIAN_PYTHON = "/usr/bin/python3"

Handler = Callable[[argparse.Namespace], int]


class LabCommands(ABC):
    """The command line of one lab: what differs between labs are attributes and methods to override."""

    program: ClassVar[Path]
    """The file that is run; it runs itself again under Debian's Python where libraries are missing."""
    description: ClassVar[str]
    noun: ClassVar[str] = "lab"
    default_state: ClassVar[Path]
    packages: ClassVar[Sequence[str]]
    help_up: ClassVar[str] = "bring everything up"
    help_shell: ClassVar[str] = "bring everything up and start a shell inside"
    without_root: ClassVar[Sequence[str]] = ()
    """Commands that need no root."""

    @abstractmethod
    def layout(self, state: Path) -> LabLayout:
        """Return the layout for a state directory."""

    @abstractmethod
    def bring_up(self, options: argparse.Namespace) -> tuple[bool, str]:
        """Bring the lab up; returns whether it was not up yet, and what to say about it. Import servers only here."""

    @abstractmethod
    def welcome(self, layout: LabLayout) -> str:
        """Return what the shell says first."""

    def add_options_of_up(self, parser: argparse.ArgumentParser) -> None:  # noqa: B027
        """Add the options of `up` and `shell`."""

    def add_commands(self, commands: Any) -> Mapping[str, Handler]:
        """Add the commands that only this lab has, and return what they do by name."""
        return {}

    def enter(self, options: argparse.Namespace) -> None:  # noqa: B027
        """Do what is left to do between `up` and the shell."""

    # The commands.

    def up(self, options: argparse.Namespace) -> int:
        """Install what is missing and bring the lab up."""
        lacking = packages.missing(self.packages)
        if lacking:
            print(f"installing {' '.join(lacking)}", flush=True)
            packages.install(lacking)
        self.require_libraries(options)
        start = time.monotonic()
        fresh, text = self.bring_up(options)
        print(f"up in {time.monotonic() - start:.1f} s: {text}" if fresh else f"already up: {text}")
        return 0

    def down(self, options: argparse.Namespace) -> int:
        """Stop everything and remove the state directory."""
        stopped = lifecycle.down(options.layout)
        print(f"stopped {', '.join(stopped)}" if stopped else "was not up")
        return 0

    def run(self, options: argparse.Namespace) -> int:
        """Run a command inside."""
        layout: LabLayout = options.layout
        if not layout.summary.exists():
            print(f"the {self.noun} is not up", file=sys.stderr)
            return 1
        command = [word for position, word in enumerate(options.command) if word != "--" or position]
        if not command:
            print("run needs a command", file=sys.stderr)
            return 2
        return subprocess.run(layout.net.inside(command), env=layout.environment(), check=False).returncode

    def shell(self, options: argparse.Namespace) -> int:
        """Bring the lab up and start a shell inside. What its last command came to is no failure of the shell."""
        result = self.up(options)
        if result:
            return result
        self.enter(options)
        print(self.welcome(options.layout))
        options.command = [os.environ.get("SHELL", "/bin/bash")]
        self.run(options)
        return 0

    def status(self, options: argparse.Namespace) -> int:
        """Show what is running."""
        layout: LabLayout = options.layout
        for name, is_alive in lifecycle.running(layout).items():
            print(f"{name:9} {'running' if is_alive else 'stopped'}")
        complete = lifecycle.complete(layout)
        print(f"{layout.state}: {'up' if complete else 'not up'}")
        return 0 if complete else 1

    def require_libraries(self, options: argparse.Namespace) -> None:
        """Continue under Debian's python3 when this one lacks cryptography or dnspython 2.3."""
        try:
            import cryptography.x509  # noqa: F401
            from dns.dnssec import sign  # noqa: F401
        except ImportError as error:
            if os.path.realpath(sys.executable) == os.path.realpath(DEBIAN_PYTHON):
                raise SystemExit("lab.py: python3-cryptography or python3-dnspython is missing; up installs them") from error
            os.execv(DEBIAN_PYTHON, [DEBIAN_PYTHON, str(self.program), *options.arguments])

    # What is given.

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Return the options; `handler` is what to do with them."""
        parser = argparse.ArgumentParser(prog="lab.py", description=self.description)
        parser.add_argument("--state", type=Path, default=self.default_state, help="state directory, short (default %(default)s)")
        commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")
        for name, text in (("up", self.help_up), ("shell", self.help_shell)):
            self.add_options_of_up(commands.add_parser(name, help=text))
        commands.add_parser("down", help="stop what up started and remove the namespace")
        run = commands.add_parser("run", help="run a command inside")
        run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- CMD")
        commands.add_parser("status", help="what is running")
        handlers: dict[str, Handler] = {"up": self.up, "down": self.down, "run": self.run, "shell": self.shell, "status": self.status}
        handlers.update(self.add_commands(commands))
        options = parser.parse_args(arguments)
        options.handler = handlers[options.name]
        options.arguments = list(arguments)
        options.layout = self.layout(options.state.absolute())
        return options

    def main(self, arguments: Sequence[str]) -> int:
        """Run one command; returns the exit status (77: root is needed)."""
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        options = self.parse(arguments)
        if os.geteuid() != 0 and options.name not in self.without_root:
            print("lab.py: root is needed for network namespaces and port 25; run it with sudo", file=sys.stderr)
            return EXIT_NOT_ROOT
        try:
            result: int = options.handler(options)
            return result
        except subprocess.CalledProcessError as error:
            print(f"lab.py: {error.cmd} failed with status {error.returncode}; logs are in {options.layout.state}", file=sys.stderr)
        except (RuntimeError, FileNotFoundError) as error:
            print(f"lab.py: {error}", file=sys.stderr)
        return 1
