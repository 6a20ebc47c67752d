//! Keys, certificate requests, certificates, chains, trust anchors and PFX files: bytes in, bytes out.
//!
//! A usual way through: [`PrivateKey::generate_encrypted`], [`CertificateRequest::create`], then, when the
//! certificate is back, [`sniff::read`], [`chain::build`] and [`Bundles::build`].

mod algorithm;
pub mod anchors;
mod bundles;
mod certificate;
pub mod chain;
mod details;
mod encryption;
mod fingerprint;
mod key;
mod name_fields;
mod pbes2;
mod pfx;
mod request;
mod revocation;
pub mod sniff;

pub use bundles::{BundleChoices, BundleError, BundleFile, BundleOptions, BundleRole, Bundles, PlaintextKey};
pub use certificate::{Certificate, CertificateError};
pub use details::CertificateDetails;
pub use fingerprint::Fingerprint;
pub use key::{KeyError, KeySize, PrivateKey};
pub use name_fields::{CertificateNames, NameFields};
pub use pfx::{Alias, AliasError, Pfx, PfxError, PfxProfile};
pub use request::{CertificateRequest, RequestDetails, RequestError};
pub use revocation::{Revocation, RevocationError, RevocationList, RevocationStatus};

/// PEM with LF line ends, as OpenSSL writes it.
fn pem_text(label: &str, der: &[u8]) -> String {
    pem::encode_config(
        &pem::Pem::new(label, der),
        pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF),
    )
}
