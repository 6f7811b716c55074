//! Public keys of every kind, for certificates that nobody has signed.

use super::encode::{bit_string, integer, null, oid, sequence};

/// A SubjectPublicKeyInfo.
pub type PublicKey = Vec<u8>;

/// An RSA key whose modulus has that many bits.
pub fn rsa(bits: usize) -> PublicKey {
    rsa_as(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01], bits)
}

/// The same, for RSA-PSS alone.
pub fn rsa_pss(bits: usize) -> PublicKey {
    rsa_as(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A], bits)
}

fn rsa_as(kind: &[u8], bits: usize) -> PublicKey {
    let mut modulus = vec![0x55; bits.div_ceil(8)];
    let top = (bits - 1) % 8;
    modulus[0] = modulus[0] & ((1 << top) - 1) | 1 << top;
    if let Some(last) = modulus.last_mut() {
        *last |= 1;
    }
    let numbers = sequence(&[integer(&modulus), integer(&[1, 0, 1])]);
    let parameters = if kind.last() == Some(&1) { null() } else { Vec::new() };
    sequence(&[sequence(&[oid(kind), parameters]), bit_string(&numbers)])
}

/// The keys that are not RSA: a name, and the key.
pub const OTHERS: [(&str, &str); 8] = [
    (
        "P-224",
        "304e301006072a8648ce3d020106052b81040021033a0004d253647a0c2b5f91f7cff129bfabcf6802e2780344f8e2d790c6117bcd965e7fc3672fac87dd110027813431aaf84337a95995a3bfceb525",
    ),
    (
        "P-256",
        "3059301306072a8648ce3d020106082a8648ce3d030107034200049614ae9f62772032b7c32eb219aa462641e632934f199acf78b3cbe5c5475024d76601e32b0ecf297dbc39cc03df7c8fc9f5bc9901f3eab8a6e9ca3bf0fc3bf9",
    ),
    (
        "secp256k1",
        "3056301006072a8648ce3d020106052b8104000a03420004d8f660b80ec54ec1f2ae8349fd9b6eac1eb73712815c1a8b95bf24713d4f154e30bd2c91026fca1b28987099f61a26e836a6a10a9e0148b4ff57c643aea00af1",
    ),
    (
        "P-384",
        "3076301006072a8648ce3d020106052b8104002203620004961599d4b4d03363a5e693719d8d0072676a94549ff44c4a7e6efdcfe2136364ca261eeb89a8898392238ce38908ed2ce74bdb4c119149baa0750ad78f8fb26ec22ba88f9a99401e7f030001af78a95831b0722927ca4a6b169c1af7d78be9dd",
    ),
    (
        "P-521",
        "30819b301006072a8648ce3d020106052b81040023038186000400047325e29716dccd53b7cdc772abfa8092e7b9179c5096ffca835752b371c7e722e48cb1cf51073ddda2039fcc794ca1122afbf266314bfbcf54a0df1bda80c6e301ad13b81478f37334fcb8ca5fbc27f7f77acb4158497179eef278b6a3ebf85b1a7ddb72bcad2eca26210698da485bfa62c0cdfa70bd0a017ac67b39193b67d57d25",
    ),
    (
        "P-256 written out",
        "3082014b3082010306072a8648ce3d02013081f7020101302c06072a8648ce3d0101022100ffffffff00000001000000000000000000000000ffffffffffffffffffffffff305b0420ffffffff00000001000000000000000000000000fffffffffffffffffffffffc04205ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b031500c49d360886e704936a6678e1139d26b7819f7e900441046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63255102010103420004edfb650beabd8f8916f48fc69a2f5490fa4c7b101213a1916a8a6214d8f4fdb29cb7d09842b8798fcb28211a01398bc0ea22fa3b4ab6ebf58173182c409bdc62",
    ),
    ("Ed25519", "302a300506032b6570032100c523a25cdceb9a7b94153f94c5486bc07de6d3bf197ad757708ba7a79629265e"),
    ("unknown", "300d300506032b6555030400c523a2"),
];

/// The key of this name.
pub fn other(name: &str) -> PublicKey {
    let (_, hex) = OTHERS.iter().find(|(known, _)| *known == name).expect("a key of the table");
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}
