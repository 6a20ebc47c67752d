//! A certificate authority made with openssl, so that nothing of ours judges itself: root, sub CA, leaves
//! of any shape. Keys are made once and kept below the target folder; dates are fixed and far apart.

use std::fs;
use std::path::{Path, PathBuf};

use super::tool::{openssl, path_arg, tool};

/// Root and sub CA, valid from 2020 to 2045.
#[derive(Debug, Clone)]
pub struct Authority {
    folder: PathBuf,
}

impl Authority {
    /// The CA that the tests trust.
    pub fn ours() -> Self {
        Self::named("ours")
    }

    /// A CA that nobody trusts.
    pub fn foreign() -> Self {
        Self::named("foreign")
    }

    /// A CA whose sub CA was over on 2026-03-01.
    pub fn ended() -> Self {
        Self::kept("ended", &SubCa { until: "20260301000000Z", ..SubCa::default() })
    }

    /// A CA like another by name, with keys of its own, that lives in `folder`; its sub CA names a revocation list.
    pub fn like(folder: &Path, name: &str, crl_at: Option<&str>) -> Self {
        make(folder, name, &SubCa { crl_at, ..SubCa::default() });
        Self { folder: folder.to_owned() }
    }

    fn named(name: &str) -> Self {
        Self::kept(name, &SubCa::default())
    }

    fn kept(name: &str, sub_ca: &SubCa<'_>) -> Self {
        let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let folder = parent.join(format!("authority-{name}"));
        if !folder.exists() {
            let made = super::scratch();
            make(made.path(), name, sub_ca);
            // Another test may have been first; its CA serves as well.
            let _ = fs::rename(made.path(), &folder);
        }
        Self { folder }
    }

    pub fn root(&self) -> PathBuf {
        self.folder.join("root.pem")
    }

    pub fn sub(&self) -> PathBuf {
        self.folder.join("sub.pem")
    }

    /// A certificate for the key of `csr`, as the NHS CA would make it of a request for `common_name`.
    pub fn leaf(&self, csr: &Path, common_name: &str) -> Leaf {
        Leaf {
            authority: self.clone(),
            csr: csr.to_owned(),
            subject: format!("/O=nhs/OU=Devices/CN={}", common_name.to_lowercase()),
            from: Some("20260101000000Z".into()),
            until: Some("20290101003000Z".into()),
            key_usage_ends: Some("20280201000000Z".into()),
            extended_key_usage: "serverAuth,clientAuth".into(),
            alternative_name: None,
            issuer_at: None,
            digest: "sha256".into(),
            more: String::new(),
        }
    }

    /// The revocation list of the CA of a level, `root` or `sub`, in DER, with the certificates of these files in it; from
    /// and until as `20260101000000Z`.
    pub fn crl(&self, level: &str, revoked: &[&Path], from: &str, until: &str) -> Vec<u8> {
        self.crl_with(level, revoked, from, until, "")
    }

    /// The same with one extension more, as openssl's configuration has it.
    pub fn crl_with(
        &self,
        level: &str,
        revoked: &[&Path],
        from: &str,
        until: &str,
        extension: &str,
    ) -> Vec<u8> {
        let serial = |path: &&Path| {
            let line = openssl(&format!("x509 -in {} -noout -serial", path_arg(path)));
            line.trim().trim_start_matches("serial=").to_owned()
        };
        let entry = |path| {
            format!("R\t290101003000Z\t260301120000Z,keyCompromise\t{}\tunknown\t/CN=revoked\n", serial(path))
        };
        let database = super::scratch();
        let at = |file: &str| path_arg(&database.path().join(file));
        fs::write(at("index.txt"), revoked.iter().map(entry).collect::<String>()).unwrap();
        fs::write(at("number"), "01\n").unwrap();
        let folder = path_arg(database.path());
        let config = format!(
            "[ca]\ndefault_ca=d\n[d]\ndatabase={folder}/index.txt\ncrlnumber={folder}/number\ndefault_md=sha256\n\
             crl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n{extension}\n"
        );
        fs::write(at("ca.cnf"), config).unwrap();
        let of = |kind: &str| path_arg(&self.folder.join(format!("{level}.{kind}")));
        openssl(&format!(
            "ca -gencrl -config {} -keyfile {} -cert {} -crl_lastupdate {from} -crl_nextupdate {until} -out {}",
            at("ca.cnf"),
            of("key"),
            of("pem"),
            at("list.pem")
        ));
        openssl(&format!("crl -in {} -outform DER -out {}", at("list.pem"), at("list.crl")));
        fs::read(at("list.crl")).unwrap()
    }

