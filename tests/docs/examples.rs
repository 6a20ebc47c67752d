//! Every example of the help, run as it is printed.

use std::net::TcpStream;

use crate::scratch::Scratch;

/// How an example ends.
enum Ends {
    /// With this exit code.
    With(i32),
    /// With 4: it talks to port 8700 of this machine, where no sandbox runs. If one does, it may end in
    /// any way that the help names.
    Unreachable,
    /// With 0 once it is told to stop.
    WhenStopped,
}
use Ends::{Unreachable, WhenStopped, With};

/// The line as printed but for its folding, how it ends, and what has to be there before.
const EXAMPLES: &[(&str, Ends, &[&str])] = &[
    (
        "mesh-onboard request X26ABC1 --ods X26 --env integration --name 'A. Engineer' --email a.engineer@example.nhs.uk --organisation 'Example Trust' --application 'Example App'",
        With(0),
        &[],
    ),
    (
        "mesh-onboard request X26ABC2 --like old-certificate.pem --env integration --reason renewal",
        With(0),
        &[OLD_CERTIFICATE],
    ),
    ("mesh-onboard request X26ABC1 --ods X26 --env integration --again", With(0), &[REQUESTED]),
    ("mesh-onboard sent X26ABC1", With(0), &[REQUESTED]),
    ("mesh-onboard sent X26ABC1 --on 2026-11-18", With(0), &[REQUESTED_EARLIER]),
    (
        "mesh-onboard sent X26ABC1 --ticket CS1234567",
        With(0),
        &[REQUESTED_EARLIER, "mesh-onboard sent X26ABC1 --on 2026-11-18\n"],
    ),
    ("mesh-onboard import X26ABC1 desk-reply.cer", With(0), &[ANSWERED]),
    (
        "mesh-onboard import X26ABC1 - < desk-reply.txt",
        With(0),
        &[ANSWERED, "(echo 'Please find below:'; cat desk-reply.cer) > desk-reply.txt\n"],
    ),
    ("mesh-onboard import X26ABC1 desk-reply.cer --dry-run", With(0), &[ANSWERED]),
    ("mesh-onboard import X26ABC1 desk-reply.cer --no-check", With(0), &[IN_USE, RENEWED]),
    ("mesh-onboard renew X26ABC1", With(0), &[IN_USE]),
    ("mesh-onboard renew X26ABC1 --reason compromised --ticket CS1234567", With(0), &[IN_USE]),
    ("mesh-onboard renew X26ABC1 --deploy-hook './deploy --quietly'", With(0), &[IN_USE]),
    ("mesh-onboard renew X26ABC1 --again", With(0), &[IN_USE, RENEWED]),
    ("mesh-onboard activate X26ABC1", With(0), &[IN_USE, RENEWED, READY]),
    ("mesh-onboard rollback X26ABC1", With(0), &[IN_USE, RENEWED, READY, "mesh-onboard activate X26ABC1\n"]),
    ("mesh-onboard history X26ABC1", With(0), &[IN_USE, RENEWED]),
    ("mesh-onboard --json history X26ABC1", With(0), &[IN_USE]),
    ("mesh-onboard import X26ABC1 desk-reply.cer --fetch", With(0), &[ANSWERED]),
    ("mesh-onboard import X26ABC1 desk-reply.cer --keystore --pfx-profile legacy", With(0), &[ANSWERED]),
    ("mesh-onboard import X26ABC1 desk-reply.cer --plaintext-key pkcs8 --i-understand", With(0), &[ANSWERED]),
    (
        "mesh-onboard import X26SAND certificate.pem --ca my-root.pem --ca my-sub-ca.pem",
        With(0),
        &[SANDBOX_REQUESTED, SIGNED_BY_HAND],
    ),
    ("mesh-onboard adopt X26ABC1 --key meshclient.jks --cert certificate.pem", With(0), &[KEYSTORE]),
    ("mesh-onboard adopt X26ABC1 --cert certificate.pem --env live", With(0), &[KEYSTORE]),
    ("mesh-onboard adopt X26ABC2 --share X26ABC1", With(0), &[IN_USE]),
    (
        "mesh-onboard adopt X26SAND --env sandbox --key key.pem --cert leaf.pem --ca server-root.pem",
        With(0),
        &[BY_HAND],
    ),
    ("mesh-onboard bundle --key private_key.pem --cert certificate.pem", With(0), &[KEYSTORE]),
    (
        "mesh-onboard bundle --key meshclient.jks --alias-in meshclient --to for-java --keystore",
        With(0),
        &[KEYSTORE],
    ),
    (
        "mesh-onboard bundle --key key.pem --cert leaf.pem --ca server-root.pem --to sandbox",
        With(0),
        &[BY_HAND],
    ),
    ("mesh-onboard inspect desk-reply.cer", With(0), &[ANSWERED]),
    (
        "mesh-onboard inspect key.pem request.csr certificate.pem chain.pem",
        With(0),
        &[BY_HAND, "cp leaf.pem certificate.pem\n"],
    ),
    (
        "mesh-onboard --json inspect certificates",
        With(0),
        &[BY_HAND, "mkdir certificates; cp leaf.pem chain.pem certificates\n"],
    ),
    // Credentials for integration come from the NHS alone; those of a sandbox go the same way.
    ("mesh-onboard check X26ABC1", Unreachable, &[IN_USE]),
    ("mesh-onboard check X26ABC1 --offline", With(0), &[IN_USE]),
    (
        "mesh-onboard check X26ABC1 --cert chain.pem --key key.pem --url https://localhost:8700 --ca server-root.pem",
        Unreachable,
        &[BY_HAND],
    ),
    (
        "mesh-onboard check X26SAND --url https://localhost:8700 --round-trip",
        Unreachable,
        &[SANDBOX_REQUESTED, SIGNED_BY_HAND, SANDBOX_IMPORTED],
    ),
    ("mesh-onboard check X26ABC1 --report check.html", Unreachable, &[IN_USE]),
    (
        "mesh-onboard --quiet --no-input check --all --secrets secrets.toml",
        Unreachable,
        &[IN_USE, "umask 077; echo 'MESH_SHARED_KEY = \"TestKey\"' > secrets.toml\n"],
    ),
    ("mesh-onboard validate X26ABC1", Unreachable, &[IN_USE]),
    (
        "mesh-onboard validate X26ABC1 --pfx X26ABC1.pfx --url https://localhost:8700 --ca server-root.pem",
        Unreachable,
        &[BY_HAND],
    ),
    ("mesh-onboard token X26ABC1", With(0), &[]),
    (
        "mesh-onboard token X26ABC1 --verify - < header.txt",
        With(0),
        &["mesh-onboard token X26ABC1 > header.txt\n"],
    ),
    (
        "mesh-onboard token X26ABC1 --at 2026-06-01T12:00:00Z --verify - < header.txt",
        With(0),
        &["MESH_ONBOARD_TEST_NOW=2026-06-01T12:00:00Z mesh-onboard token X26ABC1 > header.txt\n"],
    ),
    ("mesh-onboard inbox X26ABC1", Unreachable, &[IN_USE]),
    ("mesh-onboard inbox X26ABC1 --workflow '!*_ACK*' --limit 10", Unreachable, &[IN_USE]),
    ("mesh-onboard receive X26ABC1 --all --to inbox --ack", Unreachable, &[IN_USE]),
    ("mesh-onboard receive X26ABC1 20261118093000123456_A1B2C3 --file results.csv", Unreachable, &[IN_USE]),
    (
        "mesh-onboard send X26ABC1 results.csv --to X26ABC2 --workflow TEST_WORKFLOW --local-id results-2026-11-18",
        Unreachable,
        &[IN_USE, RESULTS],
    ),
    (
        "tar -c reports | mesh-onboard send X26ABC1 - --to X26ABC2 --workflow TEST_WORKFLOW",
        Unreachable,
        &[IN_USE, RESULTS],
    ),
    // Nothing broke off before: tests/cli runs the command that a broken transfer prints.
    (
        "mesh-onboard send X26ABC1 results.csv --resume 20261118093000123456_A1B2C3",
        With(1),
        &[IN_USE, RESULTS],
    ),
    (
        "mesh-onboard send X26ABC1 results.csv --to X26ABC2 --workflow TEST_WORKFLOW --curl",
        With(0),
        &[IN_USE, RESULTS],
    ),
    ("mesh-onboard ack X26ABC1 20261118093000123456_A1B2C3", Unreachable, &[IN_USE]),
    ("mesh-onboard track X26ABC1 20261118093000123456_A1B2C3", Unreachable, &[IN_USE]),
    ("mesh-onboard track X26ABC1 --local-id results-2026-11-18", Unreachable, &[IN_USE]),
    ("mesh-onboard lookup X26ABC1 --ods X26 --workflow TEST_WORKFLOW", Unreachable, &[IN_USE]),
    ("mesh-onboard lookup X26ABC1 --workflow TEST_WORKFLOW", Unreachable, &[IN_USE]),
    ("mesh-onboard export --list", With(0), &[]),
    ("mesh-onboard export --list --for mavis", With(0), &[]),
    ("mesh-onboard export X26ABC1 --for pem --to handover", With(0), &[IN_USE]),
    (
        "mesh-onboard export X26ABC1 --for pem --set key=encrypted --mode 640 --to handover-encrypted",
        With(0),
        &[IN_USE],
    ),
    ("mesh-onboard export X26ABC1 --refresh", With(0), &[IN_USE, HANDED_OVER]),
    ("mesh-onboard export X26ABC1 --verify", With(0), &[IN_USE, HANDED_OVER]),
    ("mesh-onboard status", With(0), &[REQUESTED]),
    ("mesh-onboard status X26ABC1", With(0), &[REQUESTED]),
    ("mesh-onboard --json status --within 60d", With(0), &[IN_USE]),
    // In a shell of the tests there is no keyring, and nobody to ask: tests/keyring has both.
    ("mesh-onboard secret list", With(0), &[REQUESTED]),
    ("mesh-onboard --json secret list X26ABC1", With(0), &[REQUESTED]),
    ("mesh-onboard secret set X26ABC1 mailbox-password", With(1), &[REQUESTED]),
    ("mesh-onboard secret set --env live shared-key --value-file shared-key.txt", With(1), &[]),
    ("mesh-onboard secret set X26ABC1 key-passphrase", With(1), &[REQUESTED]),
    ("mesh-onboard secret forget X26ABC1 mailbox-password", With(1), &[REQUESTED]),
    ("mesh-onboard secret forget X26ABC1 key-passphrase --credential 1 --yes", With(1), &[REQUESTED]),
    ("mesh-onboard backup mesh-onboard.age", With(0), &[REQUESTED]),
    (
        "mesh-onboard --no-input backup mesh-onboard-$(date +%F).age --backup-passphrase-file passphrase.txt",
        With(0),
        &[REQUESTED, "umask 077; echo another four words > passphrase.txt\n"],
    ),
    ("mesh-onboard restore mesh-onboard.age --dry-run", With(0), &[REQUESTED, BACKED_UP]),
    ("mesh-onboard --home restored restore mesh-onboard.age", With(0), &[REQUESTED, BACKED_UP]),
    (
        "mesh-onboard status --calendar mesh.ics --watch certificates",
        With(0),
        &[IN_USE, BY_HAND, "mkdir certificates; cp leaf.pem certificates\n"],
    ),
    ("mesh-onboard status --prometheus", With(0), &[IN_USE]),
    ("mesh-onboard rehearse", With(0), &[]),
    ("mesh-onboard rehearse --keep rehearsal", With(0), &[]),
    ("mesh-onboard rehearse --issue request.csr --to certificate.pem", With(0), &[CSR]),
    ("mesh-onboard rehearse --serve", WhenStopped, &[]),
    ("mesh-onboard --json rehearse --serve --config rehearsal.toml --keep mesh", WhenStopped, &[CONFIGURED]),
    ("mesh-onboard completions bash", With(0), &[]),
    ("mesh-onboard --output mesh-onboard.fish completions fish", With(0), &[]),
    ("mesh-onboard man --to man1", With(0), &[]),
    ("mesh-onboard man --to ~/.local/share/man/man1", With(0), &[]),
];

