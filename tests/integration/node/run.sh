#!/bin/bash
# Drivers of npm on tlsock/tls/hook, against the servers of ../servers.sh: see ../run.sh for the environment.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
binding=$(realpath "$here/../../../bindings/node")

(cd "$binding" && npm install --no-audit --no-fund --silent && node build.js)
cp "$here/package.json" "$here"/*.js "$TLSOCK_WORK"
cd "$TLSOCK_WORK"
npm install --no-audit --no-fund --silent
TLSOCK_BINDING=$binding exec node --require "$binding/tls/hook.js" drivers.js
