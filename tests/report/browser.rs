use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::tool;

/// What the browser has to say of a page.
pub struct Seen(pub Value);

/// Opens a page; its pictures are kept under `name`.
pub fn open(page: &Path, name: &str) -> Seen {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/report/browser.py");
    let folder = pictures(name);
    let said = tool("python3", [Path::new(script), page, &folder]);
    Seen(serde_json::from_str(&said).unwrap_or_else(|e| panic!("the script answers in JSON: {e}\n{said}")))
}

/// Where the pictures of a page are kept.
pub fn pictures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("report").join(name)
}

impl Seen {
    /// Asserts that nothing was fetched but the page, nothing was said, and nothing ran.
    #[track_caller]
    pub fn asserts_nothing_left(&self, page: &Path) {
        let requests = self.0["requests"].as_array().expect("requests");
        let own = format!("file://{}", page.display());
        assert!(requests.len() == 1 && requests[0] == own.as_str(), "requests: {requests:?}");
        for (what, none) in [("urls", "[]"), ("said", "[]"), ("dialogs", "0")] {
            assert_eq!(self.0[what].to_string(), none, "{what}");
        }
    }

    /// Asserts what people with any eyes, any screen and any paper need.
    #[track_caller]
    pub fn asserts_readable(&self) {
        for view in ["light", "dark", "narrow", "print"] {
            let facts = &self.0[view];
            assert_eq!(facts["lang"], "en-GB", "{view}");
            assert_eq!(facts["landmarks"].to_string(), "[1,1,1]", "header, main and footer, {view}");
            assert_eq!(facts["headings"], 1, "one h1, {view}");
            for none in ["headless", "unscoped", "broken", "scripts"] {
                assert_eq!(facts[none], 0, "{none}, {view}");
            }
            // WCAG 2.2, 1.4.3 and 1.4.10.
            let contrast = facts["contrast"].as_f64().expect("a number");
            assert!(contrast >= 4.5, "contrast {contrast} of {}, {view}", facts["worst"]);
            assert!(
                facts["wide"].as_i64().expect("a number") <= 0,
                "it scrolls sideways, {view}: {}",
                facts["wide"]
            );
            let policy = facts["policy"].as_str().expect("a policy");
            assert!(policy.starts_with("default-src 'none'; style-src 'unsafe-inline'"), "{policy}");
        }
    }

    /// What a person reads.
    pub fn text(&self) -> &str {
        self.0["light"]["text"].as_str().expect("text")
    }

    #[track_caller]
    pub fn asserts_shows(&self, words: &[&str]) {
        for word in words {
            assert!(self.text().contains(word), "'{word}' is not shown:\n{}", self.text());
        }
    }
}