    /// A certificate and its plain key for a server on this machine, valid now.
    pub fn server(&self, folder: &Path) -> (PathBuf, PathBuf) {
        self.server_valid(folder, None)
    }

    /// The same, valid between two dates such as `20260101000000Z`.
    pub fn server_valid(&self, folder: &Path, dates: Option<(&str, &str)>) -> (PathBuf, PathBuf) {
        let (key, csr) = (folder.join("server.key"), folder.join("server.csr"));
        new_key_and_request(&key, &csr, "/CN=localhost");
        let leaf = Leaf {
            from: dates.map(|(from, _)| from.into()),
            until: dates.map(|(_, until)| until.into()),
            key_usage_ends: None,
            extended_key_usage: "serverAuth".into(),
            alternative_name: Some("DNS:localhost,IP:127.0.0.1".into()),
            ..self.leaf(&csr, "localhost")
        };
        let certificate = leaf.sign(&folder.join("server.pem"));
        let chain = folder.join("server-chain.pem");
        fs::write(&chain, [fs::read(certificate).unwrap(), fs::read(self.sub()).unwrap()].concat()).unwrap();
        (chain, key)
    }
}

/// A key and a CSR made with openssl, as by somebody who has not met us.
fn new_key_and_request(key: &Path, csr: &Path, subject: &str) {
    let (key, csr) = (path_arg(key), path_arg(csr));
    openssl(&format!("req -new -newkey rsa:2048 -nodes -sha256 -keyout {key} -out {csr} -subj {subject}"));
}

/// One certificate, to be described and then signed.
#[derive(Debug, Clone)]
pub struct Leaf {
    authority: Authority,
    csr: PathBuf,
    subject: String,
    from: Option<String>,
    until: Option<String>,
    key_usage_ends: Option<String>,
    extended_key_usage: String,
    alternative_name: Option<String>,
    issuer_at: Option<String>,
    digest: String,
    more: String,
}

impl Leaf {
    /// A key and request of its own, made with openssl beside `stem`.
    pub fn with_new_key(mut self, stem: &Path) -> Self {
        let (key, csr) = (stem.with_extension("key"), stem.with_extension("csr"));
        new_key_and_request(&key, &csr, &self.subject);
        self.csr = csr;
        self
    }

    /// Validity, as `20260101000000Z`.
    pub fn valid(mut self, from: &str, until: &str) -> Self {
        (self.from, self.until) = (Some(from.into()), Some(until.into()));
        self
    }

    /// Valid from now for 30 days, for servers with a clock of their own.
    pub fn valid_now(mut self) -> Self {
        (self.from, self.until) = (None, None);
        self
    }

    pub fn key_usage_ends(mut self, end: &str) -> Self {
        self.key_usage_ends = Some(end.into());
        self
    }

    /// Where it says that the certificate of its issuer lies.
    pub fn issuer_at(mut self, address: &str) -> Self {
        self.issuer_at = Some(address.into());
        self
    }

    /// Where it says that the revocation list of its issuer lies.
    pub fn crl_at(self, address: &str) -> Self {
        self.extension(&format!("crlDistributionPoints=URI:{address}"))
    }

    /// One extension more, as openssl's configuration has it.
    pub fn extension(mut self, line: &str) -> Self {
        self.more += &format!("{line}\n");
        self
    }

    /// The hash that is signed; `sha256` by default.
    pub fn digest(mut self, name: &str) -> Self {
        self.digest = name.into();
        self
    }

    pub fn extended_key_usage(mut self, usage: &str) -> Self {
        self.extended_key_usage = usage.into();
        self
    }

