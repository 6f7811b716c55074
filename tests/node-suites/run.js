'use strict';

// Runs node's own tests of tls and https, first on node:tls and then on tlsock/tls, and prints how many of those that pass there pass
// here. Which are known to fail, and why, stands in reasons.txt.
//
//   NODE_CHECKOUT   a checkout of nodejs/node of the version that runs this (test/parallel, test/common, test/fixtures)
//
// Those that start the openssl command look for it as openssl-cli beside the node that runs this, and are skipped where it is not there.
//
// Usage: run.js [--jobs N] [WORD...]: tests whose names have one of the words.

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const PATIENCE = 60_000;
const HOOK = path.join(__dirname, '..', '..', 'bindings', 'node', 'tls', 'hook.js');
const REASONS = path.join(__dirname, 'reasons.txt');
const LOGS = path.join(__dirname, '..', '..', 'build', 'log', 'node-suites');
const OUTCOME = { PASSED: 'passed', FAILED: 'failed', SKIPPED: 'skipped' };

const checkout = process.env.NODE_CHECKOUT;
const folder = checkout && path.join(checkout, 'test', 'parallel');
const words = process.argv.slice(2).filter((word) => !/^(--jobs|\d+)$/.test(word));
const jobs = Number(process.argv[process.argv.indexOf('--jobs') + 1]) || 2;

const flagsOf = (file) => /^\/\/ Flags: (.*)$/m.exec(fs.readFileSync(path.join(folder, file), 'utf8'))?.[1].split(/\s+/) ?? [];

function execute(file, hooked, temporary) {
  const args = [...flagsOf(file), path.join(folder, file)];
  const env = { ...process.env, NODE_TEST_DIR: temporary, TEST_PARALLEL: '1' };
  // Processes that a test starts do their TLS with the same.
  if (hooked) env.NODE_OPTIONS = `--require ${HOOK}`;
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder, env, timeout: PATIENCE, killSignal: 'SIGKILL', maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      if (error) resolve([OUTCOME.FAILED, stdout + stderr + (error.killed ? '\n(killed: it took too long)' : '')]);
      else resolve([/^1\.\.0 # Skipped/m.test(stdout) ? OUTCOME.SKIPPED : OUTCOME.PASSED, stdout + stderr]);
    });
  });
}

function reasons() {
  const lines = fs.readFileSync(REASONS, 'utf8').split('\n').filter((line) => line.trim() && !line.startsWith('#'));
  return new Map(lines.map((line) => line.split(/\t+/)));
}

async function runOne(file, results) {
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'node-suite-'));
  try {
    const [there] = await execute(file, false, temporary);
    if (there !== OUTCOME.PASSED) return void results.set(file, { there });
    const [here, output] = await execute(file, true, temporary);
    fs.writeFileSync(path.join(LOGS, `${file}.log`), output);
    results.set(file, { there, here });
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

async function worker(queue, results) {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) await runOne(file, results);
}

function tell(results) {
  const known = reasons(), counted = [...results].filter(([, { there }]) => there === OUTCOME.PASSED);
  const failed = counted.filter(([, { here }]) => here !== OUTCOME.PASSED).map(([file]) => file);
  const unexplained = failed.filter((file) => !known.has(file));
  for (const file of failed) console.log(`${file}: ${known.get(file) ?? 'NO REASON KNOWN'}`);
  const better = [...known.keys()].filter((file) => results.get(file)?.here === OUTCOME.PASSED);
  for (const file of better) console.log(`${file}: passes, though reasons.txt says it does not`);
  const elsewhere = results.size - counted.length;
  console.log(`${counted.length - failed.length} of ${counted.length} that pass on node:tls pass on tlsock/tls (${elsewhere} fail there or are skipped)`);
  console.log(`${counted.length - unexplained.length - better.length} passed, ${unexplained.length + better.length} failed`);
  return unexplained.length + better.length === 0;
}

async function main() {
  if (!folder || !fs.existsSync(folder)) throw new Error('set NODE_CHECKOUT to a checkout of nodejs/node');
  fs.mkdirSync(LOGS, { recursive: true });
  const isWanted = (name) => /^test-(tls|https)-.*\.js$/.test(name) && (words.length === 0 || words.some((word) => name.includes(word)));
  const queue = fs.readdirSync(folder).filter(isWanted), results = new Map();
  await Promise.all(Array.from({ length: jobs }, () => worker(queue, results)));
  if (!tell(results)) process.exitCode = 1;
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
