# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of `postfix_tls_enable`: opportunistic TLS in the SMTP client or server where nobody has decided otherwise.

The counterpart of `postfix tls enable-client` and `enable-server`, whose rules are in `opportunistic`. What fails, fails: a key that
was made for settings that could not be made is removed again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._postfix.configured import Configured
from ansible_collections.mailops.tls.plugins.module_utils._postfix.new_key import KeyRun, key_arguments, run_new_key
from ansible_collections.mailops.tls.plugins.module_utils._postfix.opportunistic import (
    RANDOM_SOURCE,
    Settings,
    Standing,
    advice_when_customized,
    advice_when_set,
    client_settings,
    customizations,
    key_parameters,
    key_settings,
    server_settings,
    session_cache_type,
    standing,
)
from ansible_collections.mailops.tls.plugins.module_utils._postfix.parameter_value import literal, unwritable
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Instance, Run, read_instance
from ansible_collections.mailops.tls.plugins.module_utils._postfix.rights import require_writable
from ansible_collections.mailops.tls.plugins.module_utils._postfix.settings_change import NotChanged, Setting, change, differences
from ansible_collections.mailops.tls.plugins.module_utils._postfix.tls_settings import Side
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyAlgorithm

ArgumentSpec = dict[str, dict[str, Any]]
Readable = Callable[[str], bool]
_OF_KEY = ("algorithm", "bits", "curve", "names", "owner", "group")
"""Parameters of `postfix_tls_key` that are the same here."""
_OF_SERVER = tuple(name for name in _OF_KEY if name != "algorithm")
_KEY_RESULTS = ("privatekey_path", "certificate_path", "public_key_sha256", "tlsa_rdata", "certificate")
_URANDOM = "/dev/urandom"


def enable_arguments() -> ArgumentSpec:
    """Return the argument specification of `postfix_tls_enable`."""
    of_key = key_arguments()
    return {
        "side": {"type": "str", "choices": [one.name.lower() for one in Side], "required": True},
        "random_source": {"type": "str"},
        "make_key": {"type": "bool", "default": True},
        "on_customized": {"type": "str", "choices": ["report", "fail"], "default": "report"},
        **{name: of_key[name] for name in ("config_directory", *_OF_KEY)},
    }


