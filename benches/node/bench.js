'use strict';

// One workload on one library: node [--expose-gc] bench.js tls|tlsock|net WORKLOAD [--name value ...]. The arguments and the line
// that is printed are those of the programs of ../c.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');

const memory = require('./memory.js').workloads;
const network = require('./network.js');
const { parse } = require('./options.js');
const { fail } = require('./report.js');

const [which, ...words] = isMainThread ? process.argv.slice(2) : workerData.words;
const options = parse(words);
const library = require({ tls: './tls.js', tlsock: './tlsock.js', net: './net.js' }[which])(options);

function startServer() {
  const server = library.createServer(network.serve(library, options)).on('tlsClientError', () => {});
  server.listen(workerData.where, () => parentPort.postMessage(server.address()));
}

function startClient() {
  // Handshakes and idle connections over a Unix socket, as the programs of ../c do.
  const local = options.work === 'hs' || options.work === 'idle';
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  const where = local ? { path: path.join(folder, 's') } : { port: 0, host: '127.0.0.1' };
  const worker = new Worker(__filename, { workerData: { words: [which, ...words], where } });
  worker.on('error', fail).on('exit', () => process.exit(0));
  worker.on('message', ({ port }) => network.workloads[options.work](library, options, local ? where : { port, host: '127.0.0.1' }));
}

if (!isMainThread) startServer();
else if (memory[options.work]) memory[options.work](library, options);
else startClient();
