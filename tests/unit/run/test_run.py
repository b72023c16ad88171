# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test run knows all sessions, says how each ended, and leaves nothing behind when it is interrupted."""

from __future__ import annotations

import ast
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.tests.pace import patient

ROOT = Path(__file__).resolve().parents[3]
FROM_TOML = {
    "lint": {"codeqa", "yamllint", "typing", "antsibull-nox-config"},
    "docs_check": {"docs-check"},
    "license_check": {"license-check"},
    "extra_checks": {"extra-checks"},
    "build_import_check": {"build-import-check"},
    "ansible_lint": {"ansible-lint"},
}
"""Sections of antsibull-nox.toml, and the sessions of each; but for `formatters`, which changes files where `codeqa` complains."""


def ours() -> set[str]:
    """Return the sessions of noxfile.py that belong to a test run."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ansible_test":
            found.add(ast.literal_eval(node.args[0]))
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if "nox.session" in ast.unparse(decorator) and "default=False" not in ast.unparse(decorator):
                    name = re.search(r"name='([a-z-]+)'", ast.unparse(decorator))
                    found.add(name.group(1) if name else node.name)
    return found


@pytest.fixture
def says(run: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], None]:
    """Have sessions run a script in place of nox, and what they say and do is this."""

    def replace(scripts: dict[str, str]) -> None:
        monkeypatch.setattr(run, "command", lambda name, ready: [sys.executable, "-c", scripts[name]])

    return replace


def ended(name: str, how: str) -> str:
    """Return a script that says what nox says at the end of a session."""
    return f"print('nox > Session {name} {how}.')"


def test_a_run_of_everything_leaves_no_session_out(run: Any) -> None:
    sections = re.findall(r"^\[sessions\.([a-z_]+)\]", (ROOT / "antsibull-nox.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(run.choose([])) == ours().union(*(FROM_TOML[section] for section in sections))


def test_what_only_this_project_needs_stays_small() -> None:
    files = [path for path in (ROOT / "tests" / "run").iterdir() if path.is_file()]
    assert sum(path.read_bytes().count(b"\n") for path in files) < 400


def test_all_rooms_that_import_a_library_are_tested_with_debians() -> None:
    named = re.search(r"^LIBRARY_ROOMS = tuple\([^)]* in \(([^)]*)\)", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert named is not None
    rooms = ROOT / "plugins" / "module_utils"
    imports = re.compile(r"^\s*(from|import) (cryptography|dns|OpenSSL)\b", re.MULTILINE)
    found = {path.relative_to(rooms).parts[0] for path in rooms.rglob("*.py") if imports.search(path.read_text(encoding="utf-8"))}
    assert found <= set(ast.literal_eval(f"({named.group(1)})"))


def test_sessions_are_named_by_themselves_by_tool_and_by_group(run: Any) -> None:
    assert run.choose(["mypy", "rollover"]) == ["rollover", "typing"]
    assert run.choose(["sanity", "sanity-old"]) == ["sanity-new", "sanity-old"]


def test_a_name_that_nobody_has_is_refused(run: Any) -> None:
    with pytest.raises(SystemExit, match="No session or group is called nosuch"):
        run.choose(["ruff", "nosuch"])


def test_how_sessions_ended(run: Any, says: Callable[[dict[str, str]], None], capsys: pytest.CaptureFixture[str]) -> None:
    good, skipped = ended("codeqa", "was successful in 2 seconds"), ended("rollover", "skipped: needs root")
    says({"codeqa": good, "rollover": skipped, "typing": "1 / 0"})
    assert run.main(["codeqa", "rollover", "typing"]) == 1
    out = capsys.readouterr().out
    assert "PASS  codeqa " in out
    assert re.search(r"SKIP  rollover +\d+\.\d s  needs root", out)
    assert re.search(r"FAIL  typing +\d+\.\d s  exit status 1; .*typing\.log\n", out)
    assert "    | ZeroDivisionError: division by zero\n" in out
    assert out.endswith("1 passed, 1 failed, 1 skipped\n")


def test_a_run_in_which_nothing_passed_is_no_success(run: Any, says: Callable[[dict[str, str]], None]) -> None:
    says({"rollover": ended("rollover", "skipped: needs root")})
    assert run.main(["rollover"]) == 1


def test_a_session_that_says_nothing_at_all_has_failed(run: Any, says: Callable[[dict[str, str]], None]) -> None:
    says({"codeqa": "pass"})
    assert run.main(["codeqa"]) == 1


def test_packages_are_installed_until_a_session_passed_with_them(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def command(name: str, ready: bool) -> list[str]:
        asked.append(ready)
        return [sys.executable, "-c", ended(name, "was successful") if len(asked) > 1 else "1 / 0"]

    monkeypatch.setattr(run, "command", command)
    for _time in range(3):
        run.main(["codeqa"])
    monkeypatch.setattr(run, "INPUTS", ("galaxy.yml",))
    run.main(["codeqa"])
    assert asked == [False, False, True, False]


def test_no_more_than_two_at_a_time(run: Any, says: Callable[[dict[str, str]], None], tmp_path: Path) -> None:
    script = (
        "import os, time; open('{here}/{name}', 'w').close(); time.sleep(0.5); "
        "print(len([n for n in os.listdir('{here}')])); os.unlink('{here}/{name}'); " + "print('nox > Session {name} was successful')"
    )
    here = tmp_path / "running"
    here.mkdir()
    names = run.GROUPS["lint"][:5]
    says({name: script.format(here=here, name=name) for name in names})
    assert run.main(names) == 0
    counts = [int((tmp_path / f"{name}.log").read_text(encoding="utf-8").split()[0]) for name in names]
    assert max(counts) <= run.AT_A_TIME


def test_an_interruption_ends_what_sessions_started(
    run: Any, says: Callable[[dict[str, str]], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    polite = "import os, signal, subprocess, sys, time\nsubprocess.Popen(['sleep', '600'])\n"
    polite += "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a job in the background of a shell ignores it
    polite += f"try:\n    open('{tmp_path}/up', 'w').close()\n    time.sleep(600)\n"
    polite += f"except KeyboardInterrupt:\n    open('{tmp_path}/down', 'w').close()\n"
    stubborn = "import signal, time\nfor number in (signal.SIGINT, signal.SIGTERM):\n    signal.signal(number, signal.SIG_IGN)\n"
    stubborn += f"open('{tmp_path}/deaf', 'w').close()\ntime.sleep(600)\n"
    says({"codeqa": polite, "typing": stubborn})
    monkeypatch.setattr(run, "GRACE", dict.fromkeys(run.GRACE, patient(5.0)) | {signal.SIGTERM: 0.2})
    interrupted = False
    sleep = run.time.sleep

    def interrupt(seconds: float) -> None:
        nonlocal interrupted
        sleep(seconds)
        if not interrupted and (tmp_path / "up").exists() and (tmp_path / "deaf").exists():
            interrupted = True
            raise KeyboardInterrupt

    monkeypatch.setattr(run.time, "sleep", interrupt)
    sessions: list[Any] = []
    make = run.Session

    def remember(name: str) -> Any:
        sessions.append(make(name))
        return sessions[-1]

    monkeypatch.setattr(run, "Session", remember)
    assert run.main(["codeqa", "typing"]) == 130
    assert (tmp_path / "down").exists()
    assert [session.process.poll() is None for session in sessions] == [False, False]
    for session in sessions:
        with pytest.raises(ProcessLookupError):
            os.killpg(session.process.pid, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_while_a_session_begins_ends_it_too(
    run: Any, says: Callable[[dict[str, str]], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    says({"codeqa": "import time\ntime.sleep(600)\n", "typing": "raise SystemExit('never begun')"})
    monkeypatch.setattr(run, "GRACE", dict.fromkeys(run.GRACE, 5.0))
    begun: list[Any] = []
    begin = run.subprocess.Popen

    def interrupted(*arguments: Any, **more: Any) -> Any:
        begun.append(begin(*arguments, **more))
        os.kill(os.getpid(), number)
        return begun[-1]

    monkeypatch.setattr(run.subprocess, "Popen", interrupted)
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert run.main(["codeqa", "typing"]) == 130
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    (process,) = begun
    assert process.poll() is not None
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
