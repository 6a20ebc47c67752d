//! Emails with the structure that mail programs give them.

use crate::support::{openssl, path_arg, scratch};
use crate::{OTHER_PEM, PEM, base64_lines, der, found, notes, read};

const HEADER: &str = "Return-Path: <desk@example.nhs.uk>\r\nReceived: from mx.example (mx.example [192.0.2.1])\r\n\
    \tby mail.example with ESMTPS id 4; Fri, 20 Nov 2026 10:00:00 +0000\r\nFrom: Service Desk <desk@example.nhs.uk>\r\n\
    To: \"A. Engineer\" <a.engineer@example.nhs.uk>\r\nSubject: RE: MESH client certificate request: X26ABC1\r\n\
    Date: Fri, 20 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.nhs.uk>\r\nMIME-Version: 1.0\r\n";

const PNG: &str = "Content-Type: image/png; name=\"image001.png\"\r\nContent-Description: image001.png\r\n\
    Content-Disposition: inline; filename=\"image001.png\"; size=8\r\nContent-ID: <image001.png@01DC>\r\n\
    Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n";

/// An email whose body is one entity, beginning with its own header fields.
fn email(entity: &str) -> String {
    format!("{HEADER}{entity}")
}

fn multipart(subtype: &str, boundary: &str, parts: &[&str]) -> String {
    let parts: String = parts.iter().map(|part| format!("--{boundary}\r\n{part}\r\n")).collect();
    format!(
        "Content-Type: multipart/{subtype};\r\n\tboundary=\"{boundary}\"\r\n\r\n\
         This is a multi-part message in MIME format.\r\n\r\n{parts}--{boundary}--\r\n"
    )
}

fn attached(name: &str, media_type: &str, bytes: &[u8]) -> String {
    format!(
        "Content-Type: {media_type}; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}",
        base64_lines(bytes)
    )
}

fn text(text: &str) -> String {
    let text = text.replace('\n', "\r\n");
    format!("Content-Type: text/plain; charset=\"us-ascii\"\r\nContent-Transfer-Encoding: 7bit\r\n\r\n{text}")
}

fn html(body: &str) -> String {
    let quoted = body.replace('=', "=3D").replace('\n', "=\r\n");
    format!(
        "Content-Type: text/html; charset=\"Windows-1252\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
         <html><head><style>p {{ }}</style></head><body lang=3DEN-GB>{quoted}</body></html>\r\n"
    )
}

#[test]
fn attachment_of_outlook_is_found() {
    let body =
        multipart("alternative", "_004_alt", &[&text("Dear all,\nattached."), &html("<p>Dear all</p>")]);
    let related = multipart("related", "_003_rel", &[&body, PNG]);
    let cer = attached("X26ABC1.cer", "application/pkix-cert", &der(PEM));
    let contents = read(email(&multipart("mixed", "_002_mix", &[&related, &cer])));
    assert_eq!(contents.kind.as_str(), "email");
    assert_eq!(found(&contents), ["X26ABC1.cer"]);
    assert_eq!(notes(&contents), [""; 0]);
}

#[test]
fn attachment_of_gmail_is_found() {
    let body = multipart(
        "alternative",
        "000000000000a1b2c3",
        &[
            "Content-Type: text/plain; charset=\"UTF-8\"\r\n\r\nHere it is.\r\n",
            "Content-Type: text/html; charset=\"UTF-8\"\r\n\r\n<div dir=\"ltr\">Here it is.</div>\r\n",
        ],
    );
    let crt = format!(
        "Content-Type: application/x-x509-ca-cert; name=\"reply.crt\"\r\n\
         Content-Disposition: attachment; filename=\"reply.crt\"\r\nContent-Transfer-Encoding: base64\r\n\
         X-Attachment-Id: f_m1\r\nContent-ID: <f_m1>\r\n\r\n{}",
        base64_lines(PEM.as_bytes())
    );
    assert_eq!(found(&read(email(&multipart("mixed", "000000000000d4e5f6", &[&body, &crt])))), ["reply.crt"]);
}