const CONFIGURED: &str = "printf 'shared_key = \"ours\"\n' > rehearsal.toml\n";

const REQUESTED: &str = "mesh-onboard request X26ABC1 --ods X26 --env integration\n";

const REQUESTED_EARLIER: &str = "MESH_ONBOARD_TEST_NOW=2026-11-17T09:00:00Z \
    mesh-onboard request X26ABC1 --ods X26 --env integration\n";

const HANDED_OVER: &str = "mesh-onboard export X26ABC1 --for pem --to handover\n";

const BACKED_UP: &str = "mesh-onboard backup mesh-onboard.age\n";

const SANDBOX_REQUESTED: &str = "mesh-onboard request X26SAND --ods X26 --env sandbox
cp ~/.local/share/mesh-onboard/sandbox/X26SAND/credentials/0001/request.csr request.csr\n";

const SANDBOX_IMPORTED: &str =
    "mesh-onboard import X26SAND certificate.pem --ca my-root.pem --ca my-sub-ca.pem\n";

/// The rehearsal CA in the desk's place.
const ANSWERED: &str = "mesh-onboard request X26ABC1 --ods X26 --env rehearsal
mesh-onboard rehearse --to desk-reply.cer \
    --issue ~/.local/share/mesh-onboard/rehearsal/X26ABC1/credentials/0001/request.csr\n";

