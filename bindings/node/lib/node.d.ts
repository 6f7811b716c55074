// Types of node:tls's names, which a TLSSocket has in addition to Python's.

import { X509Certificate } from 'node:crypto';
import { CipherNameAndProtocol, DetailedPeerCertificate, EphemeralKeyInfo, PeerCertificate } from 'node:tls';

/** Methods and properties of tls.TLSSocket and net.Socket under their names. */
export interface NodeNames {
  /** With `reportVerification`, or on clients with CERT_NONE: what is wrong with the peer's certificate, such as "DEPTH_ZERO_SELF_SIGNED_CERT". */
  readonly authorizationError: string | Error | null;
  /** The same as OpenSSL's number: 0 for nothing, null before the end of the handshake. */
  readonly verifyResult: number | null;
  /** The name that the client asks for; false for none, null before it is known. */
  readonly servername: string | false | null;
  /** As net.Socket */
  readonly readyState: 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed';
  /** Whether the transport is still to be connected. As net.Socket */
  readonly pending: boolean;
  /** How many bytes wait to be encrypted. As net.Socket */
  readonly bufferSize: number | undefined;
  /** `{}` if the peer sent none; with `detailed` the issuers too. As tls.TLSSocket */
  getPeerCertificate(detailed: true): DetailedPeerCertificate;
  getPeerCertificate(detailed?: false): PeerCertificate;
  /** undefined if the peer sent none. As tls.TLSSocket */
  getPeerX509Certificate(): X509Certificate | undefined;
  /** The certificate that this side has shown in the handshake; `{}` for none. tls.TLSSocket has one that was not shown too. */
  getCertificate(): PeerCertificate | object | null;
  /** The same as an object of node:crypto; undefined for none. */
  getX509Certificate(): X509Certificate | undefined;
  /** `{}` before the end of the handshake. As tls.TLSSocket */
  getCipher(): CipherNameAndProtocol;
  /** "TLSv1.3" and the like; null before the end of the handshake. As tls.TLSSocket */
  getProtocol(): string | null;
  /** Bytes for `setSession` of a later connection; secret. */
  getSession(): Buffer | undefined;
  /** Before the handshake: the result of getSession. Throws ValueError if it does not fit. As the option session of tls.connect */
  setSession(session: Buffer | string): void;
  /** Before the handshake, on clients: the name to send and to check. */
  setServername(name: string): void;
  /** Whether the handshake resumed a session. As tls.TLSSocket */
  isSessionReused(): boolean;
  /** The key exchange on clients: `{}` if there was none, null on servers. As tls.TLSSocket */
  getEphemeralKeyInfo(): EphemeralKeyInfo | object | null;
  /** The last Finished message that this side sent; undefined before the end of the handshake. As tls.TLSSocket */
  getFinished(): Buffer | undefined;
  /** The last Finished message that the peer sent. As tls.TLSSocket */
  getPeerFinished(): Buffer | undefined;
  /** Prints the messages of the handshake to stderr, for debugging. As tls.TLSSocket */
  enableTrace(): void;
  /** Throws for a connection that is not closed: only a system's socket can be reset. As tls.TLSSocket */
  resetAndDestroy(): this;
  /** Does nothing: there is no renegotiation. As tls.TLSSocket */
  disableRenegotiation(): void;
}
