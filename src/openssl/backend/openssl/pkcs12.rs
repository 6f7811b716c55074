//! PKCS#12: certificates and private keys in one file, under a password (RFC 7292). `PKCS12_parse` gives one key, says
//! nothing of the others, and takes as much time as the file asks for.

pub use crate::openssl::contents::{Contents, MOST_PARTS, Pkcs12Failure};
pub use crate::openssl::cost::MOST as MOST_ITERATIONS;

use crate::openssl::cost::{self, Budget};
use crate::openssl::der::number;
use crate::openssl::error::{Cause, Entry, LIB_PKCS12, PKCS12_R_MAC_VERIFY_FAILURE};
use crate::openssl::pem::KeyFailure;
use crate::openssl::{Result, asn1, attempt_or, cvt_p, error, library, pkey::PKey, sys, x509::X509};
use std::os::raw::{c_char, c_int, c_void};
use std::ptr::null;

type Outcome<T> = std::result::Result<T, Pkcs12Failure>;

/// What is told of an encryption that OpenSSL lacks.
pub const UNSUPPORTED: &str = "its encryption is unsupported (OpenSSL may have it in its legacy provider)";
/// Bags of bags are not worth more.
const DEEPEST: usize = 8;

/// Reads a file. Without a password, or with an empty one, both ways are tried in which programs write none.
pub fn read(der: &[u8], password: &[u8]) -> Outcome<Contents> {
    library::init()?;
    let file = Pkcs12::parse(der)?;
    let mut reader = Reader {
        password: Some(password),
        verified: false,
        budget: Budget::new(),
        found: Contents::default(),
    };
    reader.check_mac(&file)?;
    match reader.read_file(&file) {
        // No digest has told which of the two ways it is.
        Err(Pkcs12Failure::Key(KeyFailure::Password(_))) if reader.password.is_none() && !reader.verified => {
            reader.password = Some(&[]);
            reader.found = Contents::default();
            reader.read_file(&file)
        }
        read => read,
    }?;
    Ok(reader.found)
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

struct Reader<'a> {
    /// None is the password that is not even empty.
    password: Option<&'a [u8]>,
    /// The file's digest has shown that the password is right.
    verified: bool,
    budget: Budget,
    found: Contents,
}

