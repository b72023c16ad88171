# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server of a lab, declared once: what it needs, what it reads, how it starts, and how one sees that it answers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import packages, processes
from .namespace import Namespace
from .readiness import PATIENCE, Check, at_once, listening, wait


@dataclass(frozen=True)
class Server:
    """One server.

    Attributes:
        name: as `status` and `down` show it.
        folder: its files are below; `start.log` there has what the command says.
        command: goes into the background by itself.
        package: the Debian package it comes from, one of `packages.CATALOGUE`; empty for a program of ours.
        files: configuration by path below the folder, written at each start.
        folders: directories below the folder, each with its owner; empty for the one who runs us.
        addresses: where it listens by TCP, `127.0.0.1:25` or `[::1]:25`. They are waited for where `ready` is not given.
        ready: the check that it answers.
        user: who runs the command and owns the folder; empty for servers that change the user themselves, or need not.
        mode: of its files; 0o600 where they hold secrets.
        pid: its pid file, below the folder.
        patience: seconds to wait until it is ready.
    """

    name: str
    folder: Path
    command: tuple[str, ...]
    package: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    folders: Mapping[str, str] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()
    ready: Check | None = None
    user: str = ""
    mode: int = 0o644
    pid: str = "pid"
    patience: float = PATIENCE

    @property
    def pid_file(self) -> Path:
        """Names the main process."""
        return self.folder / self.pid

    @property
    def own_path(self) -> Path | None:
        """The first path of ours in the command, by which its processes are known; None where there is none."""
        return next((Path(word) for word in self.command if word.startswith(f"{self.folder}/")), None)

    def write(self) -> None:
        """Make the folders and write the files."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, owner in self.folders.items():
            path = self.folder / name
            path.mkdir(exist_ok=True)
            path.chmod(0o755)
            if owner:
                shutil.chown(path, owner)
        for name, text in self.files.items():
            path = self.folder / name
            path.touch(mode=self.mode)
            path.chmod(self.mode)
            path.write_text(text, encoding="utf-8")
            if self.user:
                shutil.chown(path, self.user)
        if self.user:
            shutil.chown(self.folder, self.user)

    def launch(self, net: Namespace) -> None:
        """Start it with the files that are there, and wait until it is ready.

        Raises:
            RuntimeError: its package is missing, or it does not get ready.
            subprocess.CalledProcessError: its command fails; `start.log` says why.
        """
        if self.package:
            packages.require(self.package)
        as_user = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--init-groups", "--"] if self.user else []
        clean = {name: value for name, value in os.environ.items() if name != "MAIL_CONFIG"}
        log_file = self.folder / "start.log"
        with log_file.open("ab") as log:  # what it says stays out of pipes of ours, which would never end
            command = net.inside([*as_user, *self.command])
            subprocess.run(command, check=True, env=clean, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        ready = self.ready or (listening(*self.addresses) if self.addresses else at_once)
        try:
            wait(net, ready, self.patience)
        except RuntimeError as error:
            raise RuntimeError(f"{self.name} does not get ready: {error}; its files are in {self.folder}") from None

    def start(self, net: Namespace) -> None:
        """Write its files and start it; raises as `launch` does."""
        self.write()
        self.launch(net)

    def send(self, net: Namespace, number: signal.Signals) -> None:
        """Send a signal to all of its processes: SIGSTOP makes a server that takes questions and answers none."""
        if self.own_path is not None:
            processes.send(net, self.own_path, number)

    def stop(self, net: Namespace, patience: float = 60.0) -> bool:
        """End it, frozen or not, and wait until none of its processes is left; False when it was not running."""
        return processes.stop(net, self.pid_file, self.own_path, patience)
