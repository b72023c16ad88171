# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many mail domains on loopback addresses in a process of its own, and runs over them in others that can be killed.

Domain `d7.test` has the exchange `mx3.test` when there are two domains to an exchange; each exchange has an address of its own. Its server
greets, knows no TLS, and notes each connection.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.run import run_smtp_probe
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskFailed
from ansible_collections.mailops.tls.tests.unit.servers.dns_responder import Responder, Scripted

_SELF = "ansible_collections.mailops.tls.tests.unit.worlds.streamed_world"
SECOND = "127.1.200.1"
"""The address of the second exchange of all domains."""


def address(exchange: int) -> str:
    """Return the address of an exchange."""
    return f"127.1.{exchange // 250}.{exchange % 250 + 1}"


class StreamedWorld:
    """The servers, and runs over their domains."""

    def __init__(self, folder: Path, said: dict[str, Any], count: int) -> None:
        self.folder, self.results = folder, folder / "results.jsonl"
        self._notes, self._said = folder / "connections", said
        self.list = folder / "list"
        self.names = [f"d{number}.test:{said['port']}" for number in range(count)]
        self.list.write_text("".join(f"{one}\n" for one in self.names), encoding="ascii")

    def connections(self) -> Counter[str]:
        """Return how often each address was connected to."""
        return Counter(self._notes.read_text(encoding="ascii").split())

    def start(self, *, file_limit: int | None = None, returned: str = "summary", **given: Any) -> subprocess.Popen[bytes]:
        """Start a run in a process of its own; `file_limit` is the largest file it may write, `returned` its option `return`."""
        params = {name: spec.get("default") for name, spec in smtp_arguments().items()}
        params.update(
            destinations_file=str(self.list), results_file=str(self.results), nameservers=[f"127.0.0.1@{self._said['nameserver']}"],
            security_level="may", ehlo_name="probe.test", run_id="night", **{"return": returned},
        )  # fmt: skip
        command = [sys.executable, "-W", "ignore", "-m", _SELF, "probe", json.dumps({**params, **given}), str(file_limit or 0)]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment())

    def run(self, **given: Any) -> dict[str, Any]:
        """Run to the end, and return what the run says: `facts`, `warnings` and `failure`, or `option` and `error`."""
        process = self.start(**given)
        out, err = process.communicate()
        assert process.returncode == 0, err.decode()
        found: dict[str, Any] = json.loads(out)
        return found

    def lines(self) -> list[dict[str, Any]]:
        """Return the results in the file, all of which have to be whole but for what is behind the last line."""
        content = self.results.read_bytes()
        return [json.loads(line) for line in content[: content.rfind(b"\n") + 1].splitlines()[1:]]


@contextmanager
def streamed_world(folder: Path, count: int, share: int = 1, delay: float = 0.02, second: float = 0.0) -> Iterator[StreamedWorld]:
    """Serve *count* domains, *share* of them to an exchange, whose server greets after a *delay*.

    With *second* all have a second exchange, the same one, that greets after so many seconds.
    """
    command = [sys.executable, "-W", "ignore", "-m", _SELF, "serve", *map(str, (count, share, delay, second, folder / "connections"))]
    (folder / "connections").touch()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            yield StreamedWorld(folder, json.loads(process.stdout.readline()), count)
        finally:
            process.stdin.close()
            process.wait()


def children(process: int) -> list[int]:
    """Return the processes that one has started."""
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()]


def _environment() -> dict[str, str]:
    """Return an environment in which modules are found as they are here."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(one for one in sys.path if one)}


def _zone(count: int, share: int, second: bool) -> dict[tuple[str, str], Scripted]:
    script = {("second.test", "A"): Scripted((f"second.test. 60 IN A {SECOND}",)), ("second.test", "AAAA"): Scripted()}
    for number in range(count):
        name = f"d{number}.test"
        more = (f"{name}. 60 IN MX 20 second.test.",) if second else ()
        script[name, "MX"] = Scripted((f"{name}. 60 IN MX 10 mx{number // share}.test.", *more))
    for exchange in range((count + share - 1) // share):
        script[f"mx{exchange}.test", "A"] = Scripted((f"mx{exchange}.test. 60 IN A {address(exchange)}",))
        script[f"mx{exchange}.test", "AAAA"] = Scripted()
    return script


async def _serve(count: int, share: int, delay: float, second: float, notes: str) -> None:
    noted = os.open(notes, os.O_WRONLY | os.O_APPEND)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            at = writer.get_extra_info("sockname")[0]
            os.write(noted, at.encode() + b"\n")
            await asyncio.sleep(second if at == SECOND else delay)
            writer.write(b"220 mx.test ESMTP\r\n")
            while line := await reader.readline():
                writer.write(b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 mx.test\r\n")
        except ConnectionError:
            pass
        finally:
            writer.close()

    addresses = [*(address(exchange) for exchange in range((count + share - 1) // share)), SECOND]
    first = await asyncio.start_server(talk, addresses[0], 0)
    port = first.sockets[0].getsockname()[1]
    servers = [first, await asyncio.start_server(talk, addresses[1:], port)]
    async with Responder(_zone(count, share, second > 0)) as responder:
        print(json.dumps({"port": port, "nameserver": responder.port}), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for server in servers:
        server.close()


def _probe(params: dict[str, Any], file_limit: int) -> None:
    if file_limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, resource.RLIM_INFINITY))
    said: dict[str, Any]
    try:
        ran = run_smtp_probe(params)
        said = {"facts": ran.facts, "warnings": ran.warnings, "failure": ran.failure}
    except OptionError as error:
        said = {"option": error.option, "error": error.reason}
    except TaskFailed as error:
        said = {"option": None, "error": str(error)}
    print(json.dumps(said))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(_serve(int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5]), sys.argv[6]))
    else:
        _probe(json.loads(sys.argv[2]), int(sys.argv[3]))
