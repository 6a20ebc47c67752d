use std::fmt;
use std::str::FromStr;

use rustls_pki_types::ServerName;
use ureq::http::Uri;

use super::Proxy;
use crate::mailbox::{Environment, Network};

/// The path under which every call of the MESH API hangs.
const API: &str = "/messageexchange";

/// Where a MESH service is: `https://host[:port][/base path]`, and by which proxy it is reached if by one.
/// What is parsed is always `https://`; see [`Target::of_sandbox`] for the exception.
///
/// Some guides give the URL with `/messageexchange` at its end, some without, one with a slash after it:
/// all three are read, and the suffix is kept out.
///
/// ```
/// use mesh_onboard::mesh::Target;
///
/// let target: Target = "https://msg.intspineservices.nhs.uk/messageexchange/".parse()?;
/// assert_eq!(target.url("/messageexchange/X26ABC1"), "https://msg.intspineservices.nhs.uk/messageexchange/X26ABC1");
/// # Ok::<(), mesh_onboard::mesh::UrlError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    scheme: Scheme,
    host: String,
    port: u16,
    base_path: String,
    server_name: ServerName<'static>,
    proxy: Option<Proxy>,
}

/// Whether what travels is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Https,
    /// To a sandbox alone.
    Http,
}

impl Scheme {
    fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
        }
    }
}

/// Why a URL is no address of a MESH service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// `http://`: nothing would protect the password's token nor the messages.
    #[error("'{given}' begins with http://, which nothing protects")]
    Insecure {
        /// What was given.
        given: String,
    },
    /// Another scheme, or none.
    #[error("'{given}' does not begin with https://")]
    Scheme {
        /// What was given.
        given: String,
    },
    /// A user name or password. What was given is not repeated: it may hold a secret.
    #[error("the URL holds an '@': a user name or password has no place in it")]
    UserInfo,
    /// A query or a fragment. What was given is not repeated: it may hold a secret.
    #[error("the URL holds a '?' or '#': only host, port and path have a place in it")]
    Query,
    /// The host is neither a DNS name nor an IP address.
    #[error("'{host}' is neither a DNS name nor an IP address")]
    Host {
        /// The host as given.
        host: String,
    },
    /// The port is not 1 to 65535.
    #[error("the port of '{given}' is not a number from 1 to 65535")]
    Port {
        /// What was given.
        given: String,
    },
    /// No URL at all.
    #[error("'{given}' is not a URL: {reason}")]
    Unreadable {
        /// What was given.
        given: String,
        /// Why it cannot be read.
        reason: String,
    },
}

impl Target {
    /// The address of a sandbox, which may begin with `http://` too; at a name under `nhs.uk` it may not.
    ///
    /// # Errors
    /// [`UrlError`], as parsing has them.
    pub fn of_sandbox(given: &str) -> Result<Self, UrlError> {
        let target = parse(given)?;
        if target.is_encrypted() || !target.is_nhs() {
            return Ok(target);
        }
        Err(UrlError::Insecure { given: given.trim().into() })
    }

    /// The same service, reached by a proxy; the environment is never asked for one.
    ///
    /// An `http://` address is not: a sandbox that needs a proxy can speak TLS.
    pub fn through(self, proxy: Option<Proxy>) -> Self {
        Self { proxy: proxy.filter(|_| self.is_encrypted()), ..self }
    }

    /// The proxy by which it is reached.
    pub fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    /// The host, in lower case: a DNS name without a dot at its end, or an IP address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; unless given it is 443, or 80 of an `http://` address.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is `https://`.
    pub fn is_encrypted(&self) -> bool {
        self.scheme == Scheme::Https
    }

    /// Whether the host is a name under `nhs.uk`.
    pub fn is_nhs(&self) -> bool {
        is_nhs(&self.host)
    }

    /// The environment of the NHS whose MESH this is, by its host.
    pub fn environment(&self) -> Option<Environment> {
        Environment::ALL.into_iter().find(|environment| {
            let own = [Network::Internet, Network::Hscn].into_iter().filter_map(|n| environment.url(n));
            // The sandbox is nowhere but where its user puts it.
            own.filter_map(|url| url.parse::<Self>().ok()).any(|own| own.is_nhs() && own.host == self.host)
        })
    }

