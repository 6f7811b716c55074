// Types of tlsock. Names are those of Python's ssl module, with underscores turned to camel case.

import * as net from 'node:net';
import { NodeNames } from './lib/node';
import { Duplex } from 'node:stream';
import * as tls from 'node:tls';

/** Bytes: text is taken as UTF-8. */
export type Bytes = string | ArrayBufferView | ArrayBuffer;
/** A string, bytes, or a function that gives them. */
export type Password = string | ArrayBufferView | ArrayBuffer | (() => Bytes);
/** At once, or by a promise. */
export type Later<T> = T | Promise<T>;
/** What callbacks of contexts are about. */
export type Connection = SSLObject | TLSSocket;
/** A relative distinguished name: pairs of name and value. */
export type DistinguishedName = [name: string, value: string][][];

/** Python's dict of a certificate. */
export interface CertificateDict {
  subject: DistinguishedName;
  issuer: DistinguishedName;
  version: number;
  serialNumber: string;
  notBefore: string;
  notAfter: string;
  subjectAltName?: [type: string, value: string | DistinguishedName][];
  OCSP?: string[];
  caIssuers?: string[];
  crlDistributionPoints?: string[];
}

export interface Cipher {
  name: string | null;
  protocol: string | null;
  secretBits: number;
}

export interface CipherInfo {
  id: number;
  name: string;
  protocol: string;
  description: string;
  strengthBits: number;
  algBits: number;
  aead: boolean;
  symmetric: string | null;
  digest: string | null;
  kea: string | null;
  auth: string | null;
}

export interface SessionStats {
  number: number;
  connect: number;
  connectGood: number;
  connectRenegotiate: number;
  accept: number;
  acceptGood: number;
  acceptRenegotiate: number;
  hits: number;
  misses: number;
  timeouts: number;
  cacheFull: number;
}

export interface CaLocations {
  /** A PEM file. */
  cafile?: string | null;
  /** A directory of hashed names. */
  capath?: string | null;
  /** PEM or DER. */
  cadata?: Bytes | null;
}

export interface WrapOptions {
  serverSide?: boolean;
  /** The name to send and to check. */
  serverHostname?: string | null;
  /** One to resume. */
  session?: SSLSession | null;
  /** Allows a client without a name though its context checks names: nobody is then checked. */
  insecureNoHostname?: boolean;
  /** Servers under CERT_NONE: asks for a certificate and goes on whatever it is: `authorizationError` tells. It never counts as verified. */
  reportVerification?: boolean;
}

// ---- errors ----

export type Phase = 'configure' | 'resolve' | 'connect' | 'accept' | 'handshake' | 'read' | 'write' | 'shutdown';

/** TLS failed: `code` is `ERR_SSL_` and the reason. */
export class SSLError extends Error {
  code: string;
  errno?: number;
  /** OpenSSL's part that failed, such as "SSL". */
  library?: string | null;
  reason?: string | null;
  phase?: Phase;
  /** An AlertDescription, or a newer number. */
  alertSent?: number;
  alertReceived?: number;
}
export class SSLZeroReturnError extends SSLError {}
export class SSLWantReadError extends SSLError {}
export class SSLWantWriteError extends SSLError {}
export class SSLSyscallError extends SSLError {}
/** The transport ended without close_notify. */
export class SSLEOFError extends SSLError {}
/** The peer's certificate or name was refused. */
export class SSLCertVerificationError extends SSLError {
  verifyCode: number;
  verifyMessage: string;
  /** How deep in the chain: 0 is the peer's own. */
  depth?: number;
  /** The VERIFY_* bit without which it would have passed. */
  verifyFlag?: number;
  certificate?: Certificate;
  expectedName?: string;
  offeredNames: string[];
}
export { SSLCertVerificationError as CertificateError };
/** The system failed: `code` is such as `ENOENT`. */
export class OSError extends Error {
  code: string;
  errno?: number;
  path?: string;
  phase?: Phase;
}
export class TimeoutError extends OSError {}
/** A wrong argument, or a call at the wrong time. */
export class ValueError extends RangeError {
  code: string;
}
export class NotImplementedError extends Error {
  code: string;
}

