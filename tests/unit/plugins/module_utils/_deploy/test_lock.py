# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of a configuration directory: deployments keep each other out, and nobody else can keep them out."""

from __future__ import annotations

import fcntl
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._deploy.lock import FILE, alone
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError


def test_one_at_a_time_and_nothing_stays(tmp_path: Path) -> None:
    with alone(str(tmp_path)):
        assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
        with pytest.raises(OptionError, match="is being deployed to at this moment"), alone(str(tmp_path)):
            pass
    assert not list(tmp_path.iterdir())
    with alone(str(tmp_path)):
        pass


def test_whoever_reads_the_directory_cannot_keep_a_deployment_out(tmp_path: Path) -> None:
    reader = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(reader, fcntl.LOCK_EX)
        with alone(str(tmp_path)):
            pass
    finally:
        os.close(reader)


def test_the_file_of_a_run_that_was_killed_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / FILE).touch(0o600)
    with alone(str(tmp_path)):
        pass
    assert not list(tmp_path.iterdir())


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (tmp_path / FILE).symlink_to(target)
    with pytest.raises(OptionError, match="cannot be locked"), alone(str(tmp_path)):
        pass
    assert not target.exists()


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="two deployments could mix: No such file"), alone(str(tmp_path / "etc")):
        pass


def test_many_that_come_and_go_are_one_at_a_time(tmp_path: Path) -> None:
    inside: list[int] = []

    def deploy(_number: int) -> bool:
        try:
            with alone(str(tmp_path)):
                inside.append(1)
                assert len(inside) == 1
                inside.pop()
        except OptionError as error:
            assert "is being deployed to at this moment" in str(error)
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert any(pool.map(deploy, range(2000)))
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory to another group")
def test_a_directory_that_a_group_of_administrators_may_write_is_locked_too(tmp_path: Path) -> None:
    tmp_path.chmod(0o775)
    os.chown(tmp_path, -1, 12345)
    with alone(str(tmp_path)):
        assert (tmp_path / FILE).exists()
