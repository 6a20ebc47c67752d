use std::collections::BTreeSet;

use super::super::Plan;
use super::super::own::NoTemplates;
use super::super::preset::{Body, Default, Delivery, name};
use super::presets;

#[test]
fn names_of_consumers_are_one_word_and_differ() {
    let names: BTreeSet<_> = presets().iter().map(|preset| preset.name).collect();
    assert_eq!(names.len(), presets().len());
    assert!(names.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
}

#[test]
fn every_built_in_template_names_only_what_is_known() {
    for preset in presets() {
        let given: Vec<_> = preset
            .settings
            .iter()
            .filter(|setting| matches!(setting.default, Default::Needed))
            .map(|setting| (setting.name.to_owned(), "example1".to_owned()))
            .collect();
        let plan = Plan::new(preset, &given, &"X26ABC1".parse().unwrap(), NoTemplates);
        assert!(plan.is_ok(), "{}: {:?}", preset.name, plan.err());
    }
}

#[test]
fn files_of_a_preset_differ_in_more_than_capitals_unless_they_exclude_each_other() {
    for preset in presets() {
        let mut seen = BTreeSet::new();
        for file in preset.files {
            let condition = format!("{:?}", file.when);
            assert!(seen.insert((file.path.to_lowercase(), condition)), "{}: {}", preset.name, file.path);
            assert!(!file.path.starts_with(['.', '/']) && !file.path.contains(".."), "{}", file.path);
            if let Body::Template { source, .. } = file.body {
                assert!(source.ends_with('\n'), "{}: {}", preset.name, file.path);
            }
        }
    }
}

/// Why a setting of X26ABC1 is none.
fn refused(consumer: &str, name: &str, value: &str) -> bool {
    let given = [(name.to_owned(), value.to_owned())];
    Plan::new(super::find(consumer).unwrap(), &given, &"X26ABC1".parse().unwrap(), NoTemplates).is_err()
}

#[test]
fn names_that_a_consumer_refuses_are_refused_before() {
    let long = "p".repeat(248);
    let long = long.as_str();
    let refusals = [
        ("kubernetes", "name", &["Mesh", "mesh_1", "-mesh", "a..b", long] as &[&str]),
        ("kubernetes", "namespace", &["a.b", "", "live-", &long[..64]]),
        ("docker-secrets", "prefix", &["-a", "a b", "", &long[..38]]),
        ("docker-secrets", "suffix", &["a_", "$x", "", &long[..15]]),
        ("docker-secrets", "service", &["", "a:b"]),
        ("github-actions", "prefix", &["GITHUB", "GITHUB_X", "1A", "a", "A-B", ""]),
        ("github-actions", "repo", &["only", "a/b c", "a/", "a/b/c/d", "-R/x"]),
        ("github-actions", "github-environment", &["", "$(id)", " ", "live "]),
        ("mavis", "dps-mailbox", &["a b", "x26abc1", "AB", " X26ABC1"]),
        ("dotenv", "values", &["both"]),
        ("curl", "token", &["ruby"]),
    ];
    for (consumer, name, values) in refusals {
        for value in values {
            assert!(refused(consumer, name, value), "{consumer} takes {name}={value}");
        }
    }
    let takes = [
        ("kubernetes", "name", &long[..63]),
        ("kubernetes", "namespace", "live-1"),
        ("docker-secrets", "prefix", &long[..37]),
        ("docker-secrets", "suffix", "2029-11-22.b_c"),
        ("github-actions", "prefix", "GITHUBS"),
        ("github-actions", "github-environment", "Path to live"),
        ("mavis", "dps-mailbox", "X26ABC1"),
        ("github-actions", "repo", "example.org/our-team/a.b_c"),
    ];
    for (consumer, name, value) in takes {
        assert!(!refused(consumer, name, value), "{consumer} refuses {name}={value}");
    }
}

#[test]
fn what_carries_files_on_is_one_of_them() {
    let carried = presets().iter().filter_map(|preset| match preset.delivery {
        Delivery::Loaded => None,
        Delivery::Carried { by, .. } => Some((preset, by)),
    });
    let carried: Vec<_> = carried.collect();
    assert_eq!(carried.len(), 7);
    for (preset, by) in carried {
        let file = by.rsplit(' ').next().unwrap();
        assert!(preset.files.iter().any(|spec| spec.path == file), "{}: {by}", preset.name);
        assert!(preset.next.contains(by), "{}: {}", preset.name, preset.next);
    }
}

#[test]
fn setting_that_is_given_twice_is_refused_and_one_of_letters_alone_says_so() {
    let twice = ["one", "two"].map(|value| ("prefix".to_owned(), value.to_owned()));
    let mailbox = "X26ABC1".parse().unwrap();
    let refused = Plan::new(super::find("aws-ssm").unwrap(), &twice, &mailbox, NoTemplates).unwrap_err();
    assert_eq!(refused.to_string(), "the setting prefix cannot be 'two': it is given twice");
    assert_eq!(name("a b", "", 1, 9).unwrap_err(), "it takes 1 to 9 letters and digits");
    assert_eq!(name("", "-_", 1, 9).unwrap_err(), "it takes 1 to 9 letters, digits and - _");
}
