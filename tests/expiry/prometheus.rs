//! The metrics, as the official Python client reads them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::scene::{AWKWARD, MAILBOX_ENDS, SUMMER_ENDS, Scene, WINTER_ENDS, python};
use crate::support::NOW;

/// The samples of a run.
pub fn samples(scene: &Scene, text: &str) -> Vec<Value> {
    let file = scene.mailbox.file_with("metrics.prom", text);
    python("metrics.py", &[&file]).as_array().expect("samples").clone()
}

fn named<'a>(samples: &'a [Value], name: &str) -> Vec<&'a Value> {
    samples.iter().filter(|sample| sample["name"] == name).collect()
}

fn value(samples: &[Value], name: &str, label: &str, of: &str) -> f64 {
    let found: Vec<_> = named(samples, name).into_iter().filter(|s| s["labels"][label] == of).collect();
    let [one] = found.as_slice() else { panic!("{} of {name} with {label} {of}\n{found:#?}", found.len()) };
    one["value"].as_f64().expect("a number")
}

#[allow(clippy::cast_precision_loss)]
fn unix(text: &str) -> f64 {
    let at = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).unwrap();
    at.unix_timestamp() as f64
}

#[test]
fn metrics_are_those_of_the_certificates() {
    let scene = Scene::new();
    let metrics = samples(&scene, &scene.status(NOW, &["--prometheus"]).expect(0).stdout);
    assert!(metrics.iter().all(|s| s["type"] == "gauge" && s["help"] != ""), "{metrics:#?}");
    let cn = |name: &str, cn: &str| value(&metrics, name, "subject_CN", cn);
    let mailbox = "x26abc1.x26.api.mesh-client.nhs.uk";
    for (name, ends) in
        [(mailbox, MAILBOX_ENDS), ("winter.example", WINTER_ENDS), ("summer.example", SUMMER_ENDS)]
    {
        assert_eq!(cn("x509_cert_not_after", name), unix(ends));
        assert_eq!(cn("x509_cert_expired", name), 0.0);
    }
    assert_eq!(cn("x509_cert_not_before", mailbox), unix("2026-01-01T00:00:00Z"));
    assert_eq!(cn("x509_cert_not_before", "winter.example"), unix("2026-03-01T12:00:00Z"));
    // The CA certificates beside them are none of ours, and a credential that is shared is there once.
    assert_eq!(named(&metrics, "x509_cert_not_after").len(), 3);
    assert_eq!(named(&metrics, "x509_read_errors")[0]["value"], 0.0);
    assert_eq!(named(&metrics, "x509_cert_error").len(), 3);
    let home = value(&metrics, "x509_source_bundles", "source_name", "mesh-onboard");
    let watched = scene.watched().display().to_string();
    assert_eq!((home, value(&metrics, "x509_source_bundles", "source_name", &watched)), (1.0, 2.0));
    // 1 June 2026 was a Monday: the desk has until the end of the next.
    assert_eq!(
        value(&metrics, "mesh_onboard_chase_after_timestamp_seconds", "mailbox", "X26ABC3"),
        unix("2026-06-09T00:00:00Z")
    );
    // It ends on New Year's Day; Christmas and a weekend lie before.
    assert_eq!(
        value(&metrics, "mesh_onboard_ask_by_timestamp_seconds", "mailbox", "X26ABC1"),
        unix("2028-12-20T00:00:00Z")
    );
    assert_eq!(
        value(&metrics, "mesh_onboard_key_usage_ends_timestamp_seconds", "mailbox", "X26ABC1"),
        unix("2028-02-01T00:00:00Z")
    );
    assert_eq!(named(&metrics, "mesh_onboard_last_run_timestamp_seconds")[0]["value"], unix(NOW));
}

#[test]
fn labels_are_those_of_the_exporter() {
    let scene = Scene::new();
    let metrics = samples(&scene, &scene.status(NOW, &["--prometheus"]).expect(0).stdout);
    let of = |cn: &str| {
        let found = named(&metrics, "x509_cert_not_after");
        found.into_iter().find(|s| s["labels"]["subject_CN"] == cn).expect("it is there")["labels"].clone()
    };
    let winter = of("winter.example");
    let path = scene.watched().join("winter.pem");
    assert_eq!(winter["filename"], "winter.pem");
    assert_eq!(winter["filepath"], path.display().to_string());
    assert_eq!((&winter["subject_O"], &winter["subject_OU"]), (&"nhs".into(), &"Devices".into()));
    assert!(winter["issuer_CN"].as_str().is_some_and(|cn| !cn.is_empty()), "{winter}");
    // As openssl has it, in decimal.
    let serial = crate::support::openssl(&format!("x509 -in {} -noout -serial", path.display()));
    let hexadecimal = serial.trim().trim_start_matches("serial=");
    let number = u128::from_str_radix(&hexadecimal[hexadecimal.len().saturating_sub(32)..], 16).unwrap();
    let shown = winter["serial_number"].as_str().unwrap();
    assert!(shown.bytes().all(|b| b.is_ascii_digit()), "{shown}");
    if hexadecimal.len() <= 32 {
        assert_eq!(shown, number.to_string());
    }
    let ours = of("x26abc1.x26.api.mesh-client.nhs.uk");
    assert_eq!((&ours["mailbox"], &ours["environment"]), (&"X26ABC1".into(), &"sandbox".into()));
    assert!(winter.get("mailbox").is_none());
    let allowed: BTreeSet<&str> = ["filename", "filepath", "serial_number", "mailbox", "environment"].into();
    for label in ours.as_object().unwrap().keys().chain(winter.as_object().unwrap().keys()) {
        let is_name = label.starts_with("subject_") || label.starts_with("issuer_");
        assert!(is_name || allowed.contains(label.as_str()), "{label}");
    }
}

