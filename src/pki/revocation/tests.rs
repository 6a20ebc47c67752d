use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CrlDistributionPoint,
    CrlIssuingDistributionPoint, CrlScope, DnType, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevocationReason, RevokedCertParams, SerialNumber,
};
use time::Duration;
use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-06-01 12:00 UTC);
const ADDRESS: &str = "http://crl.example.org/list.crl";
/// Its first bit is set, so DER has a zero before it.
const SERIAL: [u8; 3] = [0xf1, 0x02, 0x03];

/// A CA, a leaf of it that names a list, and the parts to make the list.
struct Setting {
    ca: Certificate,
    leaf: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

impl Setting {
    fn new(usages: &[KeyUsagePurpose]) -> Self {
        let pem = KeyPair::generate().unwrap().serialize_pem();
        let pair = || KeyPair::from_pem(&pem).unwrap();
        let mut ca = params("ca");
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = usages.to_vec();
        let own = Certificate::from_der(ca.self_signed(&pair()).unwrap().der()).unwrap();
        // rcgen makes no list for a CA that may not sign one.
        ca.key_usages = vec![KeyUsagePurpose::CrlSign];
        let issuer = Issuer::new(ca, pair());
        let mut leaf = params("leaf");
        leaf.serial_number = Some(SerialNumber::from(SERIAL.to_vec()));
        leaf.crl_distribution_points = vec![CrlDistributionPoint { uris: vec![ADDRESS.into()] }];
        let leaf = leaf.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
        Self { ca: own, leaf: Certificate::from_der(leaf.der()).unwrap(), issuer }
    }

    fn signing() -> Self {
        Self::new(&[KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign])
    }

    fn list(
        &self,
        revoked: &[u8],
        point: Option<CrlIssuingDistributionPoint>,
    ) -> rcgen::CertificateRevocationList {
        let entry = RevokedCertParams {
            serial_number: SerialNumber::from(revoked.to_vec()),
            revocation_time: NOW - Duration::days(30),
            reason_code: Some(RevocationReason::Superseded),
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: NOW - Duration::DAY,
            next_update: NOW + Duration::DAY,
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: point,
            revoked_certs: vec![entry],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).unwrap()
    }

    fn status(&self, list: &[u8], now: OffsetDateTime) -> Result<RevocationStatus, RevocationError> {
        RevocationList::read(list)?.status_of(&self.leaf, &self.ca, now)
    }
}

#[test]
fn serial_number_in_the_list_is_revoked_with_date_and_reason() {
    let setting = Setting::signing();
    let revoked = Revocation { at: NOW - Duration::days(30), reason: Some("superseded") };
    let list = setting.list(&SERIAL, None);
    for bytes in [list.der().to_vec(), list.pem().unwrap().into_bytes()] {
        assert_eq!(setting.status(&bytes, NOW), Ok(RevocationStatus::Revoked(revoked.clone())));
    }
    for other in [&SERIAL[1..], &[0x71, 0x02, 0x03]] {
        assert_eq!(setting.status(setting.list(other, None).der(), NOW), Ok(RevocationStatus::Good));
    }
}

#[test]
fn list_that_is_changed_by_one_bit_is_not_believed() {
    let setting = Setting::signing();
    let mut list = setting.list(&SERIAL, None).der().to_vec();
    let at = list.windows(3).position(|bytes| bytes == SERIAL).expect("the serial number");
    list[at + 2] ^= 1;
    assert!(matches!(setting.status(&list, NOW), Err(RevocationError::Signature { .. })));
}

#[test]
fn dates_of_the_list_count_and_an_old_entry_stays() {
    let setting = Setting::signing();
    let (with, without) = (setting.list(&SERIAL, None), setting.list(&[1], None));
    let later = NOW + Duration::days(2);
    assert!(matches!(setting.status(without.der(), later), Err(RevocationError::Overdue(_))));
    assert!(matches!(setting.status(with.der(), later), Ok(RevocationStatus::Revoked(_))));
    let earlier = NOW - Duration::days(2);
    assert!(matches!(setting.status(with.der(), earlier), Err(RevocationError::NotYet(_))));
}

#[test]
fn ca_that_may_not_sign_lists_is_not_believed() {
    let setting = Setting::new(&[KeyUsagePurpose::KeyCertSign]);
    let error = setting.status(setting.list(&[1], None).der(), NOW).unwrap_err();
    assert!(matches!(error, RevocationError::NotForLists { .. }), "{error}");
}

#[test]
fn list_of_another_ca_says_nothing() {
    let (setting, other) = (Setting::signing(), Setting::signing());
    // The same name, so that the key alone tells.
    let error = setting.status(other.list(&[1], None).der(), NOW).unwrap_err();
    assert!(matches!(error, RevocationError::Signature { .. }), "{error}");
}

#[test]
fn list_about_other_certificates_says_nothing() {
    let setting = Setting::signing();
    let of = |address: &str, scope| {
        let point = CrlIssuingDistributionPoint {
            distribution_point: CrlDistributionPoint { uris: vec![address.into()] },
            scope,
        };
        setting.status(setting.list(&[1], Some(point)).der(), NOW)
    };
    assert_eq!(of(ADDRESS, None), Ok(RevocationStatus::Good));
    assert_eq!(of(ADDRESS, Some(CrlScope::UserCertsOnly)), Ok(RevocationStatus::Good));
    for (address, scope) in
        [(ADDRESS, Some(CrlScope::CaCertsOnly)), ("http://crl.example.org/part-2.crl", None)]
    {
        let error = of(address, scope).unwrap_err();
        assert!(matches!(error, RevocationError::OtherScope(_)), "{error}");
    }
}

#[test]
fn what_is_no_list_is_named() {
    let setting = Setting::signing();
    for (bytes, name) in [
        (b"<!DOCTYPE html><html></html>".to_vec(), "a web page"),
        (setting.ca.der().to_vec(), "a certificate"),
        (setting.ca.pem().into_bytes(), "a certificate"),
        (Vec::new(), "an empty file"),
    ] {
        let error = RevocationList::read(&bytes).unwrap_err();
        assert!(matches!(&error, RevocationError::NotAList { found } if !found.is_empty()), "{error}");
        assert!(error.to_string().contains(name) || name == "a web page", "{error}");
    }
}
