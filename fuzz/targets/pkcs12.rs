//! PKCS#12 files with the right password and with a wrong one. The corpus is made with few iterations, so
//! that deriving keys does not eat the time; what mutates is the structure before and after decryption.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mesh_onboard::pki::sniff;
use mesh_onboard::secret::Passphrase;

fuzz_target!(|bytes: &[u8]| {
    for password in ["changeit", "wrong", ""] {
        let contents = sniff::read(bytes, &[Passphrase::new(password.to_owned())]);
        assert!(!contents.objects.is_empty());
    }
});
