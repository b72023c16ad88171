# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of `dane_rollover` as values; every mistake of the user's is found here. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._deploy.order import WatchOrder
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import FileState
from ansible_collections.mailops.tls.plugins.module_utils._module.listeners import listening
from ansible_collections.mailops.tls.plugins.module_utils._module.rollover_scope import LONGEST_WAIT, dns_order, folder_of, scope_of
from ansible_collections.mailops.tls.plugins.module_utils._postfix.configured import given_file_reader
from ansible_collections.mailops.tls.plugins.module_utils._postfix.key_pair import KeyOrder
from ansible_collections.mailops.tls.plugins.module_utils._postfix.server_names import server_names
from ansible_collections.mailops.tls.plugins.module_utils._rollover.certificates import CertificateNeeds, served_chain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.keyring import read_chain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.policy import Goal, Policy, Scheme
from ansible_collections.mailops.tls.plugins.module_utils._rollover.order import RecordScope, RolloverOptions
from ansible_collections.mailops.tls.plugins.module_utils._rollover.outside import OurEndpoints
from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._tlsa.owners import parse_ttl
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyAlgorithm
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import ReferenceKind, ReferenceName
from ansible_collections.mailops.tls.plugins.module_utils._x509.server_profile import subject_name

_DAY = 86400


def rollover_options(params: Mapping[str, Any]) -> RolloverOptions:
    """Return what *params*, as the argument specification leaves them, ask for.

    Raises:
        OptionError: for what cannot be used.
    """
    scope = scope_of(params)
    _check_together(params)
    names = _names(params, scope.hosts)
    matched = dict.fromkeys([*(one for one in names if not one.startswith("*.")), *(scope.hosts if params["scheme"] == "issuer" else ())])
    ttl = parse_ttl(params["ttl"])
    if params["timeout"] <= 0 or not math.isfinite(params["timeout"]):
        raise OptionError("timeout", params["timeout"], "is not a number of seconds above 0")
    return RolloverOptions(
        folder=folder_of(params),
        scope=scope,
        dns=dns_order(params),
        ours=OurEndpoints(scope.hosts, scope.ports, _addresses(params["addresses"])),
        config_directories=None if params["config_directories"] is None else tuple(params["config_directories"]),
        policy=_policy(params, scope),
        algorithms=_algorithms(params["algorithms"]),
        names=names,
        needs=CertificateNeeds(tuple(ReferenceName(ReferenceKind.DNS, one) for one in matched), params["scheme"] == "issuer"),
        orders={one.value: _order(params, one, names) for one in (KeyAlgorithm.RSA, KeyAlgorithm.ECDSA)},
        certificate_files=tuple(params["certificate_files"] or ()),
        parameters=params["parameters"],
        watch=WatchOrder(listening(params["listeners"]), params["allow_unseen"], params["timeout"]),
        ttl=3600 if ttl is None else ttl,
        verification=params["verification"],
        outside_at=_moment(params["verified_at"]),
        neighbours=tuple(_neighbour(one) for one in params["neighbours"] or ()),
    )


def _check_together(params: Mapping[str, Any]) -> None:
    for one in ("roll", "emergency"):
        if params["abort"] and params[one]:
            raise OptionError("abort", True, f"cannot be asked for together with {one}")
    if params["accept_exposure"] and not params["emergency"]:
        raise OptionError("accept_exposure", True, "is for an emergency")
    if params["state"] == "absent" and params["abort"]:
        raise OptionError("abort", True, "is not needed with state=absent")
    if params["scheme"] == "issuer" and params["certificate"] == "selfsigned":
        raise OptionError("scheme", "issuer", "needs certificates of an issuer: set certificate=csr")
    if params["verified_at"] is not None and params["verification"] is None:
        raise OptionError("verified_at", params["verified_at"], "says when the verification was, and there is none")
    if params["verification"] is not None and params["verified_at"] is None:
        # Without its time, what was seen before a deployment would pass for a look at what it has brought.
        raise OptionError("verified_at", None, "is needed with verification: when its probe began, by the clock of this machine")
    if not params["matching_types"]:
        raise OptionError("matching_types", [], "names no matching type")
    if params["config_directories"] is not None and not params["config_directories"]:
        raise OptionError("config_directories", [], "names no instance")


def _policy(params: Mapping[str, Any], scope: RecordScope) -> Policy:
    return Policy(
        owners=scope.owners,
        algorithms=(),
        scheme=Scheme(params["scheme"]),
        matching_types=tuple(sorted(set(params["matching_types"]))),
        goal=Goal(params["state"]),
        key_max_age=_seconds(params, "key_max_age"),
        min_wait=scope.min_wait,
        wait_for_signature=scope.wait_for_signature,
        unknown_ttl=scope.unknown_ttl,
        renew_before=_seconds(params, "renew_days"),
        self_signed=params["certificate"] == "selfsigned",
        roll=params["roll"],
        emergency=params["emergency"],
        accept_exposure=params["accept_exposure"],
        abort=params["abort"],
        may_deploy=params["may_deploy"],
        outside_grace=_grace(params["outside_grace"]),
    )


def _grace(seconds: int) -> int | None:
    if not -1 <= seconds <= LONGEST_WAIT:
        raise OptionError("outside_grace", seconds, "is neither a number of seconds, 0 or more, nor -1 for never")
    return None if seconds == -1 else seconds


def _seconds(params: Mapping[str, Any], option: str) -> int:
    days = params[option]
    if not 0 <= days <= LONGEST_WAIT / _DAY:
        raise OptionError(option, days, "is not a number of days, 0 or more")
    return int(math.ceil(days * _DAY))


def _algorithms(given: Sequence[str] | None) -> tuple[str, ...] | None:
    if given is None:
        return None
    if not given:
        raise OptionError("algorithms", [], "names no kind of key")
    return tuple(dict.fromkeys(given))


def _names(params: Mapping[str, Any], hosts: Sequence[str]) -> tuple[str, ...]:
    names = server_names(params["names"] or hosts, lambda: hosts[0], given_file_reader("names"))
    subject_name({"CN": names[0]}, "names")
    return names


def _order(params: Mapping[str, Any], algorithm: KeyAlgorithm, names: tuple[str, ...]) -> KeyOrder:
    return KeyOrder(
        algorithm=algorithm,
        bits=params["bits"] if algorithm is KeyAlgorithm.RSA else None,
        curve=params["curve"] if algorithm is KeyAlgorithm.ECDSA else None,
        names=names,
        names_given=bool(params["names"]),
        key_id=None,
        reuse_key=False,
        force=False,
    )


def _addresses(given: Sequence[str] | None) -> tuple[str, ...] | None:
    if given is None:
        return None
    found = []
    for text in given:
        address = normalized_address(text)
        if address is None:
            raise OptionError("addresses", text, "is not an IP address")
        found.append(address)
    if not found:
        raise OptionError("addresses", [], "names no address")
    return tuple(found)


def _moment(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise OptionError("verified_at", text, "is not a time with a time zone, as in 2026-09-12T03:00:00Z")
    return int(moment.timestamp())


def _neighbour(item: Any) -> ServedChain:
    text = item.get("chain") if isinstance(item, Mapping) else None
    kept = read_chain(FileState("", text.encode("utf-8"))) if isinstance(text, str) else None
    key = kept.chain[0].public_key if kept is not None else None
    if kept is None or key is None:
        raise OptionError("neighbours", clean(str(item), 80), "has no chain in PEM")
    return served_chain(key.type, kept.chain, clean(str(item.get("config_directory") or "another server"), 80))
