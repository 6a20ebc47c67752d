//! How bundles that were made are told.

use serde_json::{Map, Value};

use crate::store::{KeptBundles, KeptFile, files};
use crate::ui::table;

/// `files`: the absolute path of each role.
pub fn files_json(bundles: Option<&KeptBundles>) -> Map<String, Value> {
    by_role(bundles, |file| file.path.display().to_string())
}

/// `readers`: which readers open the file of each role.
pub fn readers_json(bundles: Option<&KeptBundles>) -> Map<String, Value> {
    by_role(bundles, |file| file.readers.to_owned())
}

fn by_role(bundles: Option<&KeptBundles>, value: impl Fn(&KeptFile) -> String) -> Map<String, Value> {
    let files = bundles.map(|b| b.files.as_slice()).unwrap_or_default();
    files.iter().map(|file| (file.role.as_str().to_owned(), Value::from(value(file)))).collect()
}

/// For people: the folder, then what each file holds and which readers open it.
pub fn text(bundles: &KeptBundles) -> String {
    let rows = bundles
        .files
        .iter()
        .map(|file| vec![files::name_of(&file.path), file.role.holds().to_owned(), file.readers.to_owned()]);
    let mut text = format!("  Bundles in {}\n\n", bundles.folder.display());
    for line in table(&["FILE", "HOLDS", "OPENS IN"], rows).lines() {
        text.push_str(&format!("    {line}\n"));
    }
    text
}
