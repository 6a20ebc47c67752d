//! Messages as Outlook saves them, written stream by stream (MS-OXMSG). No Outlook has a part in it.

use std::io::{Cursor, Write};
use std::path::Path;

use cfb::CompoundFile;

/// A message with texts and attachments.
#[derive(Debug, Clone, Default)]
pub struct OutlookMessage {
    text: Option<String>,
    html: Option<String>,
    compressed_rtf: Option<Vec<u8>>,
    attachments: Vec<Attached>,
}

#[derive(Debug, Clone)]
enum Attached {
    File { name: String, bytes: Vec<u8> },
    Message { name: String, message: OutlookMessage },
}

type Ole = CompoundFile<Cursor<Vec<u8>>>;

impl OutlookMessage {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn text(mut self, text: &str) -> Self {
        self.text = Some(text.into());
        self
    }

    pub fn html(mut self, html: &str) -> Self {
        self.html = Some(html.into());
        self
    }

    pub fn compressed_rtf(mut self, bytes: &[u8]) -> Self {
        self.compressed_rtf = Some(bytes.into());
        self
    }

    pub fn attach(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.attachments.push(Attached::File { name: name.into(), bytes: bytes.into() });
        self
    }

    pub fn forward(mut self, name: &str, message: Self) -> Self {
        self.attachments.push(Attached::Message { name: name.into(), message });
        self
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        // Version 3, with sectors of 512 bytes, is what Outlook writes.
        let mut ole = CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).unwrap();
        ole.create_storage("/__nameid_version1.0").unwrap();
        for stream in ["00020102", "00030102", "00040102"] {
            write(&mut ole, &Path::new("/__nameid_version1.0").join(format!("__substg1.0_{stream}")), &[]);
        }
        self.write(&mut ole, Path::new("/"), true);
        ole.flush().unwrap();
        ole.into_inner().into_inner()
    }

    fn write(&self, ole: &mut Ole, storage: &Path, is_root: bool) {
        let mut properties = Properties::default();
        properties.text(ole, storage, "001A", "IPM.Note");
        properties.text(ole, storage, "0037", "Your certificate");
        if let Some(text) = &self.text {
            properties.text(ole, storage, "1000", text);
        }
        if let Some(html) = &self.html {
            properties.bytes(ole, storage, "1013", html.as_bytes());
        }
        if let Some(rtf) = &self.compressed_rtf {
            properties.bytes(ole, storage, "1009", rtf);
        }
        for (number, attached) in self.attachments.iter().enumerate() {
            let folder = storage.join(format!("__attach_version1.0_#{number:08X}"));
            ole.create_storage(&folder).unwrap();
            attached.write(ole, &folder, number);
        }
        let count = self.attachments.len() as u32;
        // Next and number of recipients, then of attachments; only the root has eight bytes more.
        let header = [0, 0, 0, count, 0, count].map(u32::to_le_bytes).concat();
        let end = if is_root { &[0; 8][..] } else { &[] };
        write(ole, &storage.join(PROPERTIES), &[&header, end, &properties.0].concat());
    }
}

const PROPERTIES: &str = "__properties_version1.0";

impl Attached {
    fn write(&self, ole: &mut Ole, folder: &Path, number: usize) {
        let mut properties = Properties::default();
        properties.number("0E21", number as u32);
        match self {
            Self::File { name, bytes } => {
                // PidTagAttachMethod: afByValue.
                properties.number("3705", 1);
                properties.text(ole, folder, "3707", name);
                properties.bytes(ole, folder, "3701", bytes);
            }
            Self::Message { name, message } => {
                // afEmbeddedMessage.
                properties.number("3705", 5);
                properties.text(ole, folder, "3001", name);
                properties.entry("3701", 0x000d, [u32::MAX, 1]);
                let inner = folder.join("__substg1.0_3701000D");
                ole.create_storage(&inner).unwrap();
                message.write(ole, &inner, false);
            }
        }
        write(ole, &folder.join(PROPERTIES), &[&[0; 8][..], &properties.0].concat());
    }
}

/// The table of properties, and the streams of those that do not fit into it.
#[derive(Default)]
struct Properties(Vec<u8>);

impl Properties {
    fn text(&mut self, ole: &mut Ole, storage: &Path, id: &str, text: &str) {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        write(ole, &storage.join(format!("__substg1.0_{id}001F")), &bytes);
        self.entry(id, 0x001f, [bytes.len() as u32 + 2, 0]);
    }

    fn bytes(&mut self, ole: &mut Ole, storage: &Path, id: &str, bytes: &[u8]) {
        write(ole, &storage.join(format!("__substg1.0_{id}0102")), bytes);
        self.entry(id, 0x0102, [bytes.len() as u32, 0]);
    }

    fn number(&mut self, id: &str, value: u32) {
        self.entry(id, 0x0003, [value, 0]);
    }

    /// Type, number, flags (readable and writable), value.
    fn entry(&mut self, id: &str, kind: u16, value: [u32; 2]) {
        let id = u16::from_str_radix(id, 16).expect("the number of a property");
        self.0.extend(kind.to_le_bytes());
        self.0.extend(id.to_le_bytes());
        self.0.extend(6u32.to_le_bytes());
        self.0.extend(value.map(u32::to_le_bytes).concat());
    }
}

fn write(ole: &mut Ole, path: &Path, bytes: &[u8]) {
    ole.create_stream(path).unwrap().write_all(bytes).unwrap();
}
