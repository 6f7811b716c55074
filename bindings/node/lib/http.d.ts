// Types of the servers and of the Agent.

import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { Bytes, CheckServerIdentity, SSLContext, ServerCallbacks, StreamOptions, TLSSocket } from '../index';

/** Options of node:tls that make a context. Beside one that is given they are refused. */
export interface SecureOptions {
  /** CAs, in place of the system's. As tls.createSecureContext */
  ca?: Bytes | Bytes[];
  /** This side's chain, PEM or DER. As tls.createSecureContext */
  cert?: Bytes | Bytes[];
  /** This side's key, PEM or DER. As tls.createSecureContext */
  key?: Bytes | (Bytes | { pem: Bytes; passphrase?: string })[];
  /** For the keys that have none of their own. As tls.createSecureContext */
  passphrase?: string;
  /** Revocation lists, PEM or DER. As tls.createSecureContext */
  crl?: Bytes | Bytes[];
  /** Of all versions, with colons between: those of TLS 1.3 by their names. As tls.createSecureContext */
  ciphers?: string;
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
  /** Clients have to prove who they are. */
  requestCert?: boolean;
  /** Only true: a client whose certificate is refused is never let in. */
  rejectUnauthorized?: true;
  /** Whether the server's order of ciphers counts. As tls.createServer */
  honorCipherOrder?: boolean;
}

/** What all servers take. */
interface CommonServerOptions extends StreamOptions, ServerCallbacks {
  /** As net.createServer; true by default. */
  noDelay?: boolean;
  /** As net.createServer */
  keepAlive?: boolean;
  /** As net.createServer */
  keepAliveInitialDelay?: number;
  /** As net.createServer */
  blockList?: net.BlockList;
}

/** A context, or what makes one. */
export type ServerOptions = CommonServerOptions &
  ({ context: SSLContext } | (ServerSecureOptions & ({ cert: Bytes | Bytes[] } | Required<Pick<ServerCallbacks, 'SNICallback'>>)));

/** Events of a Server, beside those of net.Server. */
export interface ServerEvents {
  /** A connection whose handshake is done. */
  secureConnection: (socket: TLSSocket) => void;
  /** A connection that failed before the end of the handshake, or after it while nobody listened to its errors. */
  tlsClientError: (error: Error & { remoteAddress?: string; remotePort?: number }, socket: TLSSocket) => void;
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
  /** The context of connections from now on. */
  setSecureContext(options: SSLContext | ServerSecureOptions | { context: SSLContext }): void;
  /** For clients that name this server: a name, with stars for labels. The last one that fits counts; an SNICallback goes before. */
  addContext(serverName: string, options: SSLContext | ServerSecureOptions | { context: SSLContext }): void;
  /** Not to be had: an error. */
  getTicketKeys(): never;
  /** Not to be had: throws NotImplementedError. */
  setTicketKeys(keys: Uint8Array): never;
}

/** Makes a Server; the listener is for `secureConnection`. Throws for options that are wrong or cannot be obeyed. As tls.createServer */
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

/** HTTP/2, and with allowHTTP1 HTTP/1 on the same port. A context without protocols gets those. */
export function createHttp2Server(
  options: ServerOptions & http.ServerOptions & Omit<http2.ServerOptions, 'IncomingMessage' | 'ServerResponse'> & { allowHTTP1?: boolean },
  listener?: (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void,
): Http2Server;

/** What node:https has for an Agent: obeyed, or refused by name. Requests take those that make a context too. */
export interface AgentOptions extends Omit<https.AgentOptions, keyof SecureOptions | 'checkServerIdentity' | 'pfx'>, SecureOptions {
  /** Checks certificates and names by default. */
  context?: SSLContext;
  /** The name to send and to check; the host by default. */
  serverHostname?: string;
  /** Allows connections without a name though the context checks names. */
  insecureNoHostname?: boolean;
  /** An end without close_notify is a plain end; true by default. */
  suppressRaggedEofs?: boolean;
  /** In milliseconds; 0 for none. */
  handshakeTimeout?: number;
  /** As tls.connect; throws beside a context that decides otherwise. */
  rejectUnauthorized?: boolean;
  /** In place of the check of the name; in addition to it where a context is given. */
  checkServerIdentity?: CheckServerIdentity;
}

/** An https.Agent whose connections are those of this module. */
export class Agent extends https.Agent {
  /** Throws for options that are wrong or cannot be obeyed. */
  constructor(options?: AgentOptions);
}
