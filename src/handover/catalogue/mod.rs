//! One file a consumer, or a family of them.

mod adaptors;
mod aws;
mod azure;
mod curl;
mod docker_secrets;
mod dotenv;
mod dotnet;
mod github_actions;
mod java_client;
mod javascript;
mod kubernetes;
mod mavis;
mod mesh_client;
mod pem;
mod renalware;
mod vault;

use super::error::HandoverError;
use super::preset::Preset;

const ALL: &[&Preset] = &[
    &pem::PRESET,
    &dotnet::NEL_MESH,
    &mavis::PRESET,
    &mesh_client::PRESET,
    &dotnet::DOTNET_MESH_CLIENT,
    &javascript::PRESET,
    &java_client::PRESET,
    &aws::SSM,
    &aws::SECRETS_MANAGER,
    &azure::PRESET,
    &vault::PRESET,
    &kubernetes::PRESET,
    &docker_secrets::PRESET,
    &github_actions::PRESET,
    &renalware::PRESET,
    &adaptors::NHAIS,
    &adaptors::LAB_RESULTS,
    &dotenv::PRESET,
    &curl::PRESET,
];

/// Every consumer that is known, in the order in which they are listed.
pub fn presets() -> &'static [&'static Preset] {
    ALL
}

/// The consumer of a name, capitals or not.
pub fn find(name: &str) -> Result<&'static Preset, HandoverError> {
    let found = ALL.iter().find(|preset| preset.name.eq_ignore_ascii_case(name.trim()));
    found.copied().ok_or_else(|| HandoverError::UnknownConsumer {
        given: name.into(),
        known: ALL.iter().map(|preset| preset.name).collect(),
    })
}

#[cfg(test)]
mod tests;
