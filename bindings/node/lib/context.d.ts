// Types of contexts.

import { Bytes, Connection, Later, SSLObject, WrapOptions } from '../index';
import { MemoryBIO } from './bio';
import { CertificateDict } from './certificate';
import { SSLSession } from './session';

/** A string, bytes, or a function that gives them. */
export type Password = string | ArrayBufferView | ArrayBuffer | (() => Bytes);

/** What is known of a cipher. Python: an entry of SSLContext.get_ciphers() */
export interface CipherInfo {
  /** OpenSSL's number. */
  id: number;
  /** OpenSSL's name. */
  name: string;
  /** The protocol that defines it. */
  protocol: string;
  /** OpenSSL's description in one line. */
  description: string;
  /** The bits of security. */
  strengthBits: number;
  /** The bits of its algorithm. */
  algBits: number;
  /** Whether it authenticates what it encrypts by itself. */
  aead: boolean;
  /** The symmetric cipher; null if OpenSSL has no name for it. */
  symmetric: string | null;
  /** The digest; null for AEAD. */
  digest: string | null;
  /** The key exchange; null if OpenSSL has no name for it. */
  kea: string | null;
  /** The authentication; null if OpenSSL has no name for it. */
  auth: string | null;
}

/** Counters since the context was made. Python: SSLContext.session_stats() */
export interface SessionStats {
  /** Sessions in the cache now. */
  number: number;
  /** Handshakes begun as a client. */
  connect: number;
  /** Handshakes finished as a client. */
  connectGood: number;
  /** Renegotiations as a client. */
  connectRenegotiate: number;
  /** Handshakes begun as a server. */
  accept: number;
  /** Handshakes finished as a server. */
  acceptGood: number;
  /** Renegotiations as a server. */
  acceptRenegotiate: number;
  /** Sessions that were resumed. */
  hits: number;
  /** Sessions that a client asked for and the cache did not have. */
  misses: number;
  /** Sessions that had expired. */
  timeouts: number;
  /** Sessions removed because the cache was full. */
  cacheFull: number;
}

/** Where CAs are. Python: cafile, capath, cadata */
export interface CaLocations {
  /** A PEM file. */
  cafile?: string | null;
  /** A directory of certificates with hashed names. */
  capath?: string | null;
  /** Certificates as PEM or DER. */
  cadata?: Bytes | null;
}

