//! The mechanics, one damage each; what a person meets is in tests/cli/odd.

use crate::pki::sniff::{Contents, Encoding, Kind, read};

pub(super) const ROOT: &str = include_str!("../../anchors/ptl-root-g2.pem");
pub(super) const SUB: &str = include_str!("../../anchors/int-sub-g2.pem");

/// The armour of a certificate and nothing around it.
pub(super) fn pem(file: &str) -> String {
    let start = file.find("-----BEGIN").expect("PEM");
    file[start..].trim_end().to_owned()
}

/// Its base64 in one line.
pub(super) fn base64(file: &str) -> String {
    pem(file).lines().filter(|line| !line.starts_with('-')).collect()
}

fn notes(contents: &Contents) -> Vec<&str> {
    contents.notes.iter().map(|note| note.code).collect()
}

/// Reads the root as `damage` leaves it: it has to come out whole, with these notes.
#[track_caller]
fn repaired(damage: impl Fn(&str) -> String, codes: &[&str]) {
    let text = damage(&pem(ROOT));
    let contents = read(text.as_bytes(), &[]);
    assert_eq!(contents.describe(), "a certificate", "{:?}\n{text}", contents.notes);
    let good = read(ROOT.as_bytes(), &[]);
    assert_eq!(contents.certificates().next(), good.certificates().next(), "{text}");
    assert_eq!(notes(&contents), codes, "{:?}\n{text}", contents.notes);
}

/// Reads it: it has to be named as damaged.
#[track_caller]
fn damaged(damage: impl Fn(&str) -> String, code: &str, reason: &str) {
    let text = damage(&pem(ROOT));
    let contents = read(text.as_bytes(), &[]);
    assert_eq!(contents.certificates().count(), 0, "{text}");
    assert!(contents.describe().contains(reason), "{}\n{text}", contents.describe());
    assert!(notes(&contents).contains(&code), "{:?}\n{text}", contents.notes);
}

#[test]
fn whole_pem_needs_no_note() {
    repaired(|pem| pem.into(), &[]);
    repaired(|pem| format!("{pem}\n"), &[]);
    repaired(|pem| pem.replace('\n', "\r\n"), &[]);
    repaired(
        |pem| format!("Dear all,\nhere it is <see below>.\n\n{pem}\n\nKind regards\n-- \nThe desk"),
        &[],
    );
    let width = |n: usize| {
        let body = base64(ROOT);
        let lines: Vec<_> = body.as_bytes().chunks(n).map(|l| std::str::from_utf8(l).unwrap()).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", lines.join("\n"))
    };
    for n in [1, 3, 4, 17, 63, 64, 65, 76] {
        repaired(|_| width(n), &[]);
    }
}

#[test]
fn lines_are_put_right() {
    let each = |before: &str, pem: &str, after: &str| {
        pem.lines().map(|line| format!("{before}{line}{after}")).collect::<Vec<_>>().join("\n")
    };
    repaired(|pem| pem.replace('\n', "\r"), &["line_ends"]);
    repaired(|pem| each("    ", pem, ""), &["indented"]);
    repaired(|pem| format!("tls.crt: |\n{}\nother: x", each("  ", pem, "")), &["indented"]);
    repaired(|pem| each("> ", pem, ""), &["quoted_lines"]);
    repaired(|pem| each(">> > ", pem, ""), &["quoted_lines"]);
    repaired(|pem| each("| ", pem, ""), &["quoted_lines"]);
    repaired(|pem| each("# ", pem, ""), &["line_prefix"]);
    repaired(|pem| each("// ", pem, ""), &["line_prefix"]);
    repaired(|pem| each("+", pem, ""), &["line_prefix"]);
    repaired(|pem| each("reply.pem:", pem, ""), &["line_prefix"]);
    repaired(|pem| each("\"", pem, "\","), &["quotes"]);
    repaired(|pem| each("  \"", pem, "\\n\" +"), &["quotes", "escaped"]);
    repaired(|pem| each("", pem, "\n"), &["blank_lines"]);
    repaired(|pem| each("", pem, "   "), &[]);
    repaired(|pem| each("", pem, "^M$"), &["control_characters"]);
    let numbered = |pem: &str| {
        let line = |(i, line): (usize, &str)| format!("{:6}\t{line}", i + 9);
        pem.lines().enumerate().map(line).collect::<Vec<_>>().join("\n")
    };
    repaired(numbered, &["line_prefix"]);
    repaired(|pem| pem.replace('\n', " "), &["missing_line_breaks"]);
    repaired(|pem| pem.replace('\n', ""), &["missing_line_breaks"]);
    repaired(|pem| pem.replacen('\n', "\n# root\n", 3), &["comments"]);
    repaired(
        |pem| {
            let (head, tail) = pem.split_at(64 * 5 + 12);
            let (end, tail) = tail.split_at(tail.find('\n').unwrap() + 1);
            format!("{head}{end}\x0cPage 2 of 3, printed on Monday\n{tail}")
        },
        &["text_in_block", "control_characters"],
    );
}

