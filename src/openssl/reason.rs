//! Names of reasons. OpenSSL knows the number and the text of a reason, but not the name of its macro. Usually the name is
//! the text in capitals; the exceptions are listed here.

use std::borrow::Cow;
use std::os::raw::c_int;

/// The library number of system errors.
pub const LIB_SYS: c_int = 2;
/// The library number of errors that all of libcrypto shares.
pub const LIB_CRYPTO: c_int = 15;
/// The flag of reasons that all libraries have.
pub const COMMON_FLAG: c_int = 0x2 << 18;
/// The reason, in any library, that an allocation failed.
pub const MALLOC_FAILURE: c_int = 256 | 0x3 << 18;

/// Finds the suffix of the reason's `_R_` macro. `text` is OpenSSL's text for the reason.
pub fn mnemonic(library: c_int, reason: c_int, text: Option<&str>) -> Option<Cow<'static, str>> {
    match EXCEPTIONS.binary_search_by_key(&(library, reason), |(library, reason, _)| (*library, *reason)) {
        Ok(found) => Some(Cow::Borrowed(EXCEPTIONS[found].2)),
        Err(_) => text.map(|text| Cow::Owned(text.replace([' ', '-'], "_").to_ascii_uppercase())),
    }
}

/// Reasons whose text differs from the name, or is missing, in some version of OpenSSL: library, reason, name. Sorted. A
/// reason never changes its number, so the list serves all versions.
const EXCEPTIONS: &[(c_int, c_int, &str)] = &[
    (4, 135, "SLEN_RECOVERY_FAILED"),
    (4, 136, "SLEN_CHECK_FAILED"),
    (5, 102, "INVALID_PUBKEY"),
    (6, 142, "EXPECTING_A_EC_KEY"),
    (6, 162, "PARTIALLY_OVERLAPPING"),
    (6, 166, "ERROR_SETTING_FIPS_MODE"),
    (6, 167, "FIPS_MODE_NOT_SUPPORTED"),
    (6, 168, "INVALID_FIPS_MODE"),
    (6, 219, "EXPECTING_A_ECX_KEY"),
    (10, 110, "SEED_LEN_SMALL"),
    (11, 114, "CANT_CHECK_DH_KEY"),
    (15, 101, "FIPS_MODE_NOT_SUPPORTED"),
    (20, 143, "AT_LEAST_TLS_1_0_NEEDED_IN_FIPS_MODE"),
    (20, 158, "AT_LEAST_TLS_1_2_NEEDED_IN_SUITEB_MODE"),
    (20, 232, "SSL3_EXT_INVALID_MAX_FRAGMENT_LENGTH"),
    (20, 300, "SSL3_SESSION_ID_TOO_LONG"),
    (20, 319, "SSL3_EXT_INVALID_SERVERNAME"),
    (20, 320, "SSL3_EXT_INVALID_SERVERNAME_TYPE"),
    (20, 330, "NO_GOST_CERTIFICATE_SENT_BY_PEER"),
    (20, 358, "MISSING_SRP_PARAM"),
    (20, 361, "SRP_A_CALC"),
    (20, 380, "ILLEGAL_SUITEB_DIGEST"),
    (20, 1010, "SSLV3_ALERT_UNEXPECTED_MESSAGE"),
    (20, 1020, "SSLV3_ALERT_BAD_RECORD_MAC"),
    (20, 1030, "SSLV3_ALERT_DECOMPRESSION_FAILURE"),
    (20, 1040, "SSLV3_ALERT_HANDSHAKE_FAILURE"),
    (20, 1041, "SSLV3_ALERT_NO_CERTIFICATE"),
    (20, 1042, "SSLV3_ALERT_BAD_CERTIFICATE"),
    (20, 1043, "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE"),
    (20, 1044, "SSLV3_ALERT_CERTIFICATE_REVOKED"),
    (20, 1045, "SSLV3_ALERT_CERTIFICATE_EXPIRED"),
    (20, 1046, "SSLV3_ALERT_CERTIFICATE_UNKNOWN"),
    (20, 1047, "SSLV3_ALERT_ILLEGAL_PARAMETER"),
    (20, 1121, "TLSV1_ALERT_ECH_REQUIRED"),
    (32, 111, "LOCAL_ADDR_NOT_AVAILABLE"),
    (32, 112, "NON_FATAL"),
    (32, 151, "PEER_ADDR_NOT_AVAILABLE"),
    (35, 100, "CANT_PACK_STRUCTURE"),
    (36, 101, "FUNC_NOT_IMPLEMENTED"),
    (36, 123, "FWRITE_ERROR"),
    (36, 137, "DERIVATION_FUNCTION_MANDATORY_FOR_FIPS"),
    (37, 100, "CTRL_FAILED"),
    (37, 102, "FINISH_FAILED"),
    (37, 103, "LOAD_FAILED"),
    (37, 104, "NULL_HANDLE"),
    (37, 105, "STACK_ERROR"),
    (37, 106, "SYM_FAILURE"),
    (37, 107, "UNLOAD_FAILED"),
    (37, 108, "UNSUPPORTED"),
    (38, 105, "ENGINE_IS_NOT_IN_LIST"),
    (38, 108, "ID_OR_NAME_MISSING"),
    (40, 109, "SYSASSIGN_ERROR"),
    (40, 110, "SYSDASSGN_ERROR"),
    (40, 111, "SYSQIOW_ERROR"),
    (47, 136, "VAR_LOOKUP_FAILURE"),
    (47, 137, "CANNOT_LOAD_CERT"),
    (47, 138, "CANNOT_LOAD_KEY"),
    (53, 100, "ASN1_ERROR"),
    (53, 101, "BAD_SIGNATURE"),
    (53, 102, "INVALID_DIGEST"),
    (53, 103, "INVALID_DIGEST_TYPE"),
    (53, 104, "INVALID_ENCODING"),
    (53, 105, "INVALID_FIELD"),
    (53, 106, "USER_ID_TOO_LARGE"),
    (53, 107, "BUFFER_TOO_SMALL"),
    (53, 108, "INVALID_CURVE"),
    (53, 109, "NO_PARAMETERS_SET"),
    (53, 110, "DIST_ID_TOO_LARGE"),
    (53, 111, "ID_TOO_LARGE"),
    (53, 112, "ID_NOT_SET"),
    (53, 113, "INVALID_PRIVATE_KEY"),
    (58, 198, "GENERATE_CRLSTATUS"),
    (59, 100, "INCORRECT_PROPERTY_QUERY"),
    (59, 101, "ENCODER_NOT_FOUND"),
    (59, 102, "MISSING_GET_PARAMS"),
    (60, 100, "MISSING_GET_PARAMS"),
    (60, 101, "COULD_NOT_DECODE_OBJECT"),
    (60, 102, "DECODER_NOT_FOUND"),
];

