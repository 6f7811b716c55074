'use strict';

// Several threads, each with its own copy of everything, and ends in the middle of the work.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');
const { Worker } = require('node:worker_threads');

test('worker threads work at the same time and end cleanly', { timeout: 60_000 }, async () => {
  const workers = Array.from({ length: 4 }, () => new Worker(require.resolve('./support/worker.js'), { workerData: { rounds: 20 } }));
  const answers = await Promise.all(workers.map((worker) => once(worker, 'message')));
  assert.deepStrictEqual(answers.map(([answer]) => answer), Array(4).fill(20));
  await Promise.all(workers.map((worker) => worker.terminate()));
});

test('a worker that is ended in mid-handshake', { timeout: 60_000 }, async () => {
  for (let i = 0; i < 5; i++) {
    const worker = new Worker(require.resolve('./support/worker.js'), { workerData: { rounds: Infinity } });
    await once(worker, 'message');
    await worker.terminate();
  }
});

for (const during of ['verify', 'identity', 'signer'])
  test(`a callback that waits for another thread, and one whose thread is ended: ${during}`, { timeout: 60_000 }, async () => {
    for (const isEnded of [true, false]) {
      const shared = new SharedArrayBuffer(4), cell = new Int32Array(shared);
      const worker = new Worker(require.resolve('./support/waiting.js'), { workerData: { during, shared } });
      assert.deepStrictEqual(await once(worker, 'message'), ['waiting']);
      if (isEnded) {
        await worker.terminate();
        continue;
      }
      Atomics.store(cell, 0, 1);
      Atomics.notify(cell, 0);
      assert.deepStrictEqual(await once(worker, 'message'), ['TLSv1.3']);
    }
  });