def needed_libraries(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what these parameters need; without a key that is nothing."""
    return ("cryptography", "pyOpenSSL") if params["side"] == "server" and params["make_key"] else ()


@dataclass(frozen=True)
class EnableRun:
    """What came of it. `failure` is the text to fail with, when the user wants that, `diff` one item for main.cf and one for the key."""

    changed: bool
    results: dict[str, object]
    diff: list[dict[str, object]]
    warnings: tuple[str, ...] = ()
    failure: str | None = None


def _is_readable(path: str) -> bool:
    return os.access(path, os.R_OK)


def run_enable(params: Mapping[str, Any], run: Run, *, check_mode: bool, readable: Readable = _is_readable) -> EnableRun:
    """Do what the parameters of `postfix_tls_enable` ask for, or with *check_mode* only say so.

    Raises `OptionError`, `PostfixMissing`, `NotChanged` with the files as they were unless its text says otherwise, and `OSError`.
    """
    side = Side[params["side"].upper()]
    _check_options(params, side)
    instance = read_instance(run, params["config_directory"])
    configured = Configured(run, instance.config_directory)
    source = _random_source(params["random_source"], instance, readable)
    algorithm = KeyAlgorithm(params["algorithm"])
    makes_key = side is Side.SERVER and params["make_key"]
    custom = customizations(instance, side, keys=side is Side.CLIENT or makes_key)
    client = side is Side.CLIENT
    desired = client_settings(instance.main, _cache_type(run, instance), source) if client else server_settings(source)
    serves = not makes_key or (bool(custom) and _serves(configured, algorithm))
    found = standing(instance, desired, custom, key_parameters(algorithm) if makes_key else (), serves)
    if found is Standing.CUSTOMIZED:
        return _report(params, instance, side, desired, custom)
    if found is Standing.ENABLED:
        return EnableRun(False, _results("already_enabled"), [], instance.warnings)
    key = None
    if makes_key:
        reason = unwritable(configured.directory, in_list=len(key_parameters(algorithm)) == 1)
        if reason is not None:
            raise OptionError("config_directory", configured.directory, f"cannot be named in main.cf: it {reason}")
        order = {name: argument.get("default") for name, argument in key_arguments().items()}
        key = run_new_key({**order, **{name: params[name] for name in _OF_KEY}}, configured, check_mode=check_mode)
        desired = {**key_settings(algorithm, *_paths(key)), **desired}
    return _enable(run, instance, side, desired, key, check_mode)


def _check_options(params: Mapping[str, Any], side: Side) -> None:
    """Options of a key are for a key that is made."""
    why = "side is client" if side is Side.CLIENT else None if params["make_key"] else "make_key is false"
    for option in _OF_SERVER if why else ():
        if params[option] is not None:
            raise OptionError(option, params[option], f"is for the new key of a server, and {why}")


def _enable(run: Run, instance: Instance, side: Side, desired: Settings, key: KeyRun | None, check_mode: bool) -> EnableRun:
    settings = differences(instance.main.explicit, _literal(desired))
    require_writable(instance.config_directory)
    if not check_mode:
        try:
            change(run, instance.config_directory, settings)
        except NotChanged as problem:
            if problem.restored and key is not None:
                _remove(key)
            raise
    results = _results("enabled", settings=settings)
    results["advice"] = advice_when_set(side, _tlsa(key), new_key=key is not None)
    if key is not None:
        results.update((name, key.results[name]) for name in _KEY_RESULTS)
    warnings = (*instance.warnings, *(key.warnings if key else ()))
    return EnableRun(True, results, _diff(instance, settings, key), warnings)


def _literal(desired: Settings) -> dict[str, str | None]:
    """What is wanted of expanded values, as main.cf has to have it."""
    return {name: literal(value) for name, value in desired.items()}


def _results(state: str, settings: tuple[Setting, ...] = ()) -> dict[str, object]:
    return {
        "state": state,
        "parameters": [one.as_dict() for one in settings],
        "would_set": [],
        "customized": [],
        "advice": [],
        **dict.fromkeys(_KEY_RESULTS),
    }


def _report(params: Mapping[str, Any], instance: Instance, side: Side, desired: Settings, custom: tuple[str, ...]) -> EnableRun:
    """Tell what would be set. Values that are in effect already are left out, whether main.cf or the default gives them."""
    differing = tuple(
        one
        for one in differences(instance.main.explicit, _literal(desired))
        if instance.main.value(one.name).split() != desired[one.name].split()
    )
    advice = advice_when_customized(side, custom, differing)
    results = _results("customized")
    results.update(would_set=[one.as_dict() for one in differing], customized=list(custom), advice=advice)
    failure = advice[0] if params["on_customized"] == "fail" else None
    return EnableRun(False, results, [], instance.warnings, failure)


# --- what is asked of the machine ---


def _random_source(given: str | None, instance: Instance, readable: Readable) -> str:
    """Return the source of randomness: the given one, the present one, or /dev/urandom."""
    if given is not None and len(given.split()) != 1:
        raise OptionError("random_source", given, "is no source of randomness, such as dev:/dev/urandom")
    source = given or instance.main.value(RANDOM_SOURCE)
    if source:
        kind, colon, path = source.partition(":")
        path = path if colon and kind in ("dev", "egd") else source
        if given is not None and not readable(path):
            raise OptionError("random_source", given, "cannot be read")
        return source
    if not readable(_URANDOM):
        raise OptionError("random_source", given, f"must be given: there is neither a default nor {_URANDOM}")
    return "dev:" + _URANDOM


def _cache_type(run: Run, instance: Instance) -> str | None:
    result = run(["postconf", "-c", instance.config_directory, "-m"])
    if result.status != 0:
        raise NotChanged(f"postconf -m failed with exit status {result.status}", restored=True)
    return session_cache_type(result.stdout.split())


def _serves(configured: Configured, algorithm: KeyAlgorithm) -> bool:
    """Tell whether Postfix can load all that main.cf configures by default, and has a key of the algorithm then."""
    items = [one for one in configured.deployment.items if one.server_name is None and configured.is_of_main(one)]
    return all(one.usable for one in items) and any(one.algorithm == algorithm.value for one in items)


def _paths(key: KeyRun) -> tuple[str, str]:
    return str(key.results["privatekey_path"]), str(key.results["certificate_path"])


def _tlsa(key: KeyRun | None) -> str | None:
    data = key.results["tlsa_rdata"] if key else None
    return None if data is None else str(data)


def _remove(key: KeyRun) -> None:
    for path in _paths(key):
        with suppress(FileNotFoundError):
            os.unlink(path)


def _diff(instance: Instance, settings: tuple[Setting, ...], key: KeyRun | None) -> list[dict[str, object]]:
    path = os.path.join(instance.config_directory, "main.cf")
    before = "".join(f"{one.name} = {one.before}\n" for one in settings if one.before is not None)
    after = "".join(f"{one.name} = {one.after}\n" for one in settings)
    main: dict[str, object] = {"before_header": path, "after_header": path, "before": before, "after": after}
    return [main, key.diff] if key else [main]
