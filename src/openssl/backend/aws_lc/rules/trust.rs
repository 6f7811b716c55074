//! What a trusted certificate is trusted for: the uses that a TRUSTED CERTIFICATE names behind its DER (openssl-x509(1), `-addtrust`
//! and `-addreject`). AWS-LC looks for the one use alone, and takes what it does not find for a certificate of which nothing is said.

use crate::openssl::der::{OBJECT, SEQUENCE, element, elements};

/// What the peer of a handshake has to be trusted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerUse {
    Server,
    Client,
}

/// `anyExtendedKeyUsage`
const ANY: &[u8] = &[0x55, 0x1D, 0x25, 0x00];

impl PeerUse {
    /// The use, by the content of its object identifier: `id-kp-serverAuth` or `id-kp-clientAuth`.
    fn object(self) -> &'static [u8] {
        match self {
            PeerUse::Server => &[0x2B, 6, 1, 5, 5, 7, 3, 1],
            PeerUse::Client => &[0x2B, 6, 1, 5, 5, 7, 3, 2],
        }
    }
}

/// What is said of a certificate for one use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Trusted,
    Rejected,
    /// Nothing: one that has signed itself is trusted, and another one where a chain may end anywhere.
    Open,
}

/// The object identifiers of a list, if it is there.
type Objects<'a> = Option<Vec<&'a [u8]>>;

/// The uses that a certificate is trusted and rejected for.
struct TrustedUses<'a> {
    trust: Objects<'a>,
    reject: Objects<'a>,
}

impl TrustedUses<'_> {
    /// Reads what stands behind the certificate; None for what cannot be read.
    fn read(behind: &[u8]) -> Option<TrustedUses<'_>> {
        const REJECT: u8 = 0xA0;
        if behind.is_empty() {
            return Some(TrustedUses { trust: None, reject: None });
        }
        let (lists, []) = element(behind, SEQUENCE)? else { return None };
        let (trust, lists) = list(lists, SEQUENCE)?;
        let (reject, _) = list(lists, REJECT)?;
        Some(TrustedUses { trust, reject })
    }

    fn standing(&self, wanted: PeerUse) -> Standing {
        let names_it =
            |list: &Vec<&[u8]>| list.iter().any(|named| *named == ANY || *named == wanted.object());
        match (&self.trust, &self.reject) {
            (_, Some(reject)) if names_it(reject) => Standing::Rejected,
            (Some(trust), _) if names_it(trust) => Standing::Trusted,
            // A certificate that is trusted for some uses is trusted for no others.
            (Some(_), _) => Standing::Rejected,
            (None, _) => Standing::Open,
        }
    }

    /// Tells whether AWS-LC would neither trust nor reject it: for that it has to find the use itself in one of the lists.
    fn is_undecided(&self, wanted: PeerUse) -> bool {
        let lists = [&self.trust, &self.reject].into_iter().flatten();
        let is_it = |named: &&[u8]| *named == wanted.object();
        (self.trust.is_some() || self.reject.is_some()) && !lists.flatten().any(is_it)
    }
}

/// The list that has this tag, and what follows it.
fn list(der: &[u8], tag: u8) -> Option<(Objects<'_>, &[u8])> {
    if der.first() != Some(&tag) {
        return Some((None, der));
    }
    let (objects, rest) = element(der, tag)?;
    let objects = elements(objects).map(|object| match object {
        Some((OBJECT, content)) => Some(content),
        _ => None,
    });
    Some((Some(objects.collect::<Option<_>>()?), rest))
}

/// What is said of a certificate, by what stands behind its DER. What cannot be read rejects it.
pub fn standing(behind: &[u8], wanted: PeerUse) -> Standing {
    TrustedUses::read(behind).map_or(Standing::Rejected, |uses| uses.standing(wanted))
}

/// What AWS-LC has to be told of a certificate, as it would not find it out; None where it would.
pub fn overlooked(behind: &[u8], wanted: PeerUse) -> Option<Standing> {
    let uses = TrustedUses::read(behind)?;
    uses.is_undecided(wanted).then(|| uses.standing(wanted))
}

/// The depth at which OpenSSL rejects a chain, by what stands behind the DER of each of its certificates: nothing behind those that the
/// peer has shown. It goes up the trusted ones, and the first one of which anything is said decides.
pub fn rejected_at<'a>(chain: impl IntoIterator<Item = &'a [u8]>, wanted: PeerUse) -> Option<u32> {
    let standings = (0..).zip(chain).map(|(depth, behind)| (depth, standing(behind, wanted)));
    let decided = standings.into_iter().find(|(_, standing)| *standing != Standing::Open);
    decided.filter(|(_, standing)| *standing == Standing::Rejected).map(|(depth, _)| depth)
}
