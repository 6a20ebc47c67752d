use std::fmt;
use std::str::FromStr;

use super::NameError;

/// Where a mailbox lives: one of the environments of NHS MESH, the official sandbox, or our rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Environment {
    /// Path to Live integration.
    Integration,
    /// Live.
    Live,
    /// Path to Live deployment.
    Deployment,
    /// Path to Live development.
    Development,
    /// Path to Live training; its addresses follow the Path to Live pattern and are not confirmed.
    Training,
    /// The official mesh-sandbox, on a machine of one's own.
    Sandbox,
    /// The rehearsal MESH of this program.
    Rehearsal,
}

/// Which certificate authority issues for an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// The NHS live root.
    Live,
    /// The NHS Path to Live root.
    PathToLive,
    /// The rehearsal CA in the home folder.
    Rehearsal,
    /// Whatever the user brings: the sandbox has none of its own.
    Own,
}

/// How a client reaches MESH.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// The internet, from a UK address.
    #[default]
    Internet,
    /// The Health and Social Care Network; deprecated for MESH.
    Hscn,
}

impl Environment {
    /// Every environment, in the order in which they are listed to people.
    pub const ALL: [Self; 7] = [
        Self::Integration,
        Self::Live,
        Self::Deployment,
        Self::Development,
        Self::Training,
        Self::Sandbox,
        Self::Rehearsal,
    ];

    /// The name in commands, JSON and folders.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Integration => "integration",
            Self::Live => "live",
            Self::Deployment => "deployment",
            Self::Development => "development",
            Self::Training => "training",
            Self::Sandbox => "sandbox",
            Self::Rehearsal => "rehearsal",
        }
    }

    /// The URL of MESH there, without `/messageexchange`. `None` where the address is the user's own.
    pub fn url(self, network: Network) -> Option<&'static str> {
        use Network::{Hscn, Internet};
        Some(match (self, network) {
            (Self::Integration, Internet) => "https://msg.intspineservices.nhs.uk",
            (Self::Integration, Hscn) => "https://msg.int.spine2.ncrs.nhs.uk",
            (Self::Live, Internet) => "https://mesh-sync.spineservices.nhs.uk",
            (Self::Live, Hscn) => "https://mesh-sync.national.ncrs.nhs.uk",
            (Self::Deployment, Internet) => "https://msg.depspineservices.nhs.uk",
            (Self::Deployment, Hscn) => "https://msg.dep.spine2.ncrs.nhs.uk",
            (Self::Development, Internet) => "https://msg.devspineservices.nhs.uk",
            (Self::Development, Hscn) => "https://msg.dev.spine2.ncrs.nhs.uk",
            (Self::Training, Internet) => "https://msg.trainspineservices.nhs.uk",
            (Self::Training, Hscn) => "https://msg.train.spine2.ncrs.nhs.uk",
            (Self::Sandbox, _) => "https://localhost:8700",
            (Self::Rehearsal, _) => return None,
        })
    }

    /// The service desk that issues certificates there. Settings may name another: guides disagree.
    pub fn desk_address(self) -> &'static str {
        match self {
            Self::Live => "ssd.nationalservicedesk@nhs.net",
            Self::Integration | Self::Deployment | Self::Development | Self::Training => {
                "itoc.supportdesk@nhs.net"
            }
            Self::Sandbox | Self::Rehearsal => "service-desk@rehearsal.invalid",
        }
    }

    /// Who issues certificates there.
    pub fn authority(self) -> Authority {
        match self {
            Self::Live => Authority::Live,
            Self::Integration | Self::Deployment | Self::Development | Self::Training => {
                Authority::PathToLive
            }
            Self::Sandbox => Authority::Own,
            Self::Rehearsal => Authority::Rehearsal,
        }
    }

    /// Whether a service desk issues there. For a sandbox and the rehearsal the user's own machine does.
    pub fn has_desk(self) -> bool {
        matches!(self.authority(), Authority::Live | Authority::PathToLive)
    }

    /// Whether the desk asks for a technical conformance certificate before it issues.
    pub fn needs_conformance_certificate(self) -> bool {
        self == Self::Live
    }
}

impl FromStr for Environment {
    type Err = NameError;
    fn from_str(given: &str) -> Result<Self, NameError> {
        Ok(match given.to_ascii_lowercase().as_str() {
            "integration" | "int" => Self::Integration,
            "live" | "prod" | "production" => Self::Live,
            "deployment" | "dep" => Self::Deployment,
            "development" | "dev" => Self::Development,
            "training" | "train" => Self::Training,
            "sandbox" => Self::Sandbox,
            "rehearsal" => Self::Rehearsal,
            _ => return Err(NameError::Environment { given: given.into() }),
        })
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Network {
    type Err = NameError;
    fn from_str(given: &str) -> Result<Self, NameError> {
        match given.to_ascii_lowercase().as_str() {
            "internet" => Ok(Self::Internet),
            "hscn" => Ok(Self::Hscn),
            _ => Err(NameError::Network { given: given.into() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_environment_reads_its_own_name_back() {
        for environment in Environment::ALL {
            assert_eq!(environment.as_str().parse::<Environment>().unwrap(), environment);
        }
        assert_eq!("PROD".parse::<Environment>().unwrap(), Environment::Live);
        assert!("staging".parse::<Environment>().is_err());
    }

    #[test]
    fn hscn_names_are_never_internet_names() {
        for environment in Environment::ALL.into_iter().filter(|e| e.authority() != Authority::Own) {
            if let Some(url) = environment.url(Network::Hscn) {
                assert!(url.ends_with(".ncrs.nhs.uk"), "{url}");
                assert_ne!(Some(url), environment.url(Network::Internet));
            }
        }
    }
}
