// Types of the servers and of the Agent.

import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { Bytes, CheckServerIdentity, SSLContext, ServerCallbacks, StreamOptions, TLSSocket } from '../index';

/** Options of node:tls that describe a context. They are refused together with the option `context`. */
export interface SecureOptions {
  /** CAs that replace the system's. As tls.createSecureContext */
  ca?: Bytes | Bytes[];
  /** This side's chain, PEM or DER. As tls.createSecureContext */
  cert?: Bytes | Bytes[];
  /** This side's key, PEM or DER. As tls.createSecureContext */
  key?: Bytes | (Bytes | { pem: Bytes; passphrase?: string })[];
  /** Chains with their keys, as PKCS #12 files. Only `ca` is trusted. As tls.createSecureContext */
  pfx?: Bytes | (Bytes | { buf: Bytes; passphrase?: string })[];
  /** The passphrase of keys and files that have none of their own. As tls.createSecureContext */
  passphrase?: string;
  /** Revocation lists, PEM or DER. As tls.createSecureContext */
  crl?: Bytes | Bytes[];
  /** Of all versions, with colons between: those of TLS 1.3 by their names. As tls.createSecureContext */
  ciphers?: string;
  /** The signature algorithms, the preferred one first, with colons between. As tls.createSecureContext */
  sigalgs?: string;
  /** The groups for key exchange, the preferred one first, with colons between. As tls.createSecureContext */
  ecdhCurve?: string;
  /** The lowest version. As tls.createSecureContext */
  minVersion?: tls.SecureVersion;
  /** The highest version. As tls.createSecureContext */
  maxVersion?: tls.SecureVersion;
  /** OP_* bits. As tls.createSecureContext */
  secureOptions?: number | bigint;
  /** Trusts intermediate certificates too. As tls.createSecureContext */
  allowPartialTrustChain?: boolean;
  /** The protocols to offer or to choose from. As tls.connect */
  ALPNProtocols?: string[] | Uint8Array[] | Uint8Array;
}

/** Options of node:tls that make a context for servers. */
export interface ServerSecureOptions extends SecureOptions {
  /** Whether clients must send a certificate. */
  requestCert?: boolean;
  /** Only true is allowed: a client whose certificate is refused cannot connect. */
  rejectUnauthorized?: true;
  /** Whether the server's order of ciphers decides. As tls.createServer */
  honorCipherOrder?: boolean;
}

/** Options of all servers. */
interface CommonServerOptions extends StreamOptions, ServerCallbacks {
  /** As net.createServer; true by default. */
  noDelay?: boolean;
  /** As net.createServer */
  keepAlive?: boolean;
  /** As net.createServer */
  keepAliveInitialDelay?: number;
  /** As net.createServer; an error where net has none (before Node 22.13). */
  blockList?: net.BlockList;
}

/** A context, or the options that make one. */
export type ServerOptions = CommonServerOptions &
  ({ context: SSLContext } | (ServerSecureOptions & ({ cert: Bytes | Bytes[] } | Required<Pick<SecureOptions, 'pfx'>> | Required<Pick<ServerCallbacks, 'SNICallback'>>)));

/** Events of a Server, in addition to those of net.Server. */
export interface ServerEvents {
  /** A connection whose handshake is done. */
  secureConnection: (socket: TLSSocket) => void;
  /** A connection that failed before the end of the handshake, or after it without a listener for its errors. */
  tlsClientError: (error: Error & { remoteAddress?: string; remotePort?: number }, socket: TLSSocket) => void;
  /** Of createHttp2Server: a stream that failed without a listener for its errors. */
  streamError: (error: Error, stream: http2.ServerHttp2Stream) => void;
}

/** A net.Server whose connections speak TLS. As tls.Server */
export interface Server {
  /** Adds a listener. Throws NotImplementedError for events of tls.Server that would never come. */
  on<E extends keyof ServerEvents>(event: E, listener: ServerEvents[E]): this;
  on(event: string, listener: (...args: any[]) => void): this;
  /** Adds a listener for one time. */
  once<E extends keyof ServerEvents>(event: E, listener: ServerEvents[E]): this;
  once(event: string, listener: (...args: any[]) => void): this;
}
export class Server extends net.Server {
  /** The same as createServer. */
  constructor(options: ServerOptions, listener?: (socket: TLSSocket) => void);
  /** Sets the context of new connections. */
  setSecureContext(options: SSLContext | ServerSecureOptions | { context: SSLContext }): void;
  /** Adds a context for clients that ask for this name, which may have stars. The last match is used; an SNICallback has precedence. */
  addContext(serverName: string, options: SSLContext | ServerSecureOptions | { context: SSLContext }): void;
  /** Not available: throws NotImplementedError. */
  getTicketKeys(): never;
  /** Not available: throws NotImplementedError. */
  setTicketKeys(keys: Uint8Array): never;
}

/** Makes a Server; the listener is for `secureConnection`. Throws for options that are wrong or not supported. As tls.createServer */
export function createServer(options: ServerOptions, listener?: (socket: TLSSocket) => void): Server;

/** As https.Server; `http` is the http.Server that serves the connections. */
export interface HttpsServer extends Server, Omit<http.Server, keyof net.Server | 'setTimeout'> {
  /** The http.Server that serves the connections. */
  readonly http: http.Server;
  /** As https.Server */
  setTimeout(milliseconds: number, callback?: (socket: TLSSocket) => void): this;
}

/** Makes a server of HTTP/1; the listener is for `request`. As https.createServer */
export function createHttpsServer(options: ServerOptions & http.ServerOptions, listener?: http.RequestListener): HttpsServer;

/** As http2.Http2SecureServer; `http2` is the Http2Server that serves the connections of HTTP/2. */
export interface Http2Server extends HttpsServer {
  /** The Http2Server that serves the connections of HTTP/2. */
  readonly http2: http2.Http2Server;
  /** As http2.Http2SecureServer */
  updateSettings(settings: http2.Settings): void;
}

/** Makes a server of HTTP/2, and with allowHTTP1 also of HTTP/1 on the same port. A context without ALPN protocols gets those. */
export function createHttp2Server(
  options: ServerOptions & http.ServerOptions & Omit<http2.ServerOptions, 'IncomingMessage' | 'ServerResponse'> & { allowHTTP1?: boolean },
  listener?: (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void,
): Http2Server;

/** Options of node:https's Agent: supported, or refused by name. Requests accept those that describe a context too. */
export interface AgentOptions extends Omit<https.AgentOptions, keyof SecureOptions | 'checkServerIdentity'>, SecureOptions {
  /** Checks certificates and names by default. */
  context?: SSLContext;
  /** The name to send and to check; the host by default. */
  serverHostname?: string;
  /** The names of which the certificate must have one, instead of serverHostname: host names, or one address. */
  expectedNames?: string[];
  /** Allows connections without a name although the context checks names. */
  insecureNoHostname?: boolean;
  /** Whether an end without close_notify is an ordinary end; true by default. */
  suppressRaggedEofs?: boolean;
  /** In milliseconds; 0 for none. */
  handshakeTimeout?: number;
  /** As tls.connect; throws if a given context contradicts it. */
  rejectUnauthorized?: boolean;
  /** Replaces the check of the name; with a context it is called in addition. */
  checkServerIdentity?: CheckServerIdentity;
}

/** An https.Agent whose connections are made by this module. */
export class Agent extends https.Agent {
  /** Throws for options that are wrong or not supported. */
  constructor(options?: AgentOptions);
}