// ---- contexts ----

export class SSLContext {
  constructor(protocol?: number);
  readonly protocol: number;
  readonly securityLevel: number;
  postHandshakeAuth: boolean;
  /** OP_* bits. */
  get options(): bigint;
  set options(options: bigint | number);
  minimumVersion: number;
  maximumVersion: number;
  numTickets: number;
  verifyMode: number;
  checkHostname: boolean;
  hostnameChecksCommonName: boolean;
  /** VERIFY_* bits. */
  get verifyFlags(): number;
  set verifyFlags(flags: number | bigint);
  /** Whether chains are verified once only. */
  chainCache: boolean;
  readonly chainCacheHits: number;
  get keylogFilename(): string | null;
  set keylogFilename(filename: string | null);
  /** An `async` function is asked before the handshake, by TLSSockets only; so are those for keys, in TLS 1.3. */
  sniCallback: ((connection: Connection, serverName: string | null, context: SSLContext) => Later<number | null | undefined | void>) | null;
  messageCallback:
    | ((connection: Connection, direction: 'read' | 'write', version: number, contentType: number, msgType: number, data: Buffer) => Later<void>)
    | null;
  keylogCallback: ((connection: Connection, line: string) => Later<void>) | null;
  sessionCallback: ((connection: Connection, session: SSLSession) => Later<void>) | null;
  setServernameCallback(callback: SSLContext['sniCallback']): void;
  setPskClientCallback(callback: ((hint: string | null) => Later<[identity: string | null, key: Bytes] | null | undefined>) | null): void;
  setPskServerCallback(callback: ((identity: string | null) => Later<Bytes | null | undefined>) | null, identityHint?: string | null): void;
  setCiphers(ciphers: string): void;
  getCiphers(): CipherInfo[];
  /** Of TLS 1.3, with colons between; "" for none. Python 3.15: set_ciphersuites */
  setCiphersuites(ciphersuites: string): void;
  /** The preferred one first, with colons between. Python 3.15: set_groups */
  setGroups(groups: string): void;
  setEcdhCurve(curveName: string): void;
  loadDhParams(dhfile: string): void;
  setAlpnProtocols(protocols: string[]): void;
  setNpnProtocols(protocols: string[]): void;
  loadCertChain(certfile: string, keyfile?: string | null, password?: Password | null): void;
  loadCertChainData(cert: Bytes, key?: Bytes | null, password?: Password | null): void;
  loadVerifyLocations(locations: CaLocations): void;
  loadCrlData(crl: Bytes): void;
  loadDefaultCerts(purpose?: number): void;
  setDefaultVerifyPaths(): void;
  certStoreStats(): { x509: number; crl: number; x509Ca: number };
  getCaCerts(binaryForm?: false): CertificateDict[];
  getCaCerts(binaryForm: true): Buffer[];
  sessionStats(): SessionStats;
  wrapBio(incoming: MemoryBIO, outgoing: MemoryBIO, options?: WrapOptions): SSLObject;
}

/** A context with the safe settings of the day. */
export function createDefaultContext(purpose?: number, locations?: CaLocations): SSLContext;

// ---- connections ----

export class MemoryBIO {
  readonly pending: number;
  readonly eof: boolean;
  read(size?: number): Buffer;
  write(data: Bytes): number;
  writeEof(): void;
}

export class SSLSession {
  private constructor();
  readonly id: Buffer;
  readonly time: number;
  readonly timeout: number;
  readonly ticketLifetimeHint: number;
  readonly hasTicket: boolean;
  equals(other: SSLSession): boolean;
  toData(): Buffer;
  static fromData(context: SSLContext, data: Bytes): SSLSession;
}

