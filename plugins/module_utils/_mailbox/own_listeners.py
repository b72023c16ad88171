# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the sockets that this machine listens at are mail services, and where to connect to look at them. Pure.

A service is known by its port where IANA has a service of mail there. Elsewhere a process of a mail server makes a socket one, and
so do some ports that mail servers are often given; what is spoken there is found out by the greeting (`recognition.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MAIL_PORTS, MailService, service_at
from ansible_collections.mailops.tls.plugins.module_utils._sockets.processes import Process
from ansible_collections.mailops.tls.plugins.module_utils._sockets.reading import Listening
from ansible_collections.mailops.tls.plugins.module_utils._sockets.tables import ListeningSocket

OTHER_PORTS = (1025, 1026, 2000, 2025, 2525)
"""Where mail servers are found too: for tests, ManageSieve before it had a port of its own, SMTP behind a filter, submission."""
_COMM = 15
"""Characters of a process's name that Linux keeps (TASK_COMM_LEN)."""
_PROGRAMS = frozenset((
    "dovecot", "imap-login", "pop3-login", "managesieve-login", "submission-login", "lmtp",
    "smtpd", "postscreen", "exim", "exim4", "sendmail", "sendmail-mta", "sendmail:", "opensmtpd",
    "imapd", "pop3d", "lmtpd", "timsieved", "couriertcpd", "stalwart", "stalwart-mail", "mox", "maddy", "haraka",
    "amavisd", "amavisd-new", "spampd", "smtp-sink", "mailpit", "mailhog", "MailHog",
))  # fmt: skip
_NAMES = frozenset(name[:_COMM] for name in _PROGRAMS)
_MASTERS = ("postfix", "cyrus")
"""Words in the path of a program called master that belongs to a mail server."""


class Known(str, Enum):
    """By what a service is known; `known_by` of a listener in facts."""

    PORT = "port"
    GREETING = "greeting"


@dataclass(frozen=True)
class OwnListener:
    """A socket of this machine that is one of mail.

    Attributes:
        socket: the socket.
        processes: those that hold it, the one to name first; empty where that cannot be seen.
        user: the user who made the socket.
        address: where to connect.
        service: what is spoken there and how TLS begins; None as long as that is not known.
        known_by: how the service was told.
    """

    socket: ListeningSocket
    processes: tuple[Process, ...]
    user: str
    address: str
    service: MailService | None = None
    known_by: Known | None = None

    @property
    def mail_process(self) -> bool | None:
        """Whether a known mail server holds it; None where no process is seen."""
        return any(is_mail_process(process) for process in self.processes) if self.processes else None

    def recognised(self, service: MailService | None) -> OwnListener:
        """Return it with a service that its greeting has told."""
        return replace(self, service=service, known_by=Known.GREETING if service else None)

    def as_facts(self) -> dict[str, object]:
        """Return the item of `listeners`, but for what a probe found."""
        terms = self.service.terms if self.service else None
        return {
            "address": self.socket.address,
            "port": self.socket.port,
            "family": "ipv6" if self.socket.is_ipv6 else "ipv4",
            "wildcard": self.socket.is_wildcard,
            "service": self.service.value if self.service else None,
            "protocol": terms.protocol.value if terms else None,
            "tls_mode": terms.tls_mode.value if terms else None,
            "known_by": self.known_by.value if self.known_by else None,
            "socket_user": self.user,
            "mail_process": self.mail_process,
            **holder_facts(self.processes),
        }


def holder_facts(processes: Sequence[Process]) -> dict[str, object]:
    """Return `process` and `shared_with`: who holds a socket, and the names of all others that hold it too."""
    others = dict.fromkeys(process.name for process in processes[1:])
    return {"process": processes[0].as_facts() if processes else None, "shared_with": list(others)}


def own_listeners(listening: Listening) -> tuple[OwnListener, ...]:
    """Return the sockets of mail among those that this machine listens at."""
    return tuple(_own_listeners(listening))


def _own_listeners(listening: Listening) -> Iterator[OwnListener]:
    for socket in listening.sockets:
        processes = _mail_first(listening.holders.get(socket.inode, ()))
        service = service_at(socket.port)
        known_port = socket.port in MAIL_PORTS or socket.port in OTHER_PORTS
        if known_port or any(is_mail_process(process) for process in processes):
            user = listening.users.get(socket.uid, str(socket.uid))
            address = _reachable(socket, listening.ipv6_loopback)
            yield OwnListener(socket, processes, user, address, service, Known.PORT if service else None)


def lmtp_sockets(listening: Listening) -> list[dict[str, object]]:
    """Return `lmtp_sockets` of facts: the paths at which mail is taken by LMTP.

    Postfix has sockets of such names too. They are those of its clients, and nobody else's.
    """
    found = {}
    for socket in listening.unix:
        processes = listening.holders.get(socket.inode, ())
        named = "lmtp" in socket.path.rpartition("/")[2].lower()
        if named and not any(_is_master_of("postfix", process) for process in processes):
            found[socket.path] = {"path": socket.path, **holder_facts(_mail_first(processes))}
    return [found[path] for path in sorted(found)]


def is_mail_process(process: Process) -> bool:
    """Tell whether a process belongs to a mail server, by its name, its program, or the script that its interpreter runs."""
    programs = (word.rpartition("/")[2] for word in process.program.split(" "))
    known = process.name in _NAMES or any(program in _PROGRAMS for program in programs)
    return known or any(_is_master_of(server, process) for server in _MASTERS)


def _is_master_of(server: str, process: Process) -> bool:
    return process.name == "master" and server in process.program


def _mail_first(processes: Sequence[Process]) -> tuple[Process, ...]:
    """Where systemd has made a socket, the server that uses it is to be named."""
    return tuple(sorted(processes, key=lambda process: not is_mail_process(process)))


def _reachable(socket: ListeningSocket, ipv6_loopback: bool) -> str:
    """Where to connect: a socket at every address has the loopback one of its family, where the machine has that."""
    if not socket.is_wildcard:
        return socket.address
    return "::1" if socket.is_ipv6 and ipv6_loopback else "127.0.0.1"
