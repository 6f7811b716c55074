// Types of tlsock. Names are those of Python's ssl module, with underscores turned to camel case.

import * as net from 'node:net';
import { Certificate, CertificateDict } from './lib/certificate';
import { SSLContext } from './lib/context';
import { NodeNames } from './lib/node';
import { SSLSession } from './lib/session';
import { Duplex } from 'node:stream';
import * as tls from 'node:tls';

/** Bytes; text is encoded as UTF-8. */
export type Bytes = string | ArrayBufferView | ArrayBuffer;
/** A value, or a promise of one. */
export type Later<T> = T | Promise<T>;
/** A connection, as the callbacks of contexts receive it. */
export type Connection = SSLObject | TLSSocket;
/** A cipher in use. Python: the triple of SSLSocket.cipher() */
export interface Cipher {
  /** OpenSSL's name, such as "TLS_AES_256_GCM_SHA384". */
  name: string | null;
  /** The protocol that defines the cipher, such as "TLSv1.3". */
  protocol: string | null;
  /** How many secret bits it uses. */
  secretBits: number;
}

/** Options of a connection. Python: SSLContext.wrap_bio */
export interface WrapOptions {
  /** Whether this is the server's side; false by default. Python: server_side */
  serverSide?: boolean;
  /** The name to send (SNI) and to check. */
  serverHostname?: string | null;
  /** On clients, the names of which the certificate must have one, instead of serverHostname: host names, or one address. */
  expectedNames?: string[];
  /** On clients, the name to send (SNI), instead of serverHostname; null for none. */
  serverName?: string | null;
  /** The session to resume. */
  session?: SSLSession | null;
  /** Allows a client without a name although its context checks names: then no name is checked. */
  insecureNoHostname?: boolean;
  /** Servers with CERT_NONE: asks for a certificate, and continues even if it is bad: see `authorizationError`. It never counts as verified. */
  reportVerification?: boolean;
}

export * from './lib/error';
export * from './lib/context';
export * from './lib/bio';
export * from './lib/session';
export * from './lib/certificate';
export * from './lib/client-hello';
export * from './lib/identity';

// ---- connections ----

/** What a server's OCSP response says of its certificate (RFC 6960). Times are seconds since 1970, and 0 where there is none. */
export interface OcspStatus {
  /** One of OCSP_STATUS_*. */
  status: number;
  /** Why it was revoked, by RFC 5280, section 5.3.1; -1 if that is not told, 0 if it was not revoked. */
  reason: number;
  /** When it was revoked. */
  revocationTime: number;
  /** When the response became valid. */
  thisUpdate: number;
  /** When the next response is due, if that is told. */
  nextUpdate: number;
}

/**
 * What every connection knows. A TLSSocket answers what was true when the handshake ended, also after a failure or after the end, and
 * null before. An SSLObject throws, as in Python, if the handshake is not done.
 */
