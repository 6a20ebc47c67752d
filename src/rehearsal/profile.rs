//! What the certificates of the rehearsal say. The leaf has the profile of a real MESH client certificate,
//! under names and addresses that cannot be mistaken for the NHS's own.

use rcgen::{
    BasicConstraints, CertificateParams, CrlDistributionPoint, CustomExtension, DistinguishedName, DnType,
    DnValue, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose, PublicKeyData, SerialNumber,
};
use time::{Duration, OffsetDateTime, UtcOffset};
use x509_cert::der::asn1::{GeneralizedTime, Ia5String, ObjectIdentifier, OctetString};
use x509_cert::der::oid::AssociatedOid;
use x509_cert::der::{Any, DateTime, Encode};
use x509_cert::ext::pkix::certpolicy::{PolicyInformation, PolicyQualifierInfo};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AccessDescription, AuthorityInfoAccessSyntax, CertificatePolicies, KeyUsage, KeyUsages,
    PrivateKeyUsagePeriod, SubjectKeyIdentifier,
};

/// Common name of the root.
pub const ROOT_NAME: &str = "MESH Onboard Rehearsal Root";
/// Common name of the sub CA.
pub const SUB_NAME: &str = "MESH Onboard Rehearsal Authentication";

const OCSP: &str = "http://pki.rehearsal.invalid/ocsp";
const ISSUER: &str = "http://pki.rehearsal.invalid/auth/rehearsal-authentication.crt";
const CRL: &str = "http://pki.rehearsal.invalid/auth/rehearsal-authentication.crl";
const CPS: &str = "http://pki.rehearsal.invalid/cps";

/// The policy that real MESH certificates name.
const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.826.0.1275.101.0.3.2.0");
const CPS_QUALIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.1");
const AIA_OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");
const AIA_ISSUERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
/// entrustVersInfo, which most parsers do not know.
const ENTRUST_VERSION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113533.7.65.0");
/// `SEQUENCE { GeneralString "V8.1", BIT STRING 1011 }`: GeneralString has no type in `der`.
const ENTRUST_VALUE: &[u8] = b"\x30\x0a\x1b\x04V8.1\x03\x02\x04\xb0";
/// An empty SEQUENCE: `cA` is FALSE by default, and a default is left out.
const NOT_A_CA: &[u8] = b"\x30\x00";

/// A self-signed root: 20 years.
pub fn root(now: OffsetDateTime) -> CertificateParams {
    authority(ROOT_NAME, now, 20, BasicConstraints::Unconstrained)
}

/// The CA between root and leaf: 10 years.
pub fn sub_ca(now: OffsetDateTime) -> CertificateParams {
    authority(SUB_NAME, now, 10, BasicConstraints::Constrained(0))
}

