# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys can be made on a machine that has no Postfix, and with one library, as long as neither is asked anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_key.arguments import key_arguments, needed_libraries
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_key.run import run_new_key
from ansible_collections.mailops.tls.plugins.module_utils._module.task import TaskFailed
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import PostfixMissing


def test_without_postfix(tmp_path: Path) -> None:
    def absent(command: object) -> Any:
        raise PostfixMissing("postconf is not on this machine")

    params = {name: spec.get("default") for name, spec in key_arguments().items()}
    params.update(directory=str(tmp_path), names=["mx.example.org"], key_id="first", algorithm="ed25519")
    assert run_new_key(params, absent, check_mode=False).changed
    assert run_new_key({**params, "force": True}, absent, check_mode=False).changed
    for change in ({"names": None}, {"directory": None}, {"reuse_key": True}):
        with pytest.raises(TaskFailed, match="postconf is not on this machine"):
            run_new_key({**params, **change}, absent, check_mode=False)


def test_libraries() -> None:
    assert needed_libraries({"reuse_key": False, "force": False}) == ("cryptography",)
    assert "pyOpenSSL" in needed_libraries({"reuse_key": True, "force": False})
    assert "pyOpenSSL" in needed_libraries({"reuse_key": False, "force": True})
