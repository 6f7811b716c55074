'use strict';

// Runs the suite: the tests under node --test, then the types. The last lines are what tests/run.sh adds up.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const isTest = (name) => name.endsWith('.test.js');
const files = fs.readdirSync(__dirname).filter(isTest).map((name) => path.join(__dirname, name));
const wanted = process.argv.slice(2);
const chosen = wanted.length ? files.filter((file) => wanted.some((word) => path.basename(file).includes(word))) : files;
if (chosen.length === 0) throw new Error(`no file of tests has ${wanted.join(' or ')} in its name`);
// Where TLSOCK_TEST_SEED is set, the order of the tests of each file is drawn by it.
const order = process.env.TLSOCK_TEST_SEED ? ['--require', path.join(__dirname, 'support', 'shuffle.js')] : [];
const tests = spawnSync(process.execPath, ['--expose-gc', ...order, '--test', '--test-reporter=spec', ...chosen], { encoding: 'utf8' });
process.stdout.write(tests.stdout);
process.stderr.write(tests.stderr);
const count = (word) => Number(new RegExp(`^ℹ ${word} (\\d+)`, 'm').exec(tests.stdout)?.[1] ?? 0);
const sums = { passed: count('pass'), failed: count('fail') + count('cancelled'), skipped: count('skipped') + count('todo') };
let failed = tests.status !== 0;

if (wanted.length === 0) {
  const tsc = path.join(__dirname, '..', 'node_modules', 'typescript', 'bin', 'tsc');
  const types = spawnSync(process.execPath, [tsc, '--project', path.join(__dirname, 'types')], { encoding: 'utf8' });
  process.stdout.write(types.stdout);
  process.stderr.write(types.stderr);
  if (types.status === 0) sums.passed++;
  else sums.failed++;
  failed ||= types.status !== 0;
}

console.log(`${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped`);
process.exitCode = failed ? 1 : 0;
