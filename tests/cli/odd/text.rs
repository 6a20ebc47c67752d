//! Text as mail programs, terminals, editors and forms leave it behind.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::damage::*;
use super::{Good, Input, Row};

const CERTIFICATE: &str = "certificate";
const IMPORTED: &str = "imported";
const REFUSED: &str = "not_a_certificate";

/// A certificate that is put right and imported.
fn repaired(name: &'static str, input: impl Into<Input>, notes: &'static str) -> Row {
    Row { name, input: input.into(), kind: "pem", objects: CERTIFICATE, notes, exit: 0, import: IMPORTED }
}

/// A certificate in base64 without armour.
fn bare(name: &'static str, input: impl Into<Input>, notes: &'static str) -> Row {
    Row { kind: "base64", ..repaired(name, input, notes) }
}

/// What cannot be put right, and is named.
fn damaged(name: &'static str, input: impl Into<Input>, objects: &'static str, notes: &'static str) -> Row {
    Row { name, input: input.into(), kind: "pem", objects, notes, exit: 0, import: REFUSED }
}

/// What holds nothing.
fn nothing(name: &'static str, input: impl Into<Input>, objects: &'static str) -> Row {
    Row { name, input: input.into(), kind: "unknown", objects, notes: "", exit: 1, import: REFUSED }
}

pub fn rows(good: &Good) -> Vec<Row> {
    [encodings(good), lines(good), armour(good), characters(good), base64(good), broken(good), other(good)]
        .into_iter()
        .flatten()
        .collect()
}

fn encodings(good: &Good) -> Vec<Row> {
    let pem = &good.pem;
    let smart = pem.replace("-----", "–––––");
    vec![
        repaired("clean PEM", pem.as_str(), ""),
        repaired("PEM among text", format!("Dear all,\r\n\r\n{pem}\r\nKind regards"), ""),
        repaired("UTF-8 with a byte order mark", join(&[b"\xef\xbb\xbf", pem.as_bytes()]), "byte_order_mark"),
        repaired(
            "UTF-16 of PowerShell",
            join(&[&[0xff, 0xfe], &utf16_le(&pem.replace('\n', "\r\n"))]),
            "utf16",
        ),
        repaired("UTF-16, high byte first", join(&[&[0xfe, 0xff], &utf16_be(pem)]), "utf16"),
        repaired("UTF-16 without a mark", utf16_le(pem), "utf16"),
        repaired(
            "UTF-16 appended to ASCII",
            join(&[pem[..99].as_bytes(), &utf16_le(&pem[99..])]),
            "control_characters",
        ),
        repaired("Windows-1252 around it", join(&[&eight_bits("Grüße “hier”\n"), pem.as_bytes()]), ""),
        repaired("en dashes in Windows-1252", eight_bits(&smart), "smart_punctuation"),
        repaired("en dashes in UTF-8", smart, "smart_punctuation"),
        repaired(
            "two em dashes for five hyphens",
            pem.replace("-----", "——"),
            "armour_hyphens smart_punctuation",
        ),
        repaired("NUL bytes to a full disk block", join(&[pem.as_bytes(), &[0; 4096 - 1500]]), "padded_end"),
        repaired("Ctrl-Z of DOS", format!("{pem}\r\n\x1a"), "padded_end"),
        repaired(
            "form feeds of a printer",
            in_line(pem, 9, |line| format!("\x0c{line}\n")),
            "control_characters",
        ),
        repaired("zero-width spaces", pem.replace("E-----", "E\u{200b}-----"), "invisible_characters"),
        repaired(
            "non-breaking space in the armour",
            pem.replace("BEGIN ", "BEGIN\u{a0}"),
            "invisible_characters",
        ),
        repaired("colours of a terminal", each(pem, "\x1b[32m", "\x1b[0m"), "terminal_codes"),
        repaired("binary data after it", join(&[pem.as_bytes(), &good.der, &good.der]), "binary_data"),
    ]
}

