# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail services of example.org, as the integration target of `mailbox_tls_probe` has them, and what our module says of them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.arguments import mailbox_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.run import run_mailbox_probe
from ansible_collections.mailops.tls.tests.differential.mail_clients import NO_TLS, REFUSED, UNTRUSTED, VERIFIED, Seen
from ansible_collections.mailops.tls.tests.integration.targets.mailbox_tls_probe.files import world
from ansible_collections.mailops.tls.tests.lab.authorities import Pki
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

USER, PASSWORD = "anna", "pencil 47"
NOBODY = 65534
"""The user of Debian whose the mail is."""


@contextmanager
def running() -> Iterator[Mapping[str, str]]:
    """Have the servers run; the files of the certification authorities by name."""
    folder = Path(tempfile.mkdtemp(prefix="mailboxes.", dir="/run"))  # paths of sockets have to be short
    try:
        world.start(folder)
        _add_user(folder / "dovecot")
        yield _authorities(folder)
    finally:
        world.stop(folder)
        shutil.rmtree(folder)


def _add_user(dovecot: Path) -> None:
    """Give Dovecot its one user, whom it looks up at each login."""
    (dovecot / "mail").mkdir()
    shutil.chown(dovecot / "mail", "nobody")
    (dovecot / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}:{NOBODY}:{NOBODY}::{dovecot}/mail::\n", encoding="ascii")


def _authorities(folder: Path) -> dict[str, str]:
    """The root, the authority below it, out of the chain that the servers show, and one that nobody knows."""
    inter = x509.load_pem_x509_certificates((folder / "chain.pem").read_bytes())[-1]
    (folder / "inter.pem").write_bytes(inter.public_bytes(Encoding.PEM))
    (folder / "other.pem").write_bytes(Pki(datetime.now(timezone.utc).replace(tzinfo=None)).authorities["root"].pem)
    return {name: str(folder / f"{file}.pem") for name, file in (("root", "ca"), ("inter", "inter"), ("other", "other"))}


def probe(options: Mapping[str, Any]) -> dict[str, Any]:
    """Run `mailbox_tls_probe` as the module does; all it returns.

    Raises:
        ValueError: the argument specification refuses an option.
    """
    given = {"nameservers": [world.RESOLVER], "system_ca": False, **options}
    validated = ArgumentSpecValidator(mailbox_arguments()).validate(given)
    if validated.error_messages:
        raise ValueError("; ".join(validated.error_messages))
    return dict(run_mailbox_probe(validated.validated_parameters).facts)


def seen(endpoint: Mapping[str, Any]) -> Seen:
    """An endpoint in the words of `mail_clients`."""
    error, tls = endpoint["error"], endpoint["tls"]
    if error is not None and error["kind"] == "connect_refused":
        return Seen(REFUSED)
    if tls is None or not tls["established"]:
        return Seen(NO_TLS)
    key = endpoint["chain"][0]["fingerprints"]["public_key"]["sha256"].replace(":", "").lower()
    mechanisms = endpoint["auth_mechanisms"]["after_tls"]
    outcome = VERIFIED if endpoint["satisfied"] else UNTRUSTED
    return Seen(outcome, tls["protocol"], key, tuple(sorted(mechanisms)) if mechanisms is not None else None)
