// Types of node:tls's names, which a TLSSocket has beside Python's.

import { X509Certificate } from 'node:crypto';
import { CipherNameAndProtocol, DetailedPeerCertificate, EphemeralKeyInfo, PeerCertificate } from 'node:tls';

export interface NodeNames {
  /** With `reportVerification`, or on clients under CERT_NONE: what is wrong with the peer's certificate, such as "DEPTH_ZERO_SELF_SIGNED_CERT". */
  readonly authorizationError: string | Error | null;
  /** The same as OpenSSL's number: 0 for nothing, null before the end of the handshake. */
  readonly verifyResult: number | null;
  /** The name that the client asks for; false for none, null before it is known. */
  readonly servername: string | false | null;
  readonly readyState: 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed';
  readonly pending: boolean;
  readonly bufferSize: number | undefined;
  getPeerCertificate(detailed: true): DetailedPeerCertificate;
  getPeerCertificate(detailed?: false): PeerCertificate;
  getPeerX509Certificate(): X509Certificate | undefined;
  getCipher(): CipherNameAndProtocol;
  getProtocol(): string | null;
  /** Bytes for `setSession` of a later connection; secret. */
  getSession(): Buffer | undefined;
  setSession(session: Buffer | string): void;
  /** Before the handshake, on clients: the name to send and to check. */
  setServername(name: string): void;
  isSessionReused(): boolean;
  getEphemeralKeyInfo(): EphemeralKeyInfo | object | null;
  getFinished(): Buffer | undefined;
  getPeerFinished(): Buffer | undefined;
  /** Bytes that both sides can make and nobody else. RFC 5705, RFC 8446 section 7.5 */
  exportKeyingMaterial(length: number, label: string, context?: Buffer): Buffer;
  enableTrace(): void;
  disableRenegotiation(): void;
}
