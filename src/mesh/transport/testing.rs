//! A certificate authority and TLS servers on the loopback address, for the tests.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::crypto::aws_lc_rs;
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use time::OffsetDateTime;
use time::macros::datetime;

use super::{Clock, Identity, TlsSettings, Trust};
use crate::mesh::Target;
use crate::pki::{Certificate, KeySize, PrivateKey};

/// When the certificates below are valid.
pub(crate) const NOW: OffsetDateTime = datetime!(2027-06-01 12:00 UTC);

/// A clock that stands still.
pub(crate) fn clock(now: OffsetDateTime) -> Option<Clock> {
    Some(Arc::new(move || now))
}

fn params(name: &str, sans: &[&str]) -> CertificateParams {
    let sans: Vec<String> = sans.iter().map(|san| (*san).into()).collect();
    let mut params = CertificateParams::new(sans).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = datetime!(2027-01-01 0:00 UTC);
    params.not_after = datetime!(2028-01-01 0:00 UTC);
    params
}

fn server_params(name: &str, sans: &[&str]) -> CertificateParams {
    let mut params = params(name, sans);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

/// A server that asks for no client certificate.
fn plain_server(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    version: &'static SupportedProtocolVersion,
) -> Arc<ServerConfig> {
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key);
    Arc::new(config.unwrap())
}

/// A root that signs servers and clients.
pub(crate) struct Pki(CertifiedIssuer<'static, KeyPair>);

impl Pki {
    pub(crate) fn new() -> Self {
        Self::named("test root")
    }

    pub(crate) fn named(name: &str) -> Self {
        Self::with_names(name, &[])
    }

    /// An authority whose own certificate has alternative names, so that it can be a server's.
    pub(crate) fn with_names(name: &str, sans: &[&str]) -> Self {
        let mut params = params(name, sans);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn root(&self) -> Certificate {
        Certificate::from_der(self.0.der()).unwrap()
    }

    /// A client certificate with its key.
    pub(crate) fn identity(&self) -> Identity {
        let key = PrivateKey::generate(KeySize::Rsa2048).unwrap();
        let pair = KeyPair::try_from(&PrivatePkcs8KeyDer::from(key.pkcs8().expose().to_vec())).unwrap();
        let mut params = params("client.nhs.uk", &[]);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let der = params.signed_by(&pair, &self.0).unwrap();
        Identity { certificates: vec![Certificate::from_der(der.der()).unwrap()], key }
    }

    /// A server that trusts the clients of `clients`.
    pub(crate) fn server(
        &self,
        sans: &[&str],
        version: &'static SupportedProtocolVersion,
        clients: Option<&Self>,
    ) -> Arc<ServerConfig> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_details(
            provider.clone(),
            Arc::new(super::trust::ClockTime(clock(NOW).unwrap())),
        )
        .with_protocol_versions(&[version])
        .unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(clients) => {
                let mut roots = RootCertStore::empty();
                roots.add(clients.root().to_rustls()).unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let (chain, key) = self.leaf(server_params("test server", sans));
        Arc::new(builder.with_single_cert(chain, key).unwrap())
    }

    /// A server whose certificate has a common name, and alternative names only if they are given.
    pub(crate) fn server_named(
        &self,
        common_name: &str,
        sans: &[&str],
        version: &'static SupportedProtocolVersion,
    ) -> Arc<ServerConfig> {
        let (chain, key) = self.leaf(server_params(common_name, sans));
        plain_server(chain, key, version)
    }

    /// A server's certificate with the root behind it, and its key.
    fn leaf(&self, params: CertificateParams) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = KeyPair::generate().unwrap();
        let leaf = params.signed_by(&key, &self.0).unwrap();
        let chain = vec![leaf.der().clone(), self.0.der().clone()];
        (chain, PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())))
    }

    /// A server that shows the root's own certificate, as `openssl req -x509` makes for a sandbox.
    pub(crate) fn server_with_the_root(
        &self,
        version: &'static SupportedProtocolVersion,
    ) -> Arc<ServerConfig> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.0.key().serialize_der()));
        plain_server(vec![self.0.der().clone()], key, version)
    }

    /// A server that shows the root's own certificate and has another key.
    pub(crate) fn server_without_its_key(
        &self,
        version: &'static SupportedProtocolVersion,
    ) -> Arc<ServerConfig> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let key =
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(KeyPair::generate().unwrap().serialize_der()));
        let key = provider.key_provider.load_private_key(key).unwrap();
        let pair = CertifiedKey::new(vec![self.0.der().clone()], key);
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(pair)));
        Arc::new(config)
    }

    /// Those who have a certificate from this root.
    pub(crate) fn trust(&self) -> Trust {
        Trust::Roots(vec![self.root()])
    }

    /// Settings that trust this root, at [`NOW`].
    pub(crate) fn settings(&self, identity: Option<Identity>) -> TlsSettings {
        TlsSettings::new(self.trust(), identity, clock(NOW)).unwrap()
    }
}

/// What a server does with one connection after another.
type Serve = dyn FnMut(TcpStream) + Send;

/// Listens on the loopback address, and serves `connections` connections.
pub(crate) fn listen(connections: usize, mut serve: Box<Serve>) -> (Target, JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let target = format!("https://{}", listener.local_addr().unwrap()).parse().unwrap();
    let server = std::thread::spawn(move || {
        for _ in 0..connections {
            serve(listener.accept().unwrap().0);
        }
    });
    (target, server)
}

/// A TLS server that answers each connection's requests, one for each of `answers`, and then closes.
pub(crate) fn serve_tls(
    config: Arc<ServerConfig>,
    connections: usize,
    answers: &'static [&'static str],
) -> (Target, JoinHandle<()>) {
    listen(
        connections,
        Box::new(move |tcp| {
            // What is delayed is lost when a server closes before it has read everything.
            tcp.set_nodelay(true).unwrap();
            tcp.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
            let mut tls = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), tcp);
            for answer in answers {
                // The requests of the tests fit one record. One that fails has been answered by an alert.
                let Ok(1..) = tls.read(&mut [0; 16 * 1024]) else { return };
                tls.write_all(answer.as_bytes()).unwrap();
            }
            tls.conn.send_close_notify();
            let _ = tls.flush();
        }),
    )
}