impl Reader<'_> {
    /// The password as OpenSSL takes it.
    fn secret(&self) -> (*const c_char, c_int) {
        let password = self.password;
        (
            password.map_or(null(), |bytes| bytes.as_ptr().cast()),
            password.map_or(0, |bytes| bytes.len() as c_int),
        )
    }

    fn spend(&mut self, cost: Option<u64>) -> Outcome<()> {
        let cost = cost.ok_or(Cause::Untold)?;
        if self.budget.spend(cost) { Ok(()) } else { Err(Pkcs12Failure::Costly) }
    }

    /// Finds out whether the password is right, where the file tells.
    fn check_mac(&mut self, file: &Pkcs12) -> Outcome<()> {
        // SAFETY: the file is alive.
        if unsafe { sys::PKCS12_mac_present(file.0) } == 0 {
            self.password = self.password.filter(|password| !password.is_empty());
            return Ok(());
        }
        let cost = mac_cost(file)?;
        let ways = if self.password.is_some_and(<[u8]>::is_empty) {
            &[None, self.password][..]
        } else {
            &[self.password]
        };
        let mut failure = None;
        for way in ways {
            self.password = *way;
            self.spend(cost)?;
            match self.verify_mac(file) {
                Ok(()) => {
                    self.verified = true;
                    return Ok(());
                }
                Err(found) => failure = Some(found),
            }
        }
        let wrong = || KeyFailure::Password(Entry::of(LIB_PKCS12, PKCS12_R_MAC_VERIFY_FAILURE).into());
        let found = failure.filter(|found| !found.is_empty());
        Err(Pkcs12Failure::Key(found.map_or_else(wrong, |found| KeyFailure::of(&found, true))))
    }

    fn verify_mac(&self, file: &Pkcs12) -> std::result::Result<(), Vec<Entry>> {
        let (password, len) = self.secret();
        // SAFETY: the file is alive; the password has that length.
        let verify = || unsafe { sys::PKCS12_verify_mac(file.0, password, len) };
        attempt_or(error::take_all, verify, |result| result == 1).map(drop)
    }

    /// Makes a call that decrypts; without a digest of the file it is the first to find that the password is wrong.
    fn decrypt<T>(&self, call: impl FnOnce(*const c_char, c_int) -> *mut T) -> Outcome<*mut T> {
        let (password, len) = self.secret();
        let decrypted = attempt_or(error::take_all, || call(password, len), |made| !made.is_null());
        decrypted.map_err(|found| {
            let failure = KeyFailure::of(&found, true);
            Pkcs12Failure::Key(match failure {
                KeyFailure::Password(entry) if self.verified => KeyFailure::Broken(entry),
                other => other,
            })
        })
    }

    fn read_file(&mut self, file: &Pkcs12) -> Outcome<()> {
        // SAFETY: the file is alive.
        let safes = cvt_p(|| unsafe { sys::PKCS12_unpack_authsafes(file.0) })?;
        let safes = Stack(safes, free_safe);
        safes.items::<sys::Safe>().try_for_each(|safe| self.read_safe(safe))
    }

    fn read_safe(&mut self, safe: *mut sys::Safe) -> Outcome<()> {
        // SAFETY: the part is alive; so below.
        if let Ok(bags) = cvt_p(|| unsafe { sys::PKCS12_unpack_p7data(safe) }) {
            return self.read_bags(&Stack(bags, free_bag), DEEPEST);
        }
        // SAFETY: as above.
        let der = asn1::to_der(|out| unsafe { sys::i2d_PKCS7(safe, out) })?;
        self.spend(cost::of(&der))?;
        // SAFETY: as above; the password has that length.
        let bags =
            self.decrypt(|password, len| unsafe { sys::PKCS12_unpack_p7encdata(safe, password, len) })?;
        self.read_bags(&Stack(bags, free_bag), DEEPEST)
    }

    fn read_bags(&mut self, bags: &Stack, depth: usize) -> Outcome<()> {
        bags.items().try_for_each(|bag| self.read_bag(bag, depth))
    }

    fn read_bag(&mut self, bag: *const sys::PKCS12_SAFEBAG, depth: usize) -> Outcome<()> {
        self.read_part(bag, depth)?;
        let parts = self.found.certificates.len() + self.found.keys.len();
        if parts > MOST_PARTS { Err(Pkcs12Failure::Crowded) } else { Ok(()) }
    }

    fn read_part(&mut self, bag: *const sys::PKCS12_SAFEBAG, depth: usize) -> Outcome<()> {
        const KEY: c_int = 150;
        const SHROUDED_KEY: c_int = 151;
        const CERTIFICATE: c_int = 152;
        const BAGS: c_int = 155;
        // SAFETY: the bag is alive.
        match unsafe { sys::PKCS12_SAFEBAG_get_nid(bag) } {
            KEY => self.read_key(bag),
            SHROUDED_KEY => self.read_shrouded_key(bag),
            CERTIFICATE => self.read_certificate(bag),
            BAGS if depth > 0 => {
                // SAFETY: the bag is alive.
                let bags = unsafe { sys::PKCS12_SAFEBAG_get0_safes(bag) };
                // SAFETY: what is in the bag lives as long.
                let mut bags = unsafe { asn1::items(bags) };
                bags.try_for_each(|bag| self.read_bag(bag, depth - 1))
            }
            // Revocation lists and secrets of other kinds.
            _ => Ok(()),
        }
    }

    fn read_certificate(&mut self, bag: *const sys::PKCS12_SAFEBAG) -> Outcome<()> {
        const X509_CERTIFICATE: c_int = 158;
        // SAFETY: the bag is alive; so below.
        if unsafe { sys::PKCS12_SAFEBAG_get_bag_nid(bag) } != X509_CERTIFICATE {
            return Ok(());
        }
        // SAFETY: as above.
        let x509 = cvt_p(|| unsafe { sys::PKCS12_SAFEBAG_get1_cert(bag) })?;
        // SAFETY: get1 gave us the reference.
        self.found.certificates.extend(unsafe { X509::from_raw(x509) });
        Ok(())
    }

    fn read_key(&mut self, bag: *const sys::PKCS12_SAFEBAG) -> Outcome<()> {
        // SAFETY: the bag is alive, and the key in it as long.
        let info = unsafe { sys::PKCS12_SAFEBAG_get0_p8inf(bag) };
        self.found.keys.extend(key_of(info)?);
        Ok(())
    }

    fn read_shrouded_key(&mut self, bag: *const sys::PKCS12_SAFEBAG) -> Outcome<()> {
        // SAFETY: the bag is alive, and what is in it as long.
        let shrouded = unsafe { sys::PKCS12_SAFEBAG_get0_pkcs8(bag) };
        // SAFETY: as above.
        let der = asn1::to_der(|out| unsafe { sys::i2d_X509_SIG(shrouded, out) })?;
        self.spend(cost::of(&der))?;
        // SAFETY: the bag is alive; the password has that length.
        let info = self.decrypt(|password, len| unsafe { sys::PKCS12_decrypt_skey(bag, password, len) })?;
        let key = key_of(info);
        // SAFETY: ours, which is wiped.
        unsafe { sys::PKCS8_PRIV_KEY_INFO_free(info) };
        self.found.keys.extend(key?);
        Ok(())
    }
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
