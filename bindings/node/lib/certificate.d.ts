// Types of certificates.

import { Bytes } from '../index';

/** A relative distinguished name: pairs of name and value. */
export type DistinguishedName = [name: string, value: string][][];

/** Python's dict of a certificate. */
export interface CertificateDict {
  /** The subject of the certificate. Python: "subject" */
  subject: DistinguishedName;
  /** The issuer, whose key signed it. Python: "issuer" */
  issuer: DistinguishedName;
  /** The X.509 version, counted from 1. */
  version: number;
  /** Upper-case hex, two digits a byte. */
  serialNumber: string;
  /** The start of validity, such as "Jan  5 09:34:43 2018 GMT". */
  notBefore: string;
  /** The end of validity, in the same form. */
  notAfter: string;
  /** Pairs of a type, such as "DNS" or "IP Address", and a value. Absent if there are none; so are the lists below. */
  subjectAltName?: [type: string, value: string | DistinguishedName][];
  /** Addresses of OCSP responders. */
  OCSP?: string[];
  /** Addresses of the issuer's certificate. */
  caIssuers?: string[];
  /** Addresses of revocation lists. */
  crlDistributionPoints?: string[];
}

/** One X.509 certificate. `toJSON()` is Python's dict; its entries are attributes too. */
export class Certificate {
  /** DER, or PEM. */
  constructor(data: Bytes);
  /** The DER bytes. Python: getpeercert(binary_form=True) */
  readonly der: Buffer;
  /** The PEM text. */
  readonly pem: string;
  /** Whether a connection has verified it. */
  readonly verified: boolean;
  /** The subject in one line, for people to read, not to compare. */
  readonly subjectText: string;
  /** The issuer in one line, for people to read, not to compare. */
  readonly issuerText: string;
  /** The start of validity, in seconds since 1970. */
  readonly notBeforeTime: number;
  /** The end of validity, in seconds since 1970. */
  readonly notAfterTime: number;
  /** The subject. Python: "subject" */
  readonly subject: DistinguishedName;
  /** The issuer, whose key signed it. Python: "issuer" */
  readonly issuer: DistinguishedName;
  /** The X.509 version, counted from 1. Python: "version" */
  readonly version: number;
  /** Upper-case hex, two digits a byte. Python: "serialNumber" */
  readonly serialNumber: string;
  /** The start of validity as text. Python: "notBefore" */
  readonly notBefore: string;
  /** The end of validity as text. Python: "notAfter" */
  readonly notAfter: string;
  /** Pairs of type and value; empty if there are none. Python: "subjectAltName" */
  readonly subjectAltName: [type: string, value: string | DistinguishedName][];
  /** Addresses of OCSP responders; empty if there are none. Python: "OCSP" */
  readonly OCSP: string[];
  /** Addresses of the issuer's certificate; empty if there are none. Python: "caIssuers" */
  readonly caIssuers: string[];
  /** Addresses of revocation lists; empty if there are none. Python: "crlDistributionPoints" */
  readonly crlDistributionPoints: string[];
  /** Python's dict. Throws ValueError for names that are not text. Python: getpeercert() */
  toJSON(): CertificateDict;
  /** The PEM text, as `pem`. */
  toString(): string;
  /** The digest of the DER bytes; "sha256" by default. Throws ValueError for a digest that OpenSSL lacks. */
  fingerprint(digest?: string): Buffer;
  /** Whether both are the same bytes. */
  equals(other: Certificate): boolean;
}
