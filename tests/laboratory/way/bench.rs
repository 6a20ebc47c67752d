//! Credentials and servers of the laboratory, all made with openssl: valid at the time of the tests unless said.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::{Authority, Leaf, NOW, Program, path_arg, scratch};

/// [`NOW`] for openssl.
const NOW_UNIX: &str = "1780315200";

/// A folder that is made once and kept below the target folder.
fn kept(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("laboratory-{name}"));
    if !folder.exists() {
        let made = scratch();
        make(made.path());
        // Another row may have been first; what it made serves as well.
        let _ = fs::rename(made.path(), &folder);
    }
    folder
}

/// A certificate, the sub CA below it, and its key.
pub struct Pair {
    folder: PathBuf,
}

impl Pair {
    /// `at` names the files; dates as `20260101000000Z`.
    fn made(name: &str, authority: &Authority, common_name: &str, names: &str, dates: [&str; 2]) -> Self {
        Self::shaped(name, authority, common_name, |leaf| {
            let leaf = leaf.valid(dates[0], dates[1]);
            if names.is_empty() { leaf } else { leaf.alternative_name(names) }
        })
    }

    /// The same with a certificate of any shape.
    fn shaped(name: &str, authority: &Authority, common_name: &str, shape: impl Fn(Leaf) -> Leaf) -> Self {
        let folder = kept(name, |folder| {
            let leaf = authority.leaf(Path::new(""), common_name).with_new_key(&folder.join("leaf"));
            let leaf = shape(leaf).sign(&folder.join("leaf.pem"));
            let chain = [fs::read(leaf).unwrap(), fs::read(authority.sub()).unwrap()].concat();
            fs::write(folder.join("chain.pem"), chain).unwrap();
        });
        Self { folder }
    }

    /// The client's.
    pub fn client() -> Self {
        let name = "X26ABC1.X26.api.mesh-client.nhs.uk";
        Self::made("client", &Authority::ours(), name, "", ["20260101000000Z", "20290101003000Z"])
    }

    /// A good server's, at localhost.
    pub fn server() -> Self {
        Self::server_of(&Authority::ours(), "server", "localhost", "DNS:localhost,IP:127.0.0.1")
    }

    pub fn server_of(authority: &Authority, name: &str, common_name: &str, names: &str) -> Self {
        Self::made(name, authority, common_name, names, ["20260101000000Z", "20290101003000Z"])
    }

    pub fn server_valid(name: &str, from: &str, until: &str) -> Self {
        Self::made(name, &Authority::ours(), "localhost", "DNS:localhost", [from, until])
    }

    /// A server's at localhost that says it is an authority's.
    pub fn authority() -> Self {
        Self::shaped("authority-as-server", &Authority::ours(), "localhost", |leaf| {
            leaf.alternative_name("DNS:localhost").extension("basicConstraints=critical,CA:TRUE")
        })
    }

    pub fn leaf(&self) -> PathBuf {
        self.folder.join("leaf.pem")
    }

    pub fn chain(&self) -> PathBuf {
        self.folder.join("chain.pem")
    }

    pub fn key(&self) -> PathBuf {
        self.folder.join("leaf.key")
    }
}

/// `openssl s_server`, gone when dropped.
pub struct SServer {
    process: Child,
    pub address: SocketAddr,
}

impl SServer {
    /// With these credentials and more arguments, as one would type them.
    pub fn start(pair: &Pair, authority: &Authority, more: &str) -> Self {
        let mut process = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0"])
            .arg("-cert")
            .arg(pair.leaf())
            .arg("-key")
            .arg(pair.key())
            .arg("-cert_chain")
            .arg(authority.sub())
            .args(more.split_whitespace())
            // It ends when its input does.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl does not start: run tests/run, which installs what the tests need");
        let stdout = BufReader::new(process.stdout.take().expect("stdout is piped"));
        let mut lines = stdout.lines();
        let address = lines.by_ref().find_map(|line| line.ok()?.strip_prefix("ACCEPT ")?.parse().ok());
        let address = address.unwrap_or_else(|| panic!("openssl s_server {more} does not listen"));
        // It stops where nobody reads what it prints.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, address }
    }

    /// A good server that asks for a certificate and trusts this root alone, at the time of the tests.
    pub fn that_asks(root: &Path, more: &str) -> Self {
        let asks =
            format!("-Verify 3 -verify_return_error -CAfile {} -attime {NOW_UNIX} {more}", path_arg(root));
        Self::start(&Pair::server(), &Authority::ours(), &asks)
    }

    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }
}

impl Drop for SServer {
    fn drop(&mut self) {
        // Its own process and no other; it may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// `check` of the client's good credentials, against a server that somebody of ours issued for.
pub fn check(url: &str) -> Program {
    check_trusting(&Authority::ours(), url)
}

/// The same, trusting the servers of another authority.
pub fn check_trusting(authority: &Authority, url: &str) -> Program {
    check_trusting_none(url).arg("--ca").arg(authority.root())
}

/// The same without any root.
pub fn check_trusting_none(url: &str) -> Program {
    credentials(program().arg("X26ABC1"), url)
}

/// `check` as with [`check`], without a mailbox.
pub fn check_nobody(url: &str) -> Program {
    credentials(program(), url).arg("--ca").arg(Authority::ours().root())
}

fn program() -> Program {
    let program = Program::new().home(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("laboratory-no-home"));
    let program = program.env("MESH_MAILBOX_PASSWORD", "password").env("MESH_SHARED_KEY", "TestKey");
    program.now(NOW).args(["--json", "--no-input", "check"])
}

fn credentials(program: Program, url: &str) -> Program {
    let client = Pair::client();
    let program = program.args(["--env", "sandbox", "--url", url]);
    program.arg("--cert").arg(client.chain()).arg("--key").arg(client.key())
}
