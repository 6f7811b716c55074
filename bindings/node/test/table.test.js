'use strict';

// The table of steps and outcomes, which drives C, Go and Node: all that a step gives is compared with what it gives in C.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, test } = require('node:test');

const certs = require('./support/certs.js');
const { Outcome } = require('./support/table-outcome.js');
const { folder, forVersion, readGaps, readSentence, readTable } = require('./support/table-read.js');
const { Scene } = require('./support/table-scene.js');
const { isThere, runStep } = require('./support/table-steps.js');

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'tlsock-node-'));
after(() => fs.rmSync(scratch, { recursive: true }));

const cases = readTable(), gaps = readGaps('node');
const inC = reference();

/** What each step of each case gave in C, on the same files. */
function reference() {
  // The program is C alone, without the sanitizer of ../asan.sh.
  const { LD_PRELOAD, ...env } = process.env;
  execFileSync('sh', [path.join(folder, 'reference.sh'), certs.folder, scratch], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const lines = fs.readFileSync(path.join(scratch, 'outcomes'), 'utf8').trimEnd().split('\n').map((line) => line.split('\t'));
  return new Map(lines.map(([title, number, told]) => [`${title}\t${number}`, told]));
}

const stepOf = (line) => readSentence(line.replace(/^1\.[23]: /, '')).words[0].text;

test('every step of the table is there, or is listed as missing', () => {
  const used = new Set(cases.flatMap(({ lines }) => lines.map(stepOf)));
  for (const step of used) assert.notStrictEqual(isThere(step), gaps.has(step), `${step} is there: ${isThere(step)}, is listed: ${gaps.has(step)}`);
  for (const step of gaps.keys()) assert.ok(used.has(step), `${step} is listed as missing, but the table has no such step`);
});

function run(scene, line) {
  scene.said = readSentence(line);
  scene.told = new Outcome();
  try {
    runStep(scene);
  } catch (error) {
    if (/^the table is wrong/.test(error.message)) throw error;
    scene.told.tellError(error);
  }
}

function runCase({ title, version, languages, lines }) {
  const scene = new Scene(version);
  lines.forEach((whole, number) => {
    const line = forVersion(whole, version);
    if (line === null) return;
    run(scene, line);
    const missing = scene.told.differs(scene.said.wanted);
    assert.strictEqual(missing, null, `${line}\n  was: ${scene.told}\n  not so: ${missing}`);
    const theirs = inC.get(`${title}\t${number}`);
    if (!scene.said.loose && (theirs !== undefined || !languages || languages.includes('c'))) assert.strictEqual(`${scene.told}`, theirs, `${line}: unlike C`);
  });
}

for (const each of cases) {
  if (each.languages && !each.languages.includes('node')) continue;
  const missing = each.lines.map(stepOf).find((step) => gaps.has(step));
  test(each.title, { skip: missing && `${missing}: ${gaps.get(missing)}` }, () => runCase(each));
}
