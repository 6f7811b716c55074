"""Builds what the processes load, and reads from the loader's own report whose OpenSSL they use."""

import os
import pathlib
import re
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
PREFIX = pathlib.Path(os.environ["TLSOCK_PREFIX"])
BINDING = re.compile(r"binding file (\S+) \[\d+\] to (\S+) \[\d+\]: \w+ symbol `\w+' \[OPENSSL")


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}{done.stderr[-3000:]}"
    return done


@pytest.fixture(scope="session")
def certs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certs")
    run("sh", HERE.parent / "certs/make.sh", folder)
    return folder


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """Links sources of this folder with the installed library into a shared object."""

    def build(name, *sources):
        built = tmp_path_factory.mktemp("built") / name
        flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", f"-I{PREFIX}/include"]
        link = [f"-L{PREFIX}/lib", "-ltlsock", f"-Wl,-rpath,{PREFIX}/lib"]
        run("cc", *flags, *(HERE / source for source in sources), "-o", built, *link)
        return built

    return build


@pytest.fixture
def observe(certs, tmp_path):
    """Runs a command; returns what it printed and, library by library, who gave it its OpenSSL functions.

    The loader reports to files: on a pipe that Node has made non-blocking it would lose lines.
    """

    def observe(*command):
        report = {"LD_DEBUG": "bindings", "LD_DEBUG_OUTPUT": str(tmp_path / "loader")}
        done = run(*command, env={**os.environ, **report, "TLSOCK_CERTS": str(certs)})
        reported = "".join(file.read_text() for file in tmp_path.glob("loader.*"))
        owners = {}
        for user, owner in BINDING.findall(reported):
            owners.setdefault(pathlib.Path(user).name, set()).add(pathlib.Path(owner).name)
        return done.stdout.strip(), owners

    return observe