interface Answers {
  /** Python's dict of the verified certificate, `{}` if it is not verified, null if there is none; or its DER bytes. */
  getpeercert(binaryForm?: false): CertificateDict | Record<string, never> | null;
  getpeercert(binaryForm: true): Buffer | null;
  /** The peer's certificate, verified or not. */
  readonly peerCertificate: Certificate | null;
  /** The certificate that this side has shown in the handshake; null for none. */
  readonly ownCertificate: Certificate | null;
  /** The chain as verification built it, the peer first and the trust anchor last. Python: get_verified_chain */
  getVerifiedChain(): Certificate[];
  /** The certificates as the peer sent them. Python: get_unverified_chain */
  getUnverifiedChain(): Certificate[];
  /**
   * Verifies a verified peer again, with what is trusted now, and gives its chain, the peer first: for a resumed session, whose chain is
   * not kept. Empty if the peer was not verified, or does not verify now. Throws SSLError, and ValueError once the connection is closed.
   */
  verifyAgain(): Certificate[];
  /** Whether a verify callback with insecureOverride has accepted a peer that the check had refused: then it does not count as verified. */
  readonly verifyOverridden: boolean;
  /** The cipher in use; null before the end of the handshake. */
  cipher(): Cipher | null;
  /** On servers, the ciphers that both sides know; null on clients. Python: shared_ciphers */
  sharedCiphers(): Cipher[] | null;
  /** "TLSv1.3" and the like; null before the end of the handshake. */
  version(): string | null;
  /** The group of the key exchange, such as "x25519"; null if there is none. */
  group(): string | null;
  /**
   * What has become of Encrypted ClientHello; on a client it is known once the server has answered. "grease": a client has sent something
   * that looks like it, or a server got something that none of its keys could decrypt. "backend": this server got what another one has decrypted.
   */
  echStatus(): 'none' | 'grease' | 'accepted' | 'rejected' | 'backend';
  /** The name that was sent in clear, where that of the server was encrypted; null otherwise. */
  echOuterName(): string | null;
  /** The compression in use; null if there is none, as by default. */
  compression(): string | null;
  /** The application protocol that was agreed on, of which each character is a byte; null if there is none. Python: selected_alpn_protocol */
  selectedAlpnProtocol(): string | null;
  /** Always null: NPN was removed from TLS. Python: selected_npn_protocol */
  selectedNpnProtocol(): null;
  /** 'tls-unique' (the default; not over TLS 1.3), 'tls-exporter' (RFC 9266) or 'tls-server-end-point'. Throws ValueError for any other. */
  getChannelBinding(type?: string): Buffer | null;
  /** How the client has signed, by the name in TLS; null if it has not. Python 3.15: client_sigalg */
  clientSigalg(): string | null;
  /** How the server has signed, by the name in TLS; null if it has not. Python 3.15: server_sigalg */
  serverSigalg(): string | null;
  /** All facts of the connection as one line of JSON, for a log. Throws ValueError before the end of the handshake and once it is closed. */
  infoJson(): string;
  /**
   * The OCSP response that the server has sent, in DER, accepted or not; null for none, on a resumed connection, and where the chain was
   * refused before the response was looked at.
   */
  ocspResponse(): Buffer | null;
  /**
   * What that response says; null without one that was checked and is valid. It says nothing of a server whose handshake has not ended: it
   * may not have proved its key.
   */
  ocspStatus(): OcspStatus | null;
  /**
   * The signed certificate timestamps (RFC 6962) that came with the server's certificate, as they came and whether it was accepted or not; none
   * on servers, on a resumed connection, and where sctsRequested of the context has not asked.
   */
  scts(): Buffer[];
  /** Bytes that only the two sides can derive (RFC 5705, RFC 8446 section 7.5). Throws ValueError before the end of the handshake, and SSLError. */
  exportKeyingMaterial(length: number, label: string, context?: Bytes | null): Buffer;
  /**
   * Before the handshake, on clients that check names: the names of which the certificate must have one, instead of serverHostname: host
   * names, or one address. What is sent stays. Throws ValueError, and the names of before count then.
   */
  setExpectedNames(names: string[]): void;
  /** Before the handshake, on clients: the name to ask for (SNI), instead of serverHostname; null for none. What is checked stays. Throws ValueError. */
  setServerName(name: string | null): void;
  /** TLS 1.3: changes the keys by which this side encrypts, and with requestPeer asks the peer to change its own. Throws ValueError or SSLError. */
  keyUpdate(requestPeer?: boolean): void;
  /** Asks a TLS 1.3 client for its certificate: the request is sent with the next write. Throws SSLError. Python: verify_client_post_handshake */
  verifyClientPostHandshake(): void;
  /** The context in use; an sniCallback may set another one. */
  context: SSLContext;
  /** Whether this is the server's side. Python: server_side */
  readonly serverSide: boolean;
  /** The name that the peer must prove, as ASCII; null if there is none. Python: server_hostname */
  readonly serverHostname: string | null;
  /** The session that a later connection can resume; set one before the handshake to resume it. Throws ValueError if it cannot be used here. */
  get session(): SSLSession | null;
  set session(session: SSLSession);
  /** Whether the handshake resumed a session. Python: session_reused */
  readonly sessionReused: boolean;
}

