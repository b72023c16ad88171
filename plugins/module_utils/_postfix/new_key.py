# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new private key with a self-signed certificate, or a new certificate for the deployed key.

The counterpart of `postfix tls new-server-key` and `new-server-cert`. Nothing is deployed. The key itself is in none of the values
that come out of here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Callable, Optional

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files import atomic as key_files
from ansible_collections.mailops.tls.plugins.module_utils._files.atomic import Access, FoundFile, NewFile
from ansible_collections.mailops.tls.plugins.module_utils._files.leftovers import sweep
from ansible_collections.mailops.tls.plugins.module_utils._files.permissions import parse_access
from ansible_collections.mailops.tls.plugins.module_utils._files.rights import is_folder, require_writable
from ansible_collections.mailops.tls.plugins.module_utils._postfix import key_report
from ansible_collections.mailops.tls.plugins.module_utils._postfix.configured import Configured, given_file_reader
from ansible_collections.mailops.tls.plugins.module_utils._postfix.deployed_keys import DeployedKey, deployed_key
from ansible_collections.mailops.tls.plugins.module_utils._postfix.key_pair import (
    FoundPair,
    KeyAction,
    KeyOrder,
    PairPaths,
    decide,
    pair_paths,
    time_stamp,
)
from ansible_collections.mailops.tls.plugins.module_utils._postfix.key_report import State
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import PostfixMissing
from ansible_collections.mailops.tls.plugins.module_utils._postfix.server_names import server_names
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificates import random_serial, self_signed
from ansible_collections.mailops.tls.plugins.module_utils._x509.chain_files import certificates_of
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import (
    KeyAlgorithm,
    PrivateKey,
    UnusableKey,
    generate,
    load,
)
from ansible_collections.mailops.tls.plugins.module_utils._x509.server_profile import subject_name

_STAMPS_TRIED = 60
_OTHERS = 0o007

_Pair = tuple[Optional[PrivateKey], Optional[Certificate]]
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class KeyWanted:
    """A key as the user wants it, before the machine is asked who its users are and what Postfix is called.

    `directory` is `None` for the configuration directory, and `names` are empty for `myhostname`. What is not given is `None`.
    """

    algorithm: KeyAlgorithm
    bits: int | None = None
    curve: str | None = None
    names: tuple[str, ...] = ()
    key_id: str | None = None
    reuse_key: bool = False
    force: bool = False
    directory: str | None = None
    mode: int | None = None
    certificate_mode: int | None = None
    owner: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class KeyMade:
    """The result: whether something changed (or would), where the pair is, all that is told of it, the diff, and warnings."""

    changed: bool
    paths: PairPaths
    facts: State
    diff: dict[str, object]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Job:
    """An order with all it takes to carry it out. `reused` is the deployed key when that shall be used."""

    order: KeyOrder
    directory: str
    configured: Configured
    reused: DeployedKey | None
    check_mode: bool
    clock: Clock

    def paths(self, identifier: str) -> PairPaths:
        """Return where a pair is or will be."""
        return pair_paths(self.directory, self.order.algorithm, identifier)

    def made(self, changed: bool, paths: PairPaths, pair: _Pair, diff: tuple[State, State], *warnings: str) -> KeyMade:
        """Return what came of it."""
        told = key_report.results(self.order, paths, pair[0], pair[1], self.reused.path if self.reused else None)
        return KeyMade(changed, paths, told, {"before": diff[0], "after": diff[1]}, warnings)


def now() -> datetime:
    """Tell the time."""
    return datetime.now(timezone.utc)


def make_key(wanted: KeyWanted, configured: Configured, *, check_mode: bool, clock: Clock = now) -> KeyMade:
    """Make a key and its certificate, or with *check_mode* only say so.

    Raises:
        OptionError: for what cannot be used.
        PostfixMissing: when something has to be asked of Postfix.
        OSError: with the files as they were.
    """
    order = _order(wanted, configured)
    subject_name({"CN": order.names[0]}, "names")  # what cannot be made is to be known before, in check mode too
    directory = configured.directory if wanted.directory is None else configured.resolve(wanted.directory)
    if not is_folder(directory):
        raise OptionError("config_directory" if wanted.directory is None else "directory", directory, "is not a folder")
    if not check_mode:
        sweep(directory)
    reused = deployed_key(configured, [order.algorithm], given_file_reader("reuse_key"), "algorithm") if order.reuse_key else None
    if reused is not None:
        order.check_kind(reused.key, reused.path)
    job = _Job(order, directory, configured, reused, check_mode, clock)
    return _with_time_stamp(job) if order.key_id is None else _with_identifier(job, order.key_id)


