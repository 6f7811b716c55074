'use strict';

// The program of no-memory.test.js: no-memory.js ADDON, one with no_memory.c. Each of these calls finds no memory for what it allocates
// first. It prints, by name, the codes of their errors, and what became of connections made after them.

const { dlopen } = process;
process.dlopen = (module, file, ...rest) => dlopen.call(process, module, file.endsWith('tlsock.node') ? process.argv[2] : file, ...rest);

const tlsock = require('../../index.js');
const { clientContext, file, serverContext } = require('./certs.js');
const { objects } = require('./pairs.js');

const WRONG_PIN = `sha256//${Buffer.alloc(32).toString('base64')}`;
const text = 'sixteen letters.';
const found = {};

const codeOf = (run) => {
  try {
    run();
  } catch (error) {
    return error.code;
  }
  return null;
};

const other = clientContext();
// The addon copies a text of which the library knows nothing; the next thing that it allocates is not there.
const arm = () => codeOf(() => other.setCiphers('x'.repeat(4242)));

function fails(name, run) {
  arm();
  found[name] = codeOf(run);
}

const judged = clientContext((context) => context.setVerifyCallback(() => false));
fails('setVerifyCallback', () => judged.setVerifyCallback(() => true));
found['the verdict of before'] = codeOf(() => objects(judged));

const pinned = clientContext((context) => context.setPins([WRONG_PIN]));
fails('setPins', () => pinned.setPins([WRONG_PIN]));
found['the pins of before'] = codeOf(() => objects(pinned));

const server = serverContext();
fails('sniCallback', () => { server.sniCallback = () => 0; });
fails('alpnCallback', () => { server.alpnCallback = () => null; });
fails('setClientHelloCallback', () => server.setClientHelloCallback(() => 0));
fails('setIdentityCallback', () => server.setIdentityCallback(() => null));
fails('setPskServerCallback', () => server.setPskServerCallback(() => null, 'hint'));
fails('setPskClientCallback', () => other.setPskClientCallback(() => null));
fails('setSessionCache', () => server.setSessionCache({ put() {}, get() {} }));
fails('messageCallback', () => { other.messageCallback = () => {}; });
fails('setWarningCallback', () => tlsock.setWarningCallback(() => {}));
fails('createDefaultContext', () => tlsock.createDefaultContext(tlsock.Purpose.SERVER_AUTH, { cafile: file('ca.pem') }));
fails('loadVerifyLocations', () => other.loadVerifyLocations({ cafile: file('ca.pem') }));
fails('loadCertChain', () => server.loadCertChain(file('ecdsa.pem'), file('ecdsa.key')));
fails('Identity.fromFiles', () => tlsock.Identity.fromFiles(file('ecdsa.pem'), file('ecdsa.key')));
fails('setCiphers', () => other.setCiphers('DEFAULT'));
fails('wrapBio', () => other.wrapBio(new tlsock.MemoryBIO(), new tlsock.MemoryBIO(), { serverHostname: 'localhost' }));
fails('txt2obj', () => tlsock.txt2obj(text));
const ends = objects(clientContext(), serverContext());
fails('exportKeyingMaterial', () => ends.client.exportKeyingMaterial(32, 'EXPORTER-test'));
fails('getChannelBinding', () => ends.client.getChannelBinding('tls-exporter'));
found['a connection afterwards'] = codeOf(() => ends.client.write('x'));

console.log(JSON.stringify(found));