/** A connection in memory that never waits: it reads and writes its MemoryBIOs. Python: SSLObject */
export interface SSLObject extends Answers {}
export class SSLObject {
  private constructor();
  /** Throws SSLWantReadError while data of the peer is missing. Python: do_handshake */
  doHandshake(): void;
  /** Reads up to `size` bytes (1024 by default), or fills a buffer and returns the number of bytes. Empty at the clean end. Throws SSLWantReadError. */
  read(size?: number): Buffer;
  read(buffer: ArrayBufferView): number;
  /** Encrypts all of data and returns its length. Throws SSLWantReadError before the end of the handshake. */
  write(data: Bytes): number;
  /** How many decrypted bytes are ready to be read. */
  pending(): number;
  /** Sends close_notify and waits for the peer's. Throws SSLWantReadError until that has come. */
  unwrap(): void;
  /** Sends close_notify; reading stays possible. */
  closeWrite(): void;
}

/** Options of a stream over a connection. */
export interface StreamOptions {
  /** Whether an end without close_notify is an ordinary end that sets raggedEof; true by default. */
  suppressRaggedEofs?: boolean;
  /** Whether this side stays open when the peer's data ends; as for net.Socket. */
  allowHalfOpen?: boolean;
  /** 65,536 by default. */
  highWaterMark?: number;
  /** In milliseconds; 0 for none. */
  handshakeTimeout?: number;
}

/** Functions that a server calls when a ClientHello has come, and waits for. */
export interface ServerCallbacks {
  /** Called for clients that send a name (SNI): calls done, or returns a promise or a context. Without a context the current one stays. */
  SNICallback?: (this: TLSSocket, serverName: string, done: (error: Error | null, context?: SSLContext | null) => void) => Later<SSLContext | null | undefined | void>;
  /** Chooses one of the protocols; undefined refuses the client. */
  ALPNCallback?: (this: TLSSocket, offer: { servername: string; protocols: string[] }) => Later<string | undefined>;
}

/** A function that clients call at the end of the handshake, before data is sent: an error, returned or thrown, ends the connection. */
export type CheckServerIdentity = (host: string, certificate: tls.PeerCertificate) => Error | undefined | null;

/** Options of a TLSSocket. */
export interface TLSSocketOptions extends WrapOptions, StreamOptions, ServerCallbacks {
  /** A check in addition to those of the context. */
  checkServerIdentity?: CheckServerIdentity;
  /** createDefaultContext() on clients by default. */
  context?: SSLContext;
}

/** Events of a TLSSocket, in addition to those of streams. */
export interface TLSSocketEvents {
  /** The transport is connected. */
  connect: () => void;
  /** The handshake is done, and the peer was verified as the context requires. */
  secureConnect: () => void;
  /** A session that can be resumed was received. */
  session: (session: SSLSession) => void;
  /** A line of the key log; it is secret. */
  keylog: (line: Buffer) => void;
  /** There was no traffic for the time given to setTimeout. */
  timeout: () => void;
}

