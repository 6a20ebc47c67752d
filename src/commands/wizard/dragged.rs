//! Paths as terminals pass them on when a file is dragged onto them, and as people type them.
//!
//! GNOME Terminal and its like put single quotes around a path, the Terminal of macOS and iTerm backslashes
//! before what a shell would read, Windows Terminal double quotes where there are spaces, and some give an
//! address such as `file:///home/you/reply.cer`. Most add a space at the end, for the next file.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

/// The files that `text` names. A name that is there as it stands is taken as it stands.
pub fn paths(text: &str, home: Option<&Path>, is_there: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    // PowerShell calls what is dragged onto it.
    let text = text.trim();
    let text = text.strip_prefix("& ").unwrap_or(text).trim_start();
    let read = |word: &str| local(word, home, &is_there);
    let whole = read(text);
    if text.is_empty() || is_there(&whole) {
        return if text.is_empty() { Vec::new() } else { vec![whole] };
    }
    let words = match is_of_windows(text.trim_start_matches(['"', '\''])) {
        true => words_of_windows(text),
        // An apostrophe in a name that was typed.
        false => shell_words::split(text).unwrap_or_else(|_| vec![text.to_owned()]),
    };
    let found: Vec<PathBuf> = words.iter().map(|word| read(word)).collect();
    // Of a name with spaces that is not there, people want to read the whole.
    if found.len() == 1 || found.iter().any(|path| is_there(path)) { found } else { vec![whole] }
}

/// One path: of the user's home, of a file address, or of Windows as its Subsystem for Linux has it.
fn local(word: &str, home: Option<&Path>, is_there: impl Fn(&Path) -> bool) -> PathBuf {
    if let Some(address) = word.strip_prefix("file://") {
        return of_address(address);
    }
    match (word.strip_prefix('~'), home) {
        (Some(""), Some(home)) => return home.to_owned(),
        (Some(below), Some(home)) if below.starts_with(['/', '\\']) => return home.join(&below[1..]),
        _ => {}
    }
    if !cfg!(windows) && is_of_windows(word) {
        let (drive, rest) = word.split_at(2);
        let mounted = format!("/mnt/{}{}", drive[..1].to_ascii_lowercase(), rest.replace('\\', "/"));
        let mounted = PathBuf::from(mounted);
        if is_there(&mounted) {
            return mounted;
        }
    }
    PathBuf::from(word)
}

/// What follows `file://`: perhaps this machine's name, then the path, percent-encoded (RFC 8089).
fn of_address(address: &str) -> PathBuf {
    let path = address.find('/').map_or(address, |slash| &address[slash..]);
    // An address names a drive below the root.
    let path = if is_of_windows(path.trim_start_matches('/')) { path.trim_start_matches('/') } else { path };
    let bytes: Vec<u8> = percent_decode_str(path).collect();
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        std::ffi::OsString::from_vec(bytes).into()
    }
    #[cfg(not(unix))]
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// `C:\…` or `C:/…`.
fn is_of_windows(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|drive| drive.is_ascii_alphabetic())
        && chars.next() == Some(':')
        && matches!(chars.next(), Some('\\' | '/'))
}

/// Words between spaces, whole where they stand in quotes. A backslash is a separator there, and nothing else.
fn words_of_windows(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in text.chars() {
        match (c, quote) {
            (_, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) if word.is_empty() => quote = Some(c),
            (_, None) if c.is_whitespace() => words.push(std::mem::take(&mut word)),
            _ => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read, where `there` are the files that exist.
    fn read(text: &str, there: &[&str]) -> Vec<String> {
        let found = paths(text, Some(Path::new("/home/you")), |path| {
            there.iter().any(|known| Path::new(known) == path)
        });
        found.into_iter().map(|path| path.to_str().expect("UTF-8").to_owned()).collect()
    }

    #[test]
    fn path_is_read_as_each_terminal_passes_it_on() {
        let reply = "/home/you/Downloads/Desk's reply (1).cer";
        for dragged in [
            // Typed or pasted as it is; GNOME Terminal; xfce and kitty; macOS and iTerm; a file manager's address.
            "/home/you/Downloads/Desk's reply (1).cer",
            "  /home/you/Downloads/Desk's reply (1).cer \t",
            r"'/home/you/Downloads/Desk'\''s reply (1).cer' ",
            r#""/home/you/Downloads/Desk's reply (1).cer""#,
            r"/home/you/Downloads/Desk\'s\ reply\ \(1\).cer ",
            "file:///home/you/Downloads/Desk's%20reply%20(1).cer",
            "file://localhost/home/you/Downloads/Desk%27s%20reply%20%281%29.cer\r",
            "~/Downloads/Desk's reply (1).cer",
            r"'file:///home/you/Downloads/Desk%27s%20reply%20(1).cer' ",
        ] {
            assert_eq!(read(dragged, &[reply]), [reply], "{dragged}");
        }
    }

    #[test]
    fn several_files_that_are_dragged_together_stay_several() {
        let there = ["/a b.cer", "/c.cer"];
        assert_eq!(read("'/a b.cer' /c.cer ", &there), there);
        assert_eq!(read(r"/a\ b.cer /c.cer", &there), there);
        assert_eq!(read("file:///a%20b.cer\nfile:///c.cer", &there), there);
        // One of them is gone: it is named, and not the line as a whole.
        assert_eq!(read("'/a b.cer' /d.cer", &there), ["/a b.cer", "/d.cer"]);
    }

    #[test]
    fn name_that_is_not_there_is_told_whole() {
        assert_eq!(read("my reply.cer", &[]), ["my reply.cer"]);
        assert_eq!(read("O'Neil.cer", &[]), ["O'Neil.cer"]);
        assert_eq!(read("'my reply.cer'", &[]), ["my reply.cer"]);
        assert!(read("  ", &[]).is_empty());
    }

    #[test]
    #[cfg(unix)]
    fn path_of_windows_is_found_where_its_subsystem_for_linux_has_it() {
        let mounted = "/mnt/c/Users/You/My Downloads/reply.cer";
        for dragged in [
            r"C:\Users\You\My Downloads\reply.cer",
            r#""C:\Users\You\My Downloads\reply.cer" "#,
            r"& 'C:\Users\You\My Downloads\reply.cer'",
            "c:/Users/You/My Downloads/reply.cer",
        ] {
            assert_eq!(read(dragged, &[mounted]), [mounted], "{dragged}");
        }
        assert_eq!(read(r"C:\gone.cer", &[]), [r"C:\gone.cer"]);
    }

    #[test]
    fn words_of_windows_keep_their_backslashes() {
        assert_eq!(words_of_windows(r#""C:\a b\c.cer" D:\d.cer"#), [r"C:\a b\c.cer", r"D:\d.cer"]);
        assert_eq!(words_of_windows(r"C:\O'Neil.cer"), [r"C:\O'Neil.cer"]);
        assert_eq!(of_address("/C:/Users/a%20b.cer"), Path::new("C:/Users/a b.cer"));
    }
}
