use std::collections::BTreeSet;

use super::super::Plan;
use super::super::preset::{Body, Default};
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
        let plan = Plan::new(preset, &given, &"X26ABC1".parse().unwrap(), |_| Ok(None));
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
