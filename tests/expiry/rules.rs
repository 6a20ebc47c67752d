//! The example rules, and rules as people have them for the x509 exporter, judged by promtool on what `status` prints.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::prometheus::samples;
use crate::scene::{MAILBOX_ENDS, Scene};
use crate::support::NOW;

const OURS: &str = "docs/examples/prometheus-rules.yml";
const EXPORTERS: &str = "tests/expiry/exporter-rules.yml";

/// Debian's, which `tests/run` takes out of its package, or the machine's own.
fn promtool() -> Command {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/promtool");
    Command::new(if kept.exists() { kept } else { PathBuf::from("promtool") })
}

#[track_caller]
fn run(words: &[&str], file: &Path) {
    let output = promtool().args(words).arg(file).output();
    let output =
        output.unwrap_or_else(|e| panic!("promtool does not start ({e}): run tests/run, which fetches it"));
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{}", fs::read_to_string(file).unwrap_or_default());
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// promtool's clock begins in 1970; ours begins there this many days later, so that it need not count through 58 years. The
/// tests end with 2028.
const SHIFT: i64 = 58 * 365;

/// The day, counted by promtool's clock, at whose beginning the mailbox's certificate is over.
fn end() -> i64 {
    let ends = OffsetDateTime::parse(MAILBOX_ENDS, &Rfc3339).unwrap().unix_timestamp();
    ends / DAY + 1 - SHIFT
}

/// In seconds.
const DAY: i64 = 24 * 60 * 60;

/// A scrape as promtool reads series: from day 1 on always the same, as a file that nobody writes again.
fn series(metrics: &[Value], days: i64) -> String {
    let mut text = String::new();
    for sample in metrics {
        let labels = sample["labels"].as_object().unwrap();
        let labels: Vec<_> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let name = sample["name"].as_str().unwrap();
        let series = Value::String(format!("{name}{{{}}}", labels.join(",")));
        #[allow(clippy::cast_possible_truncation)]
        let value = sample["value"].as_f64().unwrap() as i64;
        let is_time = name.ends_with("_seconds") || name.contains("_not_");
        let value = if is_time { value - SHIFT * DAY } else { value };
        let _ = writeln!(text, "      - series: {series}\n        values: '_ {value}+0x{days}'");
    }
    text
}

/// What fires when: days before or after the end of the mailbox's certificate, and the names of the alerts.
fn fires(scene: &Scene, rules: &str, metrics: &[Value], at: &[(i64, &[&str])]) {
    let mut text = format!(
        "rule_files: ['{}']\nevaluation_interval: 1d\ntests:\n  - interval: 1d\n    input_series:\n",
        repository(rules).display()
    );
    // Whole days, so that samples are there.
    text += &series(metrics, end() + 40);
    text += "    promql_expr_test:\n";
    for (days, alerts) in at {
        let eval = (end() + days) * 24 * 60;
        let _ = writeln!(
            text,
            "      - expr: count by (alertname) (ALERTS{{alertstate=\"firing\"}})\n        eval_time: {eval}m\n        exp_samples:"
        );
        for alert in *alerts {
            let (name, count) = alert.split_once(' ').unwrap_or((alert, "1"));
            let _ =
                writeln!(text, "          - labels: '{{alertname=\"{name}\"}}'\n            value: {count}");
        }
    }
    let file = scene.mailbox.file_with("rules-test.yml", text);
    run(&["test", "rules"], &file);
}

#[test]
fn example_rules_are_sound() {
    run(&["check", "rules"], &repository(OURS));
    run(&["check", "rules"], &repository(EXPORTERS));
}

#[test]
fn metrics_are_sound() {
    let scene = Scene::new();
    scene.add_awkward();
    let text = scene.status(NOW, &["--prometheus"]).expect(0).stdout;
    let mut tool = promtool();
    tool.args(["check", "metrics"]).stdin(fs::File::open(scene.mailbox.file_with("metrics", text)).unwrap());
    let output = tool.output().expect("promtool starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[test]
fn example_rules_fire_on_what_status_prints() {
    let scene = Scene::new();
    let metrics = samples(&scene, &scene.status("2028-06-01T00:00:00Z", &["--prometheus"]).expect(0).stdout);
    let late = ["MeshOnboardStale", "MeshChaseTheDesk"];
    let with = |more: &[&'static str]| [more, &late].concat();
    fires(
        &scene,
        OURS,
        &metrics,
        &[
            (-95, &with(&[])),
            (-85, &with(&["MeshCertificateEndsIn90Days"])),
            (-25, &with(&["MeshCertificateEndsIn30Days"])),
            (-11, &with(&["MeshCertificateEndsIn30Days", "MeshAskTheDeskNow"])),
            (-5, &with(&["MeshCertificateEndsIn7Days", "MeshAskTheDeskNow"])),
            (2, &with(&["MeshCertificateExpired", "MeshAskTheDeskNow"])),
        ],
    );
}

#[test]
fn example_rules_tell_what_cannot_be_read_and_that_nothing_is_told() {
    let scene = Scene::new();
    fs::write(scene.mailbox.credential(1).join("bundles-01/certificate.pem"), "nothing").unwrap();
    let output = scene.status("2028-06-01T00:00:00Z", &["--prometheus"]).expect(0);
    let metrics = samples(&scene, &output.stdout);
    let expected = ["MeshCertificateUnreadable", "MeshOnboardStale", "MeshChaseTheDesk"];
    fires(&scene, OURS, &metrics, &[(-95, &expected)]);
    fires(&scene, OURS, &[], &[(-95, &["MeshOnboardAbsent"])]);
}

#[test]
fn rules_for_the_exporter_fire_on_what_status_prints() {
    let scene = Scene::new();
    let print = |code| scene.status("2028-06-01T00:00:00Z", &["--prometheus"]).expect(code).stdout;
    let metrics = samples(&scene, &print(0));
    // The one of December ends 31 days before the mailbox's, the one of May 150 days after it.
    fires(
        &scene,
        EXPORTERS,
        &metrics,
        &[
            (-61, &[]),
            (-50, &["Renewal"]),
            (-40, &["Renewal", "Expiration"]),
            (-20, &["Renewal 2", "Expiration"]),
            (-10, &["Renewal 2", "Expiration 2"]),
        ],
    );
    fs::write(scene.watched().join("winter.pem"), "-----BEGIN CERTIFICATE-----\nMIIC\n").unwrap();
    fires(&scene, EXPORTERS, &samples(&scene, &print(1)), &[(-100, &["CertificateError"])]);
    fs::remove_dir_all(scene.watched()).unwrap();
    fires(&scene, EXPORTERS, &samples(&scene, &print(1)), &[(-100, &["CertificateError", "SourceDown"])]);
}
