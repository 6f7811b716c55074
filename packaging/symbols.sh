#!/bin/sh
# Prints the functions that a library exports for C, one a line. Works for the archive and the shared library.
set -eu
case ${1:?library} in
*.a) nm --defined-only --extern-only "$1" 2>/dev/null ;;
*) nm --dynamic --defined-only --extern-only "$1" ;;
esac | sed -n 's/^[0-9a-f]* T \(tlsock_[a-z0-9_]*\).*/\1/p' | LC_ALL=C sort
