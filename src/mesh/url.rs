use std::fmt;
use std::str::FromStr;

use rustls_pki_types::ServerName;
use ureq::http::Uri;

/// The path under which every call of the MESH API hangs.
const API: &str = "/messageexchange";

/// Where a MESH service is: `https://host[:port][/base path]`.
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
    host: String,
    port: u16,
    base_path: String,
    server_name: ServerName<'static>,
}

/// Why a URL is no address of a MESH service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// `http://`: nothing would protect the password's token nor the messages.
    #[error("'{given}' begins with http://; only https:// is spoken")]
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
    /// The host: a DNS name, or an IP address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, 443 unless given.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host and port as they stand in a URL: brackets around an IPv6 address, no port if it is 443.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == 443 { host } else { format!("{host}:{}", self.port) }
    }

    /// The URL of a path that begins with a slash, such as `/messageexchange/X26ABC1`.
    pub fn url(&self, path: &str) -> String {
        format!("https://{}{}{path}", self.authority(), self.base_path)
    }

    /// The name that the server's certificate must bear.
    pub(super) fn server_name(&self) -> ServerName<'static> {
        self.server_name.clone()
    }
}

impl FromStr for Target {
    type Err = UrlError;

    fn from_str(given: &str) -> Result<Self, UrlError> {
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
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") => return Err(UrlError::Insecure { given: given.into() }),
            _ => return Err(UrlError::Scheme { given: given.into() }),
        }
        let authority = uri.authority().ok_or_else(|| unreadable("it names no host".into()))?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = match (authority.port_u16(), &authority.as_str()[authority.host().len()..]) {
            (Some(0), _) => return Err(UrlError::Port { given: given.into() }),
            (Some(port), _) => port,
            (None, "") => 443,
            (None, _) => return Err(UrlError::Port { given: given.into() }),
        };
        let server_name =
            ServerName::try_from(host.clone()).map_err(|_| UrlError::Host { host: host.clone() })?;
        let path = uri.path().trim_end_matches('/');
        let base_path = path.strip_suffix(API).unwrap_or(path).trim_end_matches('/').to_owned();
        Ok(Self { host, port, base_path, server_name })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailbox::{Environment, Network};

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
