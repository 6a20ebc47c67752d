use std::fmt;
use std::str::FromStr;

use crate::mesh::TlsSettings;

/// An application whose TLS client is not like ours, so that what works here may fail there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Consumer {
    /// NEL.MESH (.NET).
    NelMesh,
    /// dotnet-mesh-client, as Cohort Manager uses it (.NET).
    DotnetMeshClient,
    /// mesh-client (Python).
    MeshClient,
    /// terraform-aws-mesh-client (Python).
    Aws,
    /// Mavis (Ruby), which finds the sub CA in its CA file.
    Mavis,
    /// The MESH Java client.
    JavaClient,
    /// The JavaScript client (Node.js).
    Javascript,
    /// curl.
    Curl,
}

/// No application of this name is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{given}' is none of {}", Consumer::ALL.map(Consumer::as_str).join(", "))]
pub struct UnknownConsumer {
    given: String,
}

impl Consumer {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::NelMesh,
        Self::DotnetMeshClient,
        Self::MeshClient,
        Self::Aws,
        Self::Mavis,
        Self::JavaClient,
        Self::Javascript,
        Self::Curl,
    ];

    /// The name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NelMesh => "nel-mesh",
            Self::DotnetMeshClient => "dotnet-mesh-client",
            Self::MeshClient => "mesh-client",
            Self::Aws => "aws",
            Self::Mavis => "mavis",
            Self::JavaClient => "java-client",
            Self::Javascript => "javascript",
            Self::Curl => "curl",
        }
    }

    /// .NET on Windows sends its certificate without the sub CA, unless that lies in the machine's store; and both
    /// clients of MESH on .NET pin TLS 1.2.
    fn is_dotnet(self) -> bool {
        matches!(self, Self::NelMesh | Self::DotnetMeshClient)
    }

    /// Whether it speaks no newer TLS than 1.2.
    pub(super) fn speaks_tls12_alone(self) -> bool {
        self.is_dotnet()
    }

    /// Whether it shows its certificate without the sub CA.
    pub(super) fn shows_leaf_alone(self) -> bool {
        self.is_dotnet()
    }

    /// Whether its keystore has to hold the root beside the certificate.
    pub(super) fn wants_root(self) -> bool {
        self == Self::JavaClient
    }

    /// `settings` as this application would have them.
    pub(super) fn settings(self, settings: &TlsSettings) -> TlsSettings {
        let mut own = settings.clone();
        if self.speaks_tls12_alone() {
            own = own.tls12_only();
        }
        if self.shows_leaf_alone() {
            own = own.leaf_alone();
        }
        own
    }

    /// What it does otherwise than others, for people.
    pub(super) fn manner(self) -> &'static str {
        match self {
            Self::NelMesh | Self::DotnetMeshClient => "TLS 1.2 only, certificate without sub CA",
            _ => "TLS 1.2 and 1.3, certificate with sub CA",
        }
    }
}

impl fmt::Display for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Consumer {
    type Err = UnknownConsumer;

    fn from_str(given: &str) -> Result<Self, UnknownConsumer> {
        let found =
            Self::ALL.into_iter().find(|consumer| consumer.as_str().eq_ignore_ascii_case(given.trim()));
        found.ok_or_else(|| UnknownConsumer { given: given.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consumers_are_read_by_the_name_that_they_show() {
        for consumer in Consumer::ALL {
            assert_eq!(consumer.to_string().parse(), Ok(consumer));
        }
        assert!(
            "excel".parse::<Consumer>().unwrap_err().to_string().contains("nel-mesh, dotnet-mesh-client")
        );
    }
}