export class Certificate {
  /** DER, or PEM. */
  constructor(data: Bytes);
  readonly der: Buffer;
  readonly pem: string;
  readonly verified: boolean;
  readonly subjectText: string;
  readonly issuerText: string;
  readonly notBeforeTime: number;
  readonly notAfterTime: number;
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  readonly version: number;
  readonly serialNumber: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly subjectAltName: [type: string, value: string | DistinguishedName][];
  readonly OCSP: string[];
  readonly caIssuers: string[];
  readonly crlDistributionPoints: string[];
  toJSON(): CertificateDict;
  toString(): string;
  fingerprint(digest?: string): Buffer;
  equals(other: Certificate): boolean;
}

/**
 * What every connection can be asked. A TLSSocket answers what was true when the handshake ended, also after a failure or the end; null
 * before. An SSLObject throws, as in Python, where the handshake is not done.
 */
interface Answers {
  getpeercert(binaryForm?: false): CertificateDict | Record<string, never> | null;
  getpeercert(binaryForm: true): Buffer | null;
  /** Verified or not. */
  readonly peerCertificate: Certificate | null;
  getVerifiedChain(): Certificate[];
  getUnverifiedChain(): Certificate[];
  cipher(): Cipher | null;
  sharedCiphers(): Cipher[] | null;
  version(): string | null;
  group(): string | null;
  compression(): string | null;
  selectedAlpnProtocol(): string | null;
  selectedNpnProtocol(): null;
  /** 'tls-unique' (the default; not over TLS 1.3), 'tls-exporter' (RFC 9266) or 'tls-server-end-point'. */ getChannelBinding(type?: string): Buffer | null;
  verifyClientPostHandshake(): void;
  context: SSLContext;
  readonly serverSide: boolean;
  readonly serverHostname: string | null;
  get session(): SSLSession | null;
  set session(session: SSLSession);
  readonly sessionReused: boolean;
}

export interface SSLObject extends Answers {}
export class SSLObject {
  private constructor();
  doHandshake(): void;
  read(size?: number): Buffer;
  read(buffer: ArrayBufferView): number;
  write(data: Bytes): number;
  pending(): number;
  unwrap(): void;
  closeWrite(): void;
}

export interface StreamOptions {
  /** An end without close_notify is a plain end that sets raggedEof; true by default. */
  suppressRaggedEofs?: boolean;
  allowHalfOpen?: boolean;
  /** 65,536 unless given. */
  highWaterMark?: number;
  /** In milliseconds; 0 for none. */
  handshakeTimeout?: number;
}

/** What servers ask before the handshake begins. */
export interface ServerCallbacks {
  /** Asked for clients that give a name: calls done, or returns a promise or a context. Nothing stays with the context there is. */
  SNICallback?: (this: TLSSocket, serverName: string, done: (error: Error | null, context?: SSLContext | null) => void) => Later<SSLContext | null | undefined | void>;
  /** Chooses one of the protocols; undefined refuses the client. */
  ALPNCallback?: (this: TLSSocket, offer: { servername: string; protocols: string[] }) => Later<string | undefined>;
}

/** What clients ask at the end of the handshake, before anything is sent: an error, returned or thrown, ends the connection. */
export type CheckServerIdentity = (host: string, certificate: tls.PeerCertificate) => Error | undefined | null;

export interface TLSSocketOptions extends WrapOptions, StreamOptions, ServerCallbacks {
  /** In addition to what the context checks. */
  checkServerIdentity?: CheckServerIdentity;
  /** createDefaultContext() on clients unless given. */
  context?: SSLContext;
}

export interface TLSSocketEvents {
  connect: () => void;
  secureConnect: () => void;
  session: (session: SSLSession) => void;
  keylog: (line: Buffer) => void;
  timeout: () => void;
}

