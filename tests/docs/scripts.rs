//! Runs the `sh` blocks of a document as one script, and looks for the lines of its `text` blocks in what
//! is printed.

use std::net::TcpListener;

use crate::markdown::{Block, blocks};
use crate::scratch::Scratch;
use crate::{read, repository};

/// The rehearsal CA in the desk's place: the mailbox that README asks for, waiting for this answer.
const DESK: &str = "
rm -r ~/.local/share/mesh-onboard
mesh-onboard -q request X26ABC1 --ods X26 --env rehearsal --key-passphrase-file key-passphrase
mesh-onboard -q rehearse --to desk-reply.cer \
    --issue ~/.local/share/mesh-onboard/rehearsal/X26ABC1/credentials/0001/request.csr
";

/// Key and chain by hand, as `check --cert --key` judges them.
const BY_HAND: &str = "
echo extendedKeyUsage=clientAuth > leaf.ext
openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -subj '/CN=Example Root' -days 400
openssl req -newkey rsa:2048 -nodes -keyout key.pem -out request.csr -subj /CN=X26ABC1.X26.api.mesh-client.nhs.uk
openssl x509 -req -in request.csr -CA root.pem -CAkey root.key -CAcreateserial -days 390 -extfile leaf.ext \
    -out certificate.pem
cat certificate.pem root.pem > chain.pem
";

/// A keystore as keytool leaves it, and another key and certificate in PEM.
const ELSEWHERE: &str = "
openssl req -newkey rsa:2048 -nodes -keyout made.key -out made.csr -subj /CN=X26ABC2.X26.api.mesh-client.nhs.uk
mesh-onboard -q rehearse --issue made.csr --to made.pem
openssl pkcs12 -export -in made.pem -inkey made.key -name meshclient -out made.p12 -passout file:key-passphrase
keytool -importkeystore -noprompt -srckeystore made.p12 -srcstorepass:file key-passphrase \
    -destkeystore meshclient.jks -deststoretype JKS -deststorepass:file key-passphrase
openssl req -newkey rsa:2048 -nodes -keyout private_key.pem -out other.csr \
    -subj /CN=X26ABC3.X26.api.mesh-client.nhs.uk
rm certificate.pem
mesh-onboard -q rehearse --issue other.csr --to certificate.pem
";

/// What has to be there before the first block with these words.
const README: [(&str, &str); 1] = [("mesh-onboard import", DESK)];

const FILES: [(&str, &str); 2] =
    [("mesh-onboard check --cert chain.pem", BY_HAND), ("mesh-onboard adopt", ELSEWHERE)];

#[test]
fn readme_prints_what_it_says() {
    let scratch = Scratch::new();
    // Built already, and not to be built from inside a test.
    let readme = read("README.md").replace("cargo run --release --", "mesh-onboard");
    follow(&scratch, &readme, &README);
}

#[test]
fn files_guide_prints_what_it_says() {
    follow(&Scratch::new(), &read("docs/guides/files.md"), &FILES);
}

#[test]
fn client_guide_prints_what_it_says() {
    follow(&Scratch::new(), &read("docs/guides/client.md"), &[]);
}

/// Waits for what the block before has started, and stops it also when a later one fails.
const LISTENING: &str = "
trap 'kill $sandbox 2>/dev/null || :' EXIT
for attempt in $(seq 300); do
    venv/bin/python -c 'import socket; socket.create_connection((\"127.0.0.1\", 8700))' 2>/dev/null && break
    sleep 0.1
done
";

#[test]
fn sandbox_guide_prints_what_it_says() {
    let venv = repository("target/venv");
    assert!(venv.join("bin/python").exists(), "{} is missing: run tests/run, which makes it", venv.display());
    let scratch = Scratch::new();
    std::os::unix::fs::symlink(venv, scratch.work().join("venv")).unwrap();
    let port = free_port();
    let guide = read("docs/guides/sandbox.md").replace("8700", &port);
    let listening = LISTENING.replace("8700", &port);
    follow(&scratch, &guide, &[("MESH_MAILBOX_PASSWORD=password", &listening)]);
}