#[test]
fn armour_is_put_right() {
    repaired(|pem| pem.replace("-----", "----"), &["armour_hyphens"]);
    repaired(|pem| pem.replace("-----", "-------"), &["armour_hyphens"]);
    repaired(|pem| pem.replace("-----", "—–"), &["armour_hyphens", "smart_punctuation"]);
    repaired(|pem| pem.replace("-----", "–––––"), &["smart_punctuation"]);
    repaired(|pem| pem.replace("-----", ""), &["armour_hyphens"]);
    repaired(|pem| pem.replace("-----", "----- ").replace("CATE-", "CATE -"), &["armour_hyphens"]);
    repaired(|pem| pem.to_lowercase()[..27].to_owned() + &pem[27..], &["armour_case"]);
    repaired(|pem| pem.replace(" CERT", "\u{a0}CERT"), &["invisible_characters"]);
    repaired(|pem| pem.replace(" CERT", " X509 CERT"), &["old_label"]);
    repaired(|pem| pem.replacen(" CERT", " X509 CERT", 1), &["labels_differ", "old_label"]);
    repaired(|pem| pem.replace("CERTIFICATE", "CERTFICATE"), &["label_wrong"]);
    repaired(|pem| pem.replace("CERTIFICATE", "PKCS7"), &["label_wrong"]);
    repaired(|pem| pem.replace("\n-----END CERTIFICATE-----", ""), &["missing_end"]);
    repaired(|pem| pem.replace("-----END CERTIFICATE-----", "Kind regards,\nJohn"), &["missing_end"]);
    repaired(|pem| pem.replace("-----END CERTIFICATE-----", "-----EDN CERTIFICATE-----"), &["missing_end"]);
    repaired(|pem| pem.replace("-----BEGIN CERTIFICATE-----\n", ""), &["missing_begin"]);
    repaired(|pem| pem.replace("-----BEGIN CERTIFICATE-----", "Dear all, Hello"), &["missing_begin"]);
    repaired(|pem| format!("{pem}\n-----END CERTIFICATE-----"), &["stray_end"]);
    repaired(|pem| format!("-----BEGIN NEW TASK-----\nNothing to do.\n{pem}"), &[]);
}

#[test]
fn characters_are_put_right() {
    repaired(|pem| format!("{{\"certificate\":\"{}\\n\"}}", pem.replace('\n', "\\n")), &["escaped"]);
    repaired(|pem| format!("CERT=\"{}\"", pem.replace('\n', "\\r\\n")), &["escaped"]);
    repaired(|pem| pem.replace('\n', "\\\\n"), &["escaped"]);
    repaired(|pem| pem.replace('/', "\\/").replace('+', "\\u002B"), &["escaped"]);
    repaired(|pem| pem.replace('\n', "<br>\n"), &["html"]);
    repaired(|pem| pem.replace('\n', "<br/>").replace(' ', "&nbsp;"), &["html"]);
    repaired(|pem| format!("<p>{}</p>", pem.replace('+', "&#43;").replace('\n', "</p>\n<p>")), &["html"]);
    repaired(
        |pem| {
            pem.replace('+', "%2B")
                .replace('/', "%2F")
                .replace('=', "%3D")
                .replace('\n', "%0A")
                .replace(' ', "%20")
        },
        &["percent_encoding"],
    );
    repaired(
        |pem| {
            pem.replace('+', "%2B")
                .replace('/', "%2F")
                .replace('=', "%3D")
                .replace('\n', "%0D%0A")
                .replace(' ', "+")
        },
        &["percent_encoding"],
    );
    repaired(|pem| pem.replace('\n', "\u{200b}\n"), &["invisible_characters"]);
    repaired(|pem| pem.replace('\n', "\u{1b}[0m\n"), &["terminal_codes"]);
    repaired(|pem| pem.replacen("\nM", "\x07\nM", 1), &["control_characters"]);
    repaired(|pem| format!("“{}”", pem.replace('\n', "”\n“")), &["quotes", "smart_punctuation"]);
    let soft = |pem: &str| {
        let body = base64(ROOT);
        let lines: Vec<_> = body.as_bytes().chunks(75).map(|l| std::str::from_utf8(l).unwrap()).collect();
        let _ = pem;
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", lines.join("=\n"))
    };
    repaired(soft, &["quoted_printable"]);
    let strange = |pem: &str| {
        let body = |line: &str| match line.starts_with('-') {
            true => line.to_owned(),
            false => line.replace('+', "-").replace('/', "_"),
        };
        pem.lines().map(body).collect::<Vec<_>>().join("\n")
    };
    repaired(strange, &["url_safe_base64"]);
}

