/// Why a TOML file could not be read, without the value that is wrong: it may be a secret in the wrong place.
pub fn unread(error: &toml::de::Error) -> String {
    let message = error.message();
    let of_any = message.strip_prefix("invalid type: ").map(|rest| ("invalid type", rest));
    // A number out of range is worth seeing, and in its place no secret.
    let of_text = message.strip_prefix("invalid value: string ").map(|rest| ("invalid value", rest));
    let Some((what, rest)) = of_any.or(of_text) else { return message.to_owned() };
    let Some((found, expected)) = rest.rsplit_once(", expected ") else { return what.to_owned() };
    let kind =
        if of_any.is_none() { "string" } else { found.split(['"', '`']).next().unwrap_or_default().trim() };
    format!("{what}: {kind}, expected {expected}")
}

#[cfg(test)]
mod tests {
    use super::unread;
    use crate::store::Settings;

    #[test]
    fn value_in_the_wrong_place_is_not_repeated() {
        for (text, told) in [
            ("secret_command = \"MARK, expected MARK\"", "invalid type: string, expected a sequence"),
            ("secret_command = 12345678", "invalid type: integer, expected a sequence"),
            ("secret_command = [[\"MARK\"]]", "invalid type: sequence, expected a string"),
            ("MARK", ""),
        ] {
            let said = unread(&toml::from_str::<Settings>(text).unwrap_err());
            assert!(!said.contains("MARK") && !said.contains("1234"), "{said}");
            assert!(said.contains(told), "{said}");
        }
        let said =
            unread(&toml::from_str::<std::collections::BTreeMap<String, u8>>("port = 300").unwrap_err());
        assert!(said.contains("300"), "{said}");
    }
}
