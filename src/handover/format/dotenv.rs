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

/// Whether the readers of such files disagree on it. In single quotes python-dotenv halves doubled backslashes and
/// replaces `${…}`, and Compose takes a backslash at the end for an escape; in double quotes each has escapes of its own.
pub(super) fn doubts(value: &str) -> Option<&'static str> {
    let doubtful = match value.contains('\'') {
        false => value.contains("${") || value.contains("\\\\") || value.ends_with('\\'),
        true => value.contains(['"', '\\', '$', '`']),
    };
    (doubtful || value.contains('\r'))
        .then_some("it holds quotes, \\ or $ in a way that a shell reads well and some dotenv readers change")
}