#[test]
fn attachment_of_apple_mail_is_found() {
    let crt = format!(
        "Content-Disposition: inline;\r\n\tfilename=reply.pem\r\nContent-Type: text/plain;\r\n\tx-unix-mode=0644;\r\n\
         \tname=\"reply.pem\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}",
        PEM.replace('=', "=3D").replace('\n', "\r\n")
    );
    let mixed = multipart("mixed", "Apple-Mail=_2", &[&html("Hello<br>"), &crt, &html("<br>Bye")]);
    let body = multipart("alternative", "Apple-Mail=_1", &[&text("Hello\n\nBye"), &mixed]);
    assert_eq!(found(&read(email(&body))), ["reply.pem"]);
}

#[test]
fn certificate_pasted_into_both_renderings_counts_once() {
    let lines: String = PEM.lines().map(|l| format!("<p class=MsoNormal>{l}<o:p></o:p></p>\n")).collect();
    let greeting = format!("Dear all,\n{PEM}Kind regards");
    let body = multipart("alternative", "b", &[&text(&greeting), &html(&lines)]);
    assert_eq!(found(&read(email(&body))), ["text"]);
    // And twice where they differ.
    let other: String = OTHER_PEM.lines().map(|l| format!("{l}<br>")).collect();
    let body = multipart("alternative", "b", &[&text(&greeting), &html(&other)]);
    assert_eq!(found(&read(email(&body))), ["text", "html"]);
}

#[test]
fn certificate_pasted_into_html_alone_is_found() {
    let outlook: String =
        PEM.lines().map(|l| format!("<p class=MsoNormal><span>{l}</span><o:p></o:p></p>")).collect();
    let gmail: String = PEM.lines().map(|l| format!("<div>{l}</div>")).collect();
    let breaks: String = PEM.lines().map(|l| format!("{l}&nbsp;<br clear=\"all\">")).collect();
    for body in [outlook, gmail, breaks, format!("<pre>{PEM}</pre>")] {
        let contents = read(email(&html(&body).replace("=\r\n", "=0A=\r\n")));
        assert_eq!(found(&contents), ["html"], "{body}");
    }
}

#[test]
fn forwarded_emails_are_opened() {
    let inner = email(&multipart(
        "mixed",
        "inner",
        &[&text("See below"), &attached("a.cer", "application/x-x509-ca-cert", &der(PEM))],
    ));
    let forwarded = format!(
        "Content-Type: message/rfc822; name=\"RE.eml\"\r\nContent-Disposition: attachment\r\n\r\n{inner}"
    );
    let contents = read(email(&multipart("mixed", "outer", &[&text("FYI"), &forwarded])));
    assert_eq!(found(&contents), ["RE.eml/a.cer"]);
    // Exchange encodes them, against the standard.
    let encoded = format!(
        "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
        base64_lines(inner.as_bytes())
    );
    let contents = read(email(&multipart("mixed", "outer", &[&text("FYI"), &encoded])));
    assert_eq!(found(&contents), ["attached email/a.cer"]);
    // Saved, and attached as a file.
    let saved = attached("RE.eml", "application/octet-stream", inner.as_bytes());
    assert_eq!(found(&read(email(&multipart("mixed", "outer", &[&saved])))), ["RE.eml/a.cer"]);
}

#[test]
fn every_way_of_saving_an_email_is_read() {
    let plain = email(&attached("a.cer", "application/x-x509-ca-cert", &der(PEM)));
    let quoted: String = plain.lines().map(|line| format!("> {line}\r\n")).collect();
    let mbox = format!("From desk@example.nhs.uk Fri Nov 20 10:00:00 2026\n{plain}");
    for (how, bytes) in [
        ("CRLF", plain.clone()),
        ("LF", plain.replace("\r\n", "\n")),
        ("byte order mark", format!("\u{feff}{plain}")),
        ("empty lines first", format!("\r\n\r\n{plain}")),
        ("quoted", quoted),
        ("mbox", mbox.clone()),
    ] {
        assert_eq!(found(&read(&bytes)), ["a.cer"], "{how}");
    }
    let other = email(&attached("b.cer", "application/x-x509-ca-cert", &der(OTHER_PEM)));
    let two = format!("{mbox}\n\nFrom b@example Fri Nov 20 11:00:00 2026\n{other}");
    assert_eq!(found(&read(two)), ["email 1/a.cer", "email 2/b.cer"]);
}

