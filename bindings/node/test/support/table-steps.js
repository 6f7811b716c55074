'use strict';

// The steps of the table: those that are more, or other, than a method of the header's arguments, and the kinds of the
// arguments of all others.

const assert = require('node:assert');

const tlsock = require('../../index.js');
const { file } = require('./certs.js');
const { helloSteps } = require('./table-hello.js');
const { join, split } = require('./scts.js');

// The arguments of methods; what ends in "s" is a list of all further words, given as one.
const KINDS = {
  copy: [], load_cert_chain: ['path', 'path', 'text'], load_cert_chain_data: ['bytes', 'bytes', 'text'],
  set_verify_mode: ['number'], set_verify_depth: ['number'], set_ocsp: ['number'], set_num_tickets: ['number'], set_max_cert_list: ['number'],
  set_options: ['number'], set_verify_flags: ['number'], set_check_hostname: ['flag'], set_psk_required: ['flag'], set_scts_requested: ['flag'], set_alpn_strict: ['flag'],
  set_ciphers: ['text'], set_ciphersuites: ['text'], set_groups: ['text'], set_server_sigalgs: ['text'], set_client_sigalgs: ['text'], set_pins: ['texts'], set_alpn_protocols: ['texts'],
  set_ech_configs: ['bytes'], set_ech_grease: ['flag'], load_ech_keys: ['bytes', 'bytes'], ech_grease: [], ech_status: [], ech_outer_name: [],
  set_ocsp_response: ['bytes'], set_crl_data: ['bytes'], load_crl_data: ['bytes'], set_client_ca_names: ['bytes'],
  set_ticket_keys: ['byteses'], load_ticket_keys: ['number', 'paths'], get_channel_binding: ['text'], key_update: ['flag'], set_expected_names: ['texts'],
  set_server_name: ['text'], use_identity: ['subject'], set_session: ['subject'],
  verify_mode: [], verify_depth: [], ocsp: [], max_cert_list: [], verify_flags: [], check_hostname: [], psk_required: [], scts_requested: [], alpn_strict: [],
  version: [], server_name: [], server_hostname: [], client_sigalg: [], server_sigalg: [], selected_alpn_protocol: [], group: [],
  session_reused: [], verify_overridden: [], ocsp_response: [], own_certificate: [], peer_certificate: [], verify_result: [], info_json: [],
};

const argument = (scene, kind, at) => {
  if (scene.said.words[at]?.text.startsWith('json:')) return JSON.parse(scene.said.words[at].text.slice(5));
  if (kind === 'texts') return scene.rest('text', at);
  if (kind === 'paths') return scene.rest('path', at);
  if (kind === 'byteses') return scene.rest('bytes', at);
  return kind === 'path' || kind === 'text' || kind === 'bytes' ? scene.said.words[at] && scene[kind](at) : scene[kind](at);
};

/** What the name of a step is in JavaScript. */
const camel = (step) => step.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
const property = (step) => camel(step.replace(/^set_/, ''));

const CLASSES = [tlsock.SSLContext, tlsock.SSLObject, tlsock.SSLSession, tlsock.Identity];

const has = (Class, name) => Object.hasOwn(Class.prototype, name);

const isMethodOf = (subject, name) => typeof Object.getOwnPropertyDescriptor(subject.constructor.prototype, name)?.value === 'function';

/** Whether a class has the method, or the property, of a step. */
const isMethod = (step) => CLASSES.some((Class) => has(Class, camel(step)) || has(Class, property(step)));

/** Calls a method, or reads or sets a property, by the words of a step. */
function call(scene, step) {
  if (!KINDS[step]) scene.broken('there is no such step');
  const subject = scene.subject(1), values = KINDS[step].map((kind, index) => argument(scene, kind, index + 2));
  // Where there is no method of a name, to look at it throws.
  if (isMethodOf(subject, camel(step))) return subject[camel(step)](...values);
  if (values.length === 0) return subject[property(step)];
  subject[property(step)] = values[0];
  return undefined;
}

const made = (scene, context) => {
  if (scene.version !== null) {
    context.maximumVersion = tlsock.TLSVersion.MAXIMUM_SUPPORTED;
    context.minimumVersion = scene.version;
    context.maximumVersion = scene.version;
  }
  return context;
};

