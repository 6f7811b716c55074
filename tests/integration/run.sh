#!/bin/bash
# Runs the tests that have real drivers, and other projects' own tests, talk to real servers:
# tests/integration/run.sh PREFIX [FOLDER...]
#
# A folder here with a run.sh is a suite. Its run.sh finds in the environment what servers.sh exports, TLSOCK_PREFIX,
# TLSOCK_LIBRARY and PKG_CONFIG_PATH, and in TLSOCK_WORK a folder for what it fetches and builds, kept between runs. It
# prints "N passed", "N failed" and "N skipped", which are added up, and fails if one failed.
set -uo pipefail
cd "$(dirname "$0")/../.."

prefix=$(realpath "${1:?usage: tests/integration/run.sh PREFIX [FOLDER...]}")
shift
wanted=("$@")
logs=$PWD/build/log/integration
mkdir -p "$logs"
export TLSOCK_PREFIX=$prefix
export TLSOCK_LIBRARY=$prefix/lib/libtlsock.so
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
. tests/suite.sh

servers=$(mktemp -d)
trap 'stop_suites; tests/integration/servers.sh stop "$servers"; rm -rf "$servers"' EXIT
tests/integration/servers.sh start "$servers" || exit
. "$servers/environment"

for folder in tests/integration/*/; do
    name=$(basename "$folder")
    [ -x "$folder/run.sh" ] || continue
    export TLSOCK_WORK=$PWD/build/integration/$name
    mkdir -p "$TLSOCK_WORK"
    suite "$name" "$name" -- "$folder/run.sh"
done
close_suites