/** Settings that many connections share: certificates, trust, versions, ciphers. Python: SSLContext */
export class SSLContext {
  /** protocol: one of PROTOCOL_*; a client context requires and checks certificates and names. Throws ValueError for one that OpenSSL lacks. */
  constructor(protocol?: number);
  /** The PROTOCOL_* it was made with. */
  readonly protocol: number;
  /** OpenSSL's security level; `@SECLEVEL=n` in setCiphers changes it. Python: security_level */
  readonly securityLevel: number;
  /** TLS 1.3 authentication of the client after the handshake. Python: post_handshake_auth */
  postHandshakeAuth: boolean;
  /** OP_* bits. */
  get options(): bigint;
  set options(options: bigint | number);
  /** One of TLSVersion. Throws ValueError for one that OpenSSL refuses. Python: minimum_version */
  minimumVersion: number;
  /** One of TLSVersion. Throws ValueError for one that OpenSSL refuses. Python: maximum_version */
  maximumVersion: number;
  /** How many TLS 1.3 tickets a server sends. Throws ValueError on any but a server context. Python: num_tickets */
  numTickets: number;
  /** CERT_NONE, CERT_OPTIONAL or CERT_REQUIRED. Throws ValueError for CERT_NONE while names are checked. Python: verify_mode */
  verifyMode: number;
  /** Whether names are checked; true raises a verifyMode of CERT_NONE to CERT_REQUIRED. Python: check_hostname */
  checkHostname: boolean;
  /** Whether the common name is checked if a certificate has no DNS name. Python: hostname_checks_common_name */
  hostnameChecksCommonName: boolean;
  /** VERIFY_* bits. */
  get verifyFlags(): number;
  set verifyFlags(flags: number | bigint);
  /** How many certificates may stand between a peer's own and its trust anchor; -1 for OpenSSL's own limit. Throws ValueError. */
  get verifyDepth(): number;
  set verifyDepth(depth: number);
  /** How many bytes a peer's chain may have. Throws ValueError. */
  get maxCertList(): number;
  set maxCertList(bytes: number);
  /**
   * What a client demands of OCSP responses: OCSP_IGNORE, OCSP_REQUEST (ask for one; what comes must be valid and good, and it must
   * come if the certificate says so) or OCSP_REQUIRE (refuse servers without one). Throws ValueError.
   */
  get ocsp(): number;
  set ocsp(mode: number);
  /** Whether a verified chain is remembered, so that its signatures are not verified again. */
  chainCache: boolean;
  /** How many chains did not have to be verified again since the context was made. */
  readonly chainCacheHits: number;
  /** The file that secrets are appended to, for debugging; null if there is none. Throws OSError. Python: keylog_filename */
  get keylogFilename(): string | null;
  set keylogFilename(filename: string | null);
  /** An `async` function is called before the handshake, by TLSSockets only; so are the PSK callbacks, in TLS 1.3. */
  sniCallback: ((connection: Connection, serverName: string | null, context: SSLContext) => Later<number | null | undefined | void>) | null;
  /**
   * Chooses a server's protocol among those that a client offers (latin1); null or undefined for none, an exception refuses the client with
   * no_application_protocol. It cannot wait: the option ALPNCallback of a TLSSocket can. Throws ValueError on a client's context.
   */
  alpnCallback: ((connection: Connection, serverName: string | null, protocols: string[]) => string | null | undefined | void) | null;
  /** Sees the protocol's messages, for debugging. Python: _msg_callback */
  messageCallback:
    | ((connection: Connection, direction: 'read' | 'write', version: number, contentType: number, msgType: number, data: Buffer) => Later<void>)
    | null;
  /** Receives the lines of the key log, which are secret. TLSSocket has the event `keylog` too. */
  keylogCallback: ((connection: Connection, line: string) => Later<void>) | null;
  /** Receives each session that can be resumed. TLSSocket has the event `session` too. */
  sessionCallback: ((connection: Connection, session: SSLSession) => Later<void>) | null;
  /** Like sniCallback; a name that is not a valid host name fails the handshake. Python: set_servername_callback */
  setServernameCallback(callback: SSLContext['sniCallback']): void;
  /** Gives identity and key, or null to decline. Throws NotImplementedError without PSK. Python: set_psk_client_callback */
  setPskClientCallback(callback: ((hint: string | null) => Later<[identity: string | null, key: Bytes] | null | undefined>) | null): void;
  /** Gives the key of an identity, or null to decline. Throws NotImplementedError without PSK. Python: set_psk_server_callback */
  setPskServerCallback(callback: ((identity: string | null) => Later<Bytes | null | undefined>) | null, identityHint?: string | null): void;
  /** OpenSSL's cipher list, for TLS 1.2 and below. Throws SSLError if nothing is left. Python: set_ciphers */
  setCiphers(ciphers: string): void;
  /** The ciphers that would be offered, best first. Python: get_ciphers */
  getCiphers(): CipherInfo[];
  /** The ciphers of TLS 1.3, separated by colons; "" for none. Throws ValueError for an unknown name, with the nearest known one. Python 3.15: set_ciphersuites */
  setCiphersuites(ciphersuites: string): void;
  /** The groups for key exchange, the preferred one first, separated by colons. Throws ValueError for an unknown name, with the nearest known one. Python 3.15: set_groups */
  setGroups(groups: string): void;
  /** The groups that setGroups takes for the context's versions, by their numbers in TLS; with includeAliases all names of each. Python 3.15: get_groups */
  getGroups(options?: { includeAliases?: boolean }): string[];
  /**
   * By which algorithms servers may sign, separated by colons: a client offers these, a server signs by one of them. They hold for clients too,
   * unless setClientSigalgs sets others. Throws ValueError for an unknown name, with the nearest known one. Python 3.15: set_server_sigalgs
   */
  setServerSigalgs(sigalgs: string): void;
  /** By which algorithms clients may sign: a server asks for these. Throws as setServerSigalgs. Python 3.15: set_client_sigalgs */
  setClientSigalgs(sigalgs: string): void;
  /** The one group for key exchange. Throws ValueError for an unknown name. Python: set_ecdh_curve */
  setEcdhCurve(curveName: string): void;
  /** Diffie-Hellman parameters from a PEM file. Throws OSError or SSLError. Python: load_dh_params */
  loadDhParams(dhfile: string): void;
  /** The protocols to offer, or to choose from in this order. Throws SSLError for one that is not 1 to 255 bytes long. Python: set_alpn_protocols */
  setAlpnProtocols(protocols: string[]): void;
  /** Whether a server refuses a client that offers none of its protocols (RFC 7301, 3.2). Throws ValueError on a client's context. */
  get alpnStrict(): boolean;
  set alpnStrict(strict: boolean);
  /** Throws NotImplementedError: NPN was removed from TLS. Python: set_npn_protocols */
  setNpnProtocols(protocols: string[]): void;
  /** This side's chain and key from PEM files. Throws OSError, SSLError, or what the password function threw. Python: load_cert_chain */
  loadCertChain(certfile: string, keyfile?: string | null, password?: Password | null): void;
  /** The same from memory, PEM or DER. Throws SSLError, or what the password function threw. */
  loadCertChainData(cert: Bytes, key?: Bytes | null, password?: Password | null): void;
  /** Trusts more CAs. Throws OSError or SSLError, and TypeError if nothing is given. Python: load_verify_locations */
  loadVerifyLocations(locations: CaLocations): void;
  /** The OCSP response, in DER, that a server sends with the certificate that it is for; no bytes remove all. Throws ValueError. */
  setOcspResponse(response: Bytes): void;
  /** Keys of which a peer's chain must have one, as curl writes them: "sha256//" and base64. None: any key. Throws ValueError. */
  setPins(pins: Iterable<string>): void;
  /** Adds revocation lists, PEM or DER. They are used once verifyFlags has a CRL_CHECK bit. Throws SSLError. */
  loadCrlData(crl: Bytes): void;
  /** Replaces all revocation lists, from files or memory, by these, PEM or DER; no bytes leave none. Throws SSLError. */
  setCrlData(crl: Bytes): void;
  /**
   * Sets the keys of a server's session tickets: the first encrypts, all decrypt, and a ticket of a later one is renewed. Servers with the same
   * keys resume what any of them has begun. Each has 48 or 80 bytes, as nginx's ssl_session_ticket_key. No keys: one of the context's own.
   * Throws ValueError.
   */
  setTicketKeys(keys: Iterable<Bytes>): void;
  /** Trusts the system's CAs for a purpose, and those of NODE_EXTRA_CA_CERTS. Python: load_default_certs */
  loadDefaultCerts(purpose?: number): void;
  /** Trusts OpenSSL's default file and directory, and NODE_EXTRA_CA_CERTS. Python: set_default_verify_paths */
  setDefaultVerifyPaths(): void;
  /** How many certificates, revocation lists and CAs are trusted. Python: cert_store_stats */
  certStoreStats(): { x509: number; crl: number; x509Ca: number };
  /** The CA certificates in the trust store: Python's dicts, or DER bytes. Python: get_ca_certs */
  getCaCerts(binaryForm?: false): CertificateDict[];
  getCaCerts(binaryForm: true): Buffer[];
  /** Counters of handshakes and resumptions. Python: session_stats */
  sessionStats(): SessionStats;
  /** Makes a connection in memory, between two MemoryBIOs. Throws ValueError or SSLError. Python: wrap_bio */
  wrapBio(incoming: MemoryBIO, outgoing: MemoryBIO, options?: WrapOptions): SSLObject;
}

/** A context with Python's recommended settings. Python: create_default_context */
export function createDefaultContext(purpose?: number, locations?: CaLocations): SSLContext;
