//! Names that cost days: the desk sends them back.

use super::Findings;
use crate::mailbox::{CommonName, MESH_CLIENT_DOMAIN};

/// Judges the common name of a client certificate or of a request for one.
pub(super) fn judge(findings: &mut Findings, common_name: Option<&str>) {
    let Some(given) = common_name else {
        findings.warn("name_not_mesh", "it has no common name");
        return;
    };
    if given.parse::<CommonName>().is_ok_and(|name| name.mesh_parts().is_some()) {
        return;
    }
    let likely = CommonName::likely_meant(given);
    let meant = likely.map(|name| format!("; {name} is likely meant")).unwrap_or_default();
    if given.to_ascii_lowercase().ends_with(".thirdparty.nhs.uk") {
        findings.warn(
            "name_thirdparty",
            format!("{given} is the naming of the MESH client application, not of the MESH API{meant}"),
        );
    } else {
        findings.warn(
            "name_not_mesh",
            format!("{given} is not of the form <mailbox>.<ods>.{MESH_CLIENT_DOMAIN}{meant}"),
        );
    }
}
