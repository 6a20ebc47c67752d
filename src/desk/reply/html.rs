use mail_parser::decoders::html::html_to_text;

/// Elements that begin a line. Mail programs put each line of a pasted certificate into one of them.
const BLOCKS: [&str; 12] =
    ["br", "p", "div", "pre", "tr", "td", "li", "table", "blockquote", "h1", "h2", "h3"];

/// The lines of an HTML text as a reader sees them, without the empty ones.
pub(super) fn lines(html: &str) -> String {
    let text = html_to_text(&with_breaks(html)).replace('\u{a0}', " ");
    text.lines().filter(|line| !line.trim().is_empty()).flat_map(|line| [line, "\n"]).collect()
}

/// A break before each block, and for each line of preformatted text: `html_to_text` knows neither.
fn with_breaks(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 4);
    let mut preformatted = false;
    let mut rest = html;
    while let Some(at) = rest.find(['<', '\n']) {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let (character, after) = tail.split_at(1);
        rest = after;
        if character == "\n" {
            out.push_str(if preformatted { "<br>" } else { "\n" });
            continue;
        }
        let name = after.trim_start_matches('/');
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        if BLOCKS.iter().any(|block| name[..end].eq_ignore_ascii_case(block)) {
            out.push_str("<br>");
            if name[..end].eq_ignore_ascii_case("pre") {
                preformatted = !after.starts_with('/');
            }
        }
        out.push('<');
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn each_line_of_a_pasted_text_stays_a_line() {
        let rows = [
            "<html><head><title>no</title></head><body><p class=MsoNormal>one<o:p></o:p></p>\r\n<p>two</p></body>",
            "<div dir=\"ltr\">one<br>two</div>",
            "<div>one</div><div>two</div>",
            "<pre>one\ntwo\n</pre>",
            "<table><tr><td>one</td></tr><tr><td>&nbsp;two</td></tr></table>",
        ];
        for html in rows {
            let text = lines(html);
            assert_eq!(text.lines().map(str::trim).collect::<Vec<_>>(), ["one", "two"], "{html}");
        }
    }
}
