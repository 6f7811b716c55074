'use strict';

const { parentPort, workerData } = require('node:worker_threads');

const { collect, connectedPair } = require('./net.js');

async function run() {
  for (let i = 0; i < workerData.rounds; i++) {
    const { client, server } = await connectedPair();
    client.end(`round ${i}`);
    if (String(await collect(server)) !== `round ${i}`) throw new Error('other bytes came');
    if (i === 0 && workerData.rounds === Infinity) parentPort.postMessage(1);
  }
  parentPort.postMessage(workerData.rounds);
}

run();