function wrap(scene) {
  const [client, server] = [scene.subject(1), scene.subject(2)];
  const options = { serverHostname: 'localhost' };
  for (const { text } of scene.said.words.slice(3)) {
    const [, name, value] = /^(host|session)=(.*)$/.exec(text) ?? scene.broken('an unknown option');
    if (name === 'host') options.serverHostname = value;
    else options.session = scene.values.get(value) ?? scene.broken('there is no session of this name');
  }
  const [up, down] = [new tlsock.MemoryBIO(), new tlsock.MemoryBIO()];
  scene.client = scene.server = null;
  scene.client = client.wrapBio(down, up, options);
  scene.server = server.wrapBio(up, down, { serverSide: true });
  scene.incoming = new Map([[scene.client, down], [scene.server, up]]);
}

/** Tells that one side has failed, and then what the other meets. */
function failed(scene, side, error, isOtherDone) {
  const other = side === scene.client ? scene.server : scene.client;
  scene.told.tellError(error);
  scene.told.tell('at', side === scene.client ? 'client' : 'server');
  try {
    if (isOtherDone) other.read(1);
    else other.doHandshake();
    scene.told.tell('then.ok', '');
  } catch (then) {
    scene.told.tellError(then, 'then.');
  }
}

/** That of both sides in turn, the client first, then a byte each way. */
function handshake(scene) {
  const sides = [scene.client, scene.server], done = [false, false];
  for (let turn = 0; turn < 40 && !(done[0] && done[1]); turn++) {
    const side = turn % 2;
    if (done[side]) continue;
    try {
      sides[side].doHandshake();
      done[side] = true;
    } catch (error) {
      if (!(error instanceof tlsock.SSLWantReadError)) return failed(scene, sides[side], error, done[1 - side]);
    }
  }
  for (const [from, to] of [[scene.server, scene.client], [scene.client, scene.server]]) {
    let acting = from;
    try {
      from.write('!');
      acting = to;
      to.read(1);
    } catch (error) {
      return failed(scene, acting, error, true);
    }
  }
  assert.strictEqual(scene.client.sessionReused, scene.server.sessionReused);
  return scene.client.sessionReused ? 'resumed' : 'full';
}

/** Once a client has asked, these bytes come and nothing from the peer, then the end of the stream. */
function interrupt(scene) {
  const side = scene.subject(1), incoming = scene.incoming.get(side);
  if (side === scene.client) assert.throws(() => side.doHandshake(), tlsock.SSLWantReadError);
  incoming.write(scene.bytes(2));
  incoming.writeEof();
  side.doHandshake();
}

const seconds = (scene, name, value) => scene.told.tellUnless(0, name, value);

/** A callback that gives this, or fails. */
const answers = (word, answer) => () => {
  if (word === 'refuse') throw new Error('refused');
  return answer;
};