#[test]
fn email_cut_short_is_read_as_far_as_it_goes() {
    let whole = email(&multipart(
        "mixed",
        "b",
        &[&attached("a.cer", "application/x-x509-ca-cert", &der(PEM)), &text("x")],
    ));
    let end = whole.find("--b\r\nContent-Type: text").unwrap();
    assert_eq!(found(&read(&whole[..end])), ["a.cer"]);
}

#[test]
fn text_with_a_colon_is_no_email() {
    for text in [
        "Certificate: see below\n",
        "From: the desk\nSubject: your certificate\n\n",
        "Subject: C=GB, O=nhs, OU=Devices, CN=x26abc1\nIssuer: C=GB, O=nhs\n",
        "Date: today\n",
        "To: itoc.supportdesk@nhs.net\nSubject: MESH client certificate request\n\nHello,\n",
        "Bag Attributes\n    localKeyID: 01\nsubject=O = nhs\n",
    ] {
        let contents = read(format!("{text}{PEM}"));
        assert_eq!(contents.kind.as_str(), "pem", "{text}");
        assert_eq!(contents.certificates().count(), 1, "{text}");
    }
}

#[test]
fn email_without_a_certificate_says_what_it_holds() {
    let body = multipart("alternative", "_004_alt", &[&text("Dear all"), &html("<p>Dear all</p>")]);
    let contents = read(email(&multipart("related", "_003_rel", &[&body, PNG])));
    assert_eq!(contents.describe(), "an email without a certificate in it: 2 texts, image001.png");
}

#[test]
fn signature_of_the_sender_is_not_taken_for_the_answer() {
    let folder = scratch();
    let at = |name: &str| path_arg(&folder.path().join(name));
    openssl(&format!(
        "req -x509 -newkey rsa:2048 -nodes -keyout {} -out {} -subj /CN=desk",
        at("key"),
        at("cert")
    ));
    let body = multipart(
        "mixed",
        "b",
        &[&text("Attached."), &attached("a.cer", "application/x-x509-ca-cert", &der(PEM))],
    );
    std::fs::write(at("body"), body).unwrap();
    let sign = format!("smime -sign -in {} -signer {} -inkey {}", at("body"), at("cert"), at("key"));
    openssl(&format!("{sign} -from desk@example.org -subject reply -out {}", at("signed")));
    let contents = read(std::fs::read(at("signed")).unwrap());
    assert_eq!(found(&contents), ["a.cer"]);
    assert_eq!(notes(&contents), ["smime_signature"]);

    // In one piece, signed or encrypted.
    let encrypt = format!("smime -encrypt -in {} -out {} {}", at("body"), at("encrypted"), at("cert"));
    openssl(&format!("{sign} -nodetach -out {}", at("opaque")));
    openssl(&encrypt);
    for file in ["opaque", "encrypted"] {
        let contents = read(format!("{HEADER}{}", std::fs::read_to_string(at(file)).unwrap()));
        assert_eq!(contents.certificates().count(), 0, "{file}");
        assert_eq!(notes(&contents), ["smime_opaque"], "{file}");
    }
}

#[test]
fn certificates_alone_in_pkcs7_are_no_sealed_email() {
    let p7 = attached("chain.p7b", "application/pkcs7-mime; smime-type=certs-only", b"not sealed");
    assert_eq!(notes(&read(email(&p7))), [""; 0]);
}

#[test]
fn packing_of_outlook_is_explained() {
    let body = attached("winmail.dat", "application/ms-tnef", &[0x78, 0x9f, 0x3e, 0x22, 0, 0]);
    let contents = read(email(&multipart("mixed", "b", &[&text("Hello"), &body])));
    assert_eq!(notes(&contents), ["tnef"]);
    assert!(contents.describe().contains("winmail.dat"), "{}", contents.describe());
    assert!(read([0x78, 0x9f, 0x3e, 0x22, 0, 0]).describe().contains("TNEF"));
}

#[test]
fn attachment_whose_encoding_is_not_what_the_header_says_is_read_as_it_is() {
    let body = format!(
        "Content-Type: application/octet-stream; name=a.pem\r\nContent-Transfer-Encoding: base64\r\n\r\n{PEM}"
    );
    assert_eq!(found(&read(email(&body))), ["a.pem"]);
}
