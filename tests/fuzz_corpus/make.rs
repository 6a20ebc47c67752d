//! Makes the corpus, with other people's programs wherever there is one that writes the format. Iterations
//! are few, so that a fuzzer spends its time on structure.

use std::fs;
use std::path::Path;

use crate::support::{OutlookMessage, openssl, openssl_with, path_arg, python, scratch, tool};
use crate::{PASSWORD, corpus};

/// A folder with a key and certificates in it.
struct Bench(tempfile::TempDir);

impl Bench {
    fn at(&self, name: &str) -> String {
        path_arg(&self.0.path().join(name))
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.at(name)).unwrap()
    }

    /// `openssl` in which `@name` is a file of this folder, and the password is in `env:PASS`.
    fn openssl(&self, line: &str) -> Vec<u8> {
        let words: Vec<_> = line
            .split_whitespace()
            .map(|word| word.strip_prefix('@').map_or_else(|| word.to_owned(), |name| self.at(name)))
            .collect();
        openssl_with(PASSWORD, &words.join(" "))
    }

    fn new() -> Self {
        let bench = Self(scratch());
        for (name, kind) in
            [("ec", "EC -pkeyopt ec_paramgen_curve:P-256"), ("rsa", "RSA -pkeyopt rsa_keygen_bits:2048")]
        {
            bench.openssl(&format!("genpkey -algorithm {kind} -out @{name}.key"));
            bench.openssl(&format!(
                "req -new -key @{name}.key -subj /CN=x26abc1.x26.api.mesh-client.nhs.uk -out @{name}.csr"
            ));
        }
        bench.openssl("req -x509 -key @ec.key -subj /O=nhs/CN=CA -days 9000 -out @ca.pem");
        bench.openssl("x509 -req -in @rsa.csr -CA @ca.pem -CAkey @ec.key -days 9000 -out @rsa.pem");
        bench.openssl("x509 -in @rsa.pem -outform DER -out @rsa.der");
        fs::write(bench.at("chain.pem"), [bench.bytes("rsa.pem"), bench.bytes("ca.pem")].concat()).unwrap();
        bench
    }
}

fn keep(target: &str, name: &str, bytes: &[u8]) {
    fs::write(corpus(target).join(name), bytes).unwrap();
}

/// Not a test of anything: writes `fuzz/corpus` anew, for when a format is added.
#[test]
#[ignore = "writes fuzz/corpus anew: see docs/fuzzing.md"]
fn write_the_corpus() {
    for target in ["sniff", "reply", "pkcs12"] {
        let folder = corpus(target);
        // What was there may be of a format that is not made any more.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
    }
    let bench = Bench::new();
    single_files(&bench);
    keystores(&bench);
    pkcs12(&bench);
    containers(&bench);
}

