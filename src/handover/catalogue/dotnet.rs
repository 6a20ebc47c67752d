//! Applications on .NET. It sends the client's certificate alone, even out of a PFX that holds its chain, unless the
//! account that runs it knows the sub CA: that goes with every handover.

use crate::handover::format::Format;
use crate::handover::item::Item;
use crate::handover::preset::{Default, Delivery, FileSpec, Preset, Setting, When, any, name, one_of};

const PROVED_WITH: &str = ".NET 9.0 on Linux, by the same classes; the library itself was not run";

const PLATFORM: Setting = Setting {
    name: "platform",
    does: "where the application runs, windows or linux: how it learns of the sub CA",
    default: Default::Text("windows"),
    check: |value| one_of(value, &["windows", "linux"]),
};

const SYSTEM_CAS: Setting = Setting {
    name: "system-cas",
    does: "with platform=linux: the folder of the system's own CAs, which stay in force",
    default: Default::Text("/etc/ssl/certs"),
    check: any,
};

/// A folder that holds nothing else: .NET reads every file of the one that `SSL_CERT_DIR` names.
const SUB_CA: FileSpec = FileSpec::item(
    "sub-ca/sub-ca.cer",
    Item::ClientSubCa,
    "the sub CA, which .NET has to find on its machine",
);

const SUB_CA_ON_WINDOWS: FileSpec = FileSpec::template(
    "install-sub-ca.ps1",
    include_str!("../../../templates/export/dotnet.install-sub-ca.ps1"),
    Format::Plain,
    "PowerShell: puts the sub CA into the store of Windows",
)
.when(When::Is("platform", "windows"));

const SUB_CA_ON_LINUX: FileSpec = FileSpec::template(
    "sub-ca.env",
    include_str!("../../../templates/export/dotnet.sub-ca.env"),
    Format::Dotenv,
    "the variable by which .NET finds the sub CA",
)
.when(When::Is("platform", "linux"));

/// NEL.MESH and NEL.MESH.Client.
pub const NEL_MESH: Preset = Preset {
    name: "nel-mesh",
    does: "NEL.MESH (.NET)",
    proved_with: PROVED_WITH,
    settings: &[
        PLATFORM,
        SYSTEM_CAS,
        Setting {
            name: "form",
            does: "appsettings, env, or both of them",
            default: Default::Text("both"),
            check: |value| one_of(value, &["both", "appsettings", "env"]),
        },
        Setting {
            name: "client-version",
            does: "what the application calls itself: MexClientVersion",
            default: Default::Text("NEL.MESH"),
            check: header,
        },
        Setting { name: "os-name", does: "MexOSName", default: Default::Text(".NET"), check: header },
        Setting {
            name: "os-version",
            does: "MexOSVersion",
            default: Default::Text("unknown"),
            check: header,
        },
        Setting {
            name: "chunk-megabytes",
            does: "MaxChunkSizeInMegabytes, at most 100; outside HSCN about 20 is customary",
            default: Default::Text("20"),
            check: |value| number(value, 1, 100),
        },
        Setting {
            name: "timeout-seconds",
            does: "MaxRequestTimeoutInSeconds; 0 waits for ever",
            default: Default::Text("600"),
            check: |value| number(value, 0, 86_400),
        },
    ],
    files: &[
        FileSpec::template(
            "appsettings.mesh.json",
            include_str!("../../../templates/export/nel-mesh.appsettings.mesh.json"),
            Format::Json,
            "the section MeshConfiguration",
        )
        .when(When::IsNot("form", "env")),
        FileSpec::template(
            "mesh.env",
            include_str!("../../../templates/export/nel-mesh.mesh.env"),
            Format::Dotenv,
            "the same as variables, NAME=value",
        )
        .when(When::IsNot("form", "appsettings")),
        SUB_CA,
        SUB_CA_ON_WINDOWS,
        SUB_CA_ON_LINUX,
    ],
    limits: &[],
    rules: &[],
    delivery: Delivery::Loaded,
    next: "Give the application the section MeshConfiguration, as a file or as variables. Let its machine know the sub CA, by \
           the file that was written for that, then restart it.",
};

