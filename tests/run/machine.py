# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What sessions need of this machine: its real Pythons, a private home, programs, and names for networks.

Tools see one UTF-8 locale, no settings of Ansible, pytest or Python, and no shims: a version manager's shim may exit 127
for a version it lists, and ansible-test scrubs the variables that shims live by.
"""

from __future__ import annotations

import configparser
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".work"
HOME, LIVE, PROGRAMS, WHEELS = WORK / "home", WORK / "live", WORK / "programs", WORK / "wheels"
IN_ROOT = Path("ansible_collections") / "mailops" / "tls"
CHECKOUT = hashlib.sha256(str(ROOT).encode()).hexdigest()[:4]
"""Part of the names of networks, so that two checkouts do not share one."""
MINORS = range(14, 8, -1)
GET_PIP = '''\
import glob, sys
sys.path.insert(0, glob.glob(%(wheels)r + "/pip-%(version)s-*.whl")[0])
from pip._internal.cli.main import main
arguments = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
sys.exit(main(["install", "--quiet", "--find-links", %(wheels)r] + arguments))
'''


def prepare() -> None:
    """Make this process's environment that of all sessions."""
    keep_pip_settings()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTEST_", "PYTHON"))}
    ours = dict(PATH=path(), HOME=str(HOME), XDG_CACHE_HOME=str(WORK / "cache"), LC_ALL="C.UTF-8", PYTHONDONTWRITEBYTECODE="1")
    ours |= dict(GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")  # nobody's own settings tell git
    ours |= dict(ANSIBLE_HOME=str(HOME / ".ansible"), ANSIBLE_LOCALHOST_WARNING="False", DEBIAN_FRONTEND="noninteractive")
    os.environ.clear()
    os.environ.update(kept | ours)
    links = {LIVE / IN_ROOT: "../../../..", **{PROGRAMS / each: f"../nox/bin/{each}" for each in ("ansible-galaxy", "shellcheck")}}
    for name, target in links.items():
        name.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            name.symlink_to(target)
    sys.path.insert(0, str(LIVE))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # sessions take down what they brought up


def path() -> str:
    """Return a PATH with our programs and real Pythons first, and without shims."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    folders = [str(PROGRAMS), *(str(home / "bin") for minor in MINORS for home in sorted(pyenv.glob(f"3.{minor}.*"), reverse=True))]
    folders += [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder and "shims" not in Path(folder).parts]
    return os.pathsep.join(dict.fromkeys([*folders, "/usr/local/bin", "/usr/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"]))


def keep_pip_settings() -> None:
    """Put the machine's settings of pip into the private home, since ansible-test drops PIP_* variables."""
    if Path.home() == HOME:
        return
    settings = configparser.RawConfigParser()
    settings.read_dict({"global": {}})
    settings.read([Path.home() / ".pip" / "pip.conf", Path.home() / ".config" / "pip" / "pip.conf"])
    for name, value in os.environ.items():
        if name.startswith("PIP_") and name != "PIP_CONFIG_FILE":
            settings.set("global", name[len("PIP_"):].lower().replace("_", "-"), value)
    settings.set("global", "quiet", "2")  # keeps pip's chatter out of logs, where it would bury what failed
    target = HOME / ".config" / "pip" / "pip.conf"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_suffix(f".{os.getpid()}").open("w", encoding="utf-8") as file:
        settings.write(file)
    Path(file.name).replace(target)


def seed_ansible_test(environment: Path) -> None:
    """Put what the ansible-test of an *environment* would make or fetch where it looks first: a key, which two of them
    that begin at once would both make, and what gives its own environments a pip.
    """
    source = next(environment.glob("lib/python3*/site-packages/ansible_test/_internal/python_requirements.py"))
    folder = HOME / ".ansible" / "test"
    (folder / "cache").mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if shutil.which("ssh-keygen") and not (folder / "id_rsa").exists():
            subprocess.run(["ssh-keygen", "-m", "PEM", "-q", "-t", "rsa", "-N", "", "-f", folder / "id_rsa"], check=True)
        for version in sorted(set(re.findall(r"\bpip='([0-9.]+)'", source.read_text(encoding="utf-8")))):
            script = folder / "cache" / f"get_pip_{version.replace('.', '_')}.py"
            if not script.exists():
                subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", WHEELS, f"pip=={version}"], check=True)
                script.write_text(GET_PIP % {"version": version, "wheels": str(WHEELS)}, encoding="utf-8")