    /// Host and port as they stand in a URL: brackets around an IPv6 address, no port if it is the usual.
    pub fn authority(&self) -> String {
        let usual = self.port == self.scheme.default_port();
        if usual { bracketed(&self.host) } else { self.host_and_port() }
    }

    /// Host and port, with brackets around an IPv6 address.
    pub(super) fn host_and_port(&self) -> String {
        format!("{}:{}", bracketed(&self.host), self.port)
    }

    /// The URL of a path that begins with a slash, such as `/messageexchange/X26ABC1`.
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{}{path}", self.scheme.as_str(), self.authority(), self.base_path)
    }

    /// The name that the server's certificate must bear.
    pub(super) fn server_name(&self) -> ServerName<'static> {
        self.server_name.clone()
    }
}

/// Whether a host is a name under `nhs.uk`, however it is written.
pub(super) fn is_nhs(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    host == "nhs.uk" || host.ends_with(".nhs.uk")
}

fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.into() }
}

impl FromStr for Target {
    type Err = UrlError;

    fn from_str(given: &str) -> Result<Self, UrlError> {
        let target = parse(given)?;
        if target.is_encrypted() {
            return Ok(target);
        }
        Err(UrlError::Insecure { given: given.trim().into() })
    }
}

fn parse(given: &str) -> Result<Target, UrlError> {
    let given = given.trim();
    // First of all, so that no other error repeats a password.
    if given.contains('@') {
        return Err(UrlError::UserInfo);
    }
    if given.contains(['?', '#']) {
        return Err(UrlError::Query);
    }
    let unreadable = |reason: String| UrlError::Unreadable { given: given.into(), reason };
    let uri: Uri = given.parse().map_err(|e: ureq::http::uri::InvalidUri| unreadable(e.to_string()))?;
    let scheme = match uri.scheme_str() {
        Some("https") => Scheme::Https,
        Some("http") => Scheme::Http,
        _ => return Err(UrlError::Scheme { given: given.into() }),
    };
    let authority = uri.authority().ok_or_else(|| unreadable("it names no host".into()))?;
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let name =
        |host: &str| ServerName::try_from(host.to_owned()).map_err(|_| UrlError::Host { host: host.into() });
    name(&host)?;
    // With a dot at its end it is the same name, but no certificate bears it.
    let host = host.strip_suffix('.').map(Into::into).unwrap_or(host);
    let server_name = name(&host)?;
    let port = match (authority.port_u16(), &authority.as_str()[authority.host().len()..]) {
        (Some(0), _) => return Err(UrlError::Port { given: given.into() }),
        (Some(port), _) => port,
        (None, "") => scheme.default_port(),
        (None, _) => return Err(UrlError::Port { given: given.into() }),
    };
    let path = uri.path().trim_end_matches('/');
    let base_path = path.strip_suffix(API).unwrap_or(path).trim_end_matches('/').to_owned();
    Ok(Target { scheme, host, port, base_path, server_name, proxy: None })
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Target {
        url.parse().unwrap()
    }

    #[test]
    fn suffix_of_the_api_is_stripped_however_it_is_written() {
        for url in ["https://h", "https://h/", "https://h/messageexchange", "https://h/messageexchange/"] {
            assert_eq!(target(url).url("/messageexchange/X"), "https://h/messageexchange/X", "{url}");
        }
        assert_eq!(target("https://h/base/messageexchange").url("/p"), "https://h/base/p");
        assert_eq!(target("https://h/my-messageexchanges").url("/p"), "https://h/my-messageexchanges/p");
    }

    #[test]
    fn host_and_port_are_read() {
        let t = target("https://localhost:8700");
        assert_eq!((t.host(), t.port(), t.authority().as_str()), ("localhost", 8700, "localhost:8700"));
        let t = target("HTTPS://[::1]:8700/x/");
        assert_eq!((t.host(), t.port(), t.to_string().as_str()), ("::1", 8700, "https://[::1]:8700/x"));
        assert_eq!(target("https://127.0.0.1").port(), 443);
        assert_eq!(target("https://127.0.0.1:443").authority(), "127.0.0.1");
        // The name under which container networks know the sandbox.
        assert_eq!(target("https://mesh_sandbox").host(), "mesh_sandbox");
    }

    #[test]
    fn urls_of_every_environment_are_read() {
        for environment in Environment::ALL {
            for network in [Network::Internet, Network::Hscn] {
                if let Some(url) = environment.url(network) {
                    assert_eq!(target(url).to_string(), url);
                }
            }
        }
    }

    #[test]
    fn environment_is_known_by_its_host() {
        let environment = |url: &str| target(url).environment();
        assert_eq!(environment("https://msg.intspineservices.nhs.uk"), Some(Environment::Integration));
        assert_eq!(environment("https://Mesh-Sync.national.ncrs.nhs.uk:8443/x"), Some(Environment::Live));
        for url in ["https://localhost:8700", "https://mesh.trust.nhs.uk", "https://nhs.uk"] {
            assert_eq!(environment(url), None, "{url}");
        }
    }

    #[test]
    fn http_is_for_a_sandbox_alone() {
        let t = Target::of_sandbox("HTTP://mesh_sandbox/messageexchange").unwrap();
        assert_eq!((t.to_string().as_str(), t.port(), t.is_encrypted()), ("http://mesh_sandbox", 80, false));
        let t = Target::of_sandbox("http://localhost:443").unwrap();
        assert_eq!(t.authority(), "localhost:443");
        assert!(Target::of_sandbox("https://localhost").unwrap().is_encrypted());
        assert!(matches!("http://localhost".parse::<Target>(), Err(UrlError::Insecure { .. })));
    }

    #[test]
    fn http_is_refused_under_nhs_uk_however_it_is_written() {
        for host in ["nhs.uk", "msg.intspineservices.nhs.uk", "MSG.NHS.UK", "a.nhs.uk.", "a.Nhs.uk.:8080"] {
            let error = Target::of_sandbox(&format!("http://{host}/x")).unwrap_err();
            assert!(matches!(error, UrlError::Insecure { .. }), "{host}: {error}");
        }
        for host in ["mynhs.uk", "nhs.uk.example", "nhs.uk.localhost", "127.0.0.1"] {
            assert!(!target(&format!("https://{host}")).is_nhs(), "{host}");
        }
        // Two dots are no name.
        assert!(matches!(Target::of_sandbox("http://a.nhs.uk.."), Err(UrlError::Host { .. })));
    }

    #[test]
    fn hosts_are_compared_in_one_form() {
        assert_eq!(target("https://Mesh-Sync.Example.").host(), "mesh-sync.example");
        assert_eq!(target("https://Mesh-Sync.Example.:8700").url(""), "https://mesh-sync.example:8700");
    }

    #[test]
    fn what_is_no_mesh_url_is_told_apart() {
        let error = |url: &str| url.parse::<Target>().unwrap_err();
        assert!(matches!(error("http://localhost:8700"), UrlError::Insecure { .. }));
        assert!(matches!(error("ftp://localhost"), UrlError::Scheme { .. }));
        assert!(matches!(error("localhost"), UrlError::Scheme { .. }));
        assert!(matches!(error("/messageexchange"), UrlError::Scheme { .. }));
        assert!(matches!(error("https://h?x=1"), UrlError::Query));
        assert!(matches!(error("https://h/#x"), UrlError::Query));
        assert!(matches!(error("https://h:99999"), UrlError::Port { .. }));
        assert!(matches!(error("https://h:0"), UrlError::Port { .. }));
        assert!(matches!(error("https://-h-/"), UrlError::Host { .. }));
        assert!(matches!(error(""), UrlError::Unreadable { .. }));
        assert!(matches!(error("https://"), UrlError::Unreadable { .. }));
    }

    #[test]
    fn password_in_a_url_is_refused_and_not_repeated() {
        for url in ["https://user:MARK@h", "http://user:MARK@h", "https://user:MA RK@h"] {
            let error = url.parse::<Target>().unwrap_err();
            assert_eq!(error, UrlError::UserInfo);
            assert!(!format!("{error} {error:?}").contains("MA"), "{error}");
        }
    }
}