/// A mailbox of the sandbox, which is where port 8700 belongs.
const IN_USE: &str = "mesh-onboard request X26ABC1 --ods X26 --env sandbox
mesh-onboard rehearse --to answer.pem \
    --issue ~/.local/share/mesh-onboard/sandbox/X26ABC1/credentials/0001/request.csr
mesh-onboard import X26ABC1 answer.pem --ca ~/.local/share/mesh-onboard/rehearsal-ca/ca-bundle.pem\n";

/// The next credential of that mailbox, and the answer to it.
const RENEWED: &str = "mesh-onboard renew X26ABC1
mesh-onboard rehearse --to desk-reply.cer \
    --issue ~/.local/share/mesh-onboard/sandbox/X26ABC1/credentials/0002/request.csr\n";

const READY: &str = "mesh-onboard import X26ABC1 desk-reply.cer --no-check\n";

/// As the CA issues them: the name in lower case.
const OLD_CERTIFICATE: &str = "openssl req -x509 -newkey rsa:2048 -nodes -keyout old.key -days 30 \
    -out old-certificate.pem -subj /O=nhs/OU=Devices/CN=x26abc2.x26.api.mesh-client.nhs.uk\n";

/// What there is to send.
const RESULTS: &str = "echo one,two > results.csv; mkdir reports; cp results.csv reports\n";

