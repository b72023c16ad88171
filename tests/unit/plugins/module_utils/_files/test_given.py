# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that the user names are read through links, and nothing else than a file can hold the task up."""

from __future__ import annotations

import os
import socket
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.given import is_open_to_everybody, read_given
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.run import run_smtp_probe


def test_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    assert read_given("ca_file", str(tmp_path / "link")) == b"content"


@pytest.mark.parametrize("option", ["ca_file", "client_certificate", "client_key", "trust_anchor_files", "client_chain_files"])
@pytest.mark.parametrize("kind", ["pipe", "folder", "nothing", "socket", "device", "no name"])
def test_anything_else_is_one_clear_error_for_every_option(
    option: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    os.mkdir("folder")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("socket")
    path = {"device": "/dev/zero", "no name": "a\0b"}.get(kind, kind)
    given: dict[str, Any] = {option: [path] if option.endswith("files") else path}
    if option == "client_key":
        (tmp_path / "certificate.pem").write_bytes(b"")
        given["client_certificate"] = "certificate.pem"
    params = {name: spec.get("default") for name, spec in smtp_arguments().items()}
    with listener, pytest.raises(OptionError) as caught:
        run_smtp_probe({**params, "destinations": ["[127.0.0.1]:1"], "security_level": "secure", **given})
    assert (caught.value.option, caught.value.value) == (option, path)
    assert caught.value.reason.startswith("cannot be read: ")


def test_whether_everybody_can_read_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"")
    path.chmod(0o644)
    assert is_open_to_everybody(str(path))
    path.chmod(0o640)
    assert not is_open_to_everybody(str(path)) and not is_open_to_everybody(str(tmp_path / "none"))


def test_a_small_file_needs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "small.pem"
    path.write_bytes(b"x" * 300_000)
    tracemalloc.start()
    try:
        assert read_given("ca_file", str(path)) == b"x" * 300_000
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()
