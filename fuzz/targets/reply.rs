//! Any bytes as what the desk sent: zip files, emails, messages of Outlook, and files in them.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let contents = mesh_onboard::read_reply(bytes, &[]);
    assert!(!contents.objects.is_empty());
    assert!(!contents.describe().is_empty());
});
