/// Where a kind of file shows itself, the bytes there, and what it is called.
type Sign = (usize, &'static [u8], &'static str);

const SIGNS: &[Sign] = &[
    (0, b"%PDF", "a PDF document"),
    (0, b"\x89PNG\r\n", "a picture (PNG)"),
    (0, &[0xff, 0xd8, 0xff], "a picture (JPEG)"),
    (0, b"GIF8", "a picture (GIF)"),
    (0, &[0x1f, 0x8b], "a gzip archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, &[0xfd, b'7', b'z', b'X', b'Z'], "an xz archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (0, b"MSCF", "a cabinet (CAB) archive"),
    (257, b"ustar", "a tar archive"),
    (0, &[0x78, 0x9f, 0x3e, 0x22], "a winmail.dat file of Outlook"),
    (0, b"SQLite format 3\0", "an SQLite database, such as the certificate store of Firefox"),
    (0, b"MZ", "a Windows program"),
    (0, b"\x7fELF", "a Linux program"),
];

/// What a file is called that is of no use here.
pub(super) fn name(bytes: &[u8]) -> Option<&'static str> {
    let shows = |(at, sign, _): &&Sign| bytes.get(*at..).is_some_and(|rest| rest.starts_with(sign));
    SIGNS.iter().find(shows).map(|(_, _, name)| *name)
}
