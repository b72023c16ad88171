# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults while a real Postfix is deployed to: SIGKILL at every step and at any time, full disk, refused reload. `faults.py FOLDER`.

Whatever happens, the listeners serve the old pair or the new one, and so says the configuration; the next run ends with the new one
and leaves nothing behind. Runs the engine in this process or in children of it, and watches its steps.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import signal
import ssl
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Callable

import instance as postfix_instance
from ansible_collections.mailops.tls.plugins.module_utils._deploy.deployment import DeployOutcome, Edges, deploy_pair
from ansible_collections.mailops.tls.plugins.module_utils._deploy.journal import FILE
from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import Listener
from ansible_collections.mailops.tls.plugins.module_utils._deploy.served import look_at
from ansible_collections.mailops.tls.plugins.module_utils._deploy.transaction import DeployFailed
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import read_file
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_deploy.arguments import deploy_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_deploy.options import deploy_order
from ansible_collections.mailops.tls.plugins.module_utils._postfix.deployed import deployment
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import command_runner, read_instance

STEPS = ("record", "files", "parameters", "changed", "check", "reload", "wait", "end")
AROUND = ("changed",)
"""Right after the moment that counts; with the older parameters no file is made, and the other steps are the same."""
STEPS_BACK = ("roll back", "restored", "forget")
PORTS = (Listener("127.0.0.1", postfix_instance.STARTTLS_PORT, False), Listener("127.0.0.1", postfix_instance.IMPLICIT_PORT, True))


def run_command(command: Sequence[str]) -> tuple[int, str, str]:
    """Do what AnsibleModule.run_command does."""
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


RUN = command_runner(run_command)


class Server:
    """The instance below a folder, with two pairs of each kind, of which none is deployed."""

    def __init__(self, folder: Path) -> None:
        self.config = postfix_instance.make(folder)
        self.pairs = folder / "pairs"
        self.pairs.mkdir(exist_ok=True)
        for name in ("one", "two"):
            for algorithm in ("ecdsa", "rsa"):
                postfix_instance.make_pair(self.pairs, f"{name}-{algorithm}", algorithm)

    def certificate(self, name: str) -> Path:
        """Return the file of a pair's certificate."""
        return self.pairs / (name + "-cert.pem")

    def deploy(self, name: str, edges: Edges | None = None, **given: Any) -> DeployOutcome:
        """Run the engine here."""
        params = {option: spec.get("default") for option, spec in deploy_arguments().items()}
        params.update(config_directory=str(self.config), certificate_path=str(self.certificate(name)), tlsa_guard=False, timeout=15.0)
        params["privatekey_path"] = str(self.pairs / (name + "-key.pem"))
        params.update(given)
        return deploy_pair(deploy_order(params), edges or Edges(RUN))

    def killed(self, name: str, observe: Callable[[str], None] | None = None, after: float | None = None, **given: Any) -> bool:
        """Run the engine in a child with a process group of its own, all of it killed after a time; tells whether it was."""
        child = os.fork()
        if child == 0:
            try:
                os.setpgid(0, 0)
                self.deploy(name, Edges(RUN, observe=observe or (lambda step: None)), **given)
            finally:
                os._exit(0)
        if after is not None:
            time.sleep(after)
            try:
                os.killpg(child, signal.SIGKILL)
            except ProcessLookupError:
                pass
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])

    def served(self, algorithm: str) -> set[str | None]:
        """Return what the listeners serve."""
        return {look_at(one, algorithm).leaf_sha256 for one in PORTS}

    def sha256(self, name: str) -> str:
        """Return the digest of a pair's certificate."""
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.certificate(name).read_text())).hexdigest()

    def configured(self) -> dict[str | None, str]:
        """Return the leaf of each kind that main.cf names; every pair must be one that Postfix can use."""
        found = deployment(read_instance(RUN, str(self.config)), read_file, lambda table: ((), "")).items
        for item in found:
            assert item.usable and item.material.agrees, item.problems
        return {item.algorithm: item.material.chain[0].digest("sha256") for item in found}

    def leftovers(self) -> set[str]:
        """Return the files that are no longer, or not yet, of use."""
        used = postfix_instance.postconf(self.config, "-h", "smtpd_tls_chain_files")
        return {one.name for one in self.config.iterdir() if one.name not in ("main.cf", "master.cf") and str(one) not in used}

    def expect(self, algorithm: str, *names: str) -> None:
        """What is configured, and what every listener serves, is one of these pairs."""
        allowed = {self.sha256(name) for name in names}
        assert self.configured()[algorithm] in allowed
        assert self.served(algorithm) <= allowed, (self.served(algorithm), allowed)


