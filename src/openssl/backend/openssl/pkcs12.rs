//! PKCS#12: certificates and private keys in one file, under a password (RFC 7292). `PKCS12_parse` gives one key, says
//! nothing of the others, and takes as much time as the file asks for.

pub use crate::openssl::contents::{Contents, MOST_PARTS, Pkcs12Failure};
pub use crate::openssl::cost::MOST as MOST_ITERATIONS;

use crate::openssl::contents::Reading;
use crate::openssl::cost;
use crate::openssl::der::number;
use crate::openssl::pem::KeyFailure;
use crate::openssl::{Result, asn1, attempt_or, cvt_p, error, library, pkey::PKey, sys, x509::X509};
use std::os::raw::{c_char, c_int, c_void};
use std::ptr::null;

type Outcome<T> = std::result::Result<T, Pkcs12Failure>;

/// What is told of an encryption that OpenSSL lacks.
pub const UNSUPPORTED: &str = "its encryption is unsupported (OpenSSL may have it in its legacy provider)";
/// Bags of bags are not worth more.
const DEEPEST: usize = 8;

/// Reads a file.
pub fn read(der: &[u8], password: &[u8]) -> Outcome<Contents> {
    library::init()?;
    let file = Pkcs12::parse(der)?;
    let mut reading = Reading::new(password);
    check_mac(&mut reading, &file)?;
    reading.finish(|reading| read_file(reading, &file))
}

struct Pkcs12(*mut sys::PKCS12);

impl Pkcs12 {
    fn parse(der: &[u8]) -> Outcome<Pkcs12> {
        asn1::from_der(der, |data, len| {
            // SAFETY: data and len are those of one slice.
            Ok(Pkcs12(cvt_p(|| unsafe { sys::d2i_PKCS12(std::ptr::null_mut(), data, len) })?))
        })
    }
}

impl Drop for Pkcs12 {
    fn drop(&mut self) {
        // SAFETY: the only owner frees it once.
        unsafe { sys::PKCS12_free(self.0) }
    }
}

/// A list of OpenSSL, with what it holds.
struct Stack(*mut sys::OPENSSL_STACK, unsafe extern "C" fn(*mut c_void));

impl Stack {
    fn items<T>(&self) -> impl Iterator<Item = *mut T> {
        // SAFETY: the list is alive as long as this is.
        unsafe { asn1::items::<T>(self.0) }.map(<*const T>::cast_mut)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: the list and what is in it are ours.
        unsafe { sys::OPENSSL_sk_pop_free(self.0, Some(self.1)) }
    }
}

unsafe extern "C" fn free_safe(safe: *mut c_void) {
    // SAFETY: an element of a list of ours.
    unsafe { sys::PKCS7_free(safe.cast()) }
}

unsafe extern "C" fn free_bag(bag: *mut c_void) {
    // SAFETY: an element of a list of ours.
    unsafe { sys::PKCS12_SAFEBAG_free(bag.cast()) }
}

/// A password as OpenSSL takes it.
fn as_c(password: Option<&[u8]>) -> (*const c_char, c_int) {
    let data = password.map_or(null(), |bytes| bytes.as_ptr().cast());
    (data, password.map_or(0, |bytes| bytes.len() as c_int))
}

/// Finds out whether the password is right, where the file tells.
fn check_mac(reading: &mut Reading<'_>, file: &Pkcs12) -> Outcome<()> {
    // SAFETY: the file is alive.
    if unsafe { sys::PKCS12_mac_present(file.0) } == 0 {
        reading.has_no_mac();
        return Ok(());
    }
    reading.check_mac(mac_cost(file)?, |password| is_right(file, password))
}

/// Tells whether the digest of a file is that of a password.
fn is_right(file: &Pkcs12, password: Option<&[u8]>) -> std::result::Result<bool, KeyFailure> {
    let (password, len) = as_c(password);
    // SAFETY: the file is alive; the password has that length.
    let verify = || unsafe { sys::PKCS12_verify_mac(file.0, password, len) };
    match attempt_or(error::take_all, verify, |result| result == 1) {
        Ok(_) => Ok(true),
        Err(found) if found.is_empty() => Ok(false),
        Err(found) => Err(KeyFailure::of(&found, true)),
    }
}

/// Makes a call that decrypts.
fn decrypt<T>(reading: &Reading<'_>, call: impl FnOnce(*const c_char, c_int) -> *mut T) -> Outcome<*mut T> {
    let (password, len) = as_c(reading.password());
    let decrypted = attempt_or(error::take_all, || call(password, len), |made| !made.is_null());
    decrypted.map_err(|found| reading.undecrypted(KeyFailure::of(&found, true)))
}

fn read_file(reading: &mut Reading<'_>, file: &Pkcs12) -> Outcome<()> {
    // SAFETY: the file is alive.
    let safes = cvt_p(|| unsafe { sys::PKCS12_unpack_authsafes(file.0) })?;
    let safes = Stack(safes, free_safe);
    safes.items::<sys::Safe>().try_for_each(|safe| read_safe(reading, safe))
}

