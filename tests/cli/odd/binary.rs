//! What is no text, and PEM of what is no certificate.

use std::fs;

use super::damage::*;
use super::{Good, Input, Row};
use crate::support::{Authority, OutlookMessage, PASSPHRASE, path_arg, python, tool};

fn row(
    name: &'static str,
    input: impl Into<Input>,
    kind: &'static str,
    objects: &'static str,
    notes: &'static str,
    import: &'static str,
) -> Row {
    Row { name, input: input.into(), kind, objects, notes, exit: i32::from(kind == "unknown"), import }
}

/// A key that MESH has no use for.
fn unfit(row: Row) -> Row {
    Row { exit: 3, ..row }
}

const REFUSED: &str = "not_a_certificate";

pub fn rows(good: &Good) -> Vec<Row> {
    [containers(good), keys(good), broken(good), foreign(good)].into_iter().flatten().collect()
}

fn containers(good: &Good) -> Vec<Row> {
    let p7 = good.openssl("crl2pkcs7 -nocrl -certfile LEAF -certfile SUB -outform DER -out OUT");
    let p7_pem = String::from_utf8(good.openssl("crl2pkcs7 -nocrl -certfile LEAF -certfile SUB -out OUT"))
        .expect("PEM");
    let modern = good.openssl("pkcs12 -export -nokeys -in LEAF -certfile SUB -passout PASS -out OUT");
    let legacy = good.openssl("pkcs12 -export -legacy -nokeys -in LEAF -passout PASS -out OUT");
    let locked = good.openssl("pkcs12 -export -nokeys -in LEAF -passout pass:another -out OUT");
    let open = good.openssl("pkcs12 -export -nokeys -certpbe NONE -nomac -in LEAF -passout PASS -out OUT");
    let zipped = python_made(
        good,
        "import zipfile,sys\nz=zipfile.ZipFile(sys.argv[2],'w')\nz.write(sys.argv[1],'reply.pem')\nz.close()",
    );
    let tarred = python_made(
        good,
        "import tarfile,sys\nt=tarfile.open(sys.argv[2],'w')\nt.add(sys.argv[1],'reply.pem')\nt.close()",
    );
    let gzipped = python_made(
        good,
        "import gzip,sys\ngzip.open(sys.argv[2],'wb').write(open(sys.argv[1],'rb').read())",
    );
    let mail = python_made(
        good,
        "import sys,email.message\nm=email.message.EmailMessage()\nm['From']='desk@example.org'\nm['Subject']='Certificate'\n\
         m.set_content('Attached.')\nm.add_attachment(open(sys.argv[1],'rb').read(),maintype='application',subtype='octet-stream',filename='reply.cer')\n\
         open(sys.argv[2],'wb').write(m.as_bytes())",
    );
    let sheet = python_made(
        good,
        "import zipfile,sys\nz=zipfile.ZipFile(sys.argv[2],'w')\nz.writestr('[Content_Types].xml','<Types/>')\nz.writestr('xl/workbook.xml','<workbook/>')\nz.close()",
    );
    let line =
        String::from_utf8(p7_pem.lines().filter(|l| !l.starts_with('-')).collect::<String>().into_bytes())
            .expect("base64");
    vec![
        row("DER", good.der.clone(), "der", "certificate", "", "imported"),
        row("PKCS#7", p7.clone(), "pkcs7", "certificate + certificate", "", "imported"),
        row("PKCS#7 in PEM", p7_pem.clone(), "pem", "certificate + certificate", "", "imported"),
        row(
            "PKCS#7 as CMS",
            p7_pem.replace("PKCS7", "CMS"),
            "pem",
            "certificate + certificate",
            "",
            "imported",
        ),
        row(
            "PKCS#7 called a certificate",
            p7_pem.replace("PKCS7", "CERTIFICATE"),
            "pem",
            "certificate + certificate",
            "label_wrong",
            "imported",
        ),
        row(
            "PKCS#7 in base64 without armour",
            wrapped(&line, 64, "\r\n"),
            "base64",
            "certificate + certificate",
            "",
            "imported",
        ),
        row("PKCS#12", modern.clone(), "pkcs12", "certificate + certificate", "", "imported"),
        row("PKCS#12 of old programs", legacy, "pkcs12", "certificate", "", "imported"),
        row("PKCS#12 without protection", open, "pkcs12", "certificate", "", "imported"),
        row(
            "PKCS#12 with another password",
            locked,
            "pkcs12",
            "encrypted certificates",
            "password_wrong",
            REFUSED,
        ),
        row("PKCS#12 in base64", base64(&modern), "base64", "certificate + certificate", "", "imported"),
        row("zip", zipped, "zip", "certificate", "", "imported"),
        row("email with an attachment", mail, "email", "certificate", "", "imported"),
        row(
            "Outlook message",
            OutlookMessage::new().text("Attached.").attach("reply.cer", good.der.clone()).bytes(),
            "outlook_msg",
            "certificate",
            "",
            "imported",
        ),
        row("spreadsheet", sheet, "unknown", "an Excel workbook (.xlsx)", "", REFUSED),
        row("tar", tarred, "unknown", "a tar archive", "", REFUSED),
        row("gzip", gzipped, "unknown", "a gzip archive", "", REFUSED),
        row("Java keystore", keystore(good, "JKS"), "jks", "certificate", "", "imported"),
        row(
            "Java keystore of the JCE",
            keystore(good, "JCEKS"),
            "jceks",
            "certificate",
            "convert",
            "imported",
        ),
    ]
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// What a Python script makes of the certificate.
fn python_made(good: &Good, script: &str) -> Vec<u8> {
    let out = good.mailbox.file("python.out");
    python(script, [good.mailbox.file("reply.pem"), out.clone()]);
    fs::read(out).expect("Python wrote it")
}

fn keystore(good: &Good, kind: &str) -> Vec<u8> {
    let store = good.mailbox.file(kind);
    let (store, pem) = (path_arg(&store), path_arg(&good.mailbox.file("reply.pem")));
    let line = format!(
        "-importcert -noprompt -storetype {kind} -alias meshclient -keystore {store} -file {pem} -storepass"
    );
    let mut args: Vec<_> = line.split_whitespace().collect();
    args.push(PASSPHRASE);
    tool("keytool", args);
    fs::read(store).expect("keytool wrote it")
}

fn keys(good: &Good) -> Vec<Row> {
    good.keep("rsa.pem", good.openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out OUT"));
    good.keep("ec.pem", good.openssl("ecparam -name prime256v1 -genkey -out OUT"));
    let pem = |line: &str| good.openssl(line);
    let csr = path_arg(&good.mailbox.csr());
    let csr_der = pem(&format!("req -in {csr} -outform DER -out OUT"));
    let mut altered = csr_der.clone();
    *altered.last_mut().expect("a request") ^= 1;
    vec![
        row(
            "key in PKCS#8",
            pem("pkcs8 -topk8 -nocrypt -in rsa.pem -out OUT"),
            "pem",
            "private_key",
            "",
            REFUSED,
        ),
        row(
            "key in PKCS#8, encrypted",
            pem("pkcs8 -topk8 -in rsa.pem -passout PASS -out OUT"),
            "pem",
            "private_key",
            "",
            REFUSED,
        ),
        row(
            "key in PKCS#8 DER",
            pem("pkcs8 -topk8 -nocrypt -in rsa.pem -outform DER -out OUT"),
            "pkcs8",
            "private_key",
            "",
            REFUSED,
        ),
        row("key in PKCS#1", pem("rsa -traditional -in rsa.pem -out OUT"), "pem", "private_key", "", REFUSED),
        row(
            "key in PKCS#1 DER",
            pem("rsa -traditional -in rsa.pem -outform DER -out OUT"),
            "pkcs1",
            "private_key",
            "",
            REFUSED,
        ),
        row(
            "key in PKCS#1, encrypted",
            pem("rsa -traditional -aes256 -in rsa.pem -passout PASS -out OUT"),
            "pem",
            "private_key",
            "",
            REFUSED,
        ),
        row(
            "the same on one line",
            String::from_utf8(pem("rsa -traditional -aes256 -in rsa.pem -passout PASS -out OUT"))
                .expect("PEM")
                .replace('\n', "\\n"),
            "pem",
            "private_key",
            "escaped",
            REFUSED,
        ),
        unfit(row(
            "elliptic curve key with its parameters",
            pem("ec -in ec.pem -out OUT"),
            "pem",
            "private_key",
            "",
            REFUSED,
        )),
        unfit(row(
            "parameters before the key",
            fs::read(good.mailbox.file("ec.pem")).expect("kept"),
            "pem",
            "parameters of a key (EC P-N) + private_key",
            "",
            REFUSED,
        )),
        unfit(row(
            "elliptic curve key in DER",
            pem("ec -in ec.pem -outform DER -out OUT"),
            "sec1",
            "private_key",
            "",
            REFUSED,
        )),
        row("public key", pem("pkey -in rsa.pem -pubout -out OUT"), "pem", "public_key", "", REFUSED),
        unfit(row(
            "Ed25519 key",
            pem("genpkey -algorithm ED25519 -out OUT"),
            "pem",
            "private_key",
            "",
            REFUSED,
        )),
        row("revocation list", revocation_list(good, "PEM"), "pem", "crl", "", REFUSED),
        row("revocation list in DER", revocation_list(good, "DER"), "crl", "crl", "", REFUSED),
        row("request in DER", csr_der, "csr", "csr", "", REFUSED),
        row("request that was altered", altered, "csr", "csr", "signature_wrong", REFUSED),
        row("request", fs::read(good.mailbox.csr()).expect("ours"), "pem", "csr", "", REFUSED),
        row(
            "request with the old label",
            fs::read_to_string(good.mailbox.csr()).expect("ours").replace("CERTIFICATE", "NEW CERTIFICATE"),
            "pem",
            "csr",
            "old_label",
            REFUSED,
        ),
        row(
            "key and certificate of openssl pkcs12",
            bags(good),
            "pem",
            "certificate + certificate",
            "",
            "imported",
        ),
    ]
}

/// A list by the sub CA of the tests, with nothing revoked.
fn revocation_list(good: &Good, form: &str) -> Vec<u8> {
    let sub = Authority::ours().sub();
    let index = path_arg(&good.mailbox.file_with("index.txt", ""));
    let config =
        format!("[ca]\ndefault_ca=d\n[d]\ndatabase={index}\ndefault_md=sha256\ndefault_crl_days=30\n");
    good.keep("ca.cnf", config.into_bytes());
    let key = path_arg(&sub.with_extension("key"));
    good.keep(
        "list.pem",
        good.openssl(&format!("ca -gencrl -config ca.cnf -keyfile {key} -cert SUB -out OUT")),
    );
    good.openssl(&format!("crl -in list.pem -outform {form} -out OUT"))
}

/// "Bag Attributes" around everything.
fn bags(good: &Good) -> Vec<u8> {
    good.keep(
        "bags.p12",
        good.openssl("pkcs12 -export -nokeys -in LEAF -certfile SUB -name mesh -passout PASS -out OUT"),
    );
    good.openssl("pkcs12 -in bags.p12 -passin PASS -nodes -out OUT")
}

fn broken(good: &Good) -> Vec<Row> {
    let der = &good.der;
    let round = good.mailbox.file("round");
    std::os::unix::fs::symlink(&round, &round).expect("a link to itself");
    let deep = |byte: u8| {
        let mut nested = vec![0x30, byte];
        for _ in 0..100_000 {
            nested.extend([0x30, 0x80]);
        }
        nested
    };
    let mut indefinite = deep(0x80);
    indefinite.extend(vec![0; 200_002]);
    let random: Vec<u8> = (0..4096_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8 | 0x80).collect();
    let twice = join(&[der, der]);
    vec![
        row(
            "DER cut off",
            der[..600].to_vec(),
            "unknown",
            "damaged DER (it announces N bytes, and N are there)",
            "",
            REFUSED,
        ),
        row(
            "DER with bytes after it",
            join(&[der, b"\r\n"]),
            "der",
            "certificate",
            "trailing_bytes",
            "imported",
        ),
        row("DER twice", twice, "der", "certificate + certificate", "", "imported"),
        row(
            "100,000 sequences in each other",
            indefinite,
            "unknown",
            "binary data in none of the formats known here",
            "",
            REFUSED,
        ),
        row(
            "the same without their ends",
            deep(0x80),
            "unknown",
            "binary data in none of the formats known here",
            "",
            REFUSED,
        ),
        row("random bytes", random, "unknown", "binary data in none of the formats known here", "", REFUSED),
        row("zeros", vec![0; 4096], "unknown", "an empty file", "padded_end", REFUSED),
        row(
            "10 MB and one byte",
            vec![b'M'; (10 << 20) + 1],
            "unknown",
            "a file that cannot be read",
            "unreadable",
            "io",
        ),
        Row { exit: 2, ..row("a folder without files", good.mailbox.home(), "none", "", "", "io") },
        row("a link to itself", round, "unknown", "a file that cannot be read", "unreadable", "io"),
        row(
            "no such file",
            good.mailbox.file("missing"),
            "unknown",
            "a file that cannot be read",
            "unreadable",
            "io",
        ),
    ]
}

fn foreign(_: &Good) -> Vec<Row> {
    vec![
        row(
            "PDF",
            "%PDF-1.7\n1 0 obj\n-----BEGIN CERTIFICATE-----\n%%EOF",
            "unknown",
            "a PDF document",
            "",
            REFUSED,
        ),
        row(
            "PNG",
            join(&[b"\x89PNG\r\n\x1a\n", &[0; 64], &[0xa5; 99]]),
            "unknown",
            "a picture (PNG)",
            "",
            REFUSED,
        ),
        row(
            "Outlook message cut off",
            join(&[&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], &[0; 600]]),
            "outlook_msg",
            "a damaged Outlook message (its tables are larger than the file needs)",
            "",
            REFUSED,
        ),
    ]
}
