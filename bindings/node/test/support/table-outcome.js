'use strict';

// What a step of the table gave: pairs of a name and a value, all of an error's facts that say something.

const { folder } = require('./certs.js');

class Outcome {
  #fields = [];

  /** The folder of the certificates is told as CERTS. */
  tell(name, value) {
    this.#fields.push([name, String(value).replaceAll(folder, 'CERTS').replaceAll('\n', '\\n')]);
  }

  /** Tells what says something. */
  tellUnless(neutral, name, value) {
    if (value !== undefined && value !== null && value !== '' && value !== neutral) this.tell(name, value);
  }

  tellError(error, prefix = '') {
    const tell = (name, value, neutral = 0) => this.tellUnless(neutral, prefix + name, value);
    tell('class', error.name);
    if (/^SSLWant/.test(error.name)) return;
    tell('text', error.message);
    tell('library', error.library);
    tell('reason', error.reason);
    if (error.name.startsWith('SSL')) tell('code', error.errno);
    tell('phase', error.phase);
    if (!error.name.startsWith('SSL')) tell('os_errno', error.errno && -error.errno);
    tell('filename', error.path);
    tell('alert_sent', error.alertSent, -1);
    tell('alert_received', error.alertReceived, -1);
    tell('verify_code', error.verifyCode);
    tell('verify_message', error.verifyMessage);
    tell('depth', error.depth, -1);
    tell('expected_name', error.expectedName);
    tell('offered_names', error.offeredNames?.join(','));
    tell('verify_flag', error.verifyFlag);
    if (error.cause) this.tellError(error.cause, `${prefix}cause.`);
  }

  toString() {
    return this.#fields.map(([name, value]) => `${name}=${value}`).join(' | ');
  }

  get isTold() {
    return this.#fields.length > 0;
  }

  #has(name, pattern) {
    const field = this.#fields.find(([each]) => each === name);
    if (!field) return pattern === '';
    const parts = pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
    return new RegExp(`^${parts.join('[^]*')}$`).test(field[1]);
  }

  /** The first word of an expectation that does not hold, or null. Without an expectation a step has to succeed. */
  differs([first = { text: 'ok' }, ...rest]) {
    const isOk = first.text === 'ok';
    if (isOk !== (this.#fields[0][0] === 'ok') || (!isOk && !this.#has('class', first.text))) return first.text;
    for (const { text, quoted } of rest) {
      const named = quoted ? null : /^([^=]*)=([^]*)$/.exec(text);
      if (!(named ? this.#has(named[1], named[2]) : this.#has(isOk ? 'ok' : 'text', text))) return text;
    }
    return null;
  }
}

module.exports = { Outcome };