fn lines(good: &Good) -> Vec<Row> {
    let pem = &good.pem;
    let numbered = |(i, line): (usize, &str)| format!("{:>4}: {line}\n", i + 1);
    vec![
        repaired("CRLF", pem.replace('\n', "\r\n"), ""),
        repaired("CR alone", pem.replace('\n', "\r"), "line_ends"),
        repaired("CRLF and LF mixed", in_line(pem, 4, |line| format!("{line}\r\n")), ""),
        repaired("indented in YAML", format!("tls.crt: |\n{}other: 1\n", each(pem, "  ", "")), "indented"),
        repaired("indented by tabs", each(pem, "\t", ""), "indented"),
        repaired("spaces at the ends of lines", each(pem, "", "  "), ""),
        repaired("quoted in a reply", each(pem, "> ", ""), "quoted_lines"),
        repaired("quoted in a reply to a reply", each(pem, ">> > ", ""), "quoted_lines"),
        repaired("quoted with bars", each(pem, "| ", ""), "quoted_lines"),
        repaired("commented out", each(pem, "# ", ""), "line_prefix"),
        repaired("added lines of a diff", each(pem, "+", ""), "line_prefix"),
        repaired("lines of grep", each(pem, "reply.pem:", ""), "line_prefix"),
        repaired("numbered lines", pem.lines().enumerate().map(numbered).collect::<String>(), "line_prefix"),
        repaired("blank lines between all", each(pem, "", "\n"), "blank_lines"),
        repaired("comments within", in_line(pem, 5, |line| format!("# the rest:\n{line}\n")), "comments"),
        repaired(
            "page break within",
            in_line(pem, 5, |l| format!("{l}\nPage 2 of 3, 1 June\n")),
            "text_in_block",
        ),
        repaired("everything on one line", pem.replace('\n', ""), "missing_line_breaks"),
        repaired("spaces where line breaks were", pem.replace('\n', " "), "missing_line_breaks"),
        repaired(
            "base64 in one line",
            armoured("CERTIFICATE", &good.base64(), 99_999),
            "missing_line_breaks",
        ),
        repaired("one character a line", armoured("CERTIFICATE", &good.base64(), 1), ""),
        repaired("lines of 76", armoured("CERTIFICATE", &good.base64(), 76), ""),
        repaired("source text of Java", each(pem, "    \"", "\\n\" +"), "quotes escaped"),
        repaired("list of JSON", format!("[{}]", each(pem, "\"", "\",")), "quotes"),
    ]
}

fn armour(good: &Good) -> Vec<Row> {
    let pem = &good.pem;
    let body = pem.split_inclusive('\n').filter(|line| !line.starts_with('-')).collect::<String>();
    let labelled = |label: &str| pem.replace("CERTIFICATE", label);
    vec![
        repaired("four hyphens", pem.replace("-----", "----"), "armour_hyphens"),
        repaired("no hyphens", pem.replace("-----", ""), "armour_hyphens"),
        repaired("hyphens lost at the end", pem.replace("E-----", "E"), "armour_hyphens"),
        repaired(
            "small letters",
            pem.replace("BEGIN CERT", "begin cert").replace("END CERTIFICATE", "end certificate"),
            "armour_case",
        ),
        repaired("spaces within the armour", pem.replace("-----BEGIN", "----- BEGIN"), "armour_hyphens"),
        repaired("X509 CERTIFICATE", labelled("X509 CERTIFICATE"), "old_label"),
        repaired(
            "TRUSTED CERTIFICATE",
            good.openssl("x509 -in LEAF -trustout -addtrust clientAuth -out OUT"),
            "openssl_trust old_label",
        ),
        repaired("misspelt label", labelled("CERTFICATE"), "label_wrong"),
        repaired("label of something else", labelled("PKCS7"), "label_wrong"),
        repaired(
            "BEGIN and END differ",
            pem.replacen(" CERTIFICATE", " X509 CERTIFICATE", 1),
            "labels_differ old_label",
        ),
        repaired("END missing", format!("-----BEGIN CERTIFICATE-----\n{body}"), "missing_end"),
        repaired(
            "END missing before text",
            format!("-----BEGIN CERTIFICATE-----\n{body}Kind regards\nThe desk"),
            "missing_end",
        ),
        repaired("END misspelt", pem.replace("-----END", "-----EDN"), "missing_end"),
        repaired("BEGIN missing", format!("{body}-----END CERTIFICATE-----\n"), "missing_begin"),
        repaired(
            "BEGIN missing after text",
            format!("Dear all\n{body}-----END CERTIFICATE-----\n"),
            "missing_begin",
        ),
        repaired("END twice", format!("{pem}-----END CERTIFICATE-----\n"), "stray_end"),
        repaired("text of openssl x509 -text", good.openssl("x509 -in LEAF -text -out OUT"), ""),
        Row {
            objects: "certificate + certificate",
            ..repaired(
                "two certificates on one line",
                format!("{pem}{}", good.sub).replace('\n', ""),
                "missing_line_breaks",
            )
        },
        Row {
            objects: "certificate + certificate",
            ..repaired(
                "two certificates in one block",
                armoured(
                    "CERTIFICATE",
                    &STANDARD.encode(join(&[
                        &good.der,
                        &STANDARD
                            .decode(good.sub.lines().filter(|l| !l.starts_with('-')).collect::<String>())
                            .expect("base64"),
                    ])),
                    64,
                ),
                "several_in_block",
            )
        },
    ]
}