#[cfg(test)]
#[allow(clippy::print_stdout)]
mod tests {
    use super::{EXCEPTIONS, mnemonic};
    use crate::openssl::error::Entry;
    use crate::openssl::sys;
    use std::os::raw::c_int;
    use std::process::Command;

    fn entry(library: c_int, reason: c_int) -> Entry {
        // SAFETY: no preconditions: loads the texts.
        unsafe { sys::OPENSSL_init_ssl(0, std::ptr::null_mut()) };
        Entry::of(library, reason)
    }

    #[test]
    fn the_list_is_sorted() {
        assert!(EXCEPTIONS.is_sorted_by(|one, next| (one.0, one.1) < (next.0, next.1)));
    }

    #[test]
    fn names_outlive_the_texts_of_a_version() {
        let names = [
            "sslv3 alert handshake failure",
            "ssl/tls alert handshake failure",
            "tls alert handshake failure",
        ];
        for text in names {
            assert_eq!(mnemonic(20, 1040, Some(text)).as_deref(), Some("SSLV3_ALERT_HANDSHAKE_FAILURE"));
        }
        for text in ["ssl3 ext invalid servername", "tls ext invalid servername"] {
            assert_eq!(mnemonic(20, 319, Some(text)).as_deref(), Some("SSL3_EXT_INVALID_SERVERNAME"));
        }
        let text = Some("tlsv1 alert unknown psk identity");
        assert_eq!(mnemonic(20, 1115, text).as_deref(), Some("TLSV1_ALERT_UNKNOWN_PSK_IDENTITY"));
        assert_eq!(mnemonic(20, 1, None), None);
    }

    #[test]
    fn reasons_common_to_all_libraries_have_no_name() {
        for (reason, text) in
            [(0x8_0009, "PEM lib"), (0xC_0103, "internal error"), (0xC_0100, "malloc failure")]
        {
            let entry = entry(9, reason);
            assert_eq!((entry.text.as_deref(), entry.reason()), (Some(text), None));
        }
    }

    /// Python up to 3.11 has a table of the names that can be read.
    #[test]
    fn names_are_those_of_the_reference() {
        let script = "import _ssl\nfor (library, reason), name in _ssl.err_codes_to_names.items(): print(library, reason, name)";
        let Ok(output) = Command::new("python3").args(["-I", "-c", script]).output() else {
            println!("not compared with the reference: python3 is not in PATH");
            return;
        };
        if !output.status.success() {
            println!("not compared with the reference: this python3 does not show its table");
            return;
        }
        let table = String::from_utf8(output.stdout).expect("the table is ASCII");
        let mut compared = 0;
        for line in table.lines() {
            let mut words = line.split(' ');
            let mut number = || words.next().and_then(|word| word.parse().ok()).expect("a number");
            let entry = entry(number(), number());
            if entry.text.is_some() {
                assert_eq!(entry.reason().as_deref(), words.next(), "{line}: {:?}", entry.text);
                compared += 1;
            }
        }
        // AWS-LC has fewer reasons.
        let least = if crate::openssl::library::NAME == "OpenSSL" { 1000 } else { 500 };
        assert!(compared > least, "only {compared} names were compared");
    }
}
