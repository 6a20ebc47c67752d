use zeroize::Zeroizing;

/// What a text is in which nothing was found.
pub(super) fn describe(text: &str) -> &'static str {
    let text = text.trim_start();
    if text.is_empty() {
        return "an empty file";
    }
    // Whatever it is, it may be secret.
    let mut head = Zeroizing::new(String::with_capacity(4 * 4096));
    head.extend(text.chars().take(4096).map(|c| c.to_ascii_lowercase()));
    let begins = |words: &[&str]| words.iter().any(|word| head.starts_with(word));
    if begins(&["<!doctype html", "<html", "<head", "<body"]) {
        "an HTML page without a certificate in it"
    } else if begins(&["{\\rtf"]) {
        "a rich text (RTF) document without a certificate in it"
    } else if begins(&["<?xml", "<"]) {
        "an XML document without a certificate in it"
    } else if begins(&["ssh-rsa ", "ssh-ed25519 ", "ecdsa-sha2-", "ssh-dss "]) {
        "an SSH public key, which is of no use for MESH"
    } else if begins(&["putty-user-key-file-"]) {
        "a PuTTY private key, which is of no use for MESH"
    } else if head.contains("certificate:\n") && head.contains("signature algorithm:")
        || head.contains("certificate:\r\n") && head.contains("signature algorithm:")
    {
        "the printed text of a certificate, without the certificate itself"
    } else if head.contains("certificate request:") && head.contains("subject:") {
        "the printed text of a certificate request, without the request itself"
    } else if begins(&["{", "["]) {
        "JSON without a certificate in it"
    } else {
        "text without a certificate in it"
    }
}
