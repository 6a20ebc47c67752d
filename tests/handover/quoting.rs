//! A value survives every format: a reader in another language gets back what was written, byte for byte.

#[allow(dead_code)]
#[path = "../../src/handover/format/mod.rs"]
mod format;

use std::fs;
use std::path::Path;
use std::process::Command;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use self::format::Format;
use crate::stage::{alone, printed};
use crate::support::{Mailbox, scratch, venv_python};

/// What has a meaning in some format.
const AWKWARD: &[&str] = &[
    "password",
    "it's",
    "say \"so\"",
    "a$b ${HOME} $(id) `id` $$",
    "back\\slash",
    "two\\\\slashes",
    "at the end\\",
    "\\n is no line end",
    "two\nlines\nand one",
    "ends with a line end\n",
    " blanks around ",
    "\ttab\t",
    "#hash",
    "a #b",
    "100% %d %s %%",
    "{{ password }} {% raw %} {# #}",
    "'\"'",
    "\"'\"",
    "' $HOME",
    "'\\",
    "\\'",
    "\\\"",
    "!bang !! ^",
    "key: value",
    "- item",
    "yes",
    "null",
    "~",
    "0123",
    "1e3",
    "=a=b=",
    "@file",
    "&<>&amp;<![CDATA[ ]]>",
    "*?[a-z]",
    "a;b|c&d>e",
    "ünïcödé £€ 中文",
    "😀",
    "\u{feff}bom",
    "\u{85}\u{2028}\u{2029}",
    "-----BEGIN PRIVATE KEY-----\nMIIE+/==\n-----END PRIVATE KEY-----\n",
];

/// The awkward ones, and many made of what is awkward.
fn values() -> Vec<String> {
    let piece = proptest::sample::select(vec![
        "'", "\"", "$", "\\", " ", "\n", "#", "%", "{{", "}}", "${", "`", "!", "=", ":", "&", "<", ">", "a",
        "Z", "0", "\t", "é", "€", "😀", "@", ",", ";", "(", "*", "~", "-", "n", "u0041",
    ]);
    let text = proptest::collection::vec(piece, 1..12).prop_map(|pieces| pieces.concat());
    let mut runner = TestRunner::default();
    let made = (0..300).map(|_| text.new_tree(&mut runner).expect("a value").current());
    AWKWARD.iter().map(|text| (*text).to_owned()).chain(made).collect()
}

/// Writes `document`, and reads it with a program that answers with a list in JSON.
fn read(document: &str, reader: impl Fn(&Path) -> Command) -> Vec<String> {
    let folder = scratch();
    fs::write(folder.path().join("document"), document).unwrap();
    serde_json::from_str(&printed(reader(folder.path()))).expect("a list of texts")
}

/// The values as a document: each by `line`, with its number and as it is written.
fn document(format: Format, values: &[String], line: impl Fn(usize, &str) -> String) -> String {
    let quoted = |value: &String| format.quoted(value).expect("it can be written");
    values.iter().enumerate().map(|(number, value)| line(number, &quoted(value))).collect()
}

#[track_caller]
fn assert_same(reader: &str, read: &[String], values: &[String]) {
    assert_eq!(read.len(), values.len(), "{reader} reads another number of values");
    for (found, value) in read.iter().zip(values) {
        assert_eq!(found, value, "{reader} reads another value");
    }
}

fn python(script: &'static str) -> impl Fn(&Path) -> Command {
    move |folder| {
        let mut command = alone(venv_python(), folder);
        command.args(["-X", "utf8", "-c", script]);
        command
    }
}

#[test]
fn json_gives_every_value_back() {
    let values = values();
    let text = document(Format::Json, &values, |number, value| {
        format!("{}{value}", if number > 0 { "," } else { "[" })
    });
    let read = read(&(text + "]"), python("import json; print(json.dumps(json.load(open('document'))))"));
    assert_same("python", &read, &values);
}

#[test]
fn yaml_gives_every_value_back_to_readers_of_both_versions() {
    let values = values();
    let text = document(Format::Yaml, &values, |_, value| format!("- {value}\n"));
    let pyyaml = python("import json, yaml; print(json.dumps(yaml.safe_load(open('document'))))");
    assert_same("PyYAML", &read(&text, pyyaml), &values);
    let ruby = |folder: &Path| {
        let mut command = alone("ruby", folder);
        command.args([
            "-Eutf-8",
            "-ryaml",
            "-rjson",
            "-e",
            "puts JSON.generate(YAML.safe_load_file('document'))",
        ]);
        command
    };
    assert_same("ruby", &read(&text, ruby), &values);
}

/// What a shell has in its variables afterwards.
const VARIABLES: &str = "import json, os
names = sorted((n for n in os.environ if n.startswith('V_')), key=lambda n: int(n[2:]))
print(json.dumps([os.environ[n] for n in names]))";

#[test]
fn dotenv_gives_every_value_back_to_a_shell() {
    let values = values();
    let text = document(Format::Dotenv, &values, |number, value| format!("V_{number}={value}\n"));
    let shell = |folder: &Path| {
        let mut command = alone("sh", folder);
        command.args(["-c", "set -a; . ./document; exec python3 -X utf8 -c \"$0\"", VARIABLES]);
        command
    };
    assert_same("sh", &read(&text, shell), &values);
}

