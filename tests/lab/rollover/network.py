# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing the rollover network up and down, and what can go wrong in it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import dns.rdatatype
import dns.zone

from .. import mail_server
from ..machinery import lifecycle, processes
from . import mail_servers, primary, probe_log, resolver, secondary, tsig
from .layout import DEFAULT_STATE, RolloverLayout
from .sender import TARGETS
from .settings import (
    ALGORITHMS,
    DOMAIN,
    EXCHANGES,
    PRIMARY_ADDRESS,
    SECONDARY_ADDRESS,
    STUBBORN_ADDRESS,
    Exchange,
    Settings,
)


def up(layout: RolloverLayout, settings: Settings) -> Network:
    """Bring a new network up; what is left of an older one in the same place is taken down first."""
    lifecycle.down(layout)
    lifecycle.claim(layout, "network")
    update, transfer = tsig.make(layout.update_key), tsig.make(layout.transfer_key)
    six = [address + "/128" for exchange in EXCHANGES for address in exchange.addresses if ":" in address]
    layout.net.create([PRIMARY_ADDRESS + "/32", *six])  # BIND listens on no address that the interface does not have
    mail_server.write_client(layout)
    with ThreadPoolExecutor() as pool:
        starting = [pool.submit(mail_servers.start, layout, exchange) for exchange in EXCHANGES]
        primary.write(layout, settings, update, transfer)
        lifecycle.launch(layout, primary.server(layout))
        anchors = resolver.start_parents(layout, primary.delegation_signer(layout))
        lifecycle.start(layout, secondary.server(layout, transfer))
        lifecycle.start(layout, resolver.server(layout, anchors))
        for each in starting:
            each.result()
    network = Network(layout, settings)
    network.wait_for_agreement()
    layout.summary.write_text(json.dumps(network.summary(), indent=1), encoding="utf-8")
    return network


def load(state: Path = DEFAULT_STATE) -> Network:
    """The network that is up in this place; raises RuntimeError when none is."""
    layout = RolloverLayout(state)
    if not layout.summary.exists():
        raise RuntimeError(f"no rollover network is up in {state}")
    return Network(layout, Settings(**json.loads(layout.summary.read_text(encoding="utf-8"))["settings"]))


