use super::Context;
use crate::check::KnownRoot;
use crate::onboarding;
use crate::ui::Failure;

impl Context {
    /// Roots that are recognised, whether they are trusted or not.
    pub(super) fn known_roots(&self) -> Result<Vec<KnownRoot>, Failure> {
        #[cfg_attr(not(feature = "test-hooks"), expect(unused_mut, reason = "tests add to it"))]
        let mut roots = onboarding::known_roots(&self.store)?;
        #[cfg(feature = "test-hooks")]
        roots.extend(retired(&self.variables)?);
        Ok(roots)
    }
}

/// Tests may retire a CA of their own: nobody has the key of one that the NHS retired.
#[cfg(feature = "test-hooks")]
fn retired(variables: &std::collections::BTreeMap<String, String>) -> Result<Vec<KnownRoot>, Failure> {
    use crate::mailbox::Authority;
    use crate::pki::sniff;
    use crate::store::{FILE_LIMIT, files};
    let Some(path) = variables.get("MESH_ONBOARD_TEST_RETIRED_ROOT") else { return Ok(Vec::new()) };
    let found = sniff::certificates(&files::read_bounded(path.as_ref(), FILE_LIMIT)?).unwrap_or_default();
    let retire = |certificate| KnownRoot { certificate, authority: Authority::PathToLive, is_retired: true };
    Ok(found.into_iter().map(retire).collect())
}
