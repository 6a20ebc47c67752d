//! What cannot be made to cost more than the limits: bombs of every kind.

use std::time::{Duration, Instant};

use mesh_onboard::pki::sniff::Contents;

use crate::support::{OutlookMessage, path_arg, python, scratch};
use crate::{PEM, der, found, notes, read};

/// Reading ends soon, whatever is in it: in a second or two where nothing else is at work.
fn read_soon(bytes: &[u8]) -> Contents {
    let begin = Instant::now();
    let contents = read(bytes);
    assert!(begin.elapsed() < Duration::from_secs(60), "it took {:?}", begin.elapsed());
    contents
}

fn made_by(script: &str) -> Vec<u8> {
    let folder = scratch();
    let file = path_arg(&folder.path().join("out"));
    let head = "import io, sys, zipfile\ndef zipped(*members):\n    b = io.BytesIO()\n    \
                with zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED) as z:\n        \
                [z.writestr(n, d) for n, d in members]\n    return b.getvalue()\n";
    python(&format!("{head}out = {script}\nopen(sys.argv[1], 'wb').write(out)"), [&file]);
    std::fs::read(file).unwrap()
}

#[test]
fn member_that_expands_too_much_is_not_read() {
    let contents = read_soon(&made_by("zipped(('bomb', bytes(12 << 20)), ('note.txt', 'x'))"));
    assert_eq!(notes(&contents), ["too_large"]);
    assert!(
        contents.describe().contains("bomb (it unpacks to more than the limit"),
        "{}",
        contents.describe()
    );
}

#[test]
fn size_that_the_directory_conceals_is_counted() {
    let mut bytes = made_by("zipped(('bomb', bytes(50 << 20)))");
    for (signature, at) in [(b"PK\x03\x04", 22), (b"PK\x01\x02", 24)] {
        let header = bytes.windows(4).position(|w| w == signature).unwrap();
        bytes[header + at..header + at + 4].copy_from_slice(&1000u32.to_le_bytes());
    }
    let contents = read_soon(&bytes);
    assert!(matches!(notes(&contents)[..], ["too_large" | "member_unreadable"]), "{:?}", contents.notes);
}

#[test]
fn members_together_expand_to_no_more_than_the_limit() {
    let contents = read_soon(&made_by("zipped(*[(f'm{i}', bytes(9 << 20)) for i in range(6)])"));
    assert_eq!(notes(&contents), ["too_large"; 4]);
}

#[test]
fn nested_bombs_share_one_limit() {
    let script = "(lambda inner: zipped(*[(f'{i}.zip', inner) for i in range(20)]))(\
                  zipped(*[(f'{j}', bytes(5 << 20)) for j in range(20)]))";
    let contents = read_soon(&made_by(script));
    let read = 400 - contents.notes.iter().filter(|n| n.code == "too_large").count();
    assert!(contents.notes.iter().any(|n| n.code == "too_many_parts"), "parts are not counted together");
    assert!(read > 0 && notes(&contents).len() < 400);
}

#[test]
fn only_so_many_members_are_read() {
    let contents = read_soon(&made_by("zipped(*[(f'm{i}', 'x') for i in range(10000)])"));
    assert_eq!(notes(&contents), ["too_many_parts"]);
}

#[test]
fn only_so_many_levels_are_opened() {
    let layers = |n: usize| {
        let script = "(lambda n, d: [d := zipped((f'{i}.zip', d)) for i in range(n)][-1])";
        made_by(&format!("{script}({n}, zipped(('reply.cer', {:?}.encode())))", PEM))
    };
    assert_eq!(found(&read_soon(&layers(3))), ["2.zip/1.zip/0.zip/reply.cer"]);
    let contents = read_soon(&layers(4));
    assert_eq!(notes(&contents), ["nested_too_deep"]);
    assert_eq!(contents.certificates().count(), 0);
    assert_eq!(notes(&read_soon(&layers(100))), ["nested_too_deep"]);
}