def _order(wanted: KeyWanted, configured: Configured) -> KeyOrder:
    return KeyOrder(
        algorithm=wanted.algorithm,
        bits=wanted.bits,
        curve=wanted.curve,
        names=server_names(wanted.names, lambda: configured.myhostname, given_file_reader("names")),
        names_given=bool(wanted.names),
        key_id=wanted.key_id,
        reuse_key=wanted.reuse_key,
        force=wanted.force,
        key_access=parse_access(wanted.mode, wanted.owner, wanted.group),
        certificate_access=parse_access(wanted.certificate_mode, wanted.owner, wanted.group),
    )


# --- the two ways ---


def _with_time_stamp(job: _Job) -> KeyMade:
    """Make a pair, whatever there is. When its second is taken by another pair, the next one will do."""
    begin = job.clock()
    for second in range(_STAMPS_TRIED):
        paths = job.paths(time_stamp(begin + timedelta(seconds=second)))
        if os.path.lexists(paths.key) or os.path.lexists(paths.certificate):
            continue
        try:
            return _make(job, paths, KeyAction.CREATE, FoundPair())
        except FileExistsError:
            continue
    raise OptionError("directory", job.directory, f"has a key for each of the next {_STAMPS_TRIED} seconds")


def _with_identifier(job: _Job, identifier: str) -> KeyMade:
    """Make the pair unless it is there."""
    paths = job.paths(identifier)
    key_file, certificate_file = key_files.read_file(paths.key), key_files.read_file(paths.certificate)
    found = FoundPair(key_file, certificate_file, _key_in(key_file), _certificate_in(certificate_file))
    action = decide(job.order, found, paths, job.reused.key if job.reused else None)
    if action is KeyAction.KEEP:
        return _keep(job, paths, found)
    if action is KeyAction.REPLACE:
        _refuse_deployed(job, paths)
    return _make(job, paths, action, found)


def _key_in(file: FoundFile | None) -> PrivateKey | None:
    try:
        return None if file is None else load(file.content)
    except UnusableKey:
        return None


def _certificate_in(file: FoundFile | None) -> Certificate | None:
    try:
        found = () if file is None else certificates_of(file.content)
    except ValueError:
        return None
    return found[0] if found else None


def _refuse_deployed(job: _Job, paths: PairPaths) -> None:
    """Raise `OptionError` when Postfix serves these files: a new key would be served before its TLSA records are known."""
    try:
        deployed = job.configured.deployed_files()
    except PostfixMissing:
        return
    used = [path for path in (paths.key, paths.certificate) if os.path.realpath(path) in deployed]
    if used:
        raise OptionError("force", True, f"would change what is deployed, {', '.join(used)}; choose another key_id")


# --- doing it ---


def _keep(job: _Job, paths: PairPaths, found: FoundPair) -> KeyMade:
    """Change nothing but mode and owner, and these only where the user gave them."""
    key_file = _with_access(found.key_file, job.order.key_access)
    certificate_file = _with_access(found.certificate_file, job.order.certificate_access)
    after = replace(found, key_file=key_file, certificate_file=certificate_file)
    if not job.check_mode and after != found:
        key_files.adjust(paths.key, job.order.key_access)
        key_files.adjust(paths.certificate, job.order.certificate_access)
    warnings = []
    if key_file is not None and (key_file.access.mode or 0) & _OTHERS:
        warnings.append(f"{paths.key} holds a private key, and everybody on this machine can use it")
    diff = (key_report.state_found(job.order, paths, found), key_report.state_found(job.order, paths, after))
    return job.made(after != found, paths, (found.key, found.certificate), diff, *warnings)


def _with_access(file: FoundFile | None, access: Access) -> FoundFile | None:
    return None if file is None else replace(file, access=access.over(file.access))


def _make(job: _Job, paths: PairPaths, action: KeyAction, found: FoundPair) -> KeyMade:
    """Make what is missing, or with `Action.REPLACE` both files."""
    order = job.order
    require_writable(job.directory)
    there = found.key if action is KeyAction.COMPLETE else None
    source = there or (job.reused.key if job.reused else None)
    before, after = key_report.state_found(order, paths, found), key_report.state_made(order, paths, source)
    if there is not None:
        after["privatekey"] = before["privatekey"]
    if job.check_mode:
        return job.made(True, paths, (source, None), (before, after))
    key = source or generate(order.kind)
    certificate = self_signed(key, order.names, not_before=job.clock(), serial=random_serial())
    files = [NewFile(os.path.basename(paths.certificate), certificate.pem.encode("ascii"), order.new_certificate_access)]
    if there is None:
        files.insert(0, NewFile(os.path.basename(paths.key), key.pem(), order.new_key_access))
    write = key_files.replace_together if action is KeyAction.REPLACE else key_files.create_together
    write(job.directory, files)
    return job.made(True, paths, (key, certificate), (before, after))
