#!/bin/bash
# The ways to install the Node binding, with npm and what it fetches: see ../../install/node.sh.
exec "$(dirname "$0")/../../install/node.sh" "$TLSOCK_PREFIX"
