// The names of tls.js for `import { ... } from 'tlsock/tls'`; a test compares the two.

import tls from './tls.js';

export default tls;
export const {
  connect, createServer, createSecureContext, createSecurePair, TLSSocket, Server, SecureContext, getCiphers, checkServerIdentity,
  convertALPNProtocols, CLIENT_RENEG_LIMIT, CLIENT_RENEG_WINDOW, DEFAULT_CIPHERS, DEFAULT_ECDH_CURVE, DEFAULT_MIN_VERSION, DEFAULT_MAX_VERSION,
  rootCertificates, getCACertificates, setDefaultCACertificates, getCertificateCompressionAlgorithms,
} = tls;