fn characters(good: &Good) -> Vec<Row> {
    let pem = &good.pem;
    let soft = wrapped(&good.base64(), 75, "=\n");
    vec![
        repaired("JSON", format!("{{\"crt\":\"{}\"}}", pem.replace('\n', "\\n")), "escaped"),
        repaired(
            "JSON of .NET",
            format!("{{\"crt\":\"{}\"}}", pem.replace('\n', "\\r\\n").replace('+', "\\u002B")),
            "escaped",
        ),
        repaired("JSON of PHP", pem.replace('/', "\\/").replace('\n', "\\n"), "escaped"),
        repaired(
            "environment variable",
            format!("MESH_CLIENT_CERT=\"{}\"\n", pem.replace('\n', "\\n")),
            "escaped",
        ),
        repaired("variable over several lines", format!("export CERT='{pem}'"), ""),
        repaired("escapes escaped again", pem.replace('\n', "\\\\n"), "escaped"),
        repaired("HTML line breaks", pem.replace('\n', "<br>\n"), "html"),
        repaired("HTML without line breaks", pem.replace('\n', "<br/>").replace(' ', "&nbsp;"), "html"),
        repaired("HTML paragraphs", each(pem, "<p>", "</p>"), "html"),
        repaired("percent escapes of a proxy", percent(pem, "%20"), "percent_encoding"),
        repaired("percent escapes of a form", percent(pem, "+"), "percent_encoding"),
        repaired(
            "quoted-printable",
            format!(
                "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
                soft.trim_end_matches("=\n").replace("==\n", "=3D=\n")
            ),
            "quoted_printable",
        ),
        repaired("cat -A", each(pem, "", "^M$"), "control_characters"),
        repaired("quotation marks around the lines", each(pem, "“", "”"), "quotes smart_punctuation"),
        repaired("code in Markdown", format!("Here:\n```\n{pem}```\n"), ""),
    ]
}

fn base64(good: &Good) -> Vec<Row> {
    let (pem, line) = (&good.pem, good.base64());
    let url = |text: &str| text.replace('+', "-").replace('/', "_");
    let block = |base64: &str| armoured("CERTIFICATE", base64, 64);
    let other_padding = match line.trim_end_matches('=').len() % 4 {
        0 => format!("{line}="),
        _ => line.trim_end_matches('=').to_owned(),
    };
    vec![
        repaired("padding wrong", block(&other_padding), "padding"),
        repaired("alphabet of web addresses", block(&url(&line)), "url_safe_base64"),
        repaired(
            "line feed encoded too",
            block(&STANDARD.encode(join(&[&good.der, b"\n"]))),
            "trailing_bytes",
        ),
        repaired(
            "zeros encoded too",
            block(&STANDARD.encode(join(&[&good.der, &[0; 100]]))),
            "trailing_bytes",
        ),
        bare("one line without armour", line.as_str(), ""),
        bare("lines without armour", wrapped(&line, 64, "\r\n"), ""),
        bare("base64 among text", format!("Hello,\n\n{}\nKind regards", wrapped(&line, 76, "\n")), ""),
        bare("base64 in JSON", format!("{{\"ClientCertificate\": \"{line}\"}}"), ""),
        bare(
            "base64 in a SAML document",
            format!("<?xml version=\"1.0\"?>\n<X509Certificate>{line}</X509Certificate>"),
            "",
        ),
        bare("base64 in UTF-16", utf16_le(&line), "utf16"),
        bare("base64 for web addresses", url(line.trim_end_matches('=')), "url_safe_base64"),
        bare(
            "base64 of PEM in a Kubernetes secret",
            format!("kind: Secret\ndata:\n  tls.crt: {}\n", STANDARD.encode(pem)),
            "base64_of_pem",
        ),
        bare(
            "base64 of PEM in UTF-16",
            STANDARD.encode(join(&[&[0xff, 0xfe], &utf16_le(pem)])),
            "base64_of_pem utf16",
        ),
        Row {
            kind: "unknown",
            objects: "text without a certificate in it",
            exit: 1,
            import: REFUSED,
            ..bare("base64 of base64 of PEM", STANDARD.encode(STANDARD.encode(pem)), "")
        },
    ]
}

