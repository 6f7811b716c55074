//! The ciphers of TLS 1.2 and below that both OpenSSL and AWS-LC have, and the words of cipher strings that choose them, as
//! ciphers(1) has them.

/// A cipher of TLS 1.2 or below.
#[derive(Debug, PartialEq, Eq)]
pub struct Suite {
    /// OpenSSL's name, which is AWS-LC's too.
    pub name: &'static str,
    /// The name in the standard.
    pub standard_name: &'static str,
    pub exchange: KeyExchange,
    pub auth: Auth,
    pub encryption: Encryption,
    pub mac: Mac,
    pub since: Since,
    /// The strength of its encryption.
    pub bits: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum KeyExchange {
    Ecdhe,
    Rsa,
    Psk,
    EcdhePsk,
}

/// How the server is authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Auth {
    Ecdsa,
    Rsa,
    Psk,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Encryption {
    AesGcm,
    AesCbc,
    ChaCha20,
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Mac {
    Aead,
    Sha1,
    Sha256,
    Sha384,
}

/// The version that has defined a cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Since {
    Ssl3,
    Tls1_0,
    Tls1_2,
}

use Encryption::{AesCbc, AesGcm, ChaCha20, Null};
use KeyExchange::{Ecdhe, EcdhePsk};
use Mac::{Aead, Sha1, Sha256, Sha384};
use Since::{Ssl3, Tls1_0, Tls1_2};

/// All, in the order that OpenSSL gives them before a cipher string changes it.
#[rustfmt::skip]
pub const SUITES: [Suite; 23] = [
    suite("ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", Ecdhe, Auth::Ecdsa, AesGcm, Aead, Tls1_2, 256),
    suite("ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", Ecdhe, Auth::Rsa, AesGcm, Aead, Tls1_2, 256),
    suite("ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", Ecdhe, Auth::Ecdsa, ChaCha20, Aead, Tls1_2, 256),
    suite("ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", Ecdhe, Auth::Rsa, ChaCha20, Aead, Tls1_2, 256),
    suite("ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", Ecdhe, Auth::Ecdsa, AesGcm, Aead, Tls1_2, 128),
    suite("ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Ecdhe, Auth::Rsa, AesGcm, Aead, Tls1_2, 128),
    suite("ECDHE-RSA-AES256-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", Ecdhe, Auth::Rsa, AesCbc, Sha384, Tls1_2, 256),
    suite("ECDHE-RSA-AES128-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", Ecdhe, Auth::Rsa, AesCbc, Sha256, Tls1_2, 128),
    suite("ECDHE-ECDSA-AES256-SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", Ecdhe, Auth::Ecdsa, AesCbc, Sha1, Tls1_0, 256),
    suite("ECDHE-RSA-AES256-SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", Ecdhe, Auth::Rsa, AesCbc, Sha1, Tls1_0, 256),
    suite("ECDHE-ECDSA-AES128-SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", Ecdhe, Auth::Ecdsa, AesCbc, Sha1, Tls1_0, 128),
    suite("ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", Ecdhe, Auth::Rsa, AesCbc, Sha1, Tls1_0, 128),
    suite("ECDHE-PSK-CHACHA20-POLY1305", "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", EcdhePsk, Auth::Psk, ChaCha20, Aead, Tls1_2, 256),
    suite("AES256-GCM-SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384", KeyExchange::Rsa, Auth::Rsa, AesGcm, Aead, Tls1_2, 256),
    suite("AES128-GCM-SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256", KeyExchange::Rsa, Auth::Rsa, AesGcm, Aead, Tls1_2, 128),
    suite("AES128-SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA256", KeyExchange::Rsa, Auth::Rsa, AesCbc, Sha256, Tls1_2, 128),
    suite("ECDHE-PSK-AES256-CBC-SHA", "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA", EcdhePsk, Auth::Psk, AesCbc, Sha1, Tls1_0, 256),
    suite("AES256-SHA", "TLS_RSA_WITH_AES_256_CBC_SHA", KeyExchange::Rsa, Auth::Rsa, AesCbc, Sha1, Ssl3, 256),
    suite("PSK-AES256-CBC-SHA", "TLS_PSK_WITH_AES_256_CBC_SHA", KeyExchange::Psk, Auth::Psk, AesCbc, Sha1, Ssl3, 256),
    suite("ECDHE-PSK-AES128-CBC-SHA", "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA", EcdhePsk, Auth::Psk, AesCbc, Sha1, Tls1_0, 128),
    suite("AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA", KeyExchange::Rsa, Auth::Rsa, AesCbc, Sha1, Ssl3, 128),
    suite("PSK-AES128-CBC-SHA", "TLS_PSK_WITH_AES_128_CBC_SHA", KeyExchange::Psk, Auth::Psk, AesCbc, Sha1, Ssl3, 128),
    suite("NULL-SHA", "TLS_RSA_WITH_NULL_SHA", KeyExchange::Rsa, Auth::Rsa, Null, Sha1, Ssl3, 0),
];

#[expect(clippy::too_many_arguments, reason = "a row of the table above")]
const fn suite(
    name: &'static str,
    standard_name: &'static str,
    exchange: KeyExchange,
    auth: Auth,
    encryption: Encryption,
    mac: Mac,
    since: Since,
    bits: u32,
) -> Suite {
    Suite { name, standard_name, exchange, auth, encryption, mac, since, bits }
}

impl Suite {
    /// Tells whether a word of a cipher string chooses it. A word that OpenSSL does not know chooses nothing, and neither does
    /// one for ciphers that AWS-LC lacks.
    pub(super) fn is_chosen_by(&self, word: &str) -> bool {
        let aes = matches!(self.encryption, AesGcm | AesCbc);
        match word {
            "ALL" | "HIGH" => self.encryption != Null,
            "COMPLEMENTOFALL" | "eNULL" | "NULL" => self.encryption == Null,
            "FIPS" | "AES" => aes,
            "AES128" => aes && self.bits == 128,
            "AES256" => aes && self.bits == 256,
            "AESGCM" => self.encryption == AesGcm,
            "CBC" => self.encryption == AesCbc,
            "CHACHA20" => self.encryption == ChaCha20,
            "kRSA" | "RSA" => self.exchange == KeyExchange::Rsa,
            "kECDHE" | "kEECDH" | "ECDHE" | "EECDH" | "ECDH" => self.exchange == Ecdhe,
            "kPSK" => self.exchange == KeyExchange::Psk,
            "kECDHEPSK" => self.exchange == EcdhePsk,
            "aRSA" => self.auth == Auth::Rsa,
            "aECDSA" | "ECDSA" => self.auth == Auth::Ecdsa,
            "aPSK" | "PSK" => self.auth == Auth::Psk,
            "SHA1" | "SHA" => self.mac == Sha1,
            "SHA256" => self.mac == Sha256,
            "SHA384" => self.mac == Sha384,
            "SSLv3" => self.since == Ssl3,
            "TLSv1" | "TLSv1.0" => self.since == Tls1_0,
            "TLSv1.2" => self.since == Tls1_2,
            name => name == self.name || name == self.standard_name,
        }
    }
}
