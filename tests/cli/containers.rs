//! `import` of what the desk's mail program makes of a certificate: archives and saved emails.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Mailbox, OutlookMessage, changes, openssl, path_arg, python, tree};

/// Writes an email with the structure that Python gives it: `m` is a message with a text in it, `pem` and
/// `der` are the certificate.
fn email(mailbox: &Mailbox, certificate: &Path, name: &str, script: &str) -> PathBuf {
    let der = mailbox.file("reply.der");
    openssl(&format!("x509 -in {} -outform DER -out {}", path_arg(certificate), path_arg(&der)));
    let file = mailbox.file(name);
    let head = "import io, sys, zipfile\nfrom email.message import EmailMessage\nm = EmailMessage()\n\
                m['From'], m['To'], m['Subject'] = 'desk@example.nhs.uk', 'a@example.nhs.uk', 'Your certificate'\n\
                m['Date'] = 'Fri, 20 Nov 2026 10:00:00 +0000'\nm.set_content('Dear all,\\nattached.\\n')\n\
                pem, der = open(sys.argv[1]).read(), open(sys.argv[2], 'rb').read()\n";
    python(
        &format!("{head}{script}\nopen(sys.argv[3], 'wb').write(out)"),
        [path_arg(certificate), path_arg(&der), path_arg(&file)],
    );
    file
}

/// Imports, and expects the certificate in use.
#[track_caller]
fn imports(name: &str, script: &str) {
    let mailbox = Mailbox::requested();
    let file = email(&mailbox, &mailbox.certificate(), name, script);
    let answer = mailbox.import([file]).run().expect(0).json();
    assert_eq!(answer["state"], "current", "{answer}");
}

#[test]
fn email_with_the_certificate_attached_imports() {
    imports(
        "reply.eml",
        "m.add_attachment(der, maintype='application', subtype='x-x509-ca-cert', filename='X26ABC1.cer')\n\
         out = bytes(m)",
    );
}

#[test]
fn certificate_in_text_and_html_of_an_email_imports() {
    imports(
        "reply.eml",
        "m.set_content('Dear all,\\n' + pem)\n\
         m.add_alternative('<p>Dear all,</p>' + ''.join(f'<p>{l}</p>' for l in pem.splitlines()), subtype='html')\n\
         out = bytes(m)",
    );
}

#[test]
fn zip_of_a_forwarded_email_with_a_certificate_imports() {
    imports(
        "reply.zip",
        "m.add_attachment(der, maintype='application', subtype='octet-stream', filename='X26ABC1.cer')\n\
         f = EmailMessage()\nf['From'], f['Date'] = 'b@example.nhs.uk', 'Fri, 20 Nov 2026 11:00:00 +0000'\n\
         f.set_content('FYI')\nf.add_attachment(m)\nb = io.BytesIO()\n\
         with zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED) as z:\n    z.writestr('mail/FW.eml', bytes(f))\n\
         out = b.getvalue()",
    );
}

#[test]
fn message_of_outlook_with_the_certificate_attached_imports() {
    let mailbox = Mailbox::requested();
    let pem = std::fs::read(mailbox.certificate()).unwrap();
    let message = OutlookMessage::new().text("Dear all,\r\nattached.").attach("X26ABC1.cer", pem);
    let file = mailbox.file_with("reply.msg", message.bytes());
    mailbox.import([file]).run().expect(0);
}

#[test]
fn signed_answer_imports_without_the_certificates_of_its_sender() {
    let mailbox = Mailbox::requested();
    let script = "m.add_attachment(der, maintype='application', subtype='x-x509-ca-cert', filename='a.cer')\nout = bytes(m)";
    let body = email(&mailbox, &mailbox.certificate(), "body", script);
    let [key, certificate, signed] =
        ["desk.key", "desk.pem", "signed.eml"].map(|f| path_arg(&mailbox.file(f)));
    openssl(&format!("req -x509 -newkey rsa:2048 -nodes -keyout {key} -out {certificate} -subj /CN=desk"));
    let from = "-from desk@example.org -subject reply";
    let body = path_arg(&body);
    openssl(&format!("smime -sign -in {body} -signer {certificate} -inkey {key} {from} -out {signed}"));
    mailbox.import([signed]).run().expect(0);
}

#[track_caller]
fn refused(name: &str, script: &str) -> Value {
    let mailbox = Mailbox::requested();
    let file = email(&mailbox, &mailbox.certificate(), name, script);
    let before = tree(&mailbox.home());
    let output = mailbox.import([file]).run();
    assert!(changes(&before, &tree(&mailbox.home())).is_empty(), "{}", output.shown());
    output.expect_error(1, "not_a_certificate")
}

#[test]
fn email_without_a_certificate_is_refused_by_its_parts() {
    let error = refused(
        "reply.eml",
        "m.add_attachment(b'\\x89PNG', maintype='image', subtype='png', filename='image001.png')\nout = bytes(m)",
    );
    let because = error["because"].to_string();
    assert!(because.contains("an email without a certificate in it: 1 text, image001.png"), "{error}");
}

#[test]
fn bomb_is_refused() {
    let error = refused(
        "reply.zip",
        "b = io.BytesIO()\nwith zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED) as z:\n    \
         z.writestr('reply.cer', bytes(100 << 20))\nout = b.getvalue()",
    );
    assert!(error["because"].to_string().contains("more than the limit"), "{error}");
}

#[test]
fn archive_with_a_password_is_refused_by_name() {
    let error = refused(
        "reply.zip",
        "b = io.BytesIO()\nwith zipfile.ZipFile(b, 'w') as z:\n    z.writestr('reply.cer', der)\n\
         out = bytearray(b.getvalue())\nout[6] |= 1\nout[out.index(b'PK\\x01\\x02') + 8] |= 1",
    );
    assert!(error["because"].to_string().contains("reply.cer (password-protected"), "{error}");
}
