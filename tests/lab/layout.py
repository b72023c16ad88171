# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the test network keeps its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .machinery.layout import LabLayout

DEFAULT_STATE = Path("/run/mailops-tls-lab")


@dataclass(frozen=True)
class Layout(LabLayout):
    """The files of one test network below its state directory."""

    state: Path = DEFAULT_STATE

    @property
    def pki(self) -> Path:
        """Certificates of the authorities, world-readable."""
        return self.state / "pki"

    @property
    def root_pem(self) -> Path:
        """The CA file for clients."""
        return self.pki / "root.pem"

    @property
    def chains(self) -> Path:
        """Key and chain of every listener, one PEM file each."""
        return self.state / "chains"

    @property
    def zones(self) -> Path:
        """Signed zone files."""
        return self.state / "zones"

    @property
    def nsd(self) -> Path:
        """NSD's files."""
        return self.state / "nsd"

    @property
    def unbound(self) -> Path:
        """Unbound's files."""
        return self.state / "unbound"

    @property
    def postfix(self) -> Path:
        """The configuration directory of the Postfix that listens."""
        return self.state / "postfix"

    @property
    def second_postfix(self) -> Path:
        """The configuration directory of the other Postfix that listens, which shares nothing with the first."""
        return self.state / "postfix2"

    @property
    def dovecot(self) -> Path:
        """Dovecot's files."""
        return self.state / "dovecot"

    @property
    def lmtp_socket(self) -> Path:
        """Where Dovecot's LMTP server listens too, beside its TCP port."""
        return self.dovecot / "lmtp"

    @property
    def haproxy(self) -> Path:
        """HAProxy's files."""
        return self.state / "haproxy"

    @property
    def sender(self) -> Path:
        """The configuration directory of the Postfix that sends, while `delivery` needs it."""
        return self.state / "sender"

    @property
    def client(self) -> Path:
        """A configuration directory for posttls-finger (MAIL_CONFIG)."""
        return self.state / "client"

    @property
    def client_certificate(self) -> Path:
        """A client's certificate and its issuer's."""
        return self.client / "certificate.pem"

    @property
    def client_key(self) -> Path:
        """The key of that certificate."""
        return self.client / "key.pem"

    @property
    def client_chain(self) -> Path:
        """Both in one file, key first."""
        return self.client / "chain.pem"

    @property
    def scripted(self) -> Path:
        """Files of the scripted peers."""
        return self.state / "scripted"

    def environment(self) -> dict[str, str]:
        """The environment of commands inside: posttls-finger finds its main.cf, scripts find the lab."""
        return {**super().environment(), "MAIL_CONFIG": str(self.client), "LAB_CA_FILE": str(self.root_pem)}
