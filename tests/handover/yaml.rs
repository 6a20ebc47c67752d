//! YAML as PyYAML reads it.

use std::path::Path;

use serde_json::Value;

use crate::support::{tool, venv_python};

/// The one document of a file.
#[track_caller]
pub fn yaml(path: &Path) -> Value {
    let script =
        "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1], encoding='utf-8'))))";
    let python = venv_python();
    let python = python.to_str().expect("test paths are UTF-8");
    let path = path.to_str().expect("test paths are UTF-8");
    serde_json::from_str(&tool(python, ["-c", script, path])).expect("JSON")
}

/// Names and texts of a mapping.
#[track_caller]
pub fn texts(mapping: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned();
    let mapping = mapping.as_object().unwrap_or_else(|| panic!("{mapping} is no mapping"));
    mapping.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}
