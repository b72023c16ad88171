# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of opportunistic TLS (`enable-client` and `enable-server` of conf/postfix-tls-script), and whether they may be made.

`postfix tls` acts when the few parameters that it looks at are not set, and then overrides keys that it has overlooked, or writes what
`smtpd_tls_chain_files` overrides. Here whatever decides about keys, certificates and levels counts. All pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._postfix.deployed import CHAIN_FILES
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Instance, Scope
from ansible_collections.mailops.tls.plugins.module_utils._postfix.settings_change import Setting
from ansible_collections.mailops.tls.plugins.module_utils._postfix.tls_settings import Side, changes
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyAlgorithm

RANDOM_SOURCE = "tls_random_source"
_CACHE_TYPES = ("lmdb", "btree")  # the best first
_COMMANDS = {Side.CLIENT: ("smtp", "lmtp"), Side.SERVER: ("smtpd", "tlsproxy")}
_MATERIAL = ("_file", "_files", "_sni_maps")
_NAMES = {Side.CLIENT: "SMTP client", Side.SERVER: "SMTP server"}
_PAIRS = {
    KeyAlgorithm.RSA: ("smtpd_tls_key_file", "smtpd_tls_cert_file"),
    KeyAlgorithm.ECDSA: ("smtpd_tls_eckey_file", "smtpd_tls_eccert_file"),
}
_RELOAD = "Run 'postfix reload' if the new settings are to take effect immediately."

Settings = dict[str, str]


class Standing(str, Enum):
    """How an instance is set: nothing that counts is set, it is as it would be set, or it is set otherwise."""

    DEFAULT = "default"
    ENABLED = "enabled"
    CUSTOMIZED = "customized"


def session_cache_type(types: Collection[str]) -> str | None:
    """Return the type of table for a cache of sessions, of those that `postconf -m` lists; `None` when none will do."""
    return next((one for one in _CACHE_TYPES if one in types), None)


def client_settings(main: Scope, cache_type: str | None, random_source: str) -> Settings:
    """Return what `enable-client` sets."""
    cache = {"smtp_tls_session_cache_database": f"{cache_type}:{main.value('data_directory')}/smtp_scache"}
    return {
        "smtp_tls_security_level": "may",
        "smtp_tls_loglevel": "1",
        **(cache if cache_type else {}),
        RANDOM_SOURCE: random_source,
    }


def server_settings(random_source: str) -> Settings:
    """Return what `enable-server` sets beside key and certificate."""
    return {
        "smtpd_tls_security_level": "may",
        "smtpd_tls_received_header": "yes",
        "smtpd_tls_loglevel": "1",
        RANDOM_SOURCE: random_source,
    }


def key_parameters(algorithm: KeyAlgorithm) -> tuple[str, ...]:
    """Return the parameters for key and certificate. Ed25519 has no other than the chain files (from Postfix 3.4 on)."""
    return _PAIRS.get(algorithm, (CHAIN_FILES,))


def key_settings(algorithm: KeyAlgorithm, key: str, certificate: str) -> Settings:
    """Return what deploys a key and its certificate, given as absolute paths."""
    parameters = key_parameters(algorithm)
    return dict(zip(parameters, (key, certificate) if len(parameters) == 2 else (f"{key}, {certificate}",)))


def customizations(instance: Instance, side: Side, *, keys: bool = True) -> tuple[str, ...]:
    """Return the parameters that are set and count; without *keys* those that name keys or certificates do not.

    From main.cf all that decide about TLS on this side; from services (as `submission/inet/smtpd_tls_cert_file`) those that name keys
    or certificates, since one half of a pair would come from main.cf. Their own levels stay in force whatever main.cf says.
    """
    found = changes(instance, side, _COMMANDS[side])
    custom = (*found.looked_at, *(one for one in found.missed if "/" not in one or one.endswith(_MATERIAL)))
    return custom if keys else tuple(one for one in custom if not one.endswith(_MATERIAL))


def standing(instance: Instance, desired: Mapping[str, str], custom: Collection[str], own: Iterable[str], serves: bool) -> Standing:
    """Return how an instance with *custom* settings is set, where *desired* and the key parameters *own* would be set.

    *serves* tells whether Postfix can use the keys that are configured, and has the one that would be made.
    """
    if not custom:
        return Standing.DEFAULT
    as_desired = all(instance.main.value(name).split() == value.split() for name, value in desired.items())
    if as_desired and serves and {*custom} <= {*desired, *own}:
        return Standing.ENABLED
    return Standing.CUSTOMIZED


def advice_when_set(side: Side, tlsa: str | None, *, new_key: bool = True) -> list[str]:
    """Return what is left to be done; *tlsa* is the data of a TLSA record for the new key of a server, once there is one."""
    if side is Side.CLIENT or not new_key:
        return [_RELOAD]
    records = "If this server has TLSA records, publish one for the new key at once%s." % (f": {tlsa}" if tlsa else "")
    return [_RELOAD, records]


def advice_when_customized(side: Side, custom: Iterable[str], missing: Iterable[Setting]) -> list[str]:
    """Return why nothing is changed and what is typical; *missing* are the settings that differ."""
    lines = [f"TLS settings of the {_NAMES[side]} are not the defaults ({', '.join(custom)}), so nothing is changed."]
    lines += [f"Typical for opportunistic TLS: {one.name} = {one.after}" for one in missing]
    if side is Side.SERVER:
        lines.append("mailops.tls.postfix_tls_key makes a new key with a certificate, mailops.tls.postfix_tls_deploy deploys it.")
    return lines
