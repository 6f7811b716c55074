#!/bin/sh
# Runs a Python that has pytest: the one in PATH or the system's. Without pytest any will do.
set -eu
for python in python3 /usr/bin/python3; do
    if "$python" -c 'import pytest' 2>/dev/null; then
        exec "$python" "$@"
    fi
done
exec python3 "$@"
