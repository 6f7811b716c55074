//! Verify codes: AWS-LC has given some of its own numbers, of which OpenSSL's are others.

/// OpenSSL's code, and AWS-LC's for the same.
const TWINS: [(i32, i32); 7] = [
    (79, 24), // INVALID_CA
    (69, 65), // INVALID_CALL
    (70, 66), // STORE_LOOKUP
    (66, 68), // EE_KEY_TOO_SMALL
    (67, 69), // CA_KEY_TOO_SMALL
    (68, 70), // CA_MD_TOO_WEAK
    (94, 72), // EC_KEY_EXPLICIT_PARAMS
];
/// NAME_CONSTRAINTS_WITHOUT_SANS and UNABLE_TO_GET_CERTS_PUBLIC_KEY, which OpenSSL does not have.
const AWS_LC_ALONE: [i32; 2] = [67, 71];
const UNSPECIFIED: i32 = 1;

/// OpenSSL's code for one of AWS-LC's.
pub fn openssl_code(aws_lc: i32) -> i32 {
    match TWINS.iter().find(|(_, own)| *own == aws_lc) {
        Some((openssl, _)) => *openssl,
        None if AWS_LC_ALONE.contains(&aws_lc) => UNSPECIFIED,
        None => aws_lc,
    }
}

/// The code to give AWS-LC for a code of OpenSSL: its own, if it has one for that. The numbers of the others mean nothing to it.
pub fn aws_lc_code(openssl: i32) -> i32 {
    TWINS.iter().find(|(code, _)| *code == openssl).map_or(openssl, |(_, own)| *own)
}

/// OpenSSL's texts of codes that AWS-LC calls otherwise or does not have.
const TEXTS: [(i32, &str); 12] = [
    (18, "self-signed certificate"),
    (19, "self-signed certificate in certificate chain"),
    (26, "unsuitable certificate purpose"),
    (44, "different CRL scope"),
    (45, "unsupported extension feature"),
    (62, "hostname mismatch"),
    (63, "email address mismatch"),
    (69, "invalid certificate verification context"),
    (70, "issuer certificate lookup error"),
    (73, "OCSP verification needed"),
    (74, "OCSP verification failed"),
    (75, "OCSP unknown cert"),
];

/// OpenSSL's text for a code of OpenSSL, where it is not AWS-LC's.
pub fn openssl_text(code: i32) -> Option<&'static str> {
    TEXTS.iter().find(|(known, _)| *known == code).map(|(_, text)| *text)
}
