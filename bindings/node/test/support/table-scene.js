'use strict';

// What the steps of one case of the table have made, and how the words of a step become arguments.

const fs = require('node:fs');

const tlsock = require('../../index.js');
const { file } = require('./certs.js');

class Scene {
  values = new Map();
  client = null;
  server = null;
  // The ClientHello that a callback saw last, and how many were answered.
  hello = null;
  hellos = 0;

  constructor(version) {
    this.version = version === 'any' ? null : tlsock.TLSVersion[`TLSv${version.replace('.', '_')}`];
  }

  broken(why) {
    throw new Error(`the table is wrong: ${why}: ${JSON.stringify(this.said)}`);
  }

  keep(value) {
    if (this.said.stored !== null) this.values.set(this.said.stored, value);
  }

  // ---- the words of a step: 0 is its name ----

  word(at) {
    return this.said.words[at]?.text ?? this.broken('an argument is missing');
  }

  /** Whether a word is there and says something; - says nothing. */
  given(at) {
    const word = this.said.words[at];
    return word !== undefined && (word.quoted || word.text !== '-');
  }

  subject(at) {
    const name = this.word(at);
    if (name === 'client' || name === 'server') return this[name] ?? this.broken('there is no connection');
    if (!this.given(at)) return null;
    return this.values.get(name) ?? this.broken('there is nothing of this name');
  }

  /** A number, a name of one, or several with | between them. */
  number(at) {
    let sum = 0n;
    for (const part of this.word(at).split('|')) {
      const number = /^-?\d/.test(part) ? Number(part) : tlsock[part];
      if (number === undefined) this.broken('this is no number and no name of one');
      sum |= BigInt(number);
    }
    return Number(sum);
  }

  flag(at) {
    return this.word(at) === 'true';
  }

  /** Parts with + between them, each with an optional [from:to] behind it; null for -. */
  bytes(at) {
    if (!this.given(at)) return null;
    const parts = this.word(at).split('+').filter((part) => part !== '');
    return Buffer.concat(parts.map((part) => {
      const [, name, range, from, to] = /^([^[]*)(\[(\d*):(\d*)\])?$/.exec(part);
      const whole = this.#part(name);
      return range ? whole.subarray(Number(from || 0), to === '' ? whole.length : Number(to)) : whole;
    }));
  }

  #part(name) {
    const [kind, length, seed] = name.split(':');
    if (name.startsWith('@')) return fs.readFileSync(file(name.slice(1)));
    if (kind === 'key') return Buffer.from(Array.from({ length }, (_, index) => Number(seed) + index * 7));
    if (kind === 'zeros') return Buffer.alloc(Number(length));
    if (kind === 'text') return Buffer.from(name.slice(5));
    if (name.startsWith('x')) return Buffer.from(name.slice(1), 'hex');
    return (name.startsWith('$') && this.values.get(name.slice(1))) || this.broken('these are no bytes');
  }

  /** What it says, or what is in the file after an @; null for -. */
  text(at) {
    if (!this.given(at)) return null;
    return this.word(at).startsWith('@') ? this.bytes(at).toString() : this.word(at);
  }

  /** A path in the folder of the certificates; an absolute one stays; null for -. */
  path(at) {
    if (!this.given(at)) return null;
    return this.word(at) === '' || this.word(at).startsWith('/') ? this.word(at) : file(this.word(at));
  }

  /** A URI; file:NAME is that of a file in the folder of the certificates. */
  uri(at) {
    if (!this.given(at)) return null;
    const [, name] = /^file:([^/].*)$/.exec(this.word(at)) ?? [];
    return name === undefined ? this.word(at) : `file:${file(name)}`;
  }

  /** The words from one on, each made by a method of this class. */
  rest(kind, at) {
    return this.said.words.slice(at).map((_, index) => this[kind](at + index));
  }
}

module.exports = { Scene };