const SPECIAL = {
  ...helloSteps,
  client: (scene) => made(scene, tlsock.createDefaultContext(tlsock.Purpose.SERVER_AUTH, { cafile: file('ca.pem') })),
  server(scene) {
    const context = tlsock.createDefaultContext(tlsock.Purpose.CLIENT_AUTH);
    if (scene.said.words.length > 1) context.loadCertChain(file(`${scene.word(1)}.pem`), file(`${scene.word(1)}.key`));
    return made(scene, context);
  },
  context_new: (scene) => made(scene, new tlsock.SSLContext(scene.number(1))),
  wrap,
  handshake,
  interrupt,
  connect(scene) {
    wrap(scene);
    return handshake(scene);
  },
  say(scene) {
    const from = scene.subject(1), to = from === scene.client ? scene.server : scene.client;
    from.write('!');
    to.read(1);
  },
  read: (scene) => void scene.subject(1).read(1),
  same: (scene) => scene.bytes(1).equals(scene.bytes(2)),
  load_verify_locations: (scene) =>
    scene.subject(1).loadVerifyLocations({ cafile: scene.path(2), capath: scene.path(3), cadata: scene.bytes(4) }),
  cert_store_stats(scene) {
    const { x509, crl, x509Ca } = scene.subject(1).certStoreStats();
    scene.told.tell('ok', '');
    scene.told.tellUnless(0, 'x509', x509);
    scene.told.tellUnless(0, 'crl', crl);
    scene.told.tellUnless(0, 'x509_ca', x509Ca);
  },
  set_psk_client_callback(scene) {
    const name = scene.text(2), key = scene.bytes(3);
    scene.subject(1).setPskClientCallback(() => (key === null ? null : [name, key]));
  },
  set_psk_server_callback(scene) {
    const key = scene.bytes(2);
    scene.subject(1).setPskServerCallback(() => key, scene.text(3));
  },
  identity_new_files: (scene) => tlsock.Identity.fromFiles(scene.path(1), scene.path(2), scene.text(3)),
  identity_new_data: (scene) => tlsock.Identity.fromData(scene.bytes(1), scene.bytes(2), scene.text(3)),
  identity_new_pkcs12: (scene) => tlsock.Identity.fromPkcs12(scene.bytes(1), scene.text(2)),
  identity_new_uri: (scene) => tlsock.Identity.fromUri(scene.uri(1), scene.uri(2), scene.text(3)),
  identity_with_ocsp_response: (scene) => scene.subject(1).withOcspResponse(scene.bytes(2)),
  identity_with_scts: (scene) => scene.subject(1).withScts(split(scene.bytes(2))),
  scts: (scene) => join(scene.subject(1).scts()),
  identity_new_signer: (scene) => tlsock.Identity.fromSigner(scene.bytes(1), answers(scene.word(2), new Uint8Array(64))),
  set_alpn_callback(scene) {
    scene.subject(1).alpnCallback = answers(scene.word(2), scene.text(2));
  },
  get_groups: (scene) => scene.subject(1).getGroups({ includeAliases: scene.flag(2) }).join(':'),
  generate_ech_keys: (scene) => void tlsock.generateEchKeys(scene.text(1), scene.number(2)),
  get_sigalgs: () => tlsock.getSigalgs().join(':'),
  identity_certificates: (scene) => scene.subject(1).certificates().length,
  set_identity_callback(scene) {
    const refuses = scene.word(2) === 'refuse';
    scene.subject(1).setIdentityCallback(answers(scene.word(2), refuses ? null : scene.subject(2)));
  },
  set_verify_callback: (scene) =>
    scene.subject(1).setVerifyCallback(answers(scene.word(2), true), { insecureOverride: scene.said.words.length > 3 }),
  session(scene) {
    const { session } = scene.subject(1);
    if (session !== null) scene.keep(session);
    scene.told.tell('ok', session === null ? 'none' : 'a session');
  },
  session_new_data: (scene) => tlsock.SSLSession.fromData(scene.subject(1), scene.bytes(2)),
  session_data(scene) {
    scene.keep(scene.subject(1).toData());
    scene.told.tell('ok', 'bytes');
  },
  export_keying_material: (scene) => scene.subject(1).exportKeyingMaterial(scene.number(4), scene.text(2), scene.bytes(3)),
  finished: (scene) => (scene.word(2) === 'own' ? scene.subject(1).getFinished() : scene.subject(1).getPeerFinished()) ?? null,
  server_name: (scene) => scene.subject(1).servername || null,
  ocsp_status(scene) {
    const status = scene.subject(1).ocspStatus();
    scene.told.tell('ok', ['none', 'good', 'revoked', 'unknown'][status?.status ?? 0]);
    if (status === null) return;
    scene.told.tellUnless(0, 'reason', status.reason);
    seconds(scene, 'revocation_time', status.revocationTime);
    seconds(scene, 'this_update', status.thisUpdate);
    seconds(scene, 'next_update', status.nextUpdate);
  },
};

const isThere = (step) => SPECIAL[step] !== undefined || isMethod(step);

function tellCertificate(scene, certificate) {
  scene.keep(certificate.der);
  scene.told.tell('ok', certificate.subjectText);
  scene.told.tell('serial', certificate.serialNumber);
}

/** Runs the step that scene.said has; scene.told gets what it gives. */
function runStep(scene) {
  const step = scene.word(0);
  const result = SPECIAL[step] ? SPECIAL[step](scene) : call(scene, step);
  if (scene.told.isTold) return;
  if (result instanceof tlsock.SSLContext || result instanceof tlsock.SSLSession || result instanceof tlsock.Identity || Buffer.isBuffer(result)) scene.keep(result);
  if (result instanceof tlsock.Certificate) return tellCertificate(scene, result);
  if (Buffer.isBuffer(result)) scene.told.tell('ok', `${result.length} bytes`);
  else if (result === null || result === '') scene.told.tell('ok', 'none');
  else scene.told.tell('ok', result === undefined || typeof result === 'object' ? '' : result);
}

module.exports = { isThere, runStep };
