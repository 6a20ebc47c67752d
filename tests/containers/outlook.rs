//! Messages that Outlook saves, made by the tests' own writer.

use crate::support::OutlookMessage;
use crate::{OTHER_PEM, PEM, base64_lines, der, found, notes, read};

#[test]
fn attachments_of_a_message_are_read_in_order() {
    let message = OutlookMessage::new()
        .text("Dear all,\r\nattached.")
        .attach("X26ABC1 \u{2013} reply.cer", der(PEM))
        .attach("image001.png", b"\x89PNG")
        .attach("root.pem", OTHER_PEM);
    let contents = read(message.bytes());
    assert_eq!(contents.kind.as_str(), "outlook_msg");
    assert_eq!(found(&contents), ["X26ABC1 \u{2013} reply.cer", "root.pem"]);
    assert_eq!(notes(&contents), [""; 0]);
}

#[test]
fn large_attachment_of_a_message_is_read() {
    // Above 4096 bytes a stream lies in sectors of its own.
    let message = OutlookMessage::new().attach("chain.pem", PEM.repeat(50));
    assert_eq!(read(message.bytes()).certificates().count(), 50);
}

#[test]
fn certificate_pasted_into_a_message_counts_once() {
    let html: String = PEM.lines().map(|l| format!("<p class=MsoNormal>{l}<o:p></o:p></p>")).collect();
    let both = OutlookMessage::new().text(&PEM.replace('\n', "\r\n")).html(&html);
    assert_eq!(found(&read(both.bytes())), ["text"]);
    assert_eq!(found(&read(OutlookMessage::new().html(&html).bytes())), ["html"]);
}

#[test]
fn forwarded_message_is_opened() {
    let inner = OutlookMessage::new().text("See attached").attach("a.cer", der(PEM));
    let contents = read(OutlookMessage::new().text("FYI").forward("RE: your certificate", inner).bytes());
    assert_eq!(found(&contents), ["RE: your certificate/a.cer"]);
}

#[test]
fn zip_in_an_email_in_a_message_is_opened() {
    let email = format!(
        "From: desk@example.org\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n\
         Content-Type: application/x-x509-ca-cert; name=a.cer\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
        base64_lines(&der(PEM))
    );
    assert_eq!(found(&read(OutlookMessage::new().attach("RE.eml", email).bytes())), ["RE.eml/a.cer"]);
}

#[test]
fn signed_message_of_outlook_is_opened() {
    // The class IPM.Note.SMIME.MultipartSigned keeps the signed part as MIME text under this name.
    let mime = format!(
        "Content-Type: multipart/signed; protocol=\"application/x-pkcs7-signature\"; boundary=b\r\n\r\n--b\r\n\
         Content-Type: application/x-x509-ca-cert; name=a.cer\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b\r\n\
         Content-Type: application/x-pkcs7-signature; name=smime.p7s\r\n\r\n0\r\n--b--\r\n",
        base64_lines(&der(PEM))
    );
    let contents = read(OutlookMessage::new().attach("smime.p7m", mime).bytes());
    assert_eq!(found(&contents), ["smime.p7m/a.cer"]);
    assert_eq!(notes(&contents), ["smime_signature"]);
    let contents = read(OutlookMessage::new().attach("smime.p7m", [0x30, 0x03, 2, 1, 1]).bytes());
    assert_eq!(notes(&contents), ["smime_opaque"]);
}

#[test]
fn message_in_rich_text_alone_says_so() {
    let contents = read(OutlookMessage::new().compressed_rtf(&[0; 32]).bytes());
    assert_eq!(notes(&contents), ["rtf_body"]);
    assert!(contents.describe().starts_with("an Outlook message without a certificate in it: text ("));
}

#[test]
fn other_ole_files_are_named() {
    for (stream, name) in
        [("WordDocument", "a Word document (.doc)"), ("Workbook", "an Excel workbook (.xls)")]
    {
        let mut ole = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
        ole.create_stream(stream).unwrap();
        ole.flush().unwrap();
        let contents = read(ole.into_inner().into_inner());
        assert_eq!(contents.describe(), name);
        assert_eq!(contents.kind.as_str(), "unknown");
    }
}

#[test]
fn damaged_message_is_said_to_be_damaged() {
    let bytes = OutlookMessage::new().attach("a.cer", der(PEM)).bytes();
    let contents = read(&bytes[..1000]);
    assert_eq!(contents.kind.as_str(), "outlook_msg");
    assert!(contents.describe().starts_with("a damaged Outlook message ("), "{}", contents.describe());
}

/// Made by a program that has nothing to do with ours or with the crate that we read them with.
#[test]
fn messages_of_another_writer_are_read() {
    let attached = read(include_bytes!("../data/outlook/attached.msg"));
    assert_eq!(found(&attached), ["X26ABC1 réponse.cer"]);
    assert_eq!(notes(&attached), [""; 0]);
    let forwarded = read(include_bytes!("../data/outlook/forwarded.msg"));
    assert_eq!(found(&forwarded)[0].rsplit('/').next(), Some("X26ABC1 réponse.cer"));
    assert_eq!(forwarded.objects[0].within.len(), 2);
}
