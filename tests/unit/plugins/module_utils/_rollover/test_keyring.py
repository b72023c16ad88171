# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of keys: their names, modes and contents, what is passed over, and what is removed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._rollover.keyring import Keyring, copies_of, digest_of
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyKind
from ansible_collections.mailops.tls.tests.unit.worlds.deploying import combined, issued, pair_of

CREATED = 1_700_000_000


@pytest.fixture(name="keyring")
def _keyring(tmp_path: Path) -> Keyring:
    (tmp_path / "keys").mkdir()
    return Keyring(str(tmp_path / "keys"))


def modes(keyring: Keyring) -> dict[str, int]:
    """The files and their modes."""
    return {one: stat.S_IMODE(os.stat(os.path.join(keyring.directory, one)).st_mode) for one in sorted(os.listdir(keyring.directory))}


def test_a_key_is_found_as_it_was_made(keyring: Keyring) -> None:
    before = os.umask(0)
    made = keyring.make(KeyKind.ECDSA_P256, CREATED)
    os.umask(before)
    name = f"20231114-221320-ecdsa-{digest_of(made.spki)[:16]}.key.pem"
    assert modes(keyring) == {name: 0o600} and made.path == os.path.join(keyring.directory, name)
    assert keyring.keys() == ((made,), ()) and keyring.load(made).spki == made.spki
    assert (made.algorithm, made.created) == ("ecdsa", CREATED)


def test_the_oldest_comes_first_and_other_files_are_passed_over(keyring: Keyring) -> None:
    young, old = keyring.make(KeyKind.ECDSA_P256, CREATED), keyring.make(KeyKind.ECDSA_P384, CREATED - 1)
    for name in ("README", "20231114-221320-ecdsa-00.key.pem", ".20231114-221320-ecdsa-0011223344556677.key.pem.0123456789abcdef"):
        Path(keyring.directory, name).write_text("text")
    assert keyring.keys() == ((old, young), ())
    assert Keyring("/nowhere/at/all").keys() == ((), ())


@pytest.mark.parametrize("damage", ["empty", "other key", "other kind"])
def test_a_key_that_is_not_what_its_name_says_is_told_and_not_used(keyring: Keyring, damage: str) -> None:
    made = Path(keyring.make(KeyKind.ECDSA_P256, CREATED).path)
    if damage == "empty":
        made.write_bytes(b"")
    elif damage == "other key":
        made.write_bytes(issued().key.pem)
    else:
        made.rename(made.with_name(made.name.replace("ecdsa", "rsa")))
    keys, problems = keyring.keys()
    assert not keys and len(problems) == 1 and keyring.directory in problems[0]


def test_chains_are_kept_once_and_found(keyring: Keyring) -> None:
    key = keyring.make(KeyKind.ECDSA_P256, CREATED)
    chains = [[Certificate(issued().der)], [Certificate(issued().der)]]
    path = keyring.keep_chain(key, chains[0])
    assert keyring.keep_chain(key, chains[0]) == path and path.startswith(key.stem + ".cert-")
    assert modes(keyring)[os.path.basename(path)] == 0o644
    served = keyring.keep_chain(key, chains[1], served=True)
    Path(key.stem + ".cert-damaged.pem").write_text("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n")
    found = keyring.chains(key)
    assert [(one.path, list(one.chain), one.served) for one in found] == [(path, chains[0], False), (served, chains[1], True)]
    Path(path).write_text("half")
    assert keyring.keep_chain(key, chains[0]) == path and keyring.chains(key)[0].path == path


def test_what_was_deployed_is_adopted_once(keyring: Keyring) -> None:
    pair = pair_of(issued())
    path = keyring.adopt(pair, CREATED)
    assert keyring.adopt(pair, CREATED + 5) == path
    ((key,), _problems) = keyring.keys()
    assert (key.spki, key.created) == (pair.spki, CREATED) and [one.chain for one in keyring.chains(key)] == [pair.chain]
    assert set(modes(keyring).values()) == {0o600, 0o644} and len(modes(keyring)) == 2


def test_a_link_in_the_way_is_not_followed(keyring: Keyring, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    pair = pair_of(issued())
    os.symlink(victim, os.path.join(keyring.directory, f"20231114-221320-ecdsa-{digest_of(pair.spki)[:16]}.key.pem"))
    with pytest.raises(FileExistsError):
        keyring.adopt(pair, CREATED)
    assert victim.read_text() == "mine"


def test_all_files_of_a_key_are_removed_and_no_others(keyring: Keyring) -> None:
    key, other = keyring.make(KeyKind.ECDSA_P256, CREATED), keyring.make(KeyKind.ECDSA_P256, CREATED)
    keyring.keep_chain(key, [Certificate(issued().der)])
    keyring.keep_chain(key, [Certificate(issued().der)], served=True)
    keyring.keep_request(key, b"request")
    keyring.keep_request(key, b"another request")
    assert len(modes(keyring)) == 5
    keyring.discard(key)
    keyring.discard(key)
    assert list(modes(keyring)) == [os.path.basename(other.path)]


def test_copies_that_deployments_have_made(tmp_path: Path) -> None:
    pair, other = issued(), issued()
    for name, content in (
        ("chain-ecdsa-1.pem", combined(pair)), ("chain-ecdsa-2.pem", combined(other)), ("chain-ecdsa-3.pem", pair.pem),
        ("mine.pem", combined(pair)),
    ):  # fmt: skip
        (tmp_path / name).write_bytes(content)
    assert list(copies_of(pair.key.spki, str(tmp_path))) == [str(tmp_path / "chain-ecdsa-1.pem")]
