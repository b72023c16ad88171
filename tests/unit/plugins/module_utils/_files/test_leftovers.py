# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What killed processes leave: it goes in the next run, and nothing else does."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Callable

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._files.atomic import Access, NewFile, create_together, replace_together
from ansible_collections.mailops.tls.plugins.module_utils._files.leftovers import Role, create, hold, name_of_its_own, sweep
from ansible_collections.mailops.tls.tests.unit.worlds.faulty_system import killed_at

KEY = NewFile("key.pem", b"the key", Access(0o600))
CERTIFICATE = NewFile("cert.pem", b"the certificate", Access(0o644))
FORMER = ".key.pem.0123456789abcdef"


def contents(folder: Path) -> dict[str, bytes]:
    """Everything in a folder by name, hidden files too."""
    return {entry.name: entry.read_bytes() for entry in folder.iterdir()}


@pytest.mark.parametrize("write", [create_together, replace_together])
@pytest.mark.parametrize("there", [False, True], ids=["new", "over-old"])
def test_killed_at_every_call(tmp_path: Path, write: Callable[..., None], there: bool) -> None:
    """After the next run there is no hidden file, and what is there is whole."""
    if there and write is create_together:
        return
    old = {"key.pem": b"old key", "cert.pem": b"old certificate"} if there else {}
    new = {"key.pem": b"the key", "cert.pem": b"the certificate"}
    for at in range(1, 100):
        folder = tmp_path / str(at)
        folder.mkdir()
        for name, content in old.items():
            (folder / name).write_bytes(content)
        killed = killed_at(partial(write, str(folder), [KEY, CERTIFICATE]), at)
        left = {name: content for name, content in contents(folder).items() if not name.startswith(".")}
        assert all(content in (old.get(name), new[name]) for name, content in left.items())
        sweep(str(folder))
        replace_together(str(folder), [KEY, CERTIFICATE])
        sweep(str(folder))
        assert contents(folder) == new
        if not killed:
            break
    assert not killed and at > 10


def test_what_is_at_work_stays(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    name = name_of_its_own("key.pem", Role.NEW)
    descriptor = create(folder, name, 0o600)
    (tmp_path / "key.pem").write_bytes(b"old")
    held = hold(folder, "key.pem")
    copy = name_of_its_own("key.pem", Role.OLD)
    os.link(tmp_path / "key.pem", tmp_path / copy)
    sweep(str(tmp_path))
    assert set(contents(tmp_path)) == {name, "key.pem", copy}
    for one in (descriptor, held, folder):
        assert one is not None
        os.close(one)
    sweep(str(tmp_path))
    assert set(contents(tmp_path)) == {"key.pem"}


def test_only_what_is_ours_goes(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"")
    names = [".key.pem.mailops-new-0123456789abcdeg", ".key.pem.swp", "key.pem.mailops-new-0123456789abcdef", FORMER]
    for name in names:
        (tmp_path / name).write_bytes(b"")
    ours = [name_of_its_own(name, Role.NEW) for name in "abc"]
    (tmp_path / ours[0]).symlink_to("precious")
    os.mkfifo(tmp_path / ours[1])
    (tmp_path / ours[2]).mkdir()
    sweep(str(tmp_path))
    assert {one.name for one in tmp_path.iterdir()} == {"precious", *names, *ours}
    sweep(str(tmp_path), r"key\.pem")
    assert FORMER not in {one.name for one in tmp_path.iterdir()}
    sweep(str(tmp_path / "missing"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")
def test_files_of_others_go_only_where_nobody_else_can_write(tmp_path: Path) -> None:
    name = name_of_its_own("key.pem", Role.NEW)
    (tmp_path / name).write_bytes(b"")
    os.chown(tmp_path / name, 12345, 12345)
    tmp_path.chmod(0o1777)
    sweep(str(tmp_path))
    assert list(contents(tmp_path)) == [name]
    tmp_path.chmod(0o755)
    sweep(str(tmp_path))
    assert not contents(tmp_path)


def test_the_last_copy_of_what_was_replaced_stays_until_there_is_something_else(tmp_path: Path) -> None:
    copy = tmp_path / name_of_its_own("cert.pem", Role.OLD)
    copy.write_bytes(b"old certificate")
    sweep(str(tmp_path))
    assert copy.exists()
    (tmp_path / "cert.pem").write_bytes(b"new")
    sweep(str(tmp_path))
    assert not copy.exists()


def test_long_names(tmp_path: Path) -> None:
    name = "k" * 255
    create_together(str(tmp_path), [NewFile(name, b"x", Access(0o600))])
    replace_together(str(tmp_path), [NewFile(name, b"y", Access(0o600))])
    assert contents(tmp_path) == {name: b"y"}
