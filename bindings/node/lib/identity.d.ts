// Types of identities.

import { KeyObject } from 'node:crypto';
import { Bytes } from '../index';
import { Certificate } from './certificate';
import { Password } from './context';

/**
 * Signs with a key that is elsewhere: in a key store, in hardware, in another process. algorithm: "rsa_pkcs1", "rsa_pss" (MGF1 of the same
 * digest, a salt as long as the digest), "ecdsa" (the signature is DER) or "ed25519". data is the value of the digest of that name ("sha256",
 * "sha384", "sha512"); for ed25519, where digest is null, the whole message. It returns the signature, or a promise of it: that holds nothing
 * but its connection. A rejection ends the handshake, and is the cause of its error; so does a signature that is not one of the key.
 */
export type Signer = (
  algorithm: 'rsa_pkcs1' | 'rsa_pss' | 'ecdsa' | 'ed25519',
  digest: string | null,
  data: Buffer,
) => ArrayBufferView | ArrayBuffer | Promise<ArrayBufferView | ArrayBuffer>;

/** A certificate chain with its private key, made once and used by any number of contexts and connections. It never changes. */
export class Identity {
  private constructor();
  /** From PEM files; without keyfile the key is in certfile. Throws OSError, SSLError, or what the password function threw. */
  static fromFiles(certfile: string, keyfile?: string | null, password?: Password | null): Identity;
  /** From memory, PEM or DER; without key it is in cert. Throws SSLError, or what the password function threw. */
  static fromData(cert: Bytes, key?: Bytes | null, password?: Password | null): Identity;
  /**
   * From the bytes of a PKCS #12 file (.p12, .pfx): its first key that has a certificate, and the chain of that. A file that asks for endless work
   * is refused. Throws SSLError, and ValueError for a file of more than 16 MiB.
   */
  static fromPkcs12(data: ArrayBufferView | ArrayBuffer, password?: string | null): Identity;
  /**
   * From OpenSSL's stores: `file:` with an absolute path, and what the providers of the process add, such as `pkcs11:`. Without keyUri the key is
   * under certUri. password: of an encrypted file, or a PIN. Throws NotImplementedError for a scheme that nobody serves, ValueError, OSError or SSLError.
   */
  static fromUri(certUri: string, keyUri?: string | null, password?: string | null): Identity;
  /** chain: the certificates, PEM or DER; signer signs for the key of the first one. Throws SSLError, or NotImplementedError for another kind of key. */
  static fromSigner(chain: Bytes, signer: Signer): Identity;
  /** chain: PEM or DER; key: a private key of node:crypto. Throws SSLError. */
  static fromKeyObject(chain: Bytes, key: KeyObject): Identity;
  /**
   * The same with an OCSP response, in DER, which a server sends with it to clients that ask for it, until it ends. This one does not change.
   * Throws ValueError for a response that is not for its first certificate, or not valid now.
   */
  withOcspResponse(response: Bytes): Identity;
  /**
   * The same with signed certificate timestamps (RFC 6962), which a server sends with it to clients that ask for them; none are sent with none.
   * This one does not change. Throws ValueError for an empty timestamp, and for more than 64,000 bytes.
   */
  withScts(scts: Bytes[]): Identity;
  /** This side's own certificate first, then the chain as peers get it. */
  certificates(): Certificate[];
}

/** What the peer of a handshake wants of this side's certificate. */
export interface IdentityRequest {
  /** Whether this side is a server. */
  serverSide: boolean;
  /** The name of the server that the client has sent; null if it sent none. */
  serverName: string | null;
  /** What the peer takes, in its order, by the numbers in TLS ("SignatureScheme" of RFC 8446): 0x0403 is ecdsa_secp256r1_sha256. */
  signatureAlgorithms: number[];
  /** The authorities of which the peer wants certificates, as DER and as text for people to read; none is any. */
  caNames: { der: Buffer; text: string }[];
}