#[test]
fn dotenv_is_read_alike_by_the_others_unless_a_doubt_was_told() {
    let values: Vec<_> =
        values().into_iter().filter(|value| Format::Dotenv.doubts(value).is_none()).collect();
    assert!(values.len() > 100, "doubts are told of nearly everything");
    assert!(values.iter().any(|value| value.contains('\'')), "every quote is a doubt");
    let text = document(Format::Dotenv, &values, |number, value| format!("V_{number}={value}\n"));
    let dotenv =
        python("import json, dotenv; print(json.dumps(list(dotenv.dotenv_values('document').values())))");
    assert_same("python-dotenv", &read(&text, dotenv), &values);
    let node = |folder: &Path| {
        let mut command = alone("node", folder);
        let script =
            "const values = require('util').parseEnv(require('fs').readFileSync('document', 'utf8'));
            const number = (name) => Number(name.slice(2));
            const names = Object.keys(values).sort((a, b) => number(a) - number(b));
            console.log(JSON.stringify(names.map((name) => values[name])));";
        command.args(["-e", script]);
        command
    };
    assert_same("node", &read(&text, node), &values);
}

#[test]
fn shell_script_gives_every_value_back() {
    let values = values();
    let text = document(Format::Shell, &values, |_, value| format!(" \\\n{value}"));
    let script =
        format!("exec python3 -X utf8 -c 'import json, sys; print(json.dumps(sys.argv[1:]))'{text}\n");
    for shell in ["sh", "bash"] {
        let reader = |folder: &Path| {
            let mut command = alone(shell, folder);
            command.arg("document");
            command
        };
        assert_same(shell, &read(&script, reader), &values);
    }
}

#[test]
fn python_gives_every_value_back() {
    let values = values();
    let text = document(Format::Python, &values, |_, value| format!("values.append({value})\n"));
    let read = read(
        &format!("values = []\n{text}"),
        python("import json; exec(open('document').read()); print(json.dumps(values))"),
    );
    assert_same("python", &read, &values);
}

#[test]
fn xml_gives_every_value_back_as_text_and_as_attribute() {
    let values: Vec<_> = values().into_iter().filter(|value| Format::Xml.quoted(value).is_ok()).collect();
    assert!(values.len() > 300, "XML takes nearly everything");
    let text = document(Format::Xml, &values, |_, value| format!("<v a=\"{value}\">{value}</v>\n"));
    let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<r>{text}</r>\n");
    for what in ["v.text", "v.get('a')"] {
        let script = format!(
            "import json, xml.etree.ElementTree as e; print(json.dumps([{what} for v in e.parse('document').getroot()]))"
        );
        let reader = |folder: &Path| {
            let mut command = alone("python3", folder);
            command.args(["-c", &script]);
            command
        };
        assert_same(what, &read(&text, reader), &values);
    }
}

/// Answers each request with what was posted; curl posts every value of its configuration.
const ECHO: &str = r#"
import http.server, json, subprocess, sys, threading

class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])) + b"\0"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
threading.Thread(target=server.serve_forever, daemon=True).start()
config = open("document", encoding="utf-8").read().replace("PORT", str(server.server_port))
open("config", "w", encoding="utf-8", newline="").write(config)
answer = subprocess.run(["curl", "--silent", "--show-error", "--config", "config"], capture_output=True, timeout=60)
sys.stderr.buffer.write(answer.stderr)
print(json.dumps(answer.stdout.decode().split("\0")[:-1]))
"#;

#[test]
fn configuration_of_curl_gives_every_value_back() {
    let values = values();
    let text = document(Format::Curl, &values, |number, value| {
        let next = if number > 0 { "next\n" } else { "" };
        format!("{next}url = \"http://127.0.0.1:PORT/\"\ndata-raw = {value}\n")
    });
    assert_same("curl", &read(&text, python(ECHO)), &values);
}

#[test]
fn zero_character_stands_in_no_file() {
    for format in [
        Format::Plain,
        Format::Json,
        Format::Yaml,
        Format::Dotenv,
        Format::Shell,
        Format::Curl,
        Format::Xml,
        Format::Python,
    ] {
        assert!(format.quoted("a\0b").is_err(), "{format:?}");
    }
}

/// The same through the whole program: password and shared key, written for the consumer and read back by a shell.
#[test]
fn secrets_survive_the_whole_way_and_doubts_are_told() {
    let mailbox = Mailbox::imported();
    let pairs = [
        ("it's", "a$b", false),
        ("back\\slash {{ url }}", "say \"so\" #1", false),
        ("two\nlines", "% ünïcödé", false),
        ("it's \"so\"", "b", true),
        ("a${HOME}", "b", true),
        ("a", "ends with \\", true),
    ];
    for (number, (password, shared_key, doubtful)) in pairs.into_iter().enumerate() {
        let to = mailbox.file(&format!("to-{number}"));
        let program =
            mailbox.program().env("MESH_MAILBOX_PASSWORD", password).env("MESH_SHARED_KEY", shared_key);
        let program = program.args(["export", Mailbox::ID, "--for", "mesh-client", "--to"]).arg(&to);
        let answer = program.run().expect(0).json();
        let warnings = answer["warnings"].as_array().unwrap();
        let told = warnings.iter().any(|warning| warning["code"] == "read_differently");
        assert_eq!(told, doubtful, "{password} {shared_key}: {answer}");
        let mut shell = alone("sh", &to);
        let script = "import json, os; e = os.environ
print(json.dumps([e['MESH_MAILBOX_PASSWORD'], e['MESH_CLIENT_SHARED_KEY']]))";
        shell.args(["-c", "set -a; . ./mesh.env; exec python3 -X utf8 -c \"$0\"", script]);
        let read: Vec<String> = serde_json::from_str(&printed(shell)).unwrap();
        assert_eq!(read, [password, shared_key]);
    }
}
