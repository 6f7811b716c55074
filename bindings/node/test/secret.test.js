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

/** How many of the pieces are in the memory of a child of ours. */
function occurrences(pid, pieces) {
  const memory = fs.openSync(`/proc/${pid}/mem`, 'r');
  const found = new Set();
  for (const line of fs.readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    // What libssl leaves on the stack is not the addon's, and soon something else.
    const [, start, end] = /^([0-9a-f]+)-([0-9a-f]+) rw(?!.*\[stack\])/.exec(line) ?? [];
    if (start) search(memory, parseInt(start, 16), parseInt(end, 16), pieces, found);
  }
  fs.closeSync(memory);
  return found.size;
}

function search(memory, start, end, pieces, found) {
  const buffer = Buffer.alloc(Math.min(end - start, 1 << 20));
  for (let at = start, len = 0; at < end; at += len) {
    try {
      len = fs.readSync(memory, buffer, 0, Math.min(buffer.length, end - at), at);
    } catch {
      return;
    }
    for (const piece of pieces) if (buffer.subarray(0, len).includes(piece)) found.add(piece);
  }
}

// AddressSanitizer keeps and maps far too much.
const hindrance = (process.platform !== 'linux' && 'needs /proc') || (process.env.TLSOCK_ASAN_ADDON && 'under AddressSanitizer');

test('the addon\'s copies of passwords and keys are wiped', { skip: hindrance, timeout: 60_000 }, async (t) => {
  // Of characters that are one byte in V8 and two in UTF-8.
  const password = Array.from(crypto.randomBytes(500), (byte) => String.fromCharCode(0xc0 + (byte & 0x3f))).join('');
  const key = file('secret.key');
  const pem = crypto.createPrivateKey(text('rsa.key')).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: password });
  // What is behind the key counts as part of it, and is enough that not all of it is used again at once.
  const lines = Array.from({ length: 600 }, () => crypto.randomBytes(48).toString('base64'));
  fs.writeFileSync(key, `${pem}${lines.join('\n')}\n`, { mode: 0o600 });
  const codes = Array.from(password, (character) => character.charCodeAt(0));
  const child = spawn(process.execPath, [path.join(__dirname, 'support', 'secret.js'), file('rsa.pem'), key, ...codes.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: process.env.NODE_OPTIONS ?? '' },
  });
  t.after(() => child.kill());
  // Memory that was freed may have other things in parts of it.
  const pieces = Array.from({ length: 25 }, (_, i) => password.slice(20 * i, 20 * (i + 1)));
  await once(child.stdout, 'data');
  assert.strictEqual(occurrences(child.pid, lines.map((line) => Buffer.from(line))), 0, 'lines of the key');
  child.stdin.write('.');
  for (const use of ['text for files', 'text for bytes', 'function for files', 'function for bytes']) {
    await once(child.stdout, 'data');
    assert.ok(occurrences(child.pid, pieces.map((piece) => Buffer.from(piece, 'latin1'))) > 0, 'the string itself is found');
    assert.strictEqual(occurrences(child.pid, pieces.map((piece) => Buffer.from(piece))), 0, `pieces of copies, ${use}`);
    child.stdin.write('.');
  }
});
