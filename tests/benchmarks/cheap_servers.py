# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server and a resolver that take little: where they share the cores with the probers, what they take is missing from the rates.

The mail server is nginx's, which answers until there is mail to hand on, with a key for ECDSA at every address of this machine. The
resolver is the one of the benchmarks' own fleets, which remembers its replies.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from ..lab.authorities import Pki
from ..lab.case import Leaf
from ..lab.keys import key_pem
from ..lab.zones import association_data
from .measure import Failed, cpu_of, here

PORT = 2528
RESOLVER = "127.0.58.4"
NGINX = """load_module /usr/lib/nginx/modules/ngx_mail_module.so;
user root;
worker_processes 1;
daemon off;
pid {folder}/pid;
error_log {folder}/error.log crit;
events {{ worker_connections 4096; }}
mail {{
  server_name mx.fleet.test;
  auth_http 127.0.0.1:9;
  smtp_capabilities PIPELINING 8BITMIME "SIZE 10240000" ENHANCEDSTATUSCODES;
  server {{
    listen 0.0.0.0:{port} backlog=4096;
    protocol smtp;
    starttls on;
    ssl_certificate {folder}/mx.pem;
    ssl_certificate_key {folder}/mx.pem;
    ssl_protocols TLSv1.3;
    ssl_ecdh_curve X25519:prime256v1;
    ssl_session_cache none;
    ssl_session_tickets off;
  }}
}}
"""
RESOLV_CONF = f"nameserver {RESOLVER}\noptions edns0 trust-ad\n"


@dataclass(frozen=True)
class CheapServers:
    """Both while they run.

    Attributes:
        pids: of the processes that answer.
        resolv_conf: a file that names the resolver.
    """

    pids: tuple[int, ...]
    resolv_conf: Path

    def cpu(self) -> float:
        """CPU seconds that they have taken by now."""
        return cpu_of(self.pids)


@contextmanager
def cheap_servers() -> Iterator[CheapServers]:
    """Have both answer."""
    folder = Path(tempfile.mkdtemp(prefix="bench.", dir="/run"))
    leaf = Pki(datetime.now(timezone.utc).replace(tzinfo=None)).issue(Leaf(names=("mx.fleet.test",), key="ecdsa"), "mx.fleet.test")
    (folder / "mx.pem").write_bytes(key_pem(leaf.key) + leaf.pem)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=PORT), encoding="ascii")
    (folder / "resolv.conf").write_text(RESOLV_CONF, encoding="ascii")
    record = bytes((3, 1, 1)) + association_data(1, 1, leaf)
    running: list[subprocess.Popen[bytes]] = []
    try:
        running.append(subprocess.Popen(["/usr/sbin/nginx", "-c", str(folder / "nginx.conf")], stdin=subprocess.DEVNULL))
        command = [sys.executable, str(here() / "fleet_resolver.py"), RESOLVER, record.hex()]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE))
        said = running[1].stdout
        if said is None or said.readline() != b"ready\n":
            raise Failed("the resolver did not start")
        yield CheapServers((*_workers(running[0]), running[1].pid), folder / "resolv.conf")
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait()
        shutil.rmtree(folder)


def _workers(nginx: subprocess.Popen[bytes]) -> list[int]:
    """Return the processes of an nginx, which begins with one that starts the other."""
    for _attempt in range(600):
        if nginx.poll() is not None:
            raise Failed(f"nginx ended with {nginx.returncode}")
        children = Path(f"/proc/{nginx.pid}/task/{nginx.pid}/children").read_text(encoding="ascii").split()
        if children:
            return [nginx.pid, *map(int, children)]
        time.sleep(0.1)
    raise Failed("nginx did not start to work")