fn read_safe(reading: &mut Reading<'_>, safe: *mut sys::Safe) -> Outcome<()> {
    // SAFETY: the part is alive; so below.
    if let Ok(bags) = cvt_p(|| unsafe { sys::PKCS12_unpack_p7data(safe) }) {
        return read_bags(reading, &Stack(bags, free_bag), DEEPEST);
    }
    // SAFETY: as above.
    let der = asn1::to_der(|out| unsafe { sys::i2d_PKCS7(safe, out) })?;
    reading.spend(cost::of(&der))?;
    // SAFETY: as above; the password has that length.
    let bags =
        decrypt(reading, |password, len| unsafe { sys::PKCS12_unpack_p7encdata(safe, password, len) })?;
    read_bags(reading, &Stack(bags, free_bag), DEEPEST)
}

fn read_bags(reading: &mut Reading<'_>, bags: &Stack, depth: usize) -> Outcome<()> {
    bags.items().try_for_each(|bag| read_bag(reading, bag, depth))
}

fn read_bag(reading: &mut Reading<'_>, bag: *const sys::PKCS12_SAFEBAG, depth: usize) -> Outcome<()> {
    const KEY: c_int = 150;
    const SHROUDED_KEY: c_int = 151;
    const CERTIFICATE: c_int = 152;
    const BAGS: c_int = 155;
    // SAFETY: the bag is alive.
    match unsafe { sys::PKCS12_SAFEBAG_get_nid(bag) } {
        KEY => read_key(reading, bag),
        SHROUDED_KEY => read_shrouded_key(reading, bag),
        CERTIFICATE => read_certificate(reading, bag),
        BAGS if depth > 0 => {
            // SAFETY: the bag is alive.
            let bags = unsafe { sys::PKCS12_SAFEBAG_get0_safes(bag) };
            // SAFETY: what is in the bag lives as long.
            let mut bags = unsafe { asn1::items(bags) };
            bags.try_for_each(|bag| read_bag(reading, bag, depth - 1))
        }
        // Revocation lists and secrets of other kinds.
        _ => Ok(()),
    }
}

fn read_certificate(reading: &mut Reading<'_>, bag: *const sys::PKCS12_SAFEBAG) -> Outcome<()> {
    const X509_CERTIFICATE: c_int = 158;
    // SAFETY: the bag is alive; so below.
    if unsafe { sys::PKCS12_SAFEBAG_get_bag_nid(bag) } != X509_CERTIFICATE {
        return Ok(());
    }
    // SAFETY: as above.
    let x509 = cvt_p(|| unsafe { sys::PKCS12_SAFEBAG_get1_cert(bag) })?;
    // SAFETY: get1 gave us the reference.
    let certificate = unsafe { X509::from_raw(x509) };
    certificate.map_or(Ok(()), |certificate| reading.add_certificate(certificate))
}

fn read_key(reading: &mut Reading<'_>, bag: *const sys::PKCS12_SAFEBAG) -> Outcome<()> {
    // SAFETY: the bag is alive, and the key in it as long.
    let info = unsafe { sys::PKCS12_SAFEBAG_get0_p8inf(bag) };
    reading.add_key(key_of(info)?)
}

fn read_shrouded_key(reading: &mut Reading<'_>, bag: *const sys::PKCS12_SAFEBAG) -> Outcome<()> {
    // SAFETY: the bag is alive, and what is in it as long.
    let shrouded = unsafe { sys::PKCS12_SAFEBAG_get0_pkcs8(bag) };
    // SAFETY: as above.
    let der = asn1::to_der(|out| unsafe { sys::i2d_X509_SIG(shrouded, out) })?;
    reading.spend(cost::of(&der))?;
    // SAFETY: the bag is alive; the password has that length.
    let info = decrypt(reading, |password, len| unsafe { sys::PKCS12_decrypt_skey(bag, password, len) })?;
    let key = key_of(info);
    // SAFETY: ours, which is wiped.
    unsafe { sys::PKCS8_PRIV_KEY_INFO_free(info) };
    reading.add_key(key?)
}

fn key_of(info: *const sys::PKCS8_PRIV_KEY_INFO) -> Result<Option<PKey>> {
    // SAFETY: NULL or alive, as the caller promises.
    let key = cvt_p(|| unsafe { sys::EVP_PKCS82PKEY(info) })?;
    // SAFETY: the only reference is ours.
    Ok(unsafe { PKey::from_raw(key) })
}

/// The iterations of a file's digest.
fn mac_cost(file: &Pkcs12) -> Outcome<Option<u64>> {
    let (mut algorithm, mut iterations) = (null(), null());
    // SAFETY: the file is alive; both are places of ours, NULL is for what is not asked for.
    unsafe {
        sys::PKCS12_get0_mac(
            std::ptr::null_mut(),
            &mut algorithm,
            std::ptr::null_mut(),
            &mut iterations,
            file.0,
        )
    };
    // SAFETY: the algorithm is the file's.
    let der = asn1::to_der(|out| unsafe { sys::i2d_X509_ALGOR(algorithm, out) })?;
    // SAFETY: the number is the file's.
    let content = (!iterations.is_null()).then(|| unsafe { asn1::content(iterations.cast()) });
    let own = content.map_or(1, number);
    Ok(cost::of(&der).map(|cost| cost.saturating_add(own)))
}
