//! The pages about handovers: one for each consumer, each executed in a home whose X26ABC1 has a credential in use.

use std::fs;
use std::path::PathBuf;

use crate::markdown::links;
use crate::scratch::Scratch;
use crate::scripts::{SERVING, follow, free_port};
use crate::{read, repository};

/// A mailbox of the sandbox whose credential the rehearsal CA has issued, as the pages take for granted.
const IN_USE: &str = "mesh-onboard -q request X26ABC1 --ods X26 --env sandbox
mesh-onboard -q rehearse --to \"$TMPDIR/answer.pem\" \
    --issue ~/.local/share/mesh-onboard/sandbox/X26ABC1/credentials/0001/request.csr
mesh-onboard -q import X26ABC1 \"$TMPDIR/answer.pem\" --ca ~/.local/share/mesh-onboard/rehearsal-ca/ca-bundle.pem\n";

/// The pages, and not the table of them.
fn pages() -> Vec<PathBuf> {
    let entries = fs::read_dir(repository("docs/handover")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> =
        entries.filter(|path| path.file_name().is_some_and(|n| n != "README.md")).collect();
    pages.sort();
    pages
}

#[test]
fn pages_about_handovers_print_what_they_say() {
    let prepared = Scratch::with_secrets();
    prepared.prepare(IN_USE);
    for page in pages() {
        // Of the page that fails, this is shown.
        println!("{}", page.display());
        let port = free_port();
        let text = read(&page).replace("8700", &port);
        // A server is waited for before it is talked to.
        let before = [(format!("--url https://localhost:{port}"), SERVING)];
        let before: Vec<_> = match text.contains("rehearse --serve") {
            true => before.iter().map(|(words, script)| (words.as_str(), *script)).collect(),
            false => Vec::new(),
        };
        follow(&prepared.copy(), &text, &before);
    }
}

#[test]
fn page_names_every_value_and_filter_that_templates_have() {
    let page = read("docs/handover/README.md");
    let listed = Scratch::new().sh("mesh-onboard --json export --list").output;
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("a list");
    for kind in ["values", "filters"] {
        for one in listed[kind].as_array().expect("a list") {
            let row = format!("| `{}` | {} |", one["name"].as_str().unwrap(), one["does"].as_str().unwrap());
            assert!(page.lines().any(|line| line == row), "docs/handover/README.md has no row {row}");
        }
    }
}

#[test]
fn every_consumer_has_a_page_that_the_table_leads_to() {
    let table = read("docs/handover/README.md");
    let listed = Scratch::new().sh("mesh-onboard --json export --list").output;
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("a list");
    for preset in listed["consumers"].as_array().expect("consumers") {
        let name = preset["name"].as_str().expect("a name");
        let row = table.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("docs/handover/README.md has no row for {name}"));
        let page = links(row).into_iter().next().unwrap_or_else(|| panic!("no page in {row}"));
        let page = read(repository("docs/handover").join(page));
        assert!(page.contains(&format!("--for {name} ")), "the page says how to call for {name}");
    }
    for page in pages() {
        let name = page.file_name().and_then(|name| name.to_str()).expect("UTF-8");
        assert!(
            links(&table).iter().any(|link| link == name),
            "docs/handover/README.md does not name {name}"
        );
    }
}
