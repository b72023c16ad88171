# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the real smtp(8) delivers: the measure of `satisfied`.

A Postfix instance of its own sends one message to one recipient for every case and level. A transport map gives each recipient an
smtp(8) or lmtp(8) with the case's level and options, and the case's destination as next hop. The lab's servers refuse every MAIL or RCPT
command, so a delivery that reaches one was let through by the TLS policy, and one that ends earlier was not.

Each set of parameters has at most two processes, so that a slow machine is not driven into timeouts. The message waits before
the instance starts: at may, smtp(8) tries plaintext after a failed handshake only for mail that has waited a while
(src/smtp/smtp_trouble.c).
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .layout import Layout
from .machinery import lifecycle
from .machinery.postfix import MASTER_CF, overrides, postfix
from .machinery.server import Server

PATIENCE = 3600.0
"""Seconds to wait for all deliveries."""

MAIN_PARAMETERS = {
    "myhostname": "client.lab.test",
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "all",
    "local_recipient_maps": "",
    "notify_classes": "",
    "minimal_backoff_time": "1s",
    "smtp_dns_support_level": "dnssec",
    "lmtp_dns_support_level": "dnssec",
    "smtp_host_lookup": "dns",
    "lmtp_host_lookup": "dns",
    "smtp_balance_inet_protocols": "no",
    "smtp_connection_cache_on_demand": "no",
    "smtp_connect_timeout": "8s",
    "smtp_helo_timeout": "8s",
    "smtp_starttls_timeout": "8s",
    "smtp_mail_timeout": "20s",
    "smtp_rcpt_timeout": "20s",
    "smtp_quit_timeout": "1s",
    "smtp_tls_dane_insecure_mx_policy": "dane",
}

PARAMETERS = {
    "insecure_mx_policy": ("smtp_tls_dane_insecure_mx_policy",),
    "sni": ("smtp_tls_servername",),
    "tls_protocols": ("smtp_tls_protocols", "smtp_tls_mandatory_protocols"),
    "address_family": ("smtp_address_preference",),
    "tls_dane_digests": ("tls_dane_digests",),
}
"""Options of a case that are one value of smtp(8) parameters."""

MATCH_PARAMETERS = {
    "fingerprint": "smtp_tls_fingerprint_cert_match",
    "verify": "smtp_tls_verify_cert_match",
    "secure": "smtp_tls_secure_cert_match",
}

SMTP_NAME = re.compile(r"^smtp_")
_STATUS = re.compile(r"to=<(?P<who>q\d+)@lab\.test>.* status=\w+ \((?P<why>.*)\)$")
_LET_THROUGH = re.compile(r"\(in reply to (?:MAIL FROM|RCPT TO) command\)")


@dataclass(frozen=True)
class Delivery:
    """What became of one message: did TLS let it through, and the reason in the log."""

    satisfied: bool
    reason: str


def parameters(found: Mapping[str, Any], case: Mapping[str, Any], level: str) -> tuple[tuple[str, str], ...]:
    """The smtp(8) parameters for a case at a level."""
    options = case["options"]
    made = {"smtp_tls_security_level": level}
    authority = options.get("ca")
    if authority:
        made["smtp_tls_CAfile"] = found["ca_file"] if authority is True else found["authorities"][authority]["file"]
    for option, names in PARAMETERS.items():
        if option in options:
            made.update(dict.fromkeys(names, options[option]))
    if options.get("force_tlsa"):
        made["smtp_tls_force_insecure_host_tlsa_lookup"] = "yes"
    if options.get("tls_mode") == "implicit":
        made["smtp_tls_wrappermode"] = "yes"
    if options.get("match") and level in MATCH_PARAMETERS:
        made[MATCH_PARAMETERS[level]] = ", ".join(options["match"])
    if "host_lookup" in options:
        made["smtp_host_lookup"] = ", ".join(options["host_lookup"])
    if options.get("client"):
        made["smtp_tls_chain_files"] = found["client_chain"]
    return tuple((SMTP_NAME.sub(protocol_of(case) + "_", name), value) for name, value in made.items())


def protocol_of(case: Mapping[str, Any]) -> str:
    """`smtp` or `lmtp`: the delivery agent, and what its parameters begin with."""
    return str(case["options"].get("protocol", "smtp"))


def _sender(layout: Layout, found: Mapping[str, Any], asked: Sequence[tuple[Mapping[str, Any], str]]) -> Server:
    """The instance: one smtp(8) service for each set of parameters, one transport line for each question."""
    folder = layout.sender
    services: dict[tuple[tuple[tuple[str, str], ...], str], str] = {}
    transport = []
    for number, (case, level) in enumerate(asked):
        agent = protocol_of(case)
        service = services.setdefault((parameters(found, case, level), agent), f"{agent}{len(services)}")
        transport.append(f"q{number}@lab.test {service}:{case['destination']}\n")
    entries = [f"{name} unix - - n - 2 {agent}\n{overrides(wanted)}" for (wanted, agent), name in services.items()]
    main = {**MAIN_PARAMETERS, "transport_maps": f"texthash:{folder}/transport"}
    made = postfix("sender", folder, main, "".join([MASTER_CF, *entries]))
    return replace(made, files={**made.files, "transport": "".join(transport)})


def _submit(layout: Layout, count: int) -> None:
    """Put one message to all recipients into the queue of the instance, which is not running yet."""
    recipients = [f"q{number}@lab.test" for number in range(count)]
    command = ["/usr/sbin/sendmail", "-C", str(layout.sender), "-i", "-f", "", *recipients]
    subprocess.run(layout.net.inside(command), input=b"Subject: lab\n\n", check=True, capture_output=True)


def _results(layout: Layout) -> dict[int, Delivery]:
    """What the log says by now, by number of the question."""
    results = {}
    for line in (layout.sender / "log").read_text(encoding="utf-8", errors="replace").splitlines():
        match = _STATUS.search(line)
        if match:
            results[int(match["who"][1:])] = Delivery(bool(_LET_THROUGH.search(match["why"])), match["why"])
    return results


def deliver(layout: Layout, found: Mapping[str, Any], asked: Sequence[tuple[Mapping[str, Any], str]]) -> dict[int, Delivery]:
    """Send one message for each (case, level) and wait; returns what became of them, by their position in `asked`."""
    sender = _sender(layout, found, asked)
    sender.stop(layout.net)
    shutil.rmtree(layout.sender, ignore_errors=True)
    lifecycle.start(layout, sender, needed=False)
    sender.stop(layout.net)
    _submit(layout, len(asked))
    time.sleep(1.5)
    sender.launch(layout.net)
    end = time.monotonic() + PATIENCE
    results = _results(layout)
    while len(results) < len(asked) and time.monotonic() < end:
        time.sleep(0.5)
        results = _results(layout)
    sender.stop(layout.net)
    return results
