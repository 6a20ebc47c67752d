/// A double-quoted scalar (YAML 1.2, 7.3.1) in printable ASCII: readers of 1.1 and 1.2 take it for the same text.
pub(super) fn quoted(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    let mut rest = value.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            // Rails runs ERB over its settings before it reads them.
            '<' if rest.peek() == Some(&'%') => text.push_str("\\u003c"),
            '"' | '\\' => text.extend(['\\', c]),
            '\n' => text.push_str("\\n"),
            ' '..='~' => text.push(c),
            c if u32::from(c) <= 0xffff => text.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => text.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    text.push('"');
    text
}
