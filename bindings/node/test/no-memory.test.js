'use strict';

// A call that finds no memory fails: nothing is taken for null, which would clear what was to be set.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');

const root = path.join(__dirname, '..'), support = path.join(__dirname, 'support');

// AddressSanitizer has allocations of its own.
const isElsewhere = process.platform !== 'linux' || Boolean(process.env.TLSOCK_ASAN_ADDON);

test('no memory is an error of the call', { skip: isElsewhere && 'allocations are not replaced here', timeout: 120_000 }, (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'no-memory-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  for (const name of ['build.js', 'lib', 'src', 'node_modules']) fs.symlinkSync(path.join(root, name), path.join(folder, name));
  const env = { ...process.env, TLSOCK_CFLAGS: `-O0 -Wl,--wrap=malloc ${path.join(support, 'no_memory.c')}` };
  execFileSync(process.execPath, ['--preserve-symlinks', '--preserve-symlinks-main', 'build.js'], { cwd: folder, env });
  const program = [path.join(support, 'no-memory.js'), path.join(folder, 'build', 'tlsock.node')];
  const output = execFileSync(process.execPath, program, { encoding: 'utf8' });
  const { 'the verdict of before': verdict, 'the pins of before': pins, 'a connection afterwards': connection, ...calls } = JSON.parse(output);
  for (const [name, code] of Object.entries(calls)) assert.strictEqual(code, 'ERR_TLSOCK_NO_MEMORY', name);
  assert.ok('setVerifyCallback' in calls);
  assert.match(verdict, /^ERR_/);
  assert.match(pins, /^ERR_/);
  assert.strictEqual(connection, null);
});
