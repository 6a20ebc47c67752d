use std::fmt;
use std::str::FromStr;

/// A value that a template may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// The mailbox ID.
    Mailbox,
    /// The ODS code of its owner.
    Ods,
    /// Its environment.
    Environment,
    /// The common name of the certificate.
    CommonName,
    /// The day on which the certificate expires, `yyyy-mm-dd`.
    NotAfter,
    /// The SHA-256 of the certificate, lower-case hexadecimal.
    Sha256,
    /// The first 8 digits of it, for names that change with the certificate.
    Sha256Short,
    /// 8 digits that change with the CAs that are handed over, the client's own among them.
    CaId,
    /// 8 random digits, for names of what must not be told by its hash.
    HandoverId,
    /// The address of MESH without a slash or a path at its end.
    Url,
    /// The address of the MESH API: [`Item::Url`] and `/messageexchange`.
    ApiUrl,
    /// The password of the mailbox.
    Password,
    /// The shared key of the environment.
    SharedKey,
    /// The client certificate alone, PEM.
    Certificate,
    /// The client certificate and its sub CA, PEM: what a client shows.
    CertificateChain,
    /// The client certificate, sub CA and root, PEM.
    Fullchain,
    /// Root, then sub CA, PEM: whom to believe.
    CaBundle,
    /// [`Item::CaBundle`] and the sub CA of the client certificate, for a consumer that takes its own chain from there.
    CaBundleWithClientCa,
    /// Sub CA, then root, PEM.
    CaChain,
    /// The roots alone, PEM.
    RootCa,
    /// The sub CA alone, PEM.
    SubCa,
    /// The sub CA of the client certificate, whatever is believed at the server, PEM.
    ClientSubCa,
    /// Each root as base64 of its DER, one line; a list.
    RootCasBase64,
    /// Each sub CA as base64 of its DER, one line; a list.
    SubCasBase64,
    /// The key without encryption, PKCS#8 PEM.
    Key,
    /// The key without encryption, PKCS#1 PEM.
    KeyPkcs1,
    /// The key under the generated password, PKCS#8 PEM.
    EncryptedKey,
    /// Key and chain under the generated password, PKCS#12.
    Pfx,
    /// [`Item::Pfx`] in base64, one line.
    PfxBase64,
    /// Key, chain and trusted CAs under the generated password, PKCS#12 for Java with the alias `meshclient`.
    Keystore,
    /// A password of letters and digits, made for this handover alone.
    GeneratedPassword,
}

/// What makes an item secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Secret {
    /// The key, open to whoever reads it.
    OpenKey,
    /// The key under a password.
    ClosedKey,
    /// The password of the key or PFX.
    GeneratedPassword,
    /// The password of the mailbox.
    MailboxPassword,
    /// The shared key.
    SharedKey,
}

impl Item {
    /// Every item with its name in templates and what it is, in the order in which they are told.
    pub const ALL: [(Self, &'static str, &'static str); 31] = [
        (Self::Mailbox, "mailbox", "mailbox ID"),
        (Self::Ods, "ods", "ODS code of its owner"),
        (Self::Environment, "environment", "environment"),
        (Self::CommonName, "common_name", "common name of the certificate"),
        (Self::NotAfter, "not_after", "day on which the certificate expires"),
        (Self::Sha256, "sha256", "SHA-256 of the certificate"),
        (Self::Sha256Short, "sha256_short", "its first 8 digits"),
        (Self::CaId, "ca_id", "8 digits that change with the CAs"),
        (Self::HandoverId, "handover_id", "8 random digits, made for this handover"),
        (Self::Url, "url", "address of MESH without a path"),
        (Self::ApiUrl, "api_url", "the same with /messageexchange"),
        (Self::Password, "password", "mailbox password"),
        (Self::SharedKey, "shared_key", "shared key"),
        (Self::Certificate, "certificate", "client certificate, PEM"),
        (Self::CertificateChain, "certificate_chain", "client certificate and sub CA, PEM"),
        (Self::Fullchain, "fullchain", "client certificate, sub CA, root, PEM"),
        (Self::CaBundle, "ca_bundle", "root, sub CA, PEM"),
        (
            Self::CaBundleWithClientCa,
            "ca_bundle_with_client_ca",
            "root, sub CA, and the sub CA of the client certificate, PEM",
        ),
        (Self::CaChain, "ca_chain", "sub CA, root, PEM"),
        (Self::RootCa, "root_ca", "root alone, PEM"),
        (Self::SubCa, "sub_ca", "sub CA alone, PEM"),
        (Self::ClientSubCa, "client_sub_ca", "sub CA of the client certificate, PEM"),
        (Self::RootCasBase64, "root_cas_base64", "list: each root, base64 of DER"),
        (Self::SubCasBase64, "sub_cas_base64", "list: each sub CA, base64 of DER"),
        (Self::Key, "key", "key, not encrypted, PKCS#8 PEM"),
        (Self::KeyPkcs1, "key_pkcs1", "key, not encrypted, PKCS#1 PEM"),
        (Self::EncryptedKey, "encrypted_key", "key under generated_password, PKCS#8 PEM"),
        (Self::Pfx, "pfx", "key and chain under generated_password, PKCS#12"),
        (Self::PfxBase64, "pfx_base64", "the same in base64, one line"),
        (Self::Keystore, "keystore", "keystore of the MESH Java client under generated_password"),
        (
            Self::GeneratedPassword,
            "generated_password",
            "password made for this handover, letters and digits",
        ),
    ];

    fn row(self) -> (Self, &'static str, &'static str) {
        Self::ALL.into_iter().find(|(item, ..)| *item == self).expect("every item stands in the table")
    }

    /// The name in templates.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// What it is, in a few words.
    pub fn words(self) -> &'static str {
        self.row().2
    }

    /// What makes it secret, if anything does.
    pub fn secret(self) -> Option<Secret> {
        match self {
            Self::Password => Some(Secret::MailboxPassword),
            Self::SharedKey => Some(Secret::SharedKey),
            Self::Key | Self::KeyPkcs1 => Some(Secret::OpenKey),
            Self::EncryptedKey | Self::Pfx | Self::PfxBase64 | Self::Keystore => Some(Secret::ClosedKey),
            Self::GeneratedPassword => Some(Secret::GeneratedPassword),
            _ => None,
        }
    }

    /// Whether it takes the key.
    pub fn takes_key(self) -> bool {
        matches!(self.secret(), Some(Secret::OpenKey | Secret::ClosedKey))
    }
}

impl FromStr for Item {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|(_, known, _)| *known == name).map(|(item, ..)| item).ok_or(())
    }
}

impl Secret {
    /// In a few words, also in JSON.
    pub fn words(self) -> &'static str {
        match self {
            Self::OpenKey => "unencrypted private key",
            Self::ClosedKey => "encrypted private key",
            Self::GeneratedPassword => "the key's password",
            Self::MailboxPassword => "mailbox password",
            Self::SharedKey => "shared key",
        }
    }

    /// The stable name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenKey => "private_key",
            Self::ClosedKey => "encrypted_private_key",
            Self::GeneratedPassword => "private_key_password",
            Self::MailboxPassword => "mailbox_password",
            Self::SharedKey => "shared_key",
        }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Item;

    #[test]
    fn every_item_stands_once_in_the_table_and_is_read_by_its_name() {
        for (item, name, words) in Item::ALL {
            assert_eq!(name.parse(), Ok(item));
            assert_eq!((item.name(), item.words()), (name, words));
        }
    }
}
