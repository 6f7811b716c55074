'use strict';

// A short form of asan.sh: AddressSanitizer watches the addon through the tests without a stream and those of STARTTLS.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');

test('the addon under AddressSanitizer', { timeout: 300_000 }, (t) => {
  // What node --test tells its children is not for these.
  const { NODE_TEST_CONTEXT, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(path.join(__dirname, 'asan.sh'), ['object', 'starttls'], { encoding: 'utf8', env });
  if (status === 77) {
    console.log(stdout.trim());
    return void t.skip(stdout.trim());
  }
  assert.strictEqual(status, 0, `${stdout}${stderr}`);
  assert.match(stdout, /^\d+ passed, 0 failed/m);
});