/** A TLS connection over any Duplex. Failures destroy it with an error of the classes above. */
export interface TLSSocket extends Answers, NodeNames {
  /** Adds a listener. Like net.Socket */
  on<E extends keyof TLSSocketEvents>(event: E, listener: TLSSocketEvents[E]): this;
  on(event: string | symbol, listener: (...args: any[]) => void): this;
  /** Adds a listener that is called once. Like net.Socket */
  once<E extends keyof TLSSocketEvents>(event: E, listener: TLSSocketEvents[E]): this;
  once(event: string | symbol, listener: (...args: any[]) => void): this;
}
export class TLSSocket extends Duplex {
  /** transport: a stream of bytes. With an encoding other than latin1 and hex the connection fails. */
  constructor(transport: Duplex, options?: TLSSocketOptions);
  /** Resolves when the handshake is done; rejects with the error that ended the connection. Python: do_handshake */
  doHandshake(): Promise<void>;
  /** Ends TLS and gives the transport back, paused. */
  unwrap(): Promise<Duplex>;
  /** Emits `timeout` after that many milliseconds without traffic; 0 for never. As net.Socket */
  setTimeout(milliseconds: number, listener?: () => void): this;
  /** Ends the stream, and destroys it once everything is sent. Like net.Socket */
  destroySoon(): void;
  /** Data written before is still passed to the transport, as far as that accepts it at once. */
  destroy(error?: Error): this;
  /** As net.Socket; nothing if the transport has no such method. */
  setNoDelay(on?: boolean): this;
  /** As net.Socket; nothing if the transport has no such method. */
  setKeepAlive(on?: boolean, initialDelay?: number): this;
  /** As net.Socket; nothing if the transport has no such method. */
  ref(): this;
  /** As net.Socket; nothing if the transport has no such method. */
  unref(): this;
  /** The transport's own address; `{}` if it has none. As net.Socket */
  address(): net.AddressInfo | {};
  /** The stream below. */
  readonly transport: Duplex;
  /** Whether the transport is still to be connected. */
  readonly connecting: boolean;
  /** Whether the handshake is still to be finished. */
  readonly secureConnecting: boolean;
  /** Always true. As tls.TLSSocket */
  readonly encrypted: true;
  /** Whether the peer sent a certificate that was verified. */
  readonly authorized: boolean;
  /** Whether the stream ended without close_notify: the data may be incomplete. */
  readonly raggedEof: boolean;
  /** The application protocol that was agreed on, or false. As tls.TLSSocket */
  readonly alpnProtocol: string | false;
  /** The milliseconds given to setTimeout; 0 for never. */
  readonly timeout: number;
  /** How many bytes were decrypted. */
  readonly bytesRead: number;
  /** How many bytes were encrypted. */
  readonly bytesWritten: number;
  /** The transport's. As net.Socket */
  readonly remoteAddress?: string;
  /** The transport's. As net.Socket */
  readonly remotePort?: number;
  /** The transport's. As net.Socket */
  readonly remoteFamily?: string;
  /** The transport's. As net.Socket */
  readonly localAddress?: string;
  /** The transport's. As net.Socket */
  readonly localPort?: number;
  /** The transport's. As net.Socket */
  readonly localFamily?: string;
}

/** Options of connect: those of TLSSocket and net.connect. */
export interface ConnectOptions extends Omit<TLSSocketOptions, 'serverSide' | keyof ServerCallbacks> {
  /** A name or an address; "localhost" by default. It is also the default of serverHostname. */
  host?: string;
  /** 0 to 65535. */
  port?: number;
  /** The path of a local socket. */
  path?: string;
  /** A stream to use instead of a new connection: set serverHostname. */
  transport?: Duplex;
  /** Milliseconds without traffic until the event `timeout`. */
  timeout?: number;
  /** As net.connect */
  localAddress?: string;
  /** As net.connect */
  localPort?: number;
  /** As net.connect */
  family?: number;
  /** As net.connect */
  hints?: number;
  /** As net.connect */
  lookup?: net.LookupFunction;
  /** As net.connect; true by default. */
  noDelay?: boolean;
  /** As net.connect */
  keepAlive?: boolean;
  /** As net.connect */
  keepAliveInitialDelay?: number;
  /** As net.connect */
  autoSelectFamily?: boolean;
  /** As net.connect */
  autoSelectFamilyAttemptTimeout?: number;
  /** As net.connect */
  signal?: AbortSignal;
}

/** Connects and does the handshake with certificate and name checked; the listener is for `secureConnect`. Throws for wrong options only. */
export function connect(options: ConnectOptions, listener?: () => void): TLSSocket;

/** The same by promises. */
export const promises: {
  /** Resolves when the handshake is done. */
  connect(options: ConnectOptions): Promise<TLSSocket>;
};

/** The PEM text of a server's certificate, which is checked only against a cafile; timeout in milliseconds. */
export function getServerCertificate(host: string, port: number, options?: { cafile?: string; timeout?: number }): Promise<string>;

export * from './lib/http';

export * from './lib/module';
export * from './lib/constants';
