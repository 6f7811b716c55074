// Compiled, not run: what must be accepted, and, under @ts-expect-error, what must not.

import * as https from 'node:https';
import * as net from 'node:net';
import { Duplex } from 'node:stream';
import * as tlsock from 'tlsock';

const context: tlsock.SSLContext = tlsock.createDefaultContext(tlsock.Purpose.SERVER_AUTH, { cafile: 'ca.pem', cadata: Buffer.alloc(1) });
context.options |= tlsock.OP_NO_TICKET;
context.minimumVersion = tlsock.TLSVersion.TLSv1_3;
context.loadCertChain('cert', null, () => Buffer.from('password'));
context.sniCallback = (connection, name, own) => {
  connection.context = own;
  return name === null ? tlsock.AlertDescription.UNRECOGNIZED_NAME : undefined;
};
context.setPskClientCallback((hint) => (hint === null ? null : ['me', Buffer.alloc(4)]));
context.setPskServerCallback((identity) => identity ?? null, 'hint');
// @ts-expect-error: a number
context.minimumVersion = '1.3';
// @ts-expect-error: no such option
tlsock.createDefaultContext(tlsock.Purpose.SERVER_AUTH, { cafil: '' });
// @ts-expect-error: made by connections only
new tlsock.SSLSession();

const identity: tlsock.Identity = tlsock.Identity.fromFiles('chain.pem', null, () => 'secret');
context.useIdentity(tlsock.Identity.fromSigner('pem', (algorithm, digest, data) => (algorithm === 'ed25519' && digest === null ? data : new Uint8Array(1))));
context.setIdentityCallback((connection, { serverName, caNames, signatureAlgorithms }) =>
  (connection.serverSide && serverName === caNames[0]?.text && signatureAlgorithms.length > 0 ? identity : null));
context.setIdentityCallback(null);
context.setIdentityCallback(async (connection, { serverName }) => (serverName === null ? null : identity));
context.setVerifyCallback(async (connection, { code }) => code === 0);
context.setClientHelloCallback((connection, { ja4, alpn, extensions }) => {
  if (alpn.includes('h2') && extensions[0].data.length > 0) connection.context = context;
  return ja4 === null ? tlsock.AlertDescription.ACCESS_DENIED : undefined;
});
context.setClientHelloCallback(async (connection, hello) => {
  if (hello.versions.includes(tlsock.TLSVersion.TLSv1_3)) connection.context = context;
});
context.setClientHelloCallback(null);
// @ts-expect-error: no answer to a ClientHello is text
context.setClientHelloCallback(() => 'yes');
context.setVerifyCallback((connection, { code, chain }) => (code === 0 && chain[0].der.length > 0 ? true : new Error(String(connection.verifyOverridden))), { insecureOverride: true });
// @ts-expect-error: nothing is no answer
context.setVerifyCallback(() => {});
context.setClientCaNames(identity.certificates()[0].pem);
// @ts-expect-error: nothing is no answer, later either
context.setVerifyCallback(async () => {});
tlsock.Identity.fromSigner('pem', async () => new Uint8Array(1));
// @ts-expect-error: a signature is bytes
tlsock.Identity.fromSigner('pem', async () => 'signature');
// @ts-expect-error: nothing is no answer
context.setIdentityCallback(() => {});
// @ts-expect-error: made by its functions only
new tlsock.Identity();

const socket: tlsock.TLSSocket = tlsock.connect({ host: 'localhost', port: 443, context }, () => {});
socket.on('session', (session) => session.id.length);
socket.once('keylog', (line) => line.toString());
socket.on('data', (chunk: Buffer) => chunk.length);
const stream: Duplex = socket;
const plain: Promise<Duplex> = socket.unwrap();
const version: string | null = socket.version();
const der: Buffer | null = socket.getpeercert(true);
const dict = socket.getpeercert();
// @ts-expect-error: read only
socket.raggedEof = true;
// @ts-expect-error: no such option
tlsock.connect({ port: 443, servername: 'x' });

socket.setExpectedNames(['a.example', 'b.example']);
socket.setServerName(null);
socket.keyUpdate(true);
tlsock.connect({ port: 443, expectedNames: ['a.example'], serverName: null });
const copied: tlsock.SSLContext = context.copy();
copied.pskRequired = tlsock.HAS_PSK_TLS13 && tlsock.HAS_PHA;

const server: net.Server = tlsock.createServer({ context }, (peer) => peer.pipe(peer));
tlsock.createServer({ context }).on('tlsClientError', (error, peer) => [error.message, peer.version()]);
// @ts-expect-error: context is needed
tlsock.createServer({});
tlsock.createServer({ cert: 'pem', key: 'pem', SNICallback: (name, done) => done(null, context), ALPNCallback: async ({ protocols }) => protocols[0] }).setSecureContext(context);
tlsock.createServer({ SNICallback: async () => context });
const agent: https.Agent = new tlsock.Agent({ context, keepAlive: true });
new tlsock.Agent({ ca: ['pem'], cert: Buffer.alloc(1), minVersion: 'TLSv1.3', checkServerIdentity: (host, { subject }) => (subject.CN === host ? undefined : new Error(host)) });
// @ts-expect-error: no such option
new tlsock.Agent({ rejectUnauthorised: false });
new tlsock.Agent({ pfx: [{ buf: Buffer.alloc(1), passphrase: 'x' }] });
tlsock.createServer({ pfx: Buffer.alloc(1) });
const web = tlsock.createHttpsServer({ context, headersTimeout: 1 }, (request, response) => response.end(request.url));
web.closeIdleConnections();
web.keepAliveTimeout = 1;
web.setTimeout(1).setSecureContext({ cert: 'pem' });
tlsock.createHttp2Server({ context, allowHTTP1: true, settings: { maxConcurrentStreams: 1 } }, (request, response) => response.end(request.httpVersion)).http2.setTimeout(1);
context.verifyFlags |= tlsock.VerifyFlags.VERIFY_X509_STRICT;
context.verifyMode = tlsock.VerifyMode.CERT_REQUIRED;
context.options |= tlsock.Options.OP_NO_TICKET;
context.sniCallback = async () => tlsock.AlertDescription.UNRECOGNIZED_NAME;
context.setPskServerCallback(async () => Buffer.alloc(1));
tlsock.createHttpsServer({ context }, (request, response) => response.end(request.url)).http.setTimeout(1);
const connected: Promise<tlsock.TLSSocket> = tlsock.promises.connect({ port: 443 });

tlsock.setWarningCallback((category, message) => category + message);
tlsock.setWarningCallback(null);
// @ts-expect-error: a function
tlsock.setWarningCallback('x');

const bio = new tlsock.MemoryBIO();
const object: tlsock.SSLObject = context.wrapBio(bio, bio, { serverHostname: 'x', session: socket.session });
const length: number = object.read(Buffer.alloc(1)) + object.write('x');
const bytes: Buffer = object.read(10);

function reason(error: unknown) {
  if (error instanceof tlsock.SSLCertVerificationError) return `${error.verifyCode} ${error.certificate?.subjectText} ${error.code}`;
  if (error instanceof tlsock.SSLError) return error.reason ?? null;
  if (error instanceof tlsock.CertificateError) return error.verifyMessage;
  return error instanceof tlsock.OSError ? error.code : null;
}

export { stream, plain, version, der, dict, server, agent, connected, length, bytes, reason };
