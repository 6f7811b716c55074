#!/bin/bash
# Installs a package with prebuilt addons into an empty project and does handshakes there: node-prebuilt.sh PACKAGE [COMMAND...]. COMMAND runs
# Node, "node" unless given: "qemu-aarch64 -L /usr/aarch64-linux-gnu …/node", say, for another processor, or one of another C library.
# There is neither a compiler nor the library to be found; certificates are made by the openssl command.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
package=$(realpath "${1:?usage: node-prebuilt.sh PACKAGE [COMMAND...]}")
shift
[ $# -gt 0 ] || set -- node
set -- "$(command -v "$1")" "${@:2}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/node_modules/tlsock" "$work/bin"
tar -xzf "$package" -C "$work/node_modules/tlsock" --strip-components=1
sh "$here/../certs/make.sh" "$work/certs"

cat >"$work/program.js" <<'PROGRAM'
const t = require('tlsock'), tls = require('tlsock/tls');
const fs = require('node:fs'), wanted = `/prebuilds/${require('./node_modules/tlsock/lib/platform.js').current()}/tlsock.node`;
if (!fs.readFileSync('/proc/self/maps', 'latin1').includes(wanted)) throw new Error(`not ${wanted}`);
const server = t.createDefaultContext(t.Purpose.CLIENT_AUTH);
server.loadCertChain('certs/ecdsa.pem', 'certs/ecdsa.key');
const context = t.createDefaultContext(t.Purpose.SERVER_AUTH, { cafile: 'certs/ca.pem' });
const listening = t.createServer({ context: server }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1', async () => {
  const { port } = listening.address(), socket = await t.promises.connect({ host: '127.0.0.1', port, serverHostname: 'localhost', context });
  socket.end('hello');
  for await (const chunk of socket) if (String(chunk) !== 'hello') throw new Error('wrong');
  const other = tls.connect({ port, host: '127.0.0.1', servername: 'other.example', ca: fs.readFileSync('certs/ca.pem') });
  other.once('error', ({ code }) => {
    if (code !== 'ERR_TLS_CERT_ALTNAME_INVALID') throw new Error(code);
    listening.close();
    console.log(`${process.platform}-${process.arch}, node ${process.version}, ${t.OPENSSL_VERSION}: 1 passed`);
  });
});
PROGRAM
cd "$work"
# What npm runs as it installs: with an addon for this platform, nothing is built.
(cd node_modules/tlsock && env -i PATH="$work/bin" "$@" build.js)
[ ! -e node_modules/tlsock/build ]
env -i PATH="$work/bin" "$@" program.js
