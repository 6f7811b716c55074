"""Puts the suites and what they need into a virtual environment, and the tests that wheels lack beside it."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements.txt")


class Place:
    """Everything is under one folder, and made anew when the requirements or the interpreter change."""

    def __init__(self, folder, suites):
        self.folder = folder
        self.suites = suites
        self.python = folder / "venv" / "bin" / "python"
        self.versions = dict(
            line.split("==") for line in REQUIREMENTS.read_text().splitlines() if "==" in line)

    def stamp(self):
        sources = repr([(suite.name, suite.source) for suite in self.suites])
        return hashlib.sha256((REQUIREMENTS.read_text() + sys.version + sources).encode()).hexdigest()

    def prepare(self):
        stamp = self.folder / "stamp"
        if stamp.exists() and stamp.read_text() == self.stamp():
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", self.folder / "venv"], check=True, timeout=120)
        self.pip("install", "--requirement", REQUIREMENTS)
        for suite in self.suites:
            if suite.source:
                self.unpack(suite)
        stamp.write_text(self.stamp())

    def pip(self, *arguments):
        command = [self.python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
        subprocess.run(command, check=True, timeout=600)

    def ask(self, program):
        return subprocess.check_output([self.python, "-c", program], text=True, cwd="/", timeout=60).strip()

    def unpack(self, suite):
        """Only the tests: the program itself is the installed one."""
        with tempfile.TemporaryDirectory() as folder:
            wanted = f"{suite.name}=={self.versions[suite.name]}"
            self.pip("download", "--no-deps", "--no-binary", suite.name, "--dest", folder, wanted)
            [archive] = Path(folder).iterdir()
            with tarfile.open(archive) as tar:
                members = [member for member in tar.getmembers() if self.part(member.name) in suite.source]
                tar.extractall(folder, members)
            [root] = (path for path in Path(folder).iterdir() if path.is_dir())
            shutil.copytree(root, self.root(suite))

    def part(self, path):
        return Path(path).parts[1] if len(Path(path).parts) > 1 else ""

    def root(self, suite):
        """Where pytest is started for a suite, and the paths of its parts begin."""
        if suite.source:
            return self.folder / suite.name
        if not suite.package:
            return Path(self.ask("import test; print(test.__path__[0])"))
        [packages] = (self.folder / "venv" / "lib").glob("python*/site-packages")
        return packages / suite.package