/// The same for the rehearsal MESH.
pub const SERVING: &str = "
trap 'kill $server 2>/dev/null || :' EXIT
for attempt in $(seq 300); do grep -q 127.0.0.1 rehearsal.log && break; sleep 0.1; done
";

#[test]
fn check_guide_prints_what_it_says() {
    let scratch = Scratch::new();
    let port = free_port();
    let guide = read("docs/guides/check.md").replace("8700", &port);
    follow(&scratch, &guide, &[("--round-trip", SERVING)]);
}

#[test]
fn renewal_guide_prints_what_it_says() {
    let scratch = Scratch::new();
    let port = free_port();
    let guide = read("docs/guides/renewal.md").replace("8700", &port);
    follow(&scratch, &guide, &[("--url https://localhost", SERVING)]);
}

#[test]
fn expiry_guide_prints_what_it_says() {
    follow(&Scratch::new(), &read("docs/guides/expiry.md"), &[]);
}

/// A session bus and a keyring, as a desktop has them; both end with the script.
const KEYRING: &str = r#"
dbus-daemon --session --fork --print-address=3 --print-pid=4 3>bus 4>bus.pid
export DBUS_SESSION_BUS_ADDRESS=$(cat bus)
printf unlocked | gnome-keyring-daemon --unlock --foreground --components=secrets >/dev/null 2>&1 &
keyring=$!
trap 'kill $keyring $(cat bus.pid)' EXIT
for attempt in $(seq 200); do
    dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
        string:org.freedesktop.secrets | grep -q true && break
    sleep 0.05
done
"#;

#[test]
fn secrets_guide_prints_what_it_says() {
    let scratch = Scratch::new();
    follow(&scratch, &read("docs/guides/secrets.md"), &[("secret set", KEYRING)]);
}

/// A port on which nobody listens.
pub fn free_port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

/// Follows a document from top to bottom.
#[track_caller]
pub fn follow(scratch: &Scratch, document: &str, before: &[(&str, &str)]) {
    let blocks = blocks(document);
    let mut script = String::from("set -e\n");
    let mut waiting = before.to_vec();
    for block in blocks.iter().filter(|b| b.kind == "sh") {
        if let Some(next) = waiting.iter().position(|(words, _)| block.text.contains(words)) {
            script.push_str(waiting.remove(next).1);
        }
        script.push_str(&format!("echo '## the block at line {}'\n{}", block.line, block.text));
    }
    assert!(waiting.is_empty(), "no block is left that has {:?} in it", waiting[0].0);
    let ran = scratch.sh(&script);
    assert_eq!(ran.code, Some(0), "a command failed; the last block named is at fault\n{}", ran.output);
    let printed: Vec<String> = ran.output.lines().map(comparable).collect();
    for block in outputs(&blocks) {
        for line in block.text.lines() {
            assert!(
                printed.iter().any(|printed| is_shown(line, printed)),
                "the block at line {} shows what is not printed:\n{line}\n--- printed\n{}",
                block.line,
                ran.output
            );
        }
    }
}

/// `text` blocks, once the first command has run.
fn outputs(blocks: &[Block]) -> impl Iterator<Item = &Block> {
    blocks.iter().skip_while(|b| b.kind != "sh").filter(|b| b.kind == "text")
}

/// Whether a line of a document shows a line that was printed; from `…` on it may be anything.
fn is_shown(line: &str, printed: &str) -> bool {
    match line.split_once('…') {
        Some((begin, _)) => printed.starts_with(comparable(begin).trim_end_matches(' ')),
        None => printed == comparable(line),
    }
}

/// A line without what differs from run to run: numbers, months and the width of columns.
fn comparable(line: &str) -> String {
    let mut shape = String::with_capacity(line.len());
    for c in line.trim_end().chars() {
        let c = if c.is_ascii_digit() { '0' } else { c };
        if !(matches!(c, '0' | ' ') && shape.ends_with(c)) {
            shape.push(c);
        }
    }
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    MONTHS.iter().fold(shape, |line, month| line.replace(month, "MONTH"))
}
