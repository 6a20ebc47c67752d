/// What a file is as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// PEM text (RFC 7468), one object or many.
    Pem,
    /// DER that is a certificate, or none of the structures below.
    Der,
    /// PKCS#7 or CMS (RFC 5652) in DER.
    Pkcs7,
    /// PKCS#12, also called PFX (RFC 7292).
    Pkcs12,
    /// A private key as PKCS#8 (RFC 5958).
    Pkcs8,
    /// The same, encrypted.
    Pkcs8Encrypted,
    /// An RSA private key as PKCS#1 (RFC 8017).
    Pkcs1,
    /// An elliptic curve private key as SEC 1 (RFC 5915).
    Sec1,
    /// A certificate request as PKCS#10 (RFC 2986).
    Csr,
    /// A certificate revocation list (RFC 5280).
    Crl,
    /// A Java keystore of the old kind.
    Jks,
    /// A Java keystore of the JCE.
    Jceks,
    /// A zip archive.
    Zip,
    /// An email (RFC 5322).
    Email,
    /// A message saved by Outlook.
    OutlookMsg,
    /// Base64 without armour.
    Base64,
    /// None of these.
    Unknown,
}

impl Kind {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pem => "pem",
            Self::Der => "der",
            Self::Pkcs7 => "pkcs7",
            Self::Pkcs12 => "pkcs12",
            Self::Pkcs8 => "pkcs8",
            Self::Pkcs8Encrypted => "pkcs8_encrypted",
            Self::Pkcs1 => "pkcs1",
            Self::Sec1 => "sec1",
            Self::Csr => "csr",
            Self::Crl => "crl",
            Self::Jks => "jks",
            Self::Jceks => "jceks",
            Self::Zip => "zip",
            Self::Email => "email",
            Self::OutlookMsg => "outlook_msg",
            Self::Base64 => "base64",
            Self::Unknown => "unknown",
        }
    }

    /// The name for people, with its article.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pem => "PEM text",
            Self::Der => "DER",
            Self::Pkcs7 => "a PKCS#7 file",
            Self::Pkcs12 => "a PKCS#12 (PFX) file",
            Self::Pkcs8 => "a private key (PKCS#8)",
            Self::Pkcs8Encrypted => "an encrypted private key (PKCS#8)",
            Self::Pkcs1 => "an RSA private key (PKCS#1)",
            Self::Sec1 => "an elliptic curve private key (SEC 1)",
            Self::Csr => "a certificate request (CSR)",
            Self::Crl => "a certificate revocation list (CRL)",
            Self::Jks => "a Java keystore (JKS)",
            Self::Jceks => "a Java keystore (JCEKS)",
            Self::Zip => "a zip file",
            Self::Email => "an email",
            Self::OutlookMsg => "an Outlook message",
            Self::Base64 => "base64 without armour",
            Self::Unknown => "nothing that is known here",
        }
    }
}

/// How characters or bytes are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// Text of ASCII characters alone.
    Ascii,
    /// UTF-8.
    Utf8,
    /// UTF-16, low byte first, as PowerShell 5 redirects.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Text in an eight-bit character set of Windows or ISO 8859.
    EightBit,
    /// ASN.1 in the distinguished encoding rules.
    Der,
    /// ASN.1 in the basic encoding rules.
    Ber,
    /// Bytes of another kind.
    Binary,
}

impl Encoding {
    /// The name in JSON and for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ascii => "ascii",
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::EightBit => "8-bit",
            Self::Der => "der",
            Self::Ber => "ber",
            Self::Binary => "binary",
        }
    }
}