const CSR: &str = "openssl req -newkey rsa:2048 -nodes -keyout request.key -out request.csr \
    -subj /CN=X26ABC1.X26.api.mesh-client.nhs.uk\n";

/// A CA of openssl's making signs request.csr.
const SIGNED_BY_HAND: &str = "
printf 'basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,keyCertSign,cRLSign\\n' > ca.ext
echo extendedKeyUsage=clientAuth > leaf.ext
openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out my-root.pem -subj /CN=my-root -days 400 \
    -addext keyUsage=critical,keyCertSign,cRLSign
openssl req -newkey rsa:2048 -nodes -keyout sub.key -out sub.csr -subj /CN=my-sub-ca
openssl x509 -req -in sub.csr -CA my-root.pem -CAkey root.key -CAcreateserial -days 395 -extfile ca.ext \
    -out my-sub-ca.pem
openssl x509 -req -in request.csr -CA my-sub-ca.pem -CAkey sub.key -CAcreateserial -days 390 -extfile leaf.ext \
    -out certificate.pem\n";

/// Credentials without this program, as chain and key and as PFX.
const BY_HAND: &str = "
echo extendedKeyUsage=clientAuth > leaf.ext
openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out server-root.pem -subj /CN=root -days 400
openssl req -newkey rsa:2048 -nodes -keyout key.pem -out request.csr -subj /CN=X26ABC1.X26.api.mesh-client.nhs.uk
openssl x509 -req -in request.csr -CA server-root.pem -CAkey root.key -CAcreateserial -days 390 -extfile leaf.ext \
    -out leaf.pem
cat leaf.pem server-root.pem > chain.pem
openssl pkcs12 -export -in chain.pem -inkey key.pem -out X26ABC1.pfx -passout env:MESH_KEY_PASSPHRASE\n";

/// What the procedure with keytool leaves: a keystore, the certificate that came back, and the key in PEM. The
/// rehearsal CA stands in the desk's place.
const KEYSTORE: &str = "
openssl req -newkey rsa:2048 -nodes -keyout private_key.pem -out request.csr \
    -subj /CN=X26ABC1.X26.api.mesh-client.nhs.uk
