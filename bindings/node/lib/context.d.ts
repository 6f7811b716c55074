// Types of contexts.

import { Bytes, Connection, Later, SSLObject, WrapOptions } from '../index';
import { MemoryBIO } from './bio';
import { Certificate, CertificateDict } from './certificate';
import { ClientHello } from './client-hello';
import { Identity, IdentityRequest } from './identity';
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

/** What the check of a peer has come to, when a verify callback is asked. The certificates are copies: code says whether they are verified. */
export interface Verification {
  /** 0 if the check has passed, otherwise OpenSSL's X509_V_ERR_* number. */
  code: number;
  /** The text of code; null if the check has passed. */
  message: string | null;
  /** How deep in the chain the certificate is that has failed, 0 for the peer's own; -1 if the check has passed. */
  depth: number;
  /** The peer's own certificate. */
  certificate: Certificate;
  /** The chain as it was built, the trust anchor last; if the check has failed, what was built by then. */
  chain: Certificate[];
  /** The certificates as the peer has sent them. */
  sentChain: Certificate[];
  /** The names of which the certificate must have one; empty where no name is checked. */
  expectedNames: string[];
  /** The names and addresses that the certificate is for. */
  offeredNames: string[];
}

/**
 * Settings that many connections share: certificates, trust, versions, ciphers. A callback that replaces another counts at once, and so does
 * null. The first of its kind counts for handshakes that begin later (a session callback or cache for connections made later); an SNI, ALPN or
 * verify callback counts at once. Python: SSLContext
 */
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
  /**
   * Whether clients ask servers for the signed certificate timestamps (RFC 6962) of their certificates: scts() has what came, which nobody has
   * checked. A malformed list fails the handshake. Throws ValueError on a server's context.
   */
  get sctsRequested(): boolean;
  set sctsRequested(requested: boolean);
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
  /**
   * Whether a handshake without a pre-shared key fails: in TLS 1.3 a key that the server declines falls back to certificates otherwise. Throws
   * NotImplementedError without PSK.
   */
  pskRequired: boolean;
  /** A context with the same settings and callbacks, and a life of its own. Ticket keys, sessions, counts and the key log are not copied. */
  copy(): SSLContext;
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
  /**
   * Uses an identity for connections made from now on, in place of the one of the same key type: a running server takes up a renewed
   * certificate by it. On failure the old one stays. Throws SSLError.
   */
  useIdentity(identity: Identity): void;
  /**
   * Chooses the identity of each connection, in place of the context's own, and before it is sent; null
   * for no certificate. A promise is waited for, as setClientHelloCallback has it. An exception, a rejection, or anything else ends the handshake. Not
   * called where a session is resumed.
   */
  setIdentityCallback(callback: ((connection: Connection, request: IdentityRequest) => Later<Identity | null>) | null): void;
  /**
   * Shows each ClientHello before anything is chosen: first of all callbacks, for resumed sessions
   * too, and twice in a handshake with a HelloRetryRequest. It may set `connection.context`; nothing, or 0, goes on. An AlertDescription refuses
   * the client with that alert, and an exception with handshake_failure: it is the error's cause. A promise is waited for, and asked for once:
   * meanwhile nothing more is read, `handshakeTimeout` goes on, and `destroy` ends it; a rejection counts as an exception. An SSLObject throws
   * SSLWantCallbackError meanwhile. Throws ValueError for a client's context.
   */
  setClientHelloCallback(callback: ((connection: Connection, hello: ClientHello) => Later<number | void>) | null): void;
  /**
   * Adds a callback to the check of peers: of servers, and of clients that show a certificate. It is called when the check has passed,
   * host name included: true accepts; false, an Error and an exception refuse, and so does anything else. A promise is waited for, as
   * setClientHelloCallback has it; the check is made again before an answer counts that came late. With
   * insecureOverride it is called as well when the check has failed, and true accepts nevertheless: see `verifyOverridden`. Handshakes that are
   * judged resume no session, and a peer that proves itself by a pre-shared key is not judged.
   */
  setVerifyCallback(
    callback: ((connection: Connection, verification: Verification) => Later<boolean | Error>) | null, options?: { insecureOverride?: boolean },
  ): void;
  /** The authorities that a server names when it asks for certificates: the subjects of these, PEM or DER; null names none. Throws ValueError or SSLError. */
  setClientCaNames(certificates: Bytes | null): void;
  /** Trusts more CAs. Throws OSError or SSLError, and TypeError if nothing is given. Python: load_verify_locations */
  loadVerifyLocations(locations: CaLocations): void;
  /** The OCSP response, in DER, that a server sends with the certificate that it is for; no bytes remove all. Throws ValueError. */
  setOcspResponse(response: Bytes): void;
  /**
   * Has clients encrypt their ClientHello (RFC 9849) for the server that has published this ECHConfigList: the bytes of "ech" in its HTTPS record of
   * DNS. Such a connection speaks TLS 1.3 alone. A server that does not decrypt fails the handshake: see SSLError.echRetryConfigs. Sessions are
   * not offered, and a pre-shared key that a callback gives fails the handshake. null ends it. For connections made from now on. Throws ValueError, and NotImplementedError without HAS_ECH.
   */
  setEchConfigs(configs: Bytes | null): void;
  /** Whether clients without configurations send something that looks like an encrypted ClientHello. Throws NotImplementedError without HAS_ECH. */
  get echGrease(): boolean;
  set echGrease(enabled: boolean);
  /**
   * Replaces the keys by which a server decrypts ClientHellos: PEM, of each key a PRIVATE KEY and then its ECHCONFIG, as generateEchKeys and
   * `openssl ech` write them. The configurations of `keys` are sent to clients that have others; `former` only decrypt. null: none any more. For
   * connections made from now on. Throws ValueError, and then the old keys stay, and NotImplementedError without HAS_ECH.
   */
  loadEchKeys(keys: string | Bytes | null, former?: string | Bytes | null): void;
  /** Keys of which a peer's chain must have one, as curl writes them: "sha256//" and base64. None: any key. Throws ValueError. */
  setPins(pins: string[]): void;
  /** Adds revocation lists, PEM or DER. They are used once verifyFlags has a CRL_CHECK bit. Throws SSLError. */
  loadCrlData(crl: Bytes): void;
  /** Replaces all revocation lists, from files or memory, by these, PEM or DER; no bytes leave none. Throws SSLError. */
  setCrlData(crl: Bytes): void;
  /**
   * Sets the keys of a server's session tickets: the first encrypts, all decrypt, and a ticket of a later one is renewed. Servers with the same
   * keys resume what any of them has begun. Each has 48 or 80 bytes, as nginx's ssl_session_ticket_key. No keys: one of the context's own.
   * Throws ValueError.
   */
  setTicketKeys(keys: Bytes[]): void;
  /**
   * The same with the keys of files, which are read now, once. TICKET_KEYS_NGINX: each file is one key, and the first one encrypts.
   * TICKET_KEYS_HAPROXY: one file has a key in base64 on each of three lines or more, of which the last three count and the last but one encrypts.
   * nginx and HAProxy resume nothing that we have begun, nor we of theirs: a session says by whom and with which demands it was made.
   * Extension.
   */
  loadTicketKeys(format: number, files: string[]): void;
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
  /**
   * Keeps a server's sessions that are not in tickets (OP_NO_TICKET, or clients of TLS 1.2 that know none) outside of the process, where other
   * servers find them; null: in the context. The first one counts for connections made later, one that replaces another at once. Throws
   * ValueError for a client's context.
   */
  setSessionCache(cache: SessionCache | null): void;
  /** Makes a connection in memory, between two MemoryBIOs. Throws ValueError or SSLError. Python: wrap_bio */
  wrapBio(incoming: MemoryBIO, outgoing: MemoryBIO, options?: WrapOptions): SSLObject;
}

/** Keeps sessions by their ids of 32 bytes. An exception ends the handshake: a cache that cannot reach its store answers as if there was nothing. */
export interface SessionCache {
  /** Keeps a session for this many seconds. The data is secret, and at most 65536 bytes. */
  put(connection: Connection, id: Buffer, data: Buffer, seconds: number): Later<void>;
  /** What was kept under an id; null for nothing. It must answer at once. */
  get(connection: Connection, id: Buffer): Bytes | null | undefined;
  /** Forgets a session: it has expired, is damaged, or a fatal alert has ended its connection. */
  remove?(connection: Connection, id: Buffer): Later<void>;
}

/** A context with Python's recommended settings. Python: create_default_context */
export function createDefaultContext(purpose?: number, locations?: CaLocations): SSLContext;
