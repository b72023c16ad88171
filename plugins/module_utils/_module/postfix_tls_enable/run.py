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
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.rights import require_writable
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_enable.options import EnableOptions, enable_options
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskResult, failing_with
from ansible_collections.mailops.tls.plugins.module_utils._postfix.configured import Configured
from ansible_collections.mailops.tls.plugins.module_utils._postfix.new_key import KeyMade, KeyWanted, make_key
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
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Instance, PostfixMissing, Run, read_instance
from ansible_collections.mailops.tls.plugins.module_utils._postfix.settings_change import NotChanged, Setting, change, differences
from ansible_collections.mailops.tls.plugins.module_utils._postfix.tls_settings import Side
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyAlgorithm

Readable = Callable[[str], bool]
_KEY_FACTS = ("privatekey_path", "certificate_path", "public_key_sha256", "tlsa_rdata", "certificate")
_URANDOM = "/dev/urandom"


def _is_readable(path: str) -> bool:
    return os.access(path, os.R_OK)


@failing_with(PostfixMissing, NotChanged, OSError)
def run_enable(params: Mapping[str, Any], run: Run, *, check_mode: bool, readable: Readable = _is_readable) -> TaskResult:
    """Do what the parameters of `postfix_tls_enable` ask for, or with *check_mode* only say so.

    Raises:
        OptionError: for an option that cannot be used.
        TaskFailed: with the files as they were unless its text says otherwise.
    """
    options = enable_options(params)
    side, wanted = options.side, options.key
    instance = read_instance(run, options.config_directory)
    configured = Configured(run, instance.config_directory)
    source = _random_source(options.random_source, instance, readable)
    client = side is Side.CLIENT
    custom = customizations(instance, side, keys=client or wanted is not None)
    desired = client_settings(instance.main, _cache_type(run, instance), source) if client else server_settings(source)
    serves = wanted is None or (bool(custom) and _serves(configured, wanted.algorithm))
    found = standing(instance, desired, custom, key_parameters(wanted.algorithm) if wanted else (), serves)
    if found is Standing.CUSTOMIZED:
        return _report(options, instance, desired, custom)
    if found is Standing.ENABLED:
        return TaskResult(_facts("already_enabled"), diff=[], warnings=instance.warnings)
    key = None
    if wanted is not None:
        key = _make_key(wanted, configured, check_mode)
        desired = {**key_settings(wanted.algorithm, key.paths.key, key.paths.certificate), **desired}
    return _enable(run, instance, side, desired, key, check_mode)


def _make_key(wanted: KeyWanted, configured: Configured, check_mode: bool) -> KeyMade:
    reason = unwritable(configured.directory, in_list=len(key_parameters(wanted.algorithm)) == 1)
    if reason is not None:
        raise OptionError("config_directory", configured.directory, f"cannot be named in main.cf: it {reason}")
    return make_key(wanted, configured, check_mode=check_mode)


def _enable(run: Run, instance: Instance, side: Side, desired: Settings, key: KeyMade | None, check_mode: bool) -> TaskResult:
    settings = differences(instance.main.explicit, _literal(desired))
    require_writable(instance.config_directory)
    if not check_mode:
        try:
            change(run, instance.config_directory, settings)
        except NotChanged as problem:
            if problem.restored and key is not None:
                _remove(key)
            raise
    facts = _facts("enabled", settings=settings)
    facts["advice"] = advice_when_set(side, _tlsa(key), new_key=key is not None)
    if key is not None:
        facts.update((name, key.facts[name]) for name in _KEY_FACTS)
    warnings = (*instance.warnings, *(key.warnings if key else ()))
    return TaskResult(facts, True, _diff(instance, settings, key), warnings)


def _literal(desired: Settings) -> dict[str, str | None]:
    """What is wanted of expanded values, as main.cf has to have it."""
    return {name: literal(value) for name, value in desired.items()}


def _facts(state: str, settings: tuple[Setting, ...] = ()) -> dict[str, object]:
    return {
        "state": state,
        "parameters": [one.as_dict() for one in settings],
        "would_set": [],
        "customized": [],
        "advice": [],
        **dict.fromkeys(_KEY_FACTS),
    }


def _report(options: EnableOptions, instance: Instance, desired: Settings, custom: tuple[str, ...]) -> TaskResult:
    """Tell what would be set. Values that are in effect already are left out, whether main.cf or the default gives them."""
    differing = tuple(
        one
        for one in differences(instance.main.explicit, _literal(desired))
        if instance.main.value(one.name).split() != desired[one.name].split()
    )
    advice = advice_when_customized(options.side, custom, differing)
    facts = _facts("customized")
    facts.update(would_set=[one.as_dict() for one in differing], customized=list(custom), advice=advice)
    failure = advice[0] if options.fails_on_customized else None
    return TaskResult(facts, diff=[], warnings=instance.warnings, failure=failure)


# --- what is asked of the machine ---


def _random_source(given: str | None, instance: Instance, readable: Readable) -> str:
    """Return the source of randomness: the given one, the present one, or /dev/urandom."""
    if given is not None and len(given.split()) != 1:
        raise OptionError("random_source", given, "is not a source of randomness, such as dev:/dev/urandom")
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


def _tlsa(key: KeyMade | None) -> str | None:
    data = key.facts["tlsa_rdata"] if key else None
    return None if data is None else str(data)


def _remove(key: KeyMade) -> None:
    for path in (key.paths.key, key.paths.certificate):
        with suppress(FileNotFoundError):
            os.unlink(path)


def _diff(instance: Instance, settings: tuple[Setting, ...], key: KeyMade | None) -> list[dict[str, object]]:
    path = os.path.join(instance.config_directory, "main.cf")
    before = "".join(f"{one.name} = {one.before}\n" for one in settings if one.before is not None)
    after = "".join(f"{one.name} = {one.after}\n" for one in settings)
    main: dict[str, object] = {"before_header": path, "after_header": path, "before": before, "after": after}
    return [main, key.diff] if key else [main]