export interface TLSSocket extends Answers, NodeNames {
  on<E extends keyof TLSSocketEvents>(event: E, listener: TLSSocketEvents[E]): this;
  on(event: string | symbol, listener: (...args: any[]) => void): this;
  once<E extends keyof TLSSocketEvents>(event: E, listener: TLSSocketEvents[E]): this;
  once(event: string | symbol, listener: (...args: any[]) => void): this;
}
export class TLSSocket extends Duplex {
  /** transport: a stream of bytes; an encoding of it, other than latin1 and hex, makes the connection fail. */
  constructor(transport: Duplex, options?: TLSSocketOptions);
  doHandshake(): Promise<void>;
  /** Leaves TLS and gives the transport back, paused. */
  unwrap(): Promise<Duplex>;
  setTimeout(milliseconds: number, listener?: () => void): this;
  destroySoon(): void;
  /** What was written before still goes to the transport, as far as that takes it at once. */
  destroy(error?: Error): this;
  setNoDelay(on?: boolean): this;
  setKeepAlive(on?: boolean, initialDelay?: number): this;
  ref(): this;
  unref(): this;
  address(): net.AddressInfo | {};
  readonly transport: Duplex;
  /** Whether the transport is still to be connected. */
  readonly connecting: boolean;
  /** Whether the handshake is still to be finished. */
  readonly secureConnecting: boolean;
  readonly encrypted: true;
  /** Whether the peer showed a certificate that was verified. */
  readonly authorized: boolean;
  readonly raggedEof: boolean;
  readonly alpnProtocol: string | false;
  readonly timeout: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly remoteFamily?: string;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly localFamily?: string;
}

export interface ConnectOptions extends Omit<TLSSocketOptions, 'serverSide' | keyof ServerCallbacks> {
  host?: string;
  port?: number;
  /** Of a local socket. */
  path?: string;
  /** A stream instead of a new connection: set serverHostname. */
  transport?: Duplex;
  /** Milliseconds without traffic until the event `timeout`. */
  timeout?: number;
  localAddress?: string;
  localPort?: number;
  family?: number;
  hints?: number;
  lookup?: net.LookupFunction;
  noDelay?: boolean;
  keepAlive?: boolean;
  keepAliveInitialDelay?: number;
  autoSelectFamily?: boolean;
  autoSelectFamilyAttemptTimeout?: number;
  signal?: AbortSignal;
}

export function connect(options: ConnectOptions, listener?: () => void): TLSSocket;

export const promises: {
  /** Resolves when the handshake is done. */
  connect(options: ConnectOptions): Promise<TLSSocket>;
};

/** The PEM text of a server's certificate, which is checked only against a cafile; timeout in milliseconds. */
export function getServerCertificate(host: string, port: number, options?: { cafile?: string; timeout?: number }): Promise<string>;

export * from './lib/http';

// ---- functions of the module ----

export interface Asn1Object {
  nid: number;
  shortname: string;
  longname: string;
  oid: string | null;
}

export interface DefaultVerifyPaths {
  cafile: string | null;
  capath: string | null;
  opensslCafileEnv: string;
  opensslCafile: string;
  opensslCapathEnv: string;
  opensslCapath: string;
}

export interface StoreEntry {
  data: Buffer;
  encoding: string;
  trust: true | string[];
}

export function txt2obj(txt: string, name?: boolean): Asn1Object;
export function nid2obj(nid: number): Asn1Object;
export function getProtocolName(protocol: number): string;
export function getDefaultVerifyPaths(): DefaultVerifyPaths;
export function derCertToPemCert(der: Bytes): string;
export function pemCertToDerCert(pem: string): Buffer;
export function randBytes(size: number): Buffer;
export function randStatus(): boolean;
/** How many handles of the C library's are not freed yet, in the whole process: for tests that look for leaks. */
export function handleCount(): number;
/**
 * Sees what Python warns of, such as "DeprecationWarning", in this thread, in place of process.emitWarning; null silences it. What it
 * throws makes the call fail.
 */
export function setWarningCallback(callback: ((category: string, message: string) => void) | null): void;
export function randAdd(data: Bytes, entropy: number): void;
export function certTimeToSeconds(time: string): number;
export function enumCertificates(storeName: string): StoreEntry[];
export function enumCrls(storeName: string): StoreEntry[];

export * from './lib/constants';
