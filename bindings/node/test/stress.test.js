'use strict';

// A little of stress.js, always the same; `make harden` runs it for a minute.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');

for (const seed of [1, 2])
  test(`everything at the wrong moment, seed ${seed}`, { timeout: 120_000 }, () => {
    const words = ['--expose-gc', path.join(__dirname, 'stress.js'), '--rounds', '60', '--seed', String(seed)];
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: 100_000 });
    assert.strictEqual(signal ?? status, 0, `${stdout}${stderr}`);
    assert.match(stdout, /^60 rounds, /m);
  });
