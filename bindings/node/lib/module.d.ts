// Types of the functions of the module.

import { Bytes } from '../index';

/** An object identifier. Python: the record behind Purpose */
export interface Asn1Object {
  /** OpenSSL's number. */
  nid: number;
  /** The short name, such as "serverAuth". */
  shortname: string;
  /** The long name, such as "TLS Web Server Authentication". */
  longname: string;
  /** The dotted number; null for the few objects without one. */
  oid: string | null;
}

/** Where the default CAs are looked for. Python: DefaultVerifyPaths */
export interface DefaultVerifyPaths {
  /** The CA file in effect; null if it does not exist. */
  cafile: string | null;
  /** The CA directory in effect; null if it does not exist. */
  capath: string | null;
  /** The name of the variable for the file, "SSL_CERT_FILE". */
  opensslCafileEnv: string;
  /** The file built into OpenSSL. */
  opensslCafile: string;
  /** The name of the variable for the directory, "SSL_CERT_DIR". */
  opensslCapathEnv: string;
  /** The directory built into OpenSSL. */
  opensslCapath: string;
}

/** An entry of a Windows store. Python: an entry of enum_certificates() */
export interface StoreEntry {
  /** The bytes. */
  data: Buffer;
  /** "x509_asn", "pkcs_7_asn" or a number as text. */
  encoding: string;
  /** true if it is trusted for all purposes, otherwise their OIDs. */
  trust: true | string[];
}

/** Looks an object identifier up by its dotted number, and with `name` by its names too. Throws ValueError for an unknown one. Python: txt2obj */
export function txt2obj(txt: string, name?: boolean): Asn1Object;
/** Looks an object identifier up by OpenSSL's number. Throws ValueError for an unknown one. Python: nid2obj */
export function nid2obj(nid: number): Asn1Object;
/** The name of a PROTOCOL_*; "<unknown>" for others. Python: get_protocol_name */
export function getProtocolName(protocol: number): string;
/** Where the default CAs are looked for. Python: get_default_verify_paths */
export function getDefaultVerifyPaths(): DefaultVerifyPaths;
/** The PEM text of DER bytes, which are not checked. Python: DER_cert_to_PEM_cert */
export function derCertToPemCert(der: Bytes): string;
/** The DER bytes of a PEM text of one certificate. Throws ValueError if it is not one. Python: PEM_cert_to_DER_cert */
export function pemCertToDerCert(pem: string): Buffer;
/** Random bytes that are good enough for keys. Throws SSLError. Python: RAND_bytes */
export function randBytes(size: number): Buffer;
/** Whether the random generator is seeded. Python: RAND_status */
export function randStatus(): boolean;
/** The signature algorithms that the OpenSSL in use knows, as setServerSigalgs and setClientSigalgs take them. Python 3.15: get_sigalgs */
export function getSigalgs(): string[];
/**
 * Makes a key for `loadEchKeys`, in PEM, which is secret, and the ECHConfigList for clients, whose base64 is the value of "ech" in an HTTPS record of
 * DNS. publicName stays visible in place of the server's name; names up to maxNameLength bytes, at most 255, are padded to one length. Throws
 * ValueError, and NotImplementedError without HAS_ECH.
 */
export function generateEchKeys(publicName: string, maxNameLength?: number): { keys: Buffer; configs: Buffer };
/** How many handles of the C library are not freed yet, in the whole process: for tests that look for leaks. */
export function handleCount(): number;
/**
 * Receives Python's warnings, such as a "DeprecationWarning", of this thread, in place of process.emitWarning; null silences them. An
 * exception makes the call fail.
 */
export function setWarningCallback(callback: ((category: string, message: string) => void) | null): void;
/** Mixes data into the random generator; entropy is a lower bound of its randomness in bytes. Python: RAND_add */
export function randAdd(data: Bytes, entropy: number): void;
/** A certificate's time, such as "Jan  5 09:34:43 2018 GMT", in seconds since 1970. Throws ValueError. Python: cert_time_to_seconds */
export function certTimeToSeconds(time: string): number;
/** The certificates of a Windows store. Throws NotImplementedError elsewhere, OSError for an unknown store. Python: enum_certificates */
export function enumCertificates(storeName: string): StoreEntry[];
/** The revocation lists of a Windows store. Throws NotImplementedError elsewhere, OSError for an unknown store. Python: enum_crls */
export function enumCrls(storeName: string): StoreEntry[];