fn authority(
    name: &str,
    now: OffsetDateTime,
    years: i32,
    constraints: BasicConstraints,
) -> CertificateParams {
    let from = whole_second(now);
    let mut params = params(from, months_later(from, years * 12));
    let names = &mut params.distinguished_name;
    // RFC 5280 lets a country be nothing but a PrintableString.
    names.push(DnType::CountryName, DnValue::PrintableString("GB".try_into().expect("it is printable")));
    push_nhs(names, "CA", name);
    params.is_ca = IsCa::Ca(constraints);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// The profile of a real MESH client certificate for a name and a key: 3 years and 30 minutes, of which
/// the key is meant to be used until 11 months before the end.
pub fn leaf(
    common_name: &str,
    key: &impl PublicKeyData,
    now: OffsetDateTime,
) -> Result<CertificateParams, x509_cert::der::Error> {
    const SLACK: Duration = Duration::minutes(30);
    let from = whole_second(now);
    let mut params = params(from, months_later(from, 36) + SLACK);
    push_nhs(&mut params.distinguished_name, "Devices", &common_name.to_lowercase());
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    params.crl_distribution_points = vec![CrlDistributionPoint { uris: vec![CRL.into()] }];
    // rcgen marks key usage and basic constraints critical; the real certificate does not.
    let key_usage = KeyUsage(KeyUsages::DigitalSignature | KeyUsages::KeyEncipherment);
    let period = PrivateKeyUsagePeriod {
        not_before: Some(generalized(from)?),
        not_after: Some(generalized(months_later(from, 25) + SLACK)?),
    };
    params.custom_extensions = vec![
        extension(&key_usage)?,
        extension(&information_access()?)?,
        extension(&policies()?)?,
        extension(&period)?,
        extension(&SubjectKeyIdentifier(OctetString::new(params.key_identifier(key))?))?,
        raw_extension(BASIC_CONSTRAINTS, NOT_A_CA.into()),
        raw_extension(ENTRUST_VERSION, ENTRUST_VALUE.into()),
    ];
    Ok(params)
}

/// A server certificate for host names and addresses, for a year.
pub fn server(names: &[&str], now: OffsetDateTime) -> Result<CertificateParams, rcgen::Error> {
    let from = whole_second(now);
    let names: Vec<String> = names.iter().map(|&n| n.to_owned()).collect();
    // A client's clock may be a little behind.
    let mut params = params(from - time::Duration::hours(1), months_later(from, 12));
    // rcgen tells addresses from host names here.
    params.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
    push_nhs(&mut params.distinguished_name, "Devices", "MESH Onboard Rehearsal Server");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

fn params(from: OffsetDateTime, until: OffsetDateTime) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = from;
    params.not_after = until;
    params.serial_number = Some(serial());
    // rcgen's default name holds a placeholder.
    params.distinguished_name = DistinguishedName::new();
    params.use_authority_key_identifier_extension = true;
    params
}

fn push_nhs(names: &mut DistinguishedName, unit: &str, common_name: &str) {
    names.push(DnType::OrganizationName, "nhs");
    names.push(DnType::OrganizationalUnitName, unit);
    names.push(DnType::CommonName, common_name);
}

/// 16 random bytes, of which the first makes the number positive and exactly that long.
fn serial() -> SerialNumber {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has random numbers");
    bytes[0] = bytes[0] & 0x7f | 0x40;
    SerialNumber::from_slice(&bytes)
}

fn information_access() -> Result<AuthorityInfoAccessSyntax, x509_cert::der::Error> {
    let description = |access_method, uri| {
        let access_location = GeneralName::UniformResourceIdentifier(Ia5String::new(uri)?);
        Ok::<_, x509_cert::der::Error>(AccessDescription { access_method, access_location })
    };
    Ok(AuthorityInfoAccessSyntax(vec![description(AIA_OCSP, OCSP)?, description(AIA_ISSUERS, ISSUER)?]))
}

fn policies() -> Result<CertificatePolicies, x509_cert::der::Error> {
    let qualifier = PolicyQualifierInfo {
        policy_qualifier_id: CPS_QUALIFIER,
        qualifier: Some(Any::encode_from(&Ia5String::new(CPS)?)?),
    };
    Ok(CertificatePolicies(vec![PolicyInformation {
        policy_identifier: POLICY,
        policy_qualifiers: Some(vec![qualifier]),
    }]))
}

fn extension<T: AssociatedOid + Encode>(value: &T) -> Result<CustomExtension, x509_cert::der::Error> {
    Ok(raw_extension(T::OID, value.to_der()?))
}

/// An extension that is not critical.
fn raw_extension(oid: ObjectIdentifier, der: Vec<u8>) -> CustomExtension {
    let arcs: Vec<u64> = oid.arcs().map(u64::from).collect();
    CustomExtension::from_oid_content(&arcs, der)
}

fn generalized(at: OffsetDateTime) -> Result<GeneralizedTime, x509_cert::der::Error> {
    let at = at.to_offset(UtcOffset::UTC);
    let year = u16::try_from(at.year()).map_err(|_| x509_cert::der::ErrorKind::DateTime)?;
    DateTime::new(year, at.month().into(), at.day(), at.hour(), at.minute(), at.second())
        .map(GeneralizedTime::from_date_time)
}

/// X.509 knows no fractions of a second; what is cut off must not lie in the future.
fn whole_second(at: OffsetDateTime) -> OffsetDateTime {
    at.to_offset(UtcOffset::UTC).replace_nanosecond(0).expect("0 is a nanosecond")
}

/// The same day so many months later, or the last day of a shorter month.
fn months_later(at: OffsetDateTime, months: i32) -> OffsetDateTime {
    let month = at.year() * 12 + i32::from(u8::from(at.month())) - 1 + months;
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) as u8 + 1);
    let month = time::Month::try_from(month).expect("1 to 12");
    let day = at.day().min(month.length(year));
    at.replace_date(time::Date::from_calendar_date(year, month, day).expect("a day of that month"))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn months_end_on_a_day_that_exists() {
        let leap_day = datetime!(2028-02-29 12:00 UTC);
        assert_eq!(months_later(leap_day, 36), datetime!(2031-02-28 12:00 UTC));
        assert_eq!(months_later(datetime!(2026-12-31 1:00 UTC), 2), datetime!(2027-02-28 1:00 UTC));
    }

    #[test]
    fn serials_are_16_bytes_positive_and_never_alike() {
        let (one, two) = (serial().to_bytes(), serial().to_bytes());
        assert_ne!(one, two);
        assert!(one.len() == 16 && one[0] < 0x80 && one[0] != 0);
    }
}
