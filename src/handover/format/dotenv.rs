/// What a POSIX shell reads as `value` in an assignment, in the form that most other readers of such files share: single
/// quotes, for they take those literally too; double quotes where a `'` is in it.
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

/// What some readers take for another value than a shell does: python-dotenv, the npm and Ruby ones, Node itself, Docker
/// Compose, systemd.
pub(super) fn doubts(value: &str) -> Option<&'static str> {
    // python-dotenv expands it in any quotes.
    if value.contains("${") {
        return Some("it holds ${, which some dotenv readers replace; a shell does not");
    }
    // Half of them drop it from a line end.
    if value.contains('\r') {
        return Some("it holds a carriage return, which some dotenv readers drop; a shell does not");
    }
    if value.contains('\'') {
        // No two of them agree on what is escaped in double quotes, and on how.
        return value
            .contains(['"', '\\', '$', '`', '\n'])
            .then_some("it holds ' with one of \" \\ $ ` or a line end, which some dotenv readers change; a shell does not");
    }
    // In single quotes python-dotenv halves a pair, and others take the last one for an escape of the quote.
    let doubtful = value.contains("\\\\") || value.ends_with('\\');
    doubtful.then_some("it holds \\\\ or ends with \\, which some dotenv readers change; a shell does not")
}