mesh-onboard rehearse --issue request.csr --to certificate.pem
openssl pkcs12 -export -in certificate.pem -inkey private_key.pem -name meshclient -out made.p12 \
    -passout env:MESH_KEY_PASSPHRASE
keytool -importkeystore -noprompt -srckeystore made.p12 -srcstorepass:env MESH_KEY_PASSPHRASE \
    -destkeystore meshclient.jks -deststoretype JKS -deststorepass:env MESH_KEY_PASSPHRASE\n";

#[test]
fn every_example_runs_as_printed() {
    let mut unseen: Vec<&str> = EXAMPLES.iter().map(|(line, ..)| *line).collect();
    for (command, printed) in printed_examples() {
        assert!(printed.lines().all(|line| line.len() < 80), "wider than a terminal:\n{printed}");
        let line = printed.replace(" \\\n      ", " ");
        let (_, ends, before) = EXAMPLES
            .iter()
            .find(|(known, ..)| *known == line)
            .unwrap_or_else(|| panic!("an example of {command} is not in the table:\n{line}"));
        unseen.retain(|known| *known != line);
        let scratch = Scratch::with_secrets();
        before.iter().for_each(|script| scratch.prepare(script));
        let ran = match ends {
            WhenStopped => scratch.sh(&until_it_serves(&printed)),
            _ => scratch.sh(&printed),
        };
        let fits = match ends {
            With(code) => ran.code == Some(*code),
            WhenStopped => ran.code == Some(0) && ran.output.contains("https://127.0.0.1:"),
            Unreachable if TcpStream::connect("localhost:8700").is_ok() => {
                matches!(ran.code, Some(0 | 1 | 3 | 4))
            }
            Unreachable => ran.code == Some(4),
        };
        assert!(fits, "{line}\nended with {:?}\n{}", ran.code, ran.output);
    }
    assert!(unseen.is_empty(), "no help has these examples any more: {unseen:?}");
}

/// Runs a server until it has said where it listens, and stops it; its exit code is that of the script.
fn until_it_serves(line: &str) -> String {
    format!(
        "{line} > said &
server=$!
for attempt in $(seq 200); do grep -q 127.0.0.1 said && break; sleep 0.1; done
kill $server
wait $server; code=$?
cat said
exit $code"
    )
}

/// Every example with the command whose help prints it.
fn printed_examples() -> Vec<(String, String)> {
    let scratch = Scratch::new();
    let help = |command: &str| {
        let ran = scratch.sh(&format!("mesh-onboard {command} --help"));
        assert_eq!(ran.code, Some(0), "{}", ran.output);
        ran.output
    };
    let top = help("");
    let mut found = examples("mesh-onboard", &top);
    for command in commands(&top) {
        let text = help(&command);
        // Those of `secret` have examples of their own.
        if text.contains("\nCommands:\n") {
            for below in commands(&text) {
                let command = format!("{command} {below}");
                found.extend(examples(&command, &help(&command)));
            }
        }
        let of_command = examples(&command, &text);
        assert!(!of_command.is_empty(), "the help of {command} has no examples");
        found.extend(of_command);
    }
    found
}

/// The first words of the lines below `Commands:`.
fn commands(help: &str) -> Vec<String> {
    let (_, list) = help.split_once("Commands:\n").expect("a list of commands");
    let lines = list.lines().take_while(|line| !line.is_empty());
    // Descriptions go on far to the right.
    let names = lines.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// The lines below `EXAMPLES:` that are no comments; folded ones together, as they are pasted.
fn examples(command: &str, help: &str) -> Vec<(String, String)> {
    let (_, rest) = help.split_once("EXAMPLES:\n").unwrap_or_else(|| panic!("{command} has no EXAMPLES"));
    let (text, _) = rest.split_once("EXIT CODES:").unwrap_or_else(|| panic!("{command} has no EXIT CODES"));
    text.split("\n\n")
        .filter_map(|example| example.split_once('\n'))
        .map(|(comment, line)| {
            assert!(comment.starts_with("  # "), "{command}: what is this example for?\n{line}");
            let line = line.trim_end().strip_prefix("  ").unwrap_or(line);
            (command.to_owned(), line.to_owned())
        })
        .collect()
}
