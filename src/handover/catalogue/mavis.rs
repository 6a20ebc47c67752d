use crate::handover::format::Format;
use crate::handover::item::Item;
use crate::handover::preset::{Default, Delivery, FileSpec, Preset, Rule, Setting, When, one_of};
use crate::mailbox::MailboxId;

/// Mavis, a Rails application: `Settings.mesh`.
pub const PRESET: Preset = Preset {
    name: "mavis",
    does: "Mavis (Rails)",
    proved_with: "Ruby 3.1 with OpenSSL 3.0, by the rules of the gem config; Mavis itself was not run",
    settings: &[
        Setting {
            name: "form",
            does: "how Mavis is told: settings (a YAML file), env (variables), or both",
            default: Default::Text("both"),
            check: |value| one_of(value, &["both", "settings", "env"]),
        },
        Setting {
            name: "dps-mailbox",
            does: "the mailbox that Mavis sends its exports to",
            default: Default::Nothing,
            check: mailbox,
        },
    ],
    files: &[
        FileSpec::template(
            "settings.local.yml",
            include_str!("../../../templates/export/mavis.settings.local.yml"),
            Format::Yaml,
            "Settings.mesh, for config/",
        )
        .when(When::IsNot("form", "env")),
        FileSpec::template(
            "mesh.env",
            include_str!("../../../templates/export/mavis.mesh.env"),
            Format::Dotenv,
            "the same as MAVIS__MESH__… variables",
        )
        .when(When::IsNot("form", "settings")),
        FileSpec::item("mesh_ca_bundle.pem", Item::CaBundleWithClientCa, "root, sub CA, for config/"),
    ],
    limits: &[],
    rules: &[
        Rule { item: Item::Password, check: stays_text, fatal: false },
        Rule { item: Item::SharedKey, check: stays_text, fatal: false },
    ],
    delivery: Delivery::Loaded,
    next: "Put mesh_ca_bundle.pem into config/ of Mavis, and settings.local.yml beside it or mesh.env into its environment; then restart Mavis and its workers.",
};

/// In capitals, as Mavis sends it.
fn mailbox(value: &str) -> Result<(), String> {
    match value.parse::<MailboxId>() {
        Ok(mailbox) if mailbox.as_str() == value => Ok(()),
        _ => Err("it is a mailbox ID: 3 to 32 capital letters and digits, such as X26ABC1".into()),
    }
}

/// The gem `config` makes numbers and truth values of variables that look like some; what a file quotes it leaves alone.
fn stays_text(value: &str) -> Result<(), &'static str> {
    let text = value.trim().trim_start_matches(['+', '-']).replace('_', "").to_ascii_lowercase();
    let radix = |prefix, radix| {
        let digits = text.strip_prefix(prefix);
        digits.is_some_and(|digits| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix)))
    };
    let number = text.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok();
    match number || radix("0x", 16) || radix("0b", 2) || radix("0o", 8) || ["true", "false"].contains(&value)
    {
        true => Err(
            "Mavis takes it for a number or a truth value where it comes from mesh.env: use settings.local.yml (--set form=settings)",
        ),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::stays_text;

    #[test]
    fn what_ruby_takes_for_a_number_or_a_truth_value_is_told() {
        for value in
            ["12345678", "-1", "1_000", "007", "1.5", "1e9", "0x1F", "0b101", "0o17", "true", "false", " 12 "]
        {
            assert!(stays_text(value).is_err(), "{value}");
        }
        for value in ["password", "1e9x", "TRUE", "TestKey", "0x", "nan", "inf", "12-34", "x123", "7 8"] {
            assert!(stays_text(value).is_ok(), "{value}");
        }
    }
}
