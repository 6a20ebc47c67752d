//! Any bytes as a single file, without a password and with one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mesh_onboard::pki::sniff;
use mesh_onboard::secret::Passphrase;

fuzz_target!(|bytes: &[u8]| {
    let without = sniff::read(bytes, &[]);
    let with = sniff::read(bytes, &[Passphrase::new("changeit".to_owned())]);
    for contents in [without, with] {
        assert!(!contents.objects.is_empty());
        assert!(!contents.describe().is_empty());
    }
});