fn single_files(bench: &Bench) {
    let pem = String::from_utf8(bench.bytes("rsa.pem")).unwrap();
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(pem.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let base64: String = pem.lines().filter(|l| !l.starts_with('-')).collect();
    keep("sniff", "certificate.pem", pem.as_bytes());
    keep("sniff", "certificate.der", &bench.bytes("rsa.der"));
    keep("sniff", "chain.pem", &bench.bytes("chain.pem"));
    keep("sniff", "crlf-with-mark.pem", format!("\u{feff}{}", pem.replace('\n', "\r\n")).as_bytes());
    keep("sniff", "utf16.pem", &utf16);
    keep("sniff", "quoted.txt", pem.lines().map(|l| format!("> {l}\n")).collect::<String>().as_bytes());
    keep("sniff", "one-line.pem", pem.replace('\n', " ").as_bytes());
    keep("sniff", "smart-hyphens.txt", pem.replace("-----", "\u{2014}\u{2014}-").as_bytes());
    keep("sniff", "bare.b64", base64.as_bytes());
    for (name, line) in [
        ("csr.der", "req -in @rsa.csr -outform DER"),
        ("csr.pem", "req -in @ec.csr"),
        ("pkcs8.der", "pkcs8 -topk8 -nocrypt -in @rsa.key -outform DER"),
        (
            "pkcs8-aes.pem",
            "pkcs8 -topk8 -in @ec.key -passout env:PASS -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 1",
        ),
        ("pkcs8-3des.pem", "pkcs8 -topk8 -in @ec.key -passout env:PASS -v2 des3 -iter 1"),
        (
            "pkcs8-scrypt.pem",
            "pkcs8 -topk8 -in @ec.key -passout env:PASS -scrypt -scrypt_N 2 -scrypt_r 1 -scrypt_p 1",
        ),
        (
            "pkcs8-pbes1.der",
            "pkcs8 -topk8 -in @ec.key -passout env:PASS -v1 PBE-SHA1-3DES -iter 1 -outform DER",
        ),
        ("pkcs1.pem", "rsa -in @rsa.key -traditional"),
        ("traditional-aes.pem", "rsa -in @rsa.key -traditional -aes128 -passout env:PASS"),
        ("traditional-3des.pem", "ec -in @ec.key -des3 -passout env:PASS"),
        ("sec1.pem", "ec -in @ec.key"),
        ("public.pem", "pkey -in @ec.key -pubout"),
        ("chain.p7b", "crl2pkcs7 -nocrl -certfile @chain.pem -outform DER"),
        ("chain-p7.pem", "crl2pkcs7 -nocrl -certfile @chain.pem"),
    ] {
        keep("sniff", name, &bench.openssl(line));
    }
    let config = "[ca]\ndefault_ca=d\n[d]\ndatabase=@index\ndefault_md=sha256\ndefault_crl_days=9000\n";
    fs::write(bench.at("ca.cnf"), config.replace('@', &bench.at(""))).unwrap();
    fs::write(bench.at("index"), "").unwrap();
    keep("sniff", "revoked.crl", &bench.openssl("ca -config @ca.cnf -gencrl -keyfile @ec.key -cert @ca.pem"));
    // BER: what cms writes as a stream has no lengths.
    keep(
        "sniff",
        "streamed.p7m",
        &bench.openssl(
            "cms -sign -nodetach -stream -in @rsa.csr -signer @rsa.pem -inkey @rsa.key -outform DER",
        ),
    );
}

/// keytool protects with 10,000 iterations and more unless it is told otherwise.
fn keytool(bench: &Bench, name: &str, kind: &str) -> Vec<u8> {
    let few = ["certPbe", "keyPbe", "mac"].map(|part| format!("-J-Dkeystore.pkcs12.{part}IterationCount=1"));
    let file = bench.at(name);
    let line = format!(
        "-genkeypair -alias meshclient -keyalg EC -groupname secp256r1 -storetype {kind} -keystore {file} \
         -storepass {PASSWORD} -keypass {PASSWORD} -validity 9000 -dname CN=X26ABC1.X26.api.mesh-client.nhs.uk"
    );
    tool("keytool", few.iter().map(String::as_str).chain(line.split_whitespace()));
    bench.bytes(name)
}

fn keystores(bench: &Bench) {
    keep("sniff", "keytool.jks", &keytool(bench, "k.jks", "JKS"));
    keep("sniff", "keytool.jceks", &keytool(bench, "k.jceks", "JCEKS"));
    keep("pkcs12", "keytool.p12", &keytool(bench, "k.p12", "PKCS12"));
}

fn pkcs12(bench: &Bench) {
    let export = "pkcs12 -export -inkey @rsa.key -in @rsa.pem -passout env:PASS -iter 1 -nomaciter";
    let small = "pkcs12 -export -inkey @ec.key -in @ca.pem -passout env:PASS -iter 1 -nomaciter";
    for (name, line) in [
        ("default.p12", format!("{small} -name meshclient")),
        ("chain.p12", format!("{export} -certfile @ca.pem -name meshclient")),
        ("legacy-3des.p12", format!("{small} -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1")),
        ("legacy-rc2.p12", format!("{small} -legacy")),
        ("mac-sha512.p12", format!("{small} -macalg sha512")),
        ("no-mac.p12", format!("{small} -nomac")),
        ("key-open.p12", format!("{small} -keypbe NONE")),
        ("certificates-open.p12", format!("{small} -certpbe NONE")),
        ("all-open.p12", format!("{small} -keypbe NONE -certpbe NONE -nomac")),
        (
            "certificates-alone.p12",
            "pkcs12 -export -nokeys -in @chain.pem -passout env:PASS -iter 1 -nomaciter".into(),
        ),
        ("aes-128.p12", format!("{small} -keypbe AES-128-CBC -certpbe AES-128-CBC")),
        (
            "empty-password.p12",
            "pkcs12 -export -inkey @ec.key -in @ca.pem -passout pass: -iter 1 -nomaciter".into(),
        ),
    ] {
        keep("pkcs12", name, &bench.openssl(&line));
    }
    keep("sniff", "bag-attributes.pem", &{
        fs::write(bench.at("all.p12"), fs::read(corpus("pkcs12").join("chain.p12")).unwrap()).unwrap();
        bench.openssl("pkcs12 -in @all.p12 -passin env:PASS -nokeys")
    });
}

/// Emails and archives by Python, messages by the tests' own writer.
fn containers(bench: &Bench) {
    python(include_str!("containers.py"), [bench.at("ca.pem"), path_arg(&corpus("reply"))]);
    let folder = corpus("reply");
    sign(bench, &folder);
    let pem = String::from_utf8(bench.bytes("ca.pem")).unwrap();
    let html: String = pem.lines().map(|line| format!("<p>{line}</p>")).collect();
    let inner = OutlookMessage::new().text("See attached").attach("reply.cer", pem.as_bytes());
    keep(
        "reply",
        "attached.msg",
        &OutlookMessage::new().text("Hello").attach("reply.cer", pem.as_bytes()).bytes(),
    );
    keep("reply", "pasted.msg", &OutlookMessage::new().text(&pem).html(&html).bytes());
    keep("reply", "forwarded.msg", &OutlookMessage::new().forward("RE", inner).bytes());
}

/// A signed email, by openssl.
fn sign(bench: &Bench, folder: &Path) {
    let [key, certificate] = ["ec.key", "ca.pem"].map(|name| bench.at(name));
    let [email, signed] = ["attached.eml", "signed.eml"].map(|name| path_arg(&folder.join(name)));
    openssl(&format!(
        "smime -sign -in {email} -signer {certificate} -inkey {key} -from a@example.org -out {signed}"
    ));
}
