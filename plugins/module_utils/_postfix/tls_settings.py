# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which TLS settings of an instance are not the defaults, and which security level comes of them (smtpd.c, smtp_tls_policy.c).

`all_default` is what `postfix tls all-default-client` and `all-default-server` answer (conf/postfix-tls-script). They look at few
parameters; what they miss is told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Instance, Scope

_ENCRYPT = "encrypt"
_CLIENT_LEVELS = ("none", "may", _ENCRYPT, "fingerprint", "half-dane", "dane", "dane-only", "verify", "secure")
_SERVER_LEVELS = {
    "none": "none",
    "may": "may",
    _ENCRYPT: _ENCRYPT,
    # smtpd(8) takes them with a warning.
    "fingerprint": _ENCRYPT,
    "verify": _ENCRYPT,
    "secure": _ENCRYPT,
}


class Side(Enum):
    """The SMTP client or the SMTP server, by the beginning of the names of its parameters."""

    CLIENT = "smtp_"
    SERVER = "smtpd_"


_LEGACY = ("use_tls", "enforce_tls")
_FILES = ("tls_cert_file", "tls_dcert_file", "tls_eccert_file")
_LOOKED_AT = {
    Side.CLIENT: (*_LEGACY, "tls_enforce_peername", "tls_security_level", *_FILES),
    Side.SERVER: (*_LEGACY, "tls_security_level", *_FILES),
}
"""What all-default-client and all-default-server look at."""
_MISSED = ("tls_chain_files", "tls_key_file", "tls_dkey_file", "tls_eckey_file", "tls_wrappermode")
_MISSED_WHOLE = {
    Side.CLIENT: ("smtp_tls_policy_maps", "smtp_tls_per_site"),
    Side.SERVER: (
        "tls_server_sni_maps",
        "tlsproxy_tls_chain_files",
        *("tlsproxy_" + name for name in (*_FILES, "tls_key_file", "tls_dkey_file", "tls_eckey_file", "tls_security_level")),
    ),
}
"""What decides about keys, certificates or whether there is TLS, and is not looked at."""


@dataclass(frozen=True)
class Changes:
    """What main.cf (and, for the server, master.cf) sets; each in the order of the parameters above.

    `looked_at`: parameters of `postfix tls`'s lists with a value. `missed`: others with a value that decide about TLS, those of services
    as `submission/inet/smtpd_tls_security_level`.
    """

    looked_at: tuple[str, ...]
    missed: tuple[str, ...]

    @property
    def all_default(self) -> bool:
        """What `postfix tls all-default-...` answers. An empty value counts as the default, and the default's own words do not."""
        return not self.looked_at

    def as_dict(self) -> dict[str, list[str]]:
        """Return the shape of `changed_parameters.client` in results."""
        return {"looked_at": list(self.looked_at), "missed": list(self.missed)}


@dataclass(frozen=True)
class Level:
    """A security level, `None` when the configured word is none; and the parameter that it comes from, `None` for the default."""

    level: str | None
    parameter: str | None

    def as_dict(self) -> dict[str, str | None]:
        """Return the shape of `security_level.client` in results."""
        return {"level": self.level, "parameter": self.parameter}


def changes(instance: Instance, side: Side, commands: tuple[str, ...]) -> Changes:
    """Return what is changed on one side; services that run one of *commands* belong to it."""
    looked_at = tuple(side.value + name for name in _LOOKED_AT[side])
    missed = (*(side.value + name for name in _MISSED), *_MISSED_WHOLE[side])
    explicit = instance.main.explicit
    in_services = tuple(
        f"{service.name}/{name}"
        for service in instance.services
        if service.command in commands
        for name in (*looked_at, *missed)
        if service.overrides.get(name)
    )
    return Changes(
        tuple(name for name in looked_at if explicit.get(name)),
        (*(name for name in missed if explicit.get(name)), *in_services),
    )


def client_level(scope: Scope) -> Level:
    """Return the default level of the SMTP client (`global_tls_level`), before policy tables."""
    word = scope.value("smtp_tls_security_level").lower()
    if word:
        return Level(word if word in _CLIENT_LEVELS else None, _named(scope, "smtp_tls_security_level"))
    if scope.is_yes("smtp_enforce_tls"):
        return Level("verify" if scope.is_yes("smtp_tls_enforce_peername") else _ENCRYPT, "smtp_enforce_tls")
    if scope.is_yes("smtp_use_tls"):
        return Level("may", "smtp_use_tls")
    return Level("none", None)


def server_level(scope: Scope) -> Level:
    """Return the level of a service of the SMTP server: `none`, `may` or `encrypt`."""
    word = scope.value("smtpd_tls_security_level").lower()
    if word and word not in _SERVER_LEVELS:
        return Level(None, _named(scope, "smtpd_tls_security_level"))
    if scope.is_yes("smtpd_tls_wrappermode"):
        return Level(_ENCRYPT, "smtpd_tls_wrappermode")
    if word:
        return Level(_SERVER_LEVELS[word], _named(scope, "smtpd_tls_security_level"))
    for parameter, level in (("smtpd_enforce_tls", _ENCRYPT), ("smtpd_use_tls", "may")):
        if scope.is_yes(parameter):
            return Level(level, parameter)
    return Level("none", None)


def _named(scope: Scope, parameter: str) -> str | None:
    """A default may be a level too (`may` from Postfix 3.11 on)."""
    return parameter if scope.explicit.get(parameter) else None