class Network:
    """A network that is up: commands inside, faults, the sender."""

    def __init__(self, layout: RolloverLayout, settings: Settings) -> None:
        """Use `up` or `load`."""
        self.layout = layout
        self.settings = settings
        self._transfer = tsig.read(layout.transfer_key)
        self._net = layout.net
        self._secondary = secondary.server(layout, self._transfer)

    def summary(self) -> dict[str, object]:
        """What is where, as data: written to `lab.json` in the state directory."""
        return {
            "namespace": self.layout.namespace,
            "state": str(self.layout.state),
            "domain": DOMAIN,
            "settings": asdict(self.settings),
            "servers": {"ns1": PRIMARY_ADDRESS, "ns2": SECONDARY_ADDRESS},
            "update": {"server": PRIMARY_ADDRESS, **asdict(tsig.read(self.layout.update_key)), "algorithm": tsig.ALGORITHM},
            "exchanges": [
                {**asdict(each), "host": each.host, "config_directory": str(self.layout.exchange(each.label))} for each in EXCHANGES
            ],
        }

    def run(self, command: Sequence[str], **keywords: object) -> subprocess.CompletedProcess[str]:
        """Run a command inside and return its output as text; it is an error when it fails, unless `check` is false."""
        settings = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL, "timeout": 300, **keywords}
        check = settings.pop("check", True)
        settings.setdefault("env", self.layout.environment())
        if "input" in settings:
            del settings["stdin"]
        return subprocess.run(self.layout.net.inside(command), check=check, **settings)  # type: ignore[call-overload,no-any-return]

    # Names in DNS.

    def dig(self, server: str, name: str, rdtype: str = "TLSA", *options: str) -> list[str]:
        """The data of a server's answer, one record a line as dig prints it."""
        command = ["/usr/bin/dig", "+short", "+time=2", "+tries=1", *options, "@" + server, rdtype, name]
        found = self.run(command, check=False).stdout
        return sorted(line for line in found.splitlines() if line and not line.startswith(";"))

    def records(self, server: str, name: str) -> list[str]:
        """The TLSA records at a server, as `3 1 1 hex`."""
        found = [line.split() for line in self.dig(server, name)]
        return sorted(f"{' '.join(words[:3])} {''.join(words[3:]).lower()}" for words in found)

    def update(self, *lines: str) -> None:
        """Change the domain by nsupdate(1), with lines such as `add NAME 2 TLSA 3 1 1 hex`."""
        text = "server {}\nzone {}\n{}\nsend\n".format(PRIMARY_ADDRESS, DOMAIN, "\n".join("update " + line for line in lines))
        self.run(["/usr/bin/nsupdate", "-k", str(self.layout.update_key)], input=text)

    def serials(self) -> dict[str, int | None]:
        """The zone's serial by server address, None where there is no answer."""
        found = {}
        for server in (PRIMARY_ADDRESS, SECONDARY_ADDRESS):
            words = " ".join(self.dig(server, DOMAIN, "SOA")).split()
            found[server] = int(words[2]) if len(words) == 7 else None
        return found

    def wait_for_agreement(self, patience: float = 600.0) -> None:
        """Wait until both servers have the same zone; raises RuntimeError when they do not come to it."""
        end = time.monotonic() + patience
        serials = self.serials()
        while len(set(serials.values())) != 1 or None in serials.values():
            if time.monotonic() > end:
                raise RuntimeError(f"the name servers do not agree: {serials}")
            time.sleep(0.1)
            serials = self.serials()

    def transferred(self, server: str = PRIMARY_ADDRESS) -> str:
        """The whole zone as this server has it, signatures and all, as the text of a zone file."""
        command = ["/usr/bin/dig", "-k", str(self.layout.transfer_key), "+noall", "+answer", "+onesoa", "@" + server, "AXFR", DOMAIN]
        return self.run(command).stdout

    # What can go wrong.

    def stop_primary(self) -> None:
        """End BIND; the zone, its journal and its key stay for the next start."""
        primary.server(self.layout).stop(self._net)

    def start_primary(self) -> None:
        """Start BIND again, with the zone as it left it."""
        primary.server(self.layout).launch(self._net)

    def stop_secondary(self) -> None:
        """End the NSD that follows, or the one that `hold_secondary` put in its place."""
        self._secondary.stop(self._net)

    def start_secondary(self) -> None:
        """Start it with nothing; it transfers the zone and follows from then on."""
        secondary.forget(self._secondary)
        self._secondary.start(self._net)

    def freeze_secondary(self) -> None:
        """The secondary takes queries and answers none (SIGSTOP)."""
        self._secondary.send(self._net, signal.SIGSTOP)

    def thaw_secondary(self) -> None:
        """It goes on."""
        self._secondary.send(self._net, signal.SIGCONT)

    def hold_secondary(self, zone: str = "") -> None:
        """The secondary serves this zone and no other until it is released: the one it has now, or an old one of `transferred`."""
        zone = zone or self.transferred(PRIMARY_ADDRESS)
        self.stop_secondary()
        secondary.forget(self._secondary)
        secondary.server(self.layout, self._transfer, zone).start(self._net)

    def release_secondary(self) -> None:
        """It follows again."""
        self.stop_secondary()
        self.start_secondary()

    def replace_primary(self, zone: str) -> None:
        """The primary serves this zone and takes no updates, until `restore_primary`."""
        self.stop_primary()
        stand_in = secondary.server(self.layout, self._transfer, zone, PRIMARY_ADDRESS)
        secondary.forget(stand_in)
        lifecycle.start(self.layout, stand_in, needed=False)

    def restore_primary(self) -> None:
        """The primary is BIND again."""
        secondary.server(self.layout, self._transfer, address=PRIMARY_ADDRESS).stop(self._net)
        self.start_primary()

    def start_exchange(self, exchange: Exchange) -> None:
        """Start a mail server that was stopped, with the configuration that it has by now."""
        mail_servers.server(self.layout, exchange).launch(self._net)

    def move_service(self, exchange: Exchange, address: str, to: Exchange) -> None:
        """Have another Postfix listen on an address of an exchange, with the keys that the exchange was started with; or itself again."""
        service = f"[{address}]:25/inet" if ":" in address else f"{address}:25/inet"
        entry = f"{service.replace('/', ' ')} n - n - - smtpd"
        if to != exchange:
            files = ",".join(str(self.layout.exchange(exchange.label) / (f"{algorithm}.pem")) for algorithm in ALGORITHMS)
            entry += f" -o smtpd_tls_chain_files={files} -o myhostname={exchange.host}"
        for each in sorted(EXCHANGES, key=lambda each: each == to):
            folder = str(self.layout.exchange(each.label))
            change = ["-M", f"{service}={entry}"] if each == to else ["-MX", service]
            self.run(["/usr/sbin/postconf", "-c", folder, *change], check=each == to)
            self.run(["/usr/sbin/postfix", "-c", folder, "reload"])

    @contextmanager
    def stubborn_resolver(self) -> Iterator[str]:
        """Another resolver, which remembers everything for an hour, whatever its TTL; gives its address."""
        server = resolver.stubborn(self.layout)
        lifecycle.start(self.layout, server, needed=False)
        yield STUBBORN_ADDRESS
        server.stop(self._net)

    # The sender.

    def start_sender(self) -> None:
        """Start probing every second."""
        self.layout.watch.mkdir(exist_ok=True)
        lifecycle.note(self.layout, "sender", self.layout.watch / "pid", needed=False)
        program = Path(__file__).with_name("lab.py")
        command = [sys.executable, str(program), "--state", str(self.layout.state), "watch"]
        with (self.layout.watch / "out").open("ab") as log:
            subprocess.Popen(
                self._net.inside(command), env=self.layout.environment(), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )
        self.wait_for_probes()

    def wait_for_probes(self) -> float:
        """Wait until every target was probed once more; returns since when. Raises RuntimeError when one never is."""
        start = time.time()
        end = time.monotonic() + 600.0
        while {target.name for target in TARGETS} - {probe.target for probe in self.probes() if probe.began >= start}:
            if time.monotonic() > end:
                raise RuntimeError("the sender does not probe every target")
            time.sleep(0.1)
        return start

    def stop_sender(self) -> None:
        """Stop probing; what is under way is waited for."""
        processes.stop(self._net, self.layout.watch / "pid", patience=600)

    def probes(self) -> list[probe_log.Probe]:
        """All probes that have ended."""
        return probe_log.read(self.layout.watch / "log")

    def complaints(self, excused: Sequence[probe_log.Window] = (), since: float = 0.0) -> list[str]:
        """What is wrong with the probes so far; see `probe_log.complaints`."""
        probes = self.probes()
        if not probes:
            return ["there was not one probe"]
        start = max(since, min(probe.began for probe in probes))
        end = max(probe.began for probe in probes)
        return probe_log.complaints(probes, [target.name for target in TARGETS], start, end, excused)


def with_damaged_signature(zone: str, rdtype: str = "TLSA") -> str:
    """A zone's text with one bit of every signature of a type turned over."""
    parsed = dns.zone.from_text(zone, origin=DOMAIN, relativize=False)
    for node in parsed.nodes.values():
        for rdataset in node.rdatasets:
            if rdataset.rdtype == dns.rdatatype.RRSIG and rdataset.covers == dns.rdatatype.from_text(rdtype):
                damaged = [rdata.replace(signature=bytes([rdata.signature[0] ^ 1]) + rdata.signature[1:]) for rdata in rdataset]
                rdataset.clear()
                for rdata in damaged:
                    rdataset.add(rdata)
    return str(parsed.to_text(relativize=False))
