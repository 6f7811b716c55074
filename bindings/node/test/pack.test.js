'use strict';

// What `npm pack` makes with a prebuilt addon works where there is neither a compiler nor the library.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');

const root = path.join(__dirname, '..');

test('npm pack with a prebuilt addon', { timeout: 120_000 }, (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'pack-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const copy = path.join(folder, 'copy'), installed = path.join(folder, 'node_modules', 'tlsock');
  const { files } = require('../package.json');
  for (const name of ['package.json', 'README.md', 'node_modules', ...files.filter((file) => file !== 'prebuilds')])
    fs.cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  execFileSync(process.execPath, ['build.js', '--prebuild'], { cwd: copy });
  const options = { cwd: copy, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  const archive = execFileSync('npm', ['pack', '--ignore-scripts'], options).trim().split('\n').pop();
  fs.mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', path.join(copy, archive), '-C', installed, '--strip-components=1']);

  // What `npm install` runs, and then a program; no tool and no library of ours is found.
  const bare = { cwd: installed, encoding: 'utf8', env: { PATH: folder } };
  execFileSync(process.execPath, ['build.js'], bare);
  assert.ok(!fs.existsSync(path.join(installed, 'build')));
  const program = 'const tlsock = require("tlsock"); console.log(tlsock.createDefaultContext().verifyMode === tlsock.CERT_REQUIRED)';
  assert.strictEqual(execFileSync(process.execPath, ['-e', program], { ...bare, cwd: folder }).trim(), 'true');
});
