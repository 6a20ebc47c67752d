use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, IsCa, KeyPair,
    KeyUsagePurpose,
};
use time::Duration;
use time::macros::datetime;
use x509_cert::der::Encode;
use x509_cert::der::asn1::Ia5String;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{AccessDescription, AuthorityInfoAccessSyntax};

use super::*;
use crate::mesh::GetError;
use crate::mesh::testing::{Answer, WebServer, closed_port};

const NOW: OffsetDateTime = datetime!(2026-06-01 12:00 UTC);

type Ca = CertifiedIssuer<'static, KeyPair>;

/// A certificate of this name whose issuer can be fetched at these addresses.
fn params(name: &str, issuer_at: &[String]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (NOW - Duration::DAY, NOW + Duration::DAY);
    let access = |address: &String| AccessDescription {
        access_method: ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2"),
        access_location: GeneralName::UniformResourceIdentifier(Ia5String::new(address).unwrap()),
    };
    if !issuer_at.is_empty() {
        let content = AuthorityInfoAccessSyntax(issuer_at.iter().map(access).collect()).to_der().unwrap();
        let oid = [1, 3, 6, 1, 5, 5, 7, 1, 1];
        params.custom_extensions.push(CustomExtension::from_oid_content(&oid, content));
    }
    params
}

fn ca_params(name: &str, issuer_at: &[String]) -> CertificateParams {
    let mut params = params(name, issuer_at);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn root() -> Ca {
    CertifiedIssuer::self_signed(ca_params("root", &[]), KeyPair::generate().unwrap()).unwrap()
}

fn sub(issuer: &Ca, issuer_at: &[String]) -> Ca {
    CertifiedIssuer::signed_by(ca_params("sub", issuer_at), KeyPair::generate().unwrap(), issuer).unwrap()
}

fn leaf(issuer: &Ca, issuer_at: &[String]) -> Certificate {
    let key = KeyPair::generate().unwrap();
    Certificate::from_der(params("leaf", issuer_at).signed_by(&key, issuer).unwrap().der()).unwrap()
}

fn certificate(ca: &Ca) -> Certificate {
    Certificate::from_der(ca.der()).unwrap()
}

fn serve(ca: &Ca) -> WebServer {
    let der = ca.der().to_vec();
    WebServer::start(move |_| Answer::Body(der.clone()))
}

fn fetching(
    leaf: &Certificate,
    pool: &[Certificate],
    roots: &[Certificate],
) -> Result<Completed, NotCompleted> {
    complete(leaf, pool.to_vec(), roots, Some(&Fetcher::default()), NOW)
}

#[test]
fn missing_issuer_is_fetched_and_said() {
    let root = root();
    let sub = sub(&root, &[]);
    let server = serve(&sub);
    let address = server.url("/sub.crt");
    let completed =
        fetching(&leaf(&sub, std::slice::from_ref(&address)), &[], &[certificate(&root)]).unwrap();
    assert_eq!(completed.chain.intermediates, [certificate(&sub)]);
    let [said] = &completed.fetched[..] else { panic!("{:?}", completed.fetched) };
    assert_eq!(said.code, "fetched_issuer");
    assert!(said.message.contains(&address), "{}", said.message);
    assert!(said.message.contains(&certificate(&sub).fingerprint().to_string()), "{}", said.message);
}

#[test]
fn nothing_is_fetched_where_nothing_is_missing() {
    let root = root();
    let sub = sub(&root, &[]);
    let server = serve(&sub);
    let leaf = leaf(&sub, &[server.url("/sub.crt")]);
    let completed = fetching(&leaf, &[certificate(&sub)], &[certificate(&root)]).unwrap();
    assert!(completed.fetched.is_empty());
    assert_eq!(server.asked(), 0);
}

#[test]
fn without_a_fetcher_the_address_is_offered() {
    let root = root();
    let sub = sub(&root, &[]);
    let server = serve(&sub);
    let addresses = ["ldap://example.org/cn=sub".to_owned(), server.url("/sub.crt")];
    let failure =
        complete(&leaf(&sub, &addresses), Vec::new(), &[certificate(&root)], None, NOW).unwrap_err();
    assert!(matches!(failure.error, ChainError::Incomplete { .. }), "{:?}", failure.error);
    assert_eq!(failure.attempts.offered.as_ref(), Some(&addresses[1]));
    assert_eq!(server.asked(), 0);
}

#[test]
fn impostor_of_the_same_name_is_refused() {
    let root = root();
    let (true_sub, impostor) = (sub(&root, &[]), sub(&root, &[]));
    let server = serve(&impostor);
    let failure =
        fetching(&leaf(&true_sub, &[server.url("/sub.crt")]), &[], &[certificate(&root)]).unwrap_err();
    assert!(matches!(failure.error, ChainError::Incomplete { .. }), "{:?}", failure.error);
    let [(_, FetchError::NotTheIssuer { found })] = &failure.attempts.failed[..] else {
        panic!("{:?}", failure.attempts);
    };
    assert!(found[0].contains(&certificate(&impostor).fingerprint().short()), "{found:?}");
}

#[test]
fn fetched_root_is_not_trusted() {
    let (ours, theirs) = (root(), root());
    let server = serve(&theirs);
    let failure =
        fetching(&leaf(&theirs, &[server.url("/root.crt")]), &[], &[certificate(&ours)]).unwrap_err();
    assert!(matches!(failure.error, ChainError::Untrusted { .. }), "{:?}", failure.error);
}

#[test]
fn next_address_is_asked_when_one_fails() {
    let root = root();
    let sub = sub(&root, &[]);
    let server = serve(&sub);
    let leaf = leaf(&sub, &[closed_port(), server.url("/sub.crt")]);
    assert!(fetching(&leaf, &[], &[certificate(&root)]).is_ok());
}

#[test]
fn chain_is_followed_upwards_as_far_as_the_limit() {
    let root = root();
    // Each CA names where the one above it lies; the leaf names the lowest.
    let climb = |levels: usize| {
        let mut servers: Vec<WebServer> = Vec::new();
        let mut lowest = sub(&root, &[]);
        for _ in 1..levels {
            let server = serve(&lowest);
            lowest = sub(&lowest, &[server.url("/ca.crt")]);
            servers.push(server);
        }
        let server = serve(&lowest);
        let leaf = leaf(&lowest, &[server.url("/ca.crt")]);
        servers.push(server);
        fetching(&leaf, &[], &[certificate(&root)])
    };
    let completed = climb(4).unwrap();
    assert_eq!(completed.fetched.len(), 4);
    let failure = climb(5).unwrap_err();
    assert!(matches!(failure.error, ChainError::Incomplete { .. }), "{:?}", failure.error);
    assert!(matches!(failure.attempts.failed[..], [(_, FetchError::NotAsked(4))]), "{:?}", failure.attempts);
}

#[test]
fn circle_of_addresses_ends() {
    let root = root();
    let sub = sub(&root, &[]);
    let server = WebServer::start(|_| Answer::Status(404));
    let address = server.url("/sub.crt");
    let leaf = leaf(&sub, &[address.clone(), address.clone(), address]);
    let failure = fetching(&leaf, &[], &[certificate(&root)]).unwrap_err();
    assert!(
        matches!(failure.attempts.failed[..], [(_, FetchError::Get(GetError::Status(404)))]),
        "{:?}",
        failure.attempts
    );
    assert_eq!(server.asked(), 1);
}