#[test]
fn bytes_after_the_end_are_left_out() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let der = read(ROOT.as_bytes(), &[]).certificates().next().unwrap().der().to_vec();
    let block = |bytes: &[u8], label: &str| {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(bytes))
    };
    let and = |more: &[u8]| [&der, more].concat();
    repaired(|_| block(&and(b"\n"), "CERTIFICATE"), &["missing_line_breaks", "trailing_bytes"]);
    repaired(|_| block(&and(&[0; 40]), "CERTIFICATE"), &["missing_line_breaks", "trailing_bytes"]);
    repaired(
        |_| block(&and(&[0x30, 3, 6, 1, 42]), "TRUSTED CERTIFICATE"),
        &["missing_line_breaks", "openssl_trust", "old_label"],
    );
    for surplus in ["=", "==", "==="] {
        let padded = STANDARD.encode(&der).trim_end_matches('=').to_owned() + surplus;
        let right = STANDARD.encode(&der) == padded;
        let text = format!("-----BEGIN CERTIFICATE-----\n{padded}\n-----END CERTIFICATE-----\n");
        let codes: &[_] = if right { &["missing_line_breaks"] } else { &["missing_line_breaks", "padding"] };
        repaired(|_| text.clone(), codes);
    }
    let both = read(block(&and(&der), "CERTIFICATE").as_bytes(), &[]);
    assert_eq!(both.describe(), "a certificate, a certificate");
    assert_eq!(notes(&both), ["missing_line_breaks", "several_in_block"]);
}