    /// Writes the certificate in PEM.
    pub fn sign(&self, to: &Path) -> PathBuf {
        let mut extensions = format!(
            "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyEncipherment\n\
             extendedKeyUsage={}\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n",
            self.extended_key_usage
        );
        if let Some(name) = &self.alternative_name {
            extensions += &format!("subjectAltName={name}\n");
        }
        if let Some(address) = &self.issuer_at {
            extensions += &format!("authorityInfoAccess=caIssuers;URI:{address}\n");
        }
        extensions += &self.more;
        if let Some(end) = &self.key_usage_ends {
            let begin = self.from.as_deref().unwrap_or("20200101000000Z");
            // privateKeyUsagePeriod (RFC 3280, 4.2.1.4), for which openssl has no name.
            extensions += &format!(
                "2.5.29.16=ASN1:SEQUENCE:period\n[period]\nnotBefore=IMPLICIT:0,GENERALIZEDTIME:{begin}\n\
                 notAfter=IMPLICIT:1,GENERALIZEDTIME:{end}\n"
            );
        }
        let mut more = match (&self.from, &self.until) {
            (Some(from), Some(until)) => vec!["-startdate", from, "-enddate", until],
            _ => vec!["-days", "30"],
        };
        more.extend(["-md", &self.digest]);
        let folder = &self.authority.folder;
        sign(
            &folder.join("sub.pem"),
            &folder.join("sub.key"),
            &self.csr,
            &self.subject,
            &extensions,
            &more,
            to,
        );
        to.to_owned()
    }
}

/// What makes one sub CA another.
struct SubCa<'a> {
    until: &'a str,
    /// Where it says that the revocation list of the root lies.
    crl_at: Option<&'a str>,
}

impl Default for SubCa<'_> {
    fn default() -> Self {
        Self { until: "20450101000000Z", crl_at: None }
    }
}

fn make(folder: &Path, name: &str, sub_ca: &SubCa<'_>) {
    let ca = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n\
              subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";
    let dates = ["-startdate", "20200101000000Z", "-enddate", "20450101000000Z"];
    let at = |file: &str| folder.join(file);
    let subject = |level: &str| format!("/C=GB/O=tests/CN={name}-{level}");
    for level in ["root", "sub"] {
        let (key, csr) = (at(&format!("{level}.key")), at(&format!("{level}.csr")));
        new_key_and_request(&key, &csr, &subject(level));
    }
    let self_signed = [&dates[..], &["-selfsign"]].concat();
    // With -selfsign the issuer is the request itself, and -cert is not read.
    sign(
        &at("root.csr"),
        &at("root.key"),
        &at("root.csr"),
        &subject("root"),
        ca,
        &self_signed,
        &at("root.pem"),
    );
    let list = sub_ca.crl_at.map(|address| format!("crlDistributionPoints=URI:{address}\n"));
    let extensions = format!("{ca}{}", list.unwrap_or_default());
    let dates = ["-startdate", "20200101000000Z", "-enddate", sub_ca.until];
    let (from, to) = (at("sub.csr"), at("sub.pem"));
    sign(&at("root.pem"), &at("root.key"), &from, &subject("sub"), &extensions, &dates, &to);
}

/// `openssl ca`, the one command of OpenSSL 3.0 that takes the dates of a certificate. Its database is
/// thrown away each time, so that tests can sign side by side.
fn sign(
    issuer: &Path,
    issuer_key: &Path,
    csr: &Path,
    subject: &str,
    extensions: &str,
    more: &[&str],
    to: &Path,
) {
    let database = super::scratch();
    let at = |file: &str| path_arg(&database.path().join(file));
    let folder = path_arg(database.path());
    fs::write(at("index.txt"), "").unwrap();
    let config = format!(
        "[ca]\ndefault_ca=d\n[d]\ndatabase={folder}/index.txt\nrand_serial=yes\nnew_certs_dir={folder}\n\
         default_md=sha256\npolicy=p\nemail_in_dn=no\nx509_extensions=e\n[p]\ncountryName=optional\n\
         organizationName=optional\norganizationalUnitName=optional\ncommonName=supplied\n[e]\n{extensions}"
    );
    fs::write(at("ca.cnf"), config).unwrap();
    let (config, issuer, issuer_key) = (at("ca.cnf"), path_arg(issuer), path_arg(issuer_key));
    let (csr, to) = (path_arg(csr), path_arg(to));
    let mut args = vec!["ca", "-batch", "-notext", "-preserveDN", "-config", &config];
    args.extend(["-keyfile", &issuer_key, "-in", &csr, "-out", &to, "-subj", subject]);
    args.extend(more);
    if !more.contains(&"-selfsign") {
        args.extend(["-cert", &issuer]);
    }
    tool("openssl", args);
}