def kill_at(wanted: str) -> Callable[[str], None]:
    """Watch the steps and end the process at one of them."""

    def observe(step: str) -> None:
        if step == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    return observe


def clean(server: Server) -> None:
    """Remove the files of earlier deployments, which the engine leaves."""
    for name in server.leftovers():
        assert name != FILE and not name.startswith("."), name
        (server.config / name).unlink()


def killed_at_steps(server: Server, parameters: str, steps: Sequence[str] = STEPS, back: Sequence[str] = STEPS_BACK) -> None:
    """First while it goes well; then while it is taken back, because nobody serves the certificate on a port that is closed."""
    old, new = "one-ecdsa", "two-ecdsa"
    for step in steps:
        assert server.killed(new, kill_at(step), parameters=parameters), step
        server.expect("ecdsa", old, new)
        assert server.deploy(new, parameters=parameters).changed
        server.expect("ecdsa", new)
        clean(server)
        old, new = new, old
    for step in back:
        closed = [{"address": "127.0.0.1", "port": 2699, "tls_mode": "starttls"}]
        assert server.killed(new, kill_at(step), parameters=parameters, listeners=closed, timeout=0.2), step
        server.expect("ecdsa", old, new)
        server.deploy(new, parameters=parameters)
        server.expect("ecdsa", new)
        clean(server)
        old, new = new, old


def killed_at_any_time(server: Server) -> None:
    """The programs that the engine has started are killed with it."""
    begin = time.monotonic()
    server.deploy("two-ecdsa")
    duration = time.monotonic() - begin
    old, new = "two-ecdsa", "one-ecdsa"
    kills = 0
    for part in itertools.count():
        if part >= 8 and kills >= 4:
            break
        if server.killed(new, after=duration * (part % 8 + 0.5) / 8):
            kills += 1
        else:
            duration *= 0.8  # the first one took longer, as the machine was busy
        server.expect("ecdsa", old, new)
        for left in server.config.glob(".*"):
            assert stat.S_IMODE(left.stat().st_mode) == 0o600
        server.deploy(new)
        server.expect("ecdsa", new)
        assert not list(server.config.glob(".*")), "what was being written when it was killed is gone"
        for left in server.config.glob("main.cf.tmp"):
            left.unlink()
        clean(server)
        old, new = new, old


def refused(server: Server) -> None:
    """A reload that fails, a listener that never serves it, a key of another certificate, files that are none: the old pair stays."""
    old = next(name for name in ("one-ecdsa", "two-ecdsa") if server.sha256(name) == server.configured()["ecdsa"])
    new = {"one-ecdsa": "two-ecdsa", "two-ecdsa": "one-ecdsa"}[old]
    before = (server.config / "main.cf").read_text()

    def stop(step: str) -> None:
        if step == "reload":
            postfix_instance.postfix(server.config, "stop")

    closed = [{"address": "127.0.0.1", "port": 2699, "tls_mode": "starttls"}]
    cases: list[tuple[dict[str, Any], Edges | None, type[Exception]]] = [
        ({}, Edges(RUN, observe=stop), DeployFailed),
        ({"listeners": closed, "timeout": 0.5}, None, DeployFailed),
        ({"privatekey_path": str(server.pairs / (old + "-key.pem"))}, None, OptionError),
        ({"privatekey_path": str(server.pairs)}, None, OptionError),
        ({"certificate_path": str(server.pairs / "nothing.pem")}, None, OptionError),
        ({"names": ["other.deploy.test"]}, None, OptionError),
        ({"min_days_left": 40}, None, OptionError),
    ]
    for given, edges, error in cases:
        try:
            server.deploy(new, edges, **given)
        except error as problem:
            assert getattr(problem, "rolled_back", True), problem
        else:
            raise AssertionError(f"deployed all the same: {given}")
        if edges is not None:
            postfix_instance.postfix(server.config, "start")
        assert (server.config / "main.cf").read_text().split() == before.split()
        server.expect("ecdsa", old)
        assert not server.leftovers(), server.leftovers()