/// dotnet-mesh-client, with the names that cohort manager gives its settings.
pub const DOTNET_MESH_CLIENT: Preset = Preset {
    name: "dotnet-mesh-client",
    does: "dotnet-mesh-client (.NET, cohort manager)",
    proved_with: PROVED_WITH,
    settings: &[
        PLATFORM,
        SYSTEM_CAS,
        Setting {
            name: "scheme",
            does: "how the settings are named: retrieve (MeshKeyName …) or mailboxes (MailboxConfigs)",
            default: Default::Text("retrieve"),
            check: |value| one_of(value, &["retrieve", "mailboxes"]),
        },
        Setting {
            name: "mailbox-variable",
            does: "what the setting with the mailbox ID is called, in the scheme retrieve",
            default: Default::Text("BSSMailBox"),
            check: variable,
        },
    ],
    files: &[
        FileSpec::item("client.pfx", Item::Pfx, "key and chain, PKCS#12"),
        FileSpec::item("ca.pem", Item::CaBundle, "root, sub CA: whom to believe"),
        FileSpec::template(
            "mesh.env",
            include_str!("../../../templates/export/dotnet-mesh-client.mesh.env"),
            Format::Dotenv,
            "the settings, NAME=value",
        )
        .when(When::Is("scheme", "retrieve")),
        FileSpec::template(
            "local.settings.json",
            include_str!("../../../templates/export/dotnet-mesh-client.local.settings.json"),
            Format::Json,
            "the same for Azure Functions on a developer's machine",
        )
        .when(When::Is("scheme", "retrieve")),
        FileSpec::template(
            "mesh.env",
            include_str!("../../../templates/export/dotnet-mesh-client.mailboxes.env"),
            Format::Dotenv,
            "the settings, NAME=value",
        )
        .named("mailboxes.env")
        .when(When::Is("scheme", "mailboxes")),
        FileSpec::template(
            "local.settings.json",
            include_str!("../../../templates/export/dotnet-mesh-client.mailboxes.json"),
            Format::Json,
            "the same for Azure Functions on a developer's machine",
        )
        .named("mailboxes.json")
        .when(When::Is("scheme", "mailboxes")),
        SUB_CA,
        SUB_CA_ON_WINDOWS,
        SUB_CA_ON_LINUX,
    ],
    limits: &[],
    rules: &[],
    delivery: Delivery::Loaded,
    next: "Put the files where mesh.env says that they are, and its lines into the settings of the application. Let its \
           machine know the sub CA, by the file that was written for that, then restart it.",
};

/// What can be the value of an HTTP header.
fn header(value: &str) -> Result<(), String> {
    any(value)?;
    match !value.trim().is_empty() && value.is_ascii() {
        true => Ok(()),
        false => Err("MESH gets it in a header: it takes ASCII, and is not empty".into()),
    }
}

fn number(value: &str, min: u32, max: u32) -> Result<(), String> {
    // As JSON has them: no plus, no zeros in front.
    let number = value.parse::<u32>().ok().filter(|number| number.to_string() == value);
    match number.is_some_and(|number| (min..=max).contains(&number)) {
        true => Ok(()),
        false => Err(format!("it is a number from {min} to {max}")),
    }
}

fn variable(value: &str) -> Result<(), String> {
    const TAKEN: [&str; 7] = [
        "MeshApiBaseUrl",
        "MeshPassword",
        "MeshSharedKey",
        "MeshKeyName",
        "MeshKeyPassphrase",
        "ServerSideCerts",
        "BypassServerCertificateValidation",
    ];
    name(value, "_", 1, 100)?;
    if TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(value)) {
        return Err("it is the name of another setting".into());
    }
    match value.starts_with(|c: char| c.is_ascii_digit()) {
        true => Err("it begins with a digit".into()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{header, number, variable};

    #[test]
    fn numbers_are_written_as_json_has_them() {
        assert!(number("20", 1, 100).is_ok());
        for none in ["", "0", "101", "+5", "-1", "1e1", "twenty", " 20", "020"] {
            assert!(number(none, 1, 100).is_err(), "{none}");
        }
    }

    #[test]
    fn headers_and_names_of_variables_are_what_their_readers_take() {
        assert!(header("NEL.MESH 1.2 (Windows)").is_ok());
        assert!(header(" ").is_err() && header("Müller").is_err() && header("a\nb").is_err());
        assert!(variable("BSSMailBox").is_ok() && variable("_x9").is_ok());
        assert!(variable("9x").is_err() && variable("a-b").is_err() && variable("").is_err());
        assert!(variable("meshpassword").is_err());
    }
}
