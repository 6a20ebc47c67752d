//! Zip files, made by Python's zipfile.

use crate::support::{path_arg, python, scratch};
use crate::{OTHER_PEM, PEM, der, found, notes, read};

/// A zip file that a Python script writes with `z`, having `pem`, `der` and `other`.
fn zipped(script: &str) -> Vec<u8> {
    let folder = scratch();
    let at = |name: &str| path_arg(&folder.path().join(name));
    std::fs::write(at("pem"), PEM).unwrap();
    std::fs::write(at("der"), der(PEM)).unwrap();
    std::fs::write(at("other"), OTHER_PEM).unwrap();
    let head = "import io, sys, warnings, zipfile\nwarnings.simplefilter('ignore')\n\
                pem, der, other = (open(sys.argv[1] + '/' + n, 'rb').read() for n in ('pem', 'der', 'other'))\n\
                z = zipfile.ZipFile(sys.argv[1] + '/z', 'w', zipfile.ZIP_DEFLATED)\n";
    python(&format!("{head}{script}\nz.close()"), [path_arg(folder.path())]);
    std::fs::read(at("z")).unwrap()
}

#[test]
fn every_member_is_read_in_order() {
    let contents = read(zipped(
        "z.writestr('b/reply.cer', der)\nz.mkdir('empty') if hasattr(z, 'mkdir') else z.writestr('empty/', '')\n\
         z.writestr('readme.txt', 'Dear customer')\nz.writestr('a.pem', other, zipfile.ZIP_STORED)",
    ));
    assert_eq!(contents.kind.as_str(), "zip");
    assert_eq!(found(&contents), ["b/reply.cer", "a.pem"]);
    assert_eq!(notes(&contents), [""; 0]);
}

#[test]
fn zip_in_zip_is_read() {
    let contents = read(zipped(
        "inner = io.BytesIO()\ny = zipfile.ZipFile(inner, 'w')\ny.writestr('reply.cer', der)\ny.close()\n\
         z.writestr('inner.zip', inner.getvalue())",
    ));
    assert_eq!(found(&contents), ["inner.zip/reply.cer"]);
}

#[test]
fn a_name_is_never_a_path() {
    let contents = read(zipped("z.writestr('../../etc/reply.cer', der)\nz.writestr('C:\\\\a.cer', other)"));
    assert_eq!(contents.objects[0].within, ["../../etc/reply.cer"]);
    assert_eq!(contents.certificates().count(), 2);
}

#[test]
fn encrypted_member_is_named_and_left() {
    let script = "z.writestr('reply.cer', der)\nz.writestr('other.pem', other)";
    let mut bytes = zipped(script);
    // Python does not encrypt: the flag is set in both headers of the first member.
    let local = bytes.windows(4).position(|w| w == b"PK\x03\x04").unwrap();
    let central = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    bytes[local + 6] |= 1;
    bytes[central + 8] |= 1;
    let contents = read(&bytes);
    assert_eq!(found(&contents), ["other.pem"]);
    assert_eq!(notes(&contents), ["member_encrypted"]);
    assert!(contents.notes[0].message.starts_with("reply.cer: password-protected"), "{:?}", contents.notes);
}

#[test]
fn member_of_another_method_is_named_and_left() {
    let contents = read(zipped("z.writestr('reply.cer', der, zipfile.ZIP_LZMA)"));
    assert_eq!(notes(&contents), ["member_unreadable"]);
    assert!(contents.describe().contains("reply.cer"), "{}", contents.describe());
    assert!(contents.notes[0].message.to_lowercase().contains("lzma"), "{:?}", contents.notes);
}

#[test]
fn zip_without_a_certificate_says_what_it_holds() {
    let contents = read(zipped("z.writestr('a.txt', 'Dear customer')\nz.writestr('logo.png', b'\\x89PNG')"));
    let expected =
        "a zip file without a certificate in it: a.txt (text without a certificate in it), logo.png";
    assert_eq!(contents.describe(), expected);
    assert_eq!(read(zipped("")).describe(), "a zip file without anything in it");
}

#[test]
fn members_of_one_name_are_remarked_on() {
    let contents = read(zipped("z.writestr('a.cer', der)\nz.writestr('a.cer', other)"));
    assert_eq!(notes(&contents), ["duplicate_names"]);
    assert_eq!(contents.certificates().count(), 1);
}

#[test]
fn files_of_office_and_java_are_named() {
    for (member, name) in [
        ("word/document.xml", "a Word document (.docx)"),
        ("xl/workbook.xml", "an Excel workbook (.xlsx)"),
        ("META-INF/MANIFEST.MF", "a Java archive (.jar)"),
    ] {
        let contents =
            read(zipped(&format!("z.writestr('[Content_Types].xml', '')\nz.writestr('{member}', der)")));
        assert_eq!(contents.describe(), name);
    }
}

#[test]
fn damaged_zip_is_said_to_be_damaged() {
    let bytes = zipped("z.writestr('reply.cer', der)");
    let contents = read(&bytes[..bytes.len() / 2]);
    assert_eq!(contents.kind.as_str(), "zip");
    assert!(contents.describe().starts_with("a damaged zip file ("), "{}", contents.describe());
    // One flipped byte in the member: its checksum tells.
    let mut bytes = bytes;
    bytes[200] ^= 1;
    assert_eq!(notes(&read(&bytes)), ["member_unreadable"]);
}
