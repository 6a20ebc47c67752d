//! By which proxy a server is reached: the flag, else what the environment says, read as curl reads it.

use std::net::IpAddr;

use ipnet::IpNet;
use zeroize::Zeroizing;

use crate::mesh::{Proxy, Target};
use crate::ui::InputError;

/// The variables, the one that counts first; an empty one counts as none.
const HTTPS: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const HTTP: [&str; 4] = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
const EXCEPT: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// What the environment says of proxies.
pub struct ProxySettings {
    https: Option<Setting>,
    http: Option<Setting>,
    except: Exceptions,
}

/// A variable and its value, which may hold a password.
struct Setting {
    name: &'static str,
    url: Zeroizing<String>,
}

impl ProxySettings {
    /// Reads the variables of the environment, which `variable` gives.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let setting = |names: [&'static str; 4]| {
            names.into_iter().find_map(|name| Some(Setting { name, url: Zeroizing::new(value(name)?) }))
        };
        let except = EXCEPT.into_iter().find_map(&value).unwrap_or_default();
        Self { https: setting(HTTPS), http: setting(HTTP), except: Exceptions::read(&except) }
    }

    /// The proxy for a target: the one of the flag, whatever the environment says. The sandbox at an
    /// `http://` address is reached without.
    pub fn choose(&self, flag: Option<&str>, target: &Target) -> Result<Option<Proxy>, InputError> {
        if let Some(given) = flag {
            if given.contains('@') {
                return Err(InputError::ProxyLogin);
            }
            if !target.is_encrypted() {
                return Err(InputError::Usage("--proxy is for https:// addresses".into()));
            }
            return parse("--proxy", given).map(Some);
        }
        match &self.https {
            Some(setting) if target.is_encrypted() && !self.except.hold(target.host(), target.port()) => {
                parse(setting.name, &setting.url).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The proxy for what is fetched over plain HTTP.
    pub fn for_fetching(&self) -> Result<Option<ureq::Proxy>, InputError> {
        let Some(Setting { name, url }) = &self.http else { return Ok(None) };
        // Ours judges; what it takes, ureq takes.
        parse(name, url)?;
        let unreadable =
            |_| InputError::ProxyUrl { from: name, error: crate::mesh::ProxyUrlError::Unreadable };
        let read = ureq::Proxy::new(url.trim()).map_err(unreadable)?;
        let mut proxy = ureq::Proxy::builder(read.protocol()).host(read.host()).port(read.port());
        if let Some(user) = read.username() {
            proxy = proxy.username(user).password(read.password().unwrap_or_default());
        }
        let proxy = self.except.expressions().fold(proxy, |proxy, except| proxy.no_proxy(&except));
        proxy.build().map(Some).map_err(unreadable)
    }
}

fn parse(from: &'static str, url: &str) -> Result<Proxy, InputError> {
    url.parse().map_err(|error| InputError::ProxyUrl { from, error })
}

/// The hosts that are reached without the proxy of the environment.
#[derive(Debug, Default)]
struct Exceptions(Vec<Exception>);

#[derive(Debug)]
struct Exception {
    hosts: Hosts,
    /// At this port alone.
    port: Option<u16>,
}

#[derive(Debug)]
enum Hosts {
    All,
    /// A name and the names under it.
    Name(String),
    /// Addresses that are given as such; a name is not resolved for this.
    Net(IpNet),
}

impl Exceptions {
    fn read(list: &str) -> Self {
        let entries = list.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty());
        Self(entries.map(Exception::read).collect())
    }

    fn hold(&self, host: &str, port: u16) -> bool {
        self.0.iter().any(|e| e.port.is_none_or(|only| only == port) && e.hosts.hold(host))
    }

    /// The same for ureq, which knows neither ports nor networks: what it cannot say goes by the proxy.
    fn expressions(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter(|e| e.port.is_none()).flat_map(|e| match &e.hosts {
            Hosts::All => vec!["*".into()],
            Hosts::Name(name) => vec![name.clone(), format!(".{name}")],
            Hosts::Net(net) if net.prefix_len() < net.max_prefix_len() => Vec::new(),
            Hosts::Net(IpNet::V4(net)) => vec![net.addr().to_string()],
            Hosts::Net(IpNet::V6(net)) => vec![format!("[{}]", net.addr())],
        })
    }
}

impl Exception {
    fn read(entry: &str) -> Self {
        if let Some(net) = net(entry) {
            return Self { hosts: Hosts::Net(net), port: None };
        }
        let (host, port) = match entry.rsplit_once(':').map(|(host, port)| (host, port.parse())) {
            Some((host, Ok(port))) => (host, Some(port)),
            _ => (entry, None),
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let hosts = match (net(bare), bare) {
            (Some(net), _) => Hosts::Net(net),
            (None, "*") => Hosts::All,
            (None, name) => {
                let name = name.trim_start_matches('*').trim_matches('.');
                Hosts::Name(name.to_ascii_lowercase())
            }
        };
        Self { hosts, port }
    }
}

impl Hosts {
    fn hold(&self, host: &str) -> bool {
        match self {
            Self::All => true,
            Self::Name(name) => {
                host.strip_suffix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                    && !name.is_empty()
            }
            Self::Net(net) => host.parse::<IpAddr>().is_ok_and(|ip| net.contains(&ip)),
        }
    }
}

/// An address, or a network of them such as 10.0.0.0/8.
fn net(entry: &str) -> Option<IpNet> {
    entry.parse().ok().or_else(|| entry.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached_without(list: &str, hosts: &[(&str, u16)]) -> Vec<bool> {
        let except = Exceptions::read(list);
        hosts.iter().map(|(host, port)| except.hold(host, *port)).collect()
    }

    #[test]
    fn exceptions_hold_for_a_name_and_those_under_it() {
        let hosts = [("nhs.uk", 443), ("msg.nhs.uk", 443), ("mynhs.uk", 443), ("nhs.uk.example", 443)];
        for list in ["nhs.uk", ".nhs.uk", "*.nhs.uk", "NHS.UK", "a, nhs.uk ,b", "x nhs.uk."] {
            assert_eq!(reached_without(list, &hosts), [true, true, false, false], "{list}");
        }
        assert_eq!(reached_without("*", &hosts), [true; 4]);
        for list in ["", ",", ".", "msg", "uk.example.nhs.uk"] {
            assert_eq!(reached_without(list, &hosts), [false; 4], "{list}");
        }
    }

    #[test]
    fn exceptions_hold_at_their_port_alone() {
        let hosts = [("localhost", 8700), ("localhost", 443), ("::1", 8700)];
        assert_eq!(reached_without("localhost:8700", &hosts), [true, false, false]);
        assert_eq!(reached_without("[::1]:8700", &hosts), [false, false, true]);
        assert_eq!(reached_without("*:443", &hosts), [false, true, false]);
    }

    #[test]
    fn exceptions_hold_for_addresses_and_networks() {
        let hosts = [("127.0.0.1", 1), ("10.9.8.7", 1), ("::1", 1), ("10.9.8.7.example", 1)];
        assert_eq!(reached_without("127.0.0.1,::1", &hosts), [true, false, true, false]);
        assert_eq!(reached_without("10.0.0.0/8,[::1]", &hosts), [false, true, true, false]);
    }

    #[test]
    fn exceptions_are_told_to_the_fetcher() {
        let told: Vec<_> =
            Exceptions::read("nhs.uk,*,::1,10.0.0.1,10.0.0.0/8,localhost:80").expressions().collect();
        assert_eq!(told, ["nhs.uk", ".nhs.uk", "*", "[::1]", "10.0.0.1"]);
    }
}
