//! The marked secrets. Each has characters that every way of writing it treats differently, and no eight characters
//! in common with anything else.

/// Protects every key of ours.
pub const PASSPHRASE: &str = r#"pw7Qz "Kestrel<&rel>" \Vn%41 $h0me 'Jx"#;
/// Protects every PFX of ours.
pub const PFX_PASSWORD: &str = r#"pfx9Lm/Tr+oubadorXw"3&Wq\d"#;
/// Of every mailbox of the rehearsal MESH.
pub const MAILBOX_PASSWORD: &str = r#"mb4Xc:Colon;Gryphon%2FQ€a<b>'Zt"#;
/// Of the rehearsal MESH.
pub const SHARED_KEY: &str = r#"sk2Vb+Base64=Obelisk&amp;Yt"R\u0041q"#;
/// Wrong wherever it is given; it may be the right one of something else.
pub const WRONG: &str = r#"wr6Hj "Zanzibar" \Pq&Umbrella"#;
/// The login of the proxy.
pub const PROXY_USER: &str = "px1Userquokka";
pub const PROXY_PASSWORD: &str = "px5Halcyonic77";

/// Of every backup.
pub const BACKUP_PASSPHRASE: &str = r#"bk8Nf "Xylograph\9 &Quincunx' Wd"#;

/// All of them, with what they are called.
pub const ALL: [(&str, &str); 8] = [
    ("the passphrase of the backup", BACKUP_PASSPHRASE),
    ("the passphrase", PASSPHRASE),
    ("the PFX password", PFX_PASSWORD),
    ("the mailbox password", MAILBOX_PASSWORD),
    ("the shared key", SHARED_KEY),
    ("the wrong secret", WRONG),
    ("the proxy's user", PROXY_USER),
    ("the proxy's password", PROXY_PASSWORD),
];

/// The kinds of secrets that a command may want.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Passphrase,
    Pfx,
    Password,
    SharedKey,
    Backup,
}

/// Of a command that opens a key.
pub const KEY: &[Kind] = &[Kind::Passphrase];
/// Of one that makes or opens a PFX.
pub const BUNDLES: &[Kind] = &[Kind::Passphrase, Kind::Pfx];
/// Of one that talks to MESH.
pub const CLIENT: &[Kind] = &[Kind::Passphrase, Kind::Password, Kind::SharedKey];
/// Of one that makes a token.
pub const LOGIN: &[Kind] = &[Kind::Password, Kind::SharedKey];

/// Of a backup.
pub const BACKUP: &[Kind] = &[Kind::Backup];

impl Kind {
    pub fn variable(self) -> &'static str {
        match self {
            Self::Passphrase => "MESH_KEY_PASSPHRASE",
            Self::Pfx => "MESH_PFX_PASSWORD",
            Self::Password => "MESH_MAILBOX_PASSWORD",
            Self::SharedKey => "MESH_SHARED_KEY",
            Self::Backup => "MESH_BACKUP_PASSPHRASE",
        }
    }

    pub fn flag(self) -> &'static str {
        match self {
            Self::Passphrase => "--key-passphrase-file",
            Self::Pfx => "--pfx-password-file",
            Self::Password => "--mailbox-password-file",
            Self::SharedKey => "--shared-key-file",
            Self::Backup => "--backup-passphrase-file",
        }
    }

    pub fn value(self) -> &'static str {
        match self {
            Self::Passphrase => PASSPHRASE,
            Self::Pfx => PFX_PASSWORD,
            Self::Password => MAILBOX_PASSWORD,
            Self::SharedKey => SHARED_KEY,
            Self::Backup => BACKUP_PASSPHRASE,
        }
    }
}

/// Those of everything but a backup.
pub const KINDS: [Kind; 4] = [Kind::Passphrase, Kind::Pfx, Kind::Password, Kind::SharedKey];

/// Where a command finds its secrets.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    Environment,
    /// A file each.
    Files,
    /// `--secrets` with NAME=value lines.
    Lines,
    /// `--secrets` in TOML.
    Toml,
    /// `secret_command` of the settings.
    Command,
    /// The first from standard input, the others from the environment.
    Stdin,
}

/// Every source but the terminal.
pub const SOURCES: [Source; 6] =
    [Source::Environment, Source::Files, Source::Lines, Source::Toml, Source::Command, Source::Stdin];