#[test]
fn encodings_are_told_apart() {
    let units = |text: &str, le: bool| -> Vec<u8> {
        text.encode_utf16().flat_map(|u| if le { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
    };
    let text = pem(ROOT);
    let marked = |mark: &[u8], body: Vec<u8>| [mark, &body].concat();
    let rows: Vec<(Vec<u8>, Encoding, &[&str])> = vec![
        (text.clone().into(), Encoding::Ascii, &[]),
        (format!("Grüße\n{text}").into(), Encoding::Utf8, &[]),
        (marked(b"\xef\xbb\xbf", text.clone().into()), Encoding::Utf8, &["byte_order_mark"]),
        (marked(&[0xff, 0xfe], units(&text, true)), Encoding::Utf16Le, &["utf16"]),
        (marked(&[0xfe, 0xff], units(&text, false)), Encoding::Utf16Be, &["utf16"]),
        (units(&text, true), Encoding::Utf16Le, &["utf16"]),
        (units(&text, false), Encoding::Utf16Be, &["utf16"]),
        (marked(b"Gr\xfc\xdfe\n", text.clone().into()), Encoding::EightBit, &[]),
        (
            text.replace("-----", "*")
                .replace('*', "\u{1}")
                .bytes()
                .map(|b| if b == 1 { 0x97 } else { b })
                .collect(),
            Encoding::EightBit,
            &["armour_hyphens", "smart_punctuation"],
        ),
        (marked(text.as_bytes(), vec![0; 5000]), Encoding::Ascii, &["padded_end"]),
        (marked(text.as_bytes(), vec![0x0d, 0x0a, 0x1a]), Encoding::Ascii, &["padded_end"]),
        (
            marked(text.as_bytes(), (0..=255).cycle().take(9000).collect()),
            Encoding::EightBit,
            &["binary_data"],
        ),
        // PowerShell 5's >> after cmd's >.
        (
            marked(&text.as_bytes()[..100], units(&text[100..], true)),
            Encoding::Ascii,
            &["control_characters"],
        ),
    ];
    for (i, (bytes, encoding, codes)) in rows.into_iter().enumerate() {
        let contents = read(&bytes, &[]);
        assert_eq!(contents.describe(), "a certificate", "row {i} {:?}", contents.notes);
        assert_eq!((contents.kind, contents.encoding), (Kind::Pem, encoding), "row {i}");
        assert_eq!(notes(&contents), codes, "row {i}");
    }
}

#[test]
fn damage_is_named_with_its_line() {
    damaged(|pem| pem[..400].into(), "truncated", "a damaged certificate (line 7: truncated after 2");
    let cut = |pem: &str| format!("{}\n-----END CERTIFICATE-----", &pem[..pem.len() - 226]);
    damaged(cut, "truncated", "truncated after");
    damaged(|pem| pem.replacen("\nM", "\n*", 1), "not_base64", "(line 2: the character * is no base64)");
    damaged(|pem| pem.replacen("\nM", "\n\u{fffd}", 1), "not_base64", "the character U+FFFD");
    let line = |pem: &str, n: usize| pem.lines().nth(n).unwrap().to_owned();
    damaged(|pem| pem.replace(&format!("{}\n", line(pem, 4)), ""), "truncated", "truncated after");
    damaged(|pem| pem.replace(&line(pem, 4), &line(pem, 4)[1..]), "truncated", "truncated after");
    damaged(|pem| pem.replacen("\nMII", "\nMJI", 1), "not_der", "a damaged certificate");
    damaged(
        |pem| format!("{}\n{}", line(pem, 0), line(pem, 0).replace("BEGIN", "END")),
        "empty_block",
        "(line 1: ",
    );
    damaged(|pem| pem[400..].into(), "no_begin", "it has no BEGIN line");
    damaged(|_| "-----BEGIN".into(), "no_label", "a damaged PEM file (line 1: ");
    damaged(|_| "-----BEGIN CERTIFICATE-----\nMII".into(), "truncated", "");
}

#[test]
fn damaged_block_does_not_spoil_the_others() {
    let text = format!("{}\n{}\n{}", pem(SUB), pem(ROOT).replacen("AQ", "A?", 1), pem(ROOT));
    let contents = read(text.as_bytes(), &[]);
    assert_eq!(contents.certificates().count(), 2);
    assert!(contents.describe().starts_with("a certificate, a damaged certificate (line "));
    let text = format!("{}\n{}", &pem(SUB)[..500], pem(ROOT));
    let contents = read(text.as_bytes(), &[]);
    assert_eq!(contents.certificates().count(), 1);
    assert_eq!(notes(&contents), ["truncated"]);
}

#[test]
fn base64_without_armour_is_read() {
    let wrapped = || pem(ROOT).lines().filter(|l| !l.starts_with('-')).collect::<Vec<_>>().join("\n");
    let twice = || {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(format!("{}\n{}", pem(SUB), pem(ROOT)))
    };
    let rows: Vec<(String, usize, &[&str])> = vec![
        (base64(ROOT), 1, &[]),
        (wrapped(), 1, &[]),
        (format!("Hello\n\n{}\n\nKind regards", wrapped()), 1, &[]),
        (format!("Hello\n{}\nKind regards", wrapped()), 1, &[]),
        (format!("CERT={}", base64(ROOT)), 1, &[]),
        (format!("{{\"a\": [\"{}\", \"{}\"]}}", base64(ROOT), base64(SUB)), 2, &[]),
        (format!("<ds:X509Certificate>{}</ds:X509Certificate>", wrapped()), 1, &[]),
        (wrapped().replace('\n', "\\r\\n"), 1, &["escaped"]),
        (base64(ROOT).replace('+', "-").replace('/', "_").replace('=', ""), 1, &["url_safe_base64"]),
        (format!("data:\n  tls.crt: {}\n  other: aGVsbG8=\n", twice()), 2, &["base64_of_pem"]),
    ];
    for (text, count, codes) in rows {
        let contents = read(text.as_bytes(), &[]);
        assert_eq!(contents.certificates().count(), count, "{text}");
        assert_eq!(contents.kind, Kind::Base64, "{text}");
        assert_eq!(notes(&contents), codes, "{text}");
    }
    let cut = read(&base64(ROOT).as_bytes()[..600], &[]);
    assert_eq!((cut.kind, notes(&cut)), (Kind::Base64, vec!["truncated"]), "{}", cut.describe());
    for prose in ["MINUTES of the meeting", "Hello World", "MIIC", "aGVsbG8gd29ybGQsIGhlbGxvIHdvcmxk", ""] {
        assert_eq!(read(prose.as_bytes(), &[]).kind, Kind::Unknown, "{prose}");
    }
}
