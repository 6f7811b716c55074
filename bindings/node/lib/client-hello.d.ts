// Types of the first message of a client.

/** A ClientHello as it was sent, a copy of it. The lists have what a client makes up too (GREASE, RFC 8701), and numbers are those of TLS. */
export interface ClientHello {
  /** Whether it is the second one of a handshake, which answers a HelloRetryRequest. */
  isSecond: boolean;
  /** The name of the server that the client has sent; null if it sent none. */
  serverName: string | null;
  /** The application protocols, in the client's order, with one character for each byte. */
  alpn: string[];
  /** The version in its head, which TLS 1.3 no longer changes: usually 0x0303. */
  legacyVersion: number;
  /** The id of the session of TLS 1.2 and below that the client offers to resume, up to 32 bytes; in TLS 1.3 of no meaning. */
  sessionId: Buffer;
  /** The versions that the client offers: 0x0304 is TLS 1.3. See TLSVersion. */
  versions: number[];
  /** 0x1301 is TLS_AES_128_GCM_SHA256. */
  ciphers: number[];
  /** The groups for key exchange: 0x001d is x25519. */
  groups: number[];
  /** "SignatureScheme" of RFC 8446: 0x0403 is ecdsa_secp256r1_sha256. */
  signatureAlgorithms: number[];
  /** The extensions in the order in which they were sent. */
  extensions: { type: number; data: Buffer }[];
  /** The fingerprint JA3 in hexadecimal, the MD5 of ja3String; null where OpenSSL has no MD5. */
  ja3: string | null;
  /** What JA3 is the digest of: version, ciphers, extensions, groups and point formats, without GREASE. */
  ja3String: string | null;
  /** The fingerprint JA4 of a client over TCP, such as "t13d1516h2_8daaf6152771_e5627efa2ab1"; null where OpenSSL has no SHA-256. */
  ja4: string | null;
}