def full_disk(server: Server) -> None:
    """The folder of the configuration is on a small disk that fills up at one place after the other."""
    content = {one.name: one.read_bytes() for one in server.config.iterdir()}
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k,mode=755", "tmpfs", str(server.config)], check=True)
    failures = 0
    try:
        for name, data in content.items():
            (server.config / name).write_bytes(data)
            (server.config / name).chmod(0o644 if name.endswith(".cf") else 0o600)
        old, new = "one-ecdsa", "two-ecdsa"
        if server.configured()["ecdsa"] != server.sha256(old):
            old, new = new, old
        for free in (0, 1, 2, 4):
            filler = server.config / "filler"
            room = os.statvfs(server.config)
            filler.write_bytes(b"x" * (room.f_frsize * max(0, room.f_bavail - free)))
            try:
                server.deploy(new)
                old, new = new, old
            except DeployFailed as problem:
                failures += 1
                assert problem.rolled_back, problem
            filler.unlink()
            server.expect("ecdsa", old)
            assert not (server.config / FILE).exists()
            clean_tmpfs(server)
        subprocess.run(["mount", "-o", "remount,ro", str(server.config)], check=True)
        try:
            server.deploy(new)
            raise AssertionError("deployed to a disk that is read-only")
        except DeployFailed as problem:
            assert "ead-only" in str(problem), problem
        server.expect("ecdsa", old)
    finally:
        subprocess.run(["umount", "-l", str(server.config)], check=True)
    assert failures >= 2, failures


def clean_tmpfs(server: Server) -> None:
    """Remove what `postconf` leaves when it finds no room, and old files."""
    for name in server.leftovers():
        (server.config / name).unlink()


def watched(server: Server) -> None:
    """With the laxest umask, no file in the folder is ever for others than its owner, at any moment that a busy watcher sees."""
    wrong: set[tuple[str, str]] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            for one in os.scandir(server.config):
                try:
                    mode = stat.S_IMODE(one.stat(follow_symlinks=False).st_mode)
                except FileNotFoundError:
                    continue
                if "main.cf" not in one.name and one.name != "master.cf" and mode & 0o077:
                    wrong.add((one.name, oct(mode)))

    before = os.umask(0)
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for name in ("one-ecdsa", "two-ecdsa", "one-rsa"):
            server.deploy(name)
    finally:
        done.set()
        watcher.join()
        os.umask(before)
    assert not wrong, wrong
    (server.config / "main.cf").chmod(0o644)
    clean(server)


def like_postfix_tls(server: Server) -> None:
    """The older parameters come out as of `postfix tls deploy-server-cert` in a copy of the configuration."""
    other = server.config.parent / "copy"
    for name in ("one-rsa", "two-ecdsa", "two-rsa"):
        subprocess.run(["cp", "-r", str(server.config), str(other)], check=True)
        certificate, key = server.certificate(name), server.pairs / (name + "-key.pem")
        postfix_instance.postfix(other, "tls", "deploy-server-cert", str(certificate), str(key))
        assert server.deploy(name).changed
        ours, theirs = (
            {line for line in postfix_instance.postconf(one, "-n").splitlines() if not line.startswith("config_directory")}
            for one in (server.config, other)
        )
        assert ours == theirs, ours ^ theirs
        subprocess.run(["rm", "-r", str(other)], check=True)
        assert not server.deploy(name).changed
    assert server.configured() == {"rsa": server.sha256("two-rsa"), "ecdsa": server.sha256("two-ecdsa")}


def main() -> None:
    """Run everything, the older parameters first, then what they become."""
    server = Server(Path(sys.argv[1]))
    postfix_instance.postfix(server.config, "start")
    try:
        server.deploy("one-ecdsa", parameters="legacy")
        like_postfix_tls(server)
        server.deploy("one-ecdsa")
        killed_at_steps(server, "legacy", AROUND, ("restored",))
        server.deploy("one-ecdsa")
        moved = server.deploy("one-ecdsa", parameters="chain_files")
        assert moved.changed and len(moved.facts["files"]) == 2, moved.facts  # type: ignore[arg-type]
        assert "smtpd_tls_cert_file" not in postfix_instance.postconf(server.config, "-n")
        assert server.configured() == {"rsa": server.sha256("two-rsa"), "ecdsa": server.sha256("one-ecdsa")}
        killed_at_steps(server, "auto")
        server.deploy("one-ecdsa")
        killed_at_any_time(server)
        watched(server)
        refused(server)
        full_disk(server)
    finally:
        postfix_instance.postfix(server.config, "stop")
    print("ok")


if __name__ == "__main__":
    main()
