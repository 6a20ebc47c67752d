use crate::pki::PfxProfile;

/// What a bundle file is for. Its text is the key of the file in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BundleRole {
    /// The leaf alone, PEM.
    Certificate,
    /// Leaf, sub CA, root, PEM.
    Fullchain,
    /// Sub CA, root, PEM.
    Chain,
    /// Root, sub CA, PEM: the order in which trust stores are loaded.
    CaBundle,
    /// Key and full chain, PKCS#12.
    Pfx,
    /// The PFX file in base64 on one line, without a line end.
    PfxBase64,
    /// Key, full chain, and the CAs as trusted entries, PKCS#12 for Java.
    Keystore,
    /// The CAs as trusted entries, PKCS#12 for Java.
    Truststore,
    /// The key without encryption, PEM.
    PlaintextKey,
}

impl BundleRole {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 9] = [
        Self::Certificate,
        Self::Fullchain,
        Self::Chain,
        Self::CaBundle,
        Self::Pfx,
        Self::PfxBase64,
        Self::Keystore,
        Self::Truststore,
        Self::PlaintextKey,
    ];

    /// The key in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Fullchain => "fullchain",
            Self::Chain => "chain",
            Self::CaBundle => "ca_bundle",
            Self::Pfx => "pfx",
            Self::PfxBase64 => "pfx_base64",
            Self::Keystore => "keystore",
            Self::Truststore => "truststore",
            Self::PlaintextKey => "plaintext_key",
        }
    }

    /// The name of the file; `stem` is the mailbox ID.
    pub fn file_name(self, stem: &str) -> String {
        match self {
            Self::Certificate => "certificate.pem".into(),
            Self::Fullchain => "fullchain.pem".into(),
            Self::Chain => "chain.pem".into(),
            Self::CaBundle => "ca-bundle.pem".into(),
            Self::Pfx => format!("{stem}.pfx"),
            Self::PfxBase64 => format!("{stem}.pfx.b64"),
            Self::Keystore => format!("{stem}.p12"),
            Self::Truststore => "truststore.p12".into(),
            Self::PlaintextKey => "key-plain.pem".into(),
        }
    }

    /// What is in it, in a few words.
    pub fn holds(self) -> &'static str {
        match self {
            Self::Certificate => "the certificate alone",
            Self::Fullchain => "certificate, sub CA, root",
            Self::Chain => "sub CA, root",
            Self::CaBundle => "root, sub CA",
            Self::Pfx => "key and chain, PKCS#12",
            Self::PfxBase64 => "the PFX in base64, one line",
            Self::Keystore => "key, chain and trusted CAs",
            Self::Truststore => "trusted CAs alone",
            Self::PlaintextKey => "the key, NOT ENCRYPTED",
        }
    }

    /// Which readers open it, in a few words: one column of a table.
    pub fn readers(self, profile: PfxProfile) -> &'static str {
        match (self, profile) {
            (Self::Certificate | Self::Fullchain | Self::Chain, _) => {
                "what takes PEM: OpenSSL, Python, Ruby, Node"
            }
            (Self::CaBundle, _) => "trust stores of OpenSSL, Python, Ruby, Node",
            (Self::Pfx, PfxProfile::Modern) => "OpenSSL 1.1.1+, .NET, Windows 2019+, Java 8u301+",
            (Self::Pfx, PfxProfile::Legacy) => "also Windows 2016, older Java, macOS Keychain",
            (Self::PfxBase64, _) => "settings and vaults that take a PFX as text",
            (Self::Keystore | Self::Truststore, PfxProfile::Modern) => "Java 8u301+, the MESH Java client",
            (Self::Keystore | Self::Truststore, PfxProfile::Legacy) => "Java 8u60+, the MESH Java client",
            (Self::PlaintextKey, _) => "anything, and anybody who reads the file",
        }
    }
}
