use rustls::AlertDescription;

/// The name of a TLS alert as RFC 8446 section 6 and RFC 5246 section 7.2 write it, with its number for
/// those that they do not know.
pub(super) fn name(alert: AlertDescription) -> String {
    let name = match u8::from(alert) {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        21 => "decryption_failed",
        22 => "record_overflow",
        30 => "decompression_failure",
        40 => "handshake_failure",
        41 => "no_certificate",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        60 => "export_restriction",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        100 => "no_renegotiation",
        109 => "missing_extension",
        110 => "unsupported_extension",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        120 => "no_application_protocol",
        number => return format!("alert_{number}"),
    };
    name.into()
}

/// What an alert says that comes before any certificate was looked at.
pub fn alert_reason(name: &str) -> Option<&'static str> {
    Some(match name {
        "protocol_version" => "no version of TLS that both speak",
        "handshake_failure" => {
            "no cipher that both take, or the server wants something else that was not offered"
        }
        "insufficient_security" => "the server wants stronger ciphers",
        "unrecognized_name" => "the server does not go by this name",
        "access_denied" => "the server, or a firewall before it, does not let this address in",
        "internal_error" => "something failed within the server",
        "no_application_protocol" => "the server does not speak HTTP/1.1 here",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_bear_their_names_from_the_rfc() {
        assert_eq!(name(AlertDescription::UnknownCA), "unknown_ca");
        assert_eq!(name(AlertDescription::CertificateRequired), "certificate_required");
        assert_eq!(name(AlertDescription::from(200)), "alert_200");
    }
}
