use clap::Args;

use crate::pki::{Alias, BundleChoices, PfxProfile, PlaintextKey};
use crate::ui::InputError;

/// Which bundles to make: the same flags wherever bundles are made.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Bundles")]
pub struct BundleArgs {
    /// Protection of the PFX: modern (AES-256), or legacy (3DES) for readers that say "wrong password"
    #[arg(long, value_name = "PROFILE", default_value = "modern")]
    pfx_profile: PfxProfile,
    /// Name of the key in PFX and keystore; default: the mailbox ID, and meshclient in the keystore
    #[arg(long, value_name = "NAME")]
    alias: Option<Alias>,
    /// Also a PKCS#12 keystore for the MESH Java client
    #[arg(long)]
    keystore: bool,
    /// Also a PKCS#12 truststore for Java, with the CAs alone
    #[arg(long)]
    truststore: bool,
    /// Also the key without encryption: pkcs8 or pkcs1; needs --i-understand
    #[arg(long, value_name = "FORM")]
    plaintext_key: Option<PlaintextKey>,
    /// Yes to a file from which anybody who can read it can act as the mailbox
    #[arg(long, requires = "plaintext_key")]
    i_understand: bool,
}

impl BundleArgs {
    /// The bundles that are wanted. Call it before anybody is asked for a passphrase.
    pub fn choices(&self) -> Result<BundleChoices, InputError> {
        if self.plaintext_key.is_some() && !self.i_understand {
            return Err(InputError::PlaintextKey);
        }
        Ok(BundleChoices {
            profile: self.pfx_profile,
            alias: self.alias.clone(),
            keystore: self.keystore,
            truststore: self.truststore,
            plaintext_key: self.plaintext_key,
            believed: Vec::new(),
        })
    }
}