fn broken(good: &Good) -> Vec<Row> {
    let (pem, line) = (&good.pem, good.base64());
    vec![
        damaged(
            "cut off",
            &pem[..400],
            "a damaged certificate (line 7: truncated after N of N bytes)",
            "truncated",
        ),
        damaged(
            "a line missing",
            in_line(pem, 5, |_| String::new()),
            "a damaged certificate (line 21: truncated after N of N bytes)",
            "truncated",
        ),
        damaged(
            "a character missing",
            in_line(pem, 5, |line| format!("{}\n", &line[1..])),
            "a damaged certificate (line 22: truncated after N of N bytes)",
            "truncated",
        ),
        damaged(
            "a character changed",
            in_line(pem, 6, |line| format!("*{}\n", &line[1..])),
            "a damaged certificate (line 6: the character * is no base64)",
            "not_base64",
        ),
        damaged(
            "a character lost in translation",
            in_line(pem, 6, |line| format!("\u{fffd}{}\n", &line[1..])),
            "a damaged certificate (line 6: the character U+FFFD is no base64)",
            "not_base64",
        ),
        damaged(
            "nothing between BEGIN and END",
            armoured("CERTIFICATE", "", 64),
            "a damaged certificate (line 1: there is nothing in it)",
            "empty_block",
        ),
        damaged(
            "no DER in it",
            armoured("CERTIFICATE", "SGVsbG8sIHdvcmxk", 64),
            "a damaged certificate (line 1: what the base64 holds is not DER)",
            "not_der",
        ),
        damaged(
            "DER changed within",
            in_line(pem, 2, |line| format!("{}AAAA{}\n", &line[..8], &line[12..])),
            "a damaged certificate (line 1: the DER within does not hold together)",
            "der_damaged",
        ),
        damaged(
            "beginning missing",
            &pem[400..],
            "a damaged certificate (line 16: it has no BEGIN line)",
            "no_begin",
        ),
        damaged(
            "BEGIN alone",
            "-----BEGIN",
            "a damaged PEM file (line 1: a BEGIN line does not say what begins)",
            "no_label",
        ),
        Row {
            kind: "base64",
            ..damaged(
                "base64 cut off",
                &line[..600],
                "a damaged DER structure in base64 (line 1: truncated after N of N bytes)",
                "truncated",
            )
        },
        Row {
            objects: "a damaged certificate (line 6: the character ? is no base64) + certificate",
            notes: "not_base64",
            ..repaired(
                "a good one beside a damaged one",
                format!("{}{pem}", in_line(&good.sub, 6, |line| format!("?{}\n", &line[1..]))),
                "",
            )
        },
        damaged(
            "10 MB of BEGIN lines",
            "-----BEGIN CERTIFICATE-----\n".repeat((10 << 20) / 28),
            "a damaged certificate (line 1: there is nothing in it) + … 99 more … + N more damaged blocks",
            "empty_block",
        ),
    ]
}

fn other(good: &Good) -> Vec<Row> {
    let named = |name, input: Vec<u8>, objects| Row { import: REFUSED, ..damaged(name, input, objects, "") };
    vec![
        nothing("empty file", "", "an empty file"),
        nothing("blank lines", " \r\n\r\n", "an empty file"),
        nothing("prose", "Dear customer, thank you.", "text without a certificate in it"),
        nothing(
            "HTML error page",
            "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
            "an HTML page without a certificate in it",
        ),
        nothing("JSON error", "{\"error\":\"not found\"}", "JSON without a certificate in it"),
        nothing("XML", "<?xml version=\"1.0\"?><soap:Fault/>", "an XML document without a certificate in it"),
        nothing(
            "RTF",
            "{\\rtf1\\ansi Dear customer\\par}",
            "a rich text (RTF) document without a certificate in it",
        ),
        nothing(
            "SSH public key",
            "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 me@here",
            "an SSH public key, which is of no use for MESH",
        ),
        nothing(
            "printed certificate without itself",
            good.openssl("x509 -in LEAF -text -noout -out OUT"),
            "the printed text of a certificate, without the certificate itself",
        ),
        nothing(
            "10 MB of base64",
            "MIIEpAIBAAKCAQEA7".repeat((10 << 20) / 17),
            "text without a certificate in it",
        ),
        named(
            "PGP message",
            b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n".to_vec(),
            "a PGP message",
        ),
        named(
            "OpenSSH key",
            b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----\n"
                .to_vec(),
            "an OpenSSH private key, which is of no use for MESH",
        ),
    ]
}
