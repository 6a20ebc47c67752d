//! Files in files, as the desk's mail program makes them: zip archives, emails, messages of Outlook. And
//! the corpus of the fuzz targets, run through the same doors.

#[path = "../support/mod.rs"]
mod support;

mod archive;
mod bounds;
mod email;
mod outlook;

use mesh_onboard::pki::sniff::{Content, Contents};

/// Two certificates of the NHS, as good as any.
const PEM: &str = include_str!("../../src/pki/anchors/int-sub-g2.pem");
const OTHER_PEM: &str = include_str!("../../src/pki/anchors/ptl-root-g2.pem");

/// Reads a container through the door of the tests.
fn read(bytes: impl AsRef<[u8]>) -> Contents {
    #[cfg(feature = "test-hooks")]
    return mesh_onboard::read_reply(bytes.as_ref(), &[]);
    #[cfg(not(feature = "test-hooks"))]
    {
        support::needs_test_hooks();
        mesh_onboard::pki::sniff::read(bytes.as_ref(), &[])
    }
}

/// Where the certificates lie, names joined by `/`; anything else in words.
fn found(contents: &Contents) -> Vec<String> {
    let object = |object: &mesh_onboard::pki::sniff::Object| match &object.content {
        Content::Certificate(_) => object.within.join("/"),
        other => [&object.within[..], &[other.name()]].concat().join("/"),
    };
    contents.objects.iter().map(object).collect()
}

fn notes(contents: &Contents) -> Vec<&'static str> {
    contents.notes.iter().map(|note| note.code).collect()
}

/// A certificate in DER.
fn der(pem: &str) -> Vec<u8> {
    mesh_onboard::pki::sniff::certificates(pem.as_bytes()).unwrap()[0].der().to_vec()
}

/// Base64 in lines of 76, as in an email.
fn base64_lines(bytes: &[u8]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(bytes);
    text.as_bytes().chunks(76).map(|line| format!("{}\r\n", str::from_utf8(line).unwrap())).collect()
}