#[test]
fn emails_nested_without_end_are_not_followed() {
    let header = "From: a@example.org\nDate: now\nContent-Type: message/rfc822\n\n";
    let contents = read_soon(header.repeat(100_000).as_bytes());
    assert_eq!(notes(&contents), ["nested_too_deep"]);
    let layer = |n: usize| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n");
    let nested: String = (0..50_000).map(layer).collect();
    read_soon(format!("From: a@example.org\nDate: now\n{nested}").as_bytes());
    let siblings = "--b\nContent-Type: multipart/mixed; boundary=c\n\n".repeat(200_000);
    let head = "From: a\nDate: now\nContent-Type: multipart/mixed; boundary=b\n\n";
    let contents = read_soon(format!("{head}{siblings}").as_bytes());
    assert_eq!(notes(&contents), ["too_many_parts"]);
}

#[test]
fn header_without_end_is_not_followed() {
    for filling in ["; a*1=b", "; x=y", " (", "\r\n ;x*0=\"y\"", "=?utf-8?q?=41?= "] {
        let header =
            format!("From: a\nDate: now\nContent-Type: text/plain{}\n\nx", filling.repeat(1_000_000));
        read_soon(header.as_bytes());
    }
}

#[test]
fn html_without_end_is_not_followed() {
    for filling in ["<", "<p", "<!--", "<pre>\n", "&", "<pre>\n</pre>", "</", "&amp;"] {
        let head = "From: a\nDate: now\nContent-Type: text/html\n\n";
        read_soon(format!("{head}{}", filling.repeat(1_000_000 / filling.len())).as_bytes());
    }
}

#[test]
fn messages_nested_without_end_are_not_followed() {
    let mut message = OutlookMessage::new().attach("reply.cer", der(PEM));
    for _ in 0..3 {
        message = OutlookMessage::new().forward("FW", message);
    }
    assert_eq!(found(&read_soon(&message.bytes())), ["FW/FW/FW/reply.cer"]);
    let contents = read_soon(&OutlookMessage::new().forward("FW", message).bytes());
    assert_eq!(notes(&contents), ["nested_too_deep"]);
}

/// A file whose every sector is a link of the chain of tables, each naming the same table 127 times: a
/// reader that follows needs a hundred times the file's size.
#[test]
fn tables_of_an_ole_file_cannot_multiply() {
    let mut bytes = OutlookMessage::new().bytes();
    bytes.truncate(512);
    bytes[24..32].copy_from_slice(&[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0]);
    bytes[68..72].copy_from_slice(&0u32.to_le_bytes());
    // The first 109 tables, which the header names itself.
    bytes[76..512].fill(0);
    let sectors = 20_000u32;
    for sector in 0..sectors {
        let next = if sector + 1 < sectors { sector + 1 } else { 0xffff_fffe };
        let numbers = std::iter::repeat_n(sector, 127).chain([next]);
        bytes.extend(numbers.flat_map(u32::to_le_bytes));
    }
    let contents = read_soon(&bytes);
    assert!(contents.describe().contains("its tables are larger"), "{}", contents.describe());
}

/// Streams may share sectors, so the same bytes can be attached many times over.
#[test]
fn attachments_that_share_bytes_are_paid_for_each_time() {
    let big = vec![0x87; 6 << 20];
    let mut message = OutlookMessage::new().attach("0", big);
    for number in 1..50 {
        message = message.attach(&number.to_string(), vec![b'y'; 5000]);
    }
    let mut bytes = message.bytes();
    // The directory entries of the data streams: the first one's start and size into all.
    let name: Vec<u8> = "__substg1.0_37010102".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let entries: Vec<usize> = (0..bytes.len() - 128)
        .step_by(128)
        .filter(|at| bytes[*at..].starts_with(&name) && bytes[at + 66] == 2)
        .collect();
    assert_eq!(entries.len(), 50);
    let size = |at: usize| u32::from_le_bytes(bytes[at + 120..at + 124].try_into().unwrap());
    let first = *entries.iter().max_by_key(|at| size(**at)).unwrap();
    let place: [u8; 12] = bytes[first + 116..first + 128].try_into().unwrap();
    for at in entries {
        bytes[at + 116..at + 128].copy_from_slice(&place);
    }
    let contents = read_soon(&bytes);
    assert_eq!(notes(&contents), ["too_large"; 47], "{}", contents.describe());
}
