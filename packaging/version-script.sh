#!/bin/sh
# Prints the linker's version script for the names in tests/abi/symbols.txt: they are all that is exported.
set -eu
echo "TLSOCK_${1:?major version} {"
echo "  global:"
sed 's/.*/    &;/' "${2:?list of symbols}"
echo "  local: *;"
echo "};"
