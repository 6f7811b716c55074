// Types of the servers and of the Agent.

import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { Bytes, CheckServerIdentity, SSLContext, ServerCallbacks, StreamOptions, TLSSocket } from '../index';

/** Options of node:tls that make a context. Beside one that is given they are refused. */
export interface SecureOptions {
  ca?: Bytes | Bytes[];
  cert?: Bytes | Bytes[];
  key?: Bytes | (Bytes | { pem: Bytes; passphrase?: string })[];
  passphrase?: string;
  crl?: Bytes | Bytes[];
  /** Of TLS 1.2 and below. */
  ciphers?: string;
  ecdhCurve?: string;
  minVersion?: tls.SecureVersion;
  maxVersion?: tls.SecureVersion;
  secureOptions?: number | bigint;
  allowPartialTrustChain?: boolean;
  ALPNProtocols?: string[] | Uint8Array[] | Uint8Array;
}

export interface ServerSecureOptions extends SecureOptions {
  /** Clients have to prove who they are. */
  requestCert?: boolean;
  rejectUnauthorized?: true;
  honorCipherOrder?: boolean;
}

interface CommonServerOptions extends StreamOptions, ServerCallbacks {
  noDelay?: boolean;
  keepAlive?: boolean;
  keepAliveInitialDelay?: number;
  blockList?: net.BlockList;
}

/** A context, or what makes one. */
export type ServerOptions = CommonServerOptions &
  ({ context: SSLContext } | (ServerSecureOptions & ({ cert: Bytes | Bytes[] } | Required<Pick<ServerCallbacks, 'SNICallback'>>)));

export interface ServerEvents {
  secureConnection: (socket: TLSSocket) => void;
  /** A connection that failed before the end of the handshake, or after it while nobody listened to its errors. */
  tlsClientError: (error: Error & { remoteAddress?: string; remotePort?: number }, socket: TLSSocket) => void;
}

export interface Server {
  on<E extends keyof ServerEvents>(event: E, listener: ServerEvents[E]): this;
  on(event: string, listener: (...args: any[]) => void): this;
  once<E extends keyof ServerEvents>(event: E, listener: ServerEvents[E]): this;
  once(event: string, listener: (...args: any[]) => void): this;
}
export class Server extends net.Server {
  constructor(options: ServerOptions, listener?: (socket: TLSSocket) => void);
  /** The context of connections from now on. */
  setSecureContext(options: SSLContext | ServerSecureOptions | { context: SSLContext }): void;
  /** For clients that name this server: a name, with stars for labels. The last one that fits counts; an SNICallback goes before. */
  addContext(serverName: string, options: SSLContext | ServerSecureOptions | { context: SSLContext }): void;
  /** Not to be had: an error. */
  getTicketKeys(): never;
  setTicketKeys(keys: Uint8Array): never;
}

export function createServer(options: ServerOptions, listener?: (socket: TLSSocket) => void): Server;

/** As https.Server; `http` is the http.Server that serves the connections. */
export interface HttpsServer extends Server, Omit<http.Server, keyof net.Server | 'setTimeout'> {
  readonly http: http.Server;
  setTimeout(milliseconds: number, callback?: (socket: TLSSocket) => void): this;
}

export function createHttpsServer(options: ServerOptions & http.ServerOptions, listener?: http.RequestListener): HttpsServer;

/** As http2.Http2SecureServer; `http2` is the Http2Server that serves the connections of HTTP/2. */
export interface Http2Server extends HttpsServer {
  readonly http2: http2.Http2Server;
  updateSettings(settings: http2.Settings): void;
}

/** HTTP/2, and with allowHTTP1 HTTP/1 on the same port. A context without protocols gets those. */
export function createHttp2Server(
  options: ServerOptions & http.ServerOptions & Omit<http2.ServerOptions, 'IncomingMessage' | 'ServerResponse'> & { allowHTTP1?: boolean },
  listener?: (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void,
): Http2Server;

/** What node:https has for an Agent: obeyed, or refused by name. Requests take those that make a context too. */
export interface AgentOptions extends Omit<https.AgentOptions, keyof SecureOptions | 'checkServerIdentity' | 'pfx'>, SecureOptions {
  context?: SSLContext;
  serverHostname?: string;
  insecureNoHostname?: boolean;
  suppressRaggedEofs?: boolean;
  handshakeTimeout?: number;
  rejectUnauthorized?: boolean;
  /** In place of the check of the name; in addition to it where a context is given. */
  checkServerIdentity?: CheckServerIdentity;
}

export class Agent extends https.Agent {
  constructor(options?: AgentOptions);
}
