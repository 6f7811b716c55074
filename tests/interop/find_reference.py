"""Which Python is the reference."""

import os
import shutil
import subprocess
import sys


def find_reference():
    """The Python that TLSOCK_REFERENCE names; without it one of 3.13 or later if there is one, otherwise the one that runs
    this, whose outcomes `before_3_13` brings up to date."""
    if named := os.environ.get("TLSOCK_REFERENCE"):
        return named
    candidates = [sys.executable, *filter(None, [shutil.which("python3.13"), shutil.which("python3")])]
    for python in candidates:
        if subprocess.run([python, "-c", "import ssl, sys; sys.exit(sys.version_info < (3, 13))"],
                          capture_output=True).returncode == 0:
            return python
    return sys.executable
