'use strict';

// Copies of secrets are wiped.

const assert = require('node:assert');
const crypto = require('node:crypto');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');

const { file, text } = require('./support/certs.js');

// Pieces begin with a mark that nothing else has, and have one length: memory is searched once, however many there are.
const MARK = 12, PIECE = 40;
const READ = 1 << 20;
// Of exported keys, as support/exported.js asks for them.
// HKDF with SHA-256 gives no more than 8160 bytes.
const SIZE = 8000;

/** How many of the pieces are in the memory of a child of ours. */
function occurrences(pid, pieces) {
  const memory = fs.openSync(`/proc/${pid}/mem`, 'r');
  const wanted = new Set(pieces.map((piece) => piece.toString('latin1'))), mark = pieces[0].subarray(0, MARK), found = new Set();
  for (const line of fs.readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    // What libssl leaves on the stack is not the addon's, and soon something else.
    const [, start, end] = /^([0-9a-f]+)-([0-9a-f]+) rw(?!.*\[stack\])/.exec(line) ?? [];
    if (start) search(memory, parseInt(start, 16), parseInt(end, 16), mark, (piece) => wanted.has(piece) && found.add(piece));
  }
  fs.closeSync(memory);
  return found.size;
}

function search(memory, start, end, mark, tell) {
  const buffer = Buffer.alloc(READ + PIECE);
  // What lies across the end of a part is at the beginning of the next one too.
  for (let at = start; at < end; at += READ) {
    let length;
    try {
      length = fs.readSync(memory, buffer, 0, Math.min(buffer.length, end - at), at);
    } catch {
      return;
    }
    const part = buffer.subarray(0, length);
    for (let i = part.indexOf(mark); i >= 0; i = part.indexOf(mark, i + 1)) tell(part.toString('latin1', i, i + PIECE));
  }
}

// Characters from 0xc0 to 0xff: one byte in V8 and two in UTF-8.
const wide = (count) => Array.from(crypto.randomBytes(count), (byte) => String.fromCharCode(0xc0 + (byte & 0x3f))).join('');

// AddressSanitizer keeps and maps far too much.
const hindrance = (process.platform !== 'linux' && 'needs /proc') || (process.env.TLSOCK_ASAN_ADDON && 'under AddressSanitizer');

test('the addon\'s copies of passwords and keys are wiped', { skip: hindrance }, async (t) => {
  const marks = { wide: wide(MARK / 2), latin1: wide(MARK) };
  // 20 characters are 40 bytes of UTF-8; V8's own form of the string has the other mark. All are 1,024 bytes, as many as libssl takes.
  const texts = Array.from({ length: 23 }, () => marks.wide + wide(20 - MARK / 2)), own = marks.latin1 + wide(PIECE - MARK);
  const password = texts.join('') + own + wide(12);
  const key = file('secret.key');
  const pem = crypto.createPrivateKey(text('rsa.key')).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: password });
  // What is behind the key counts as part of it, and is enough that not all of it is used again at once.
  const lineMark = crypto.randomBytes(MARK).toString('base64').slice(0, MARK);
  const lines = Array.from({ length: 600 }, () => lineMark + crypto.randomBytes(48).toString('base64').slice(0, PIECE - MARK));
  fs.writeFileSync(key, `${pem}${lines.join('\n')}\n`, { mode: 0o600 });
  const codes = Array.from(password, (character) => character.charCodeAt(0));
  const child = spawn(process.execPath, [path.join(__dirname, 'support', 'secret.js'), file('rsa.pem'), key, ...codes.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: process.env.NODE_OPTIONS ?? '' },
  });
  t.after(() => child.kill());
  await once(child.stdout, 'data');
  assert.strictEqual(occurrences(child.pid, lines.map((line) => Buffer.from(line))), 0, 'lines of the key');
  child.stdin.write('.');
  for (const use of ['text for files', 'text for bytes', 'function for files', 'function for bytes']) {
    await once(child.stdout, 'data');
    assert.ok(occurrences(child.pid, [Buffer.from(own, 'latin1')]) > 0, 'the string itself is found');
    // Memory that was freed may have other things in parts of it.
    assert.strictEqual(occurrences(child.pid, texts.map((text) => Buffer.from(text))), 0, `pieces of copies, ${use}`);
    child.stdin.write('.');
  }
});

test('exported keys are nowhere but in what was given', { skip: hindrance }, async (t) => {
  const child = spawn(process.execPath, [path.join(__dirname, 'support', 'exported.js')], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  let exported = Buffer.alloc(0);
  child.stdout.on('data', (chunk) => (exported = Buffer.concat([exported, chunk])));
  const received = async (size) => {
    while (exported.length < size) await once(child.stdout, 'data');
  };
  await received(SIZE);
  // The middle: freed memory begins with the allocator's own notes.
  const piece = exported.subarray(SIZE / 2, SIZE / 2 + PIECE);
  assert.ok(occurrences(child.pid, [piece]) > 0, 'what was given is found');
  child.stdin.write('.');
  await received(SIZE + 1);
  assert.strictEqual(occurrences(child.pid, [piece]), 0, 'a copy');
});
