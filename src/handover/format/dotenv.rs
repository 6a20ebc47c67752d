/// What a POSIX shell reads as `value` in an assignment: in single quotes wherever there is none in it, for the dotenv
/// readers take those literally too; else in double quotes.
pub(super) fn quoted(value: &str) -> String {
    if !value.contains('\'') {
        return format!("'{value}'");
    }
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
    text
}

/// Which characters the readers of such files disagree on.
pub(super) fn doubts(value: &str) -> Option<&'static str> {
    let doubtful = value.contains('\'') || value.contains("${") || value.contains('\\');
    doubtful.then_some("it holds ' or \\ or ${, which a shell reads well and some dotenv readers change")
}
