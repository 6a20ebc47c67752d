//! How bundles that were made are told.

use serde_json::{Map, Value};

use crate::store::{KeptBundles, KeptFile};

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

/// For people: the folder, then for each file what it holds and who opens it.
pub fn text(bundles: &KeptBundles) -> String {
    let name = |file: &KeptFile| crate::store::files::name_of(&file.path);
    let width = bundles.files.iter().map(|f| name(f).len()).max().unwrap_or_default();
    let mut text = format!("  Bundles in {}\n\n", bundles.folder.display());
    for file in &bundles.files {
        text.push_str(&format!(
            "    {:<width$}  {}\n    {:<width$}    for {}\n",
            name(file),
            file.role.holds(),
            "",
            file.readers
        ));
    }
    text
}