#[test]
fn names_that_have_to_be_escaped_come_back_whole() {
    let scene = Scene::new();
    let path = scene.add_awkward();
    let metrics = samples(&scene, &scene.status(NOW, &["--prometheus"]).expect(0).stdout);
    let found = named(&metrics, "x509_cert_not_after");
    let awkward = found.iter().find(|s| s["labels"]["subject_CN"] == AWKWARD).expect("the name");
    // A line end in a name is shown, as everywhere.
    let shown = path.display().to_string().replace('\n', "\\n");
    assert_eq!(awkward["labels"]["filepath"], shown);
}

#[test]
fn what_cannot_be_read_is_counted_and_what_is_recorded_still_told() {
    let scene = Scene::new();
    let certificate = scene.mailbox.credential(1).join("bundles-01/certificate.pem");
    fs::write(&certificate, "nothing").unwrap();
    fs::write(scene.watched().join("winter.pem"), "-----BEGIN CERTIFICATE-----\nMIIC\n").unwrap();
    fs::write(scene.mailbox.home().join("sandbox/X26ABC3/mailbox.toml"), "nothing").unwrap();
    let output = scene.status(NOW, &["--prometheus"]).expect(1);
    assert!(output.stderr.contains("winter.pem cannot be watched"), "{}", output.shown());
    let metrics = samples(&scene, &output.stdout);
    assert_eq!(named(&metrics, "x509_read_errors")[0]["value"], 3.0);
    let failed = |path: &Path| value(&metrics, "x509_cert_error", "filepath", &path.display().to_string());
    assert_eq!(failed(&certificate), 1.0);
    assert_eq!(failed(&scene.watched().join("winter.pem")), 1.0);
    assert_eq!(failed(&scene.mailbox.home().join("sandbox/X26ABC3/mailbox.toml")), 1.0);
    assert_eq!(failed(&scene.watched().join("below/summer.pem")), 0.0);
    assert_eq!(value(&metrics, "x509_cert_not_after", "mailbox", "X26ABC1"), unix(MAILBOX_ENDS));
}

#[test]
fn folder_that_is_not_there_is_a_source_that_is_down() {
    let scene = Scene::new();
    let missing = scene.mailbox.file("missing").display().to_string();
    let metrics =
        samples(&scene, &scene.status(NOW, &["--prometheus", "--watch", &missing]).expect(1).stdout);
    assert_eq!(value(&metrics, "x509_source_up", "source_name", &missing), 0.0);
    assert_eq!(value(&metrics, "x509_source_up", "source_name", "mesh-onboard"), 1.0);
    assert_eq!(named(&metrics, "x509_read_errors")[0]["value"], 1.0);
}

#[test]
fn what_is_over_or_near_its_end_sets_the_exit_code_too() {
    let scene = Scene::new();
    // Only what is watched is near its end.
    let output = scene.status("2028-09-15T00:00:00Z", &["--prometheus"]).expect(3);
    let metrics = samples(&scene, &output.stdout);
    assert_eq!(value(&metrics, "x509_cert_expired", "subject_CN", "winter.example"), 0.0);
    let metrics = samples(&scene, &scene.status("2028-12-01T10:00:01Z", &["--prometheus"]).expect(3).stdout);
    assert_eq!(value(&metrics, "x509_cert_expired", "subject_CN", "winter.example"), 1.0);
}

#[test]
fn metrics_stand_in_json_where_that_is_asked_for() {
    let scene = Scene::new();
    let text = scene.status(NOW, &["--prometheus"]).expect(0).stdout;
    let answer = scene.status(NOW, &["--prometheus", "--json"]).expect(0).json();
    assert_eq!(answer["prometheus"], text);
    assert_eq!(answer["mailboxes"].as_array().map(Vec::len), Some(3));
}
