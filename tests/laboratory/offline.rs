//! What can be wrong with files, key and certificate: each made wrong with other people's tools.

mod bench;
mod certificate;
mod chain;
mod files;
mod key;
mod revocation;

use crate::row::Shows::{Fails, Warns};
use crate::row::{Row, row};

pub const ROWS: &[Row] = &[
    row("there is no key file", Fails("files", "missing", 3), files::no_key),
    row("there is no certificate file", Fails("files", "missing", 3), files::no_certificate),
    row("there is no PFX file", Fails("files", "missing", 3), files::no_pfx),
    row("a folder bears the name of the key", Fails("files", "unreadable", 3), files::folder_as_key),
    row("the certificate file is far too large", Fails("files", "unreadable", 3), files::too_large),
    row("others can read the key", Warns("files", "open_permissions"), files::open_key),
    row("others can read the PFX of import", Warns("files", "open_permissions"), files::open_pfx),
    row("the key is in a git work tree", Warns("files", "in_git_work_tree"), files::in_git),
    row("git tracks the key, though it ignores it", Warns("files", "in_git_work_tree"), files::tracked),
    row("the key is in a second work tree", Warns("files", "in_git_work_tree"), files::second_work_tree),
    row("the key is in OneDrive", Warns("files", "in_synced_folder"), files::in_onedrive),
    row("the key is linked into Nextcloud", Warns("files", "in_synced_folder"), files::in_nextcloud),
    row("certificate.pem was replaced", Warns("files", "edited_since_import"), files::other_certificate),
    row("fullchain.pem was replaced", Warns("files", "edited_since_import"), files::other_fullchain),
    row("chain.pem lacks the root", Warns("files", "edited_since_import"), files::shorter_chain),
    row("ca-bundle.pem was turned round", Warns("files", "edited_since_import"), files::turned_bundle),
    row("the base64 is of an older PFX", Warns("files", "edited_since_import"), files::other_base64),
    row("the passphrase of the key is wrong", Fails("key", "passphrase_wrong", 3), key::wrong_passphrase),
    row("the password of the PFX is wrong", Fails("key", "passphrase_wrong", 3), key::wrong_pfx_password),
    row("the key is encrypted as few can read", Fails("key", "key_unreadable", 3), key::odd_cipher),
    row("a certificate is given as the key", Fails("key", "key_unreadable", 3), key::certificate_as_key),
    row("the key is elliptic", Fails("key", "not_rsa", 3), key::elliptic),
    row("the key has 1024 bits", Fails("key", "weak_key", 3), key::short),
    row(
        "a request is given as the certificate",
        Fails("match", "not_a_certificate", 3),
        certificate::request,
    ),
    row("the key is another's", Fails("match", "key_mismatch", 3), certificate::other_key),
    row("another name was asked for", Fails("match", "name_mismatch", 3), certificate::other_name),
    row("the certificate is over", Fails("expiry", "expired", 3), certificate::expired),
    row("the certificate has not begun", Fails("expiry", "not_yet_valid", 3), certificate::not_yet_valid),
    row("the certificate is nearly over", Warns("expiry", "expires_soon"), certificate::expires_soon),
    row("the key usage period is over", Warns("expiry", "key_usage_period_over"), certificate::usage_over),
    row("the certificate is for servers alone", Fails("chain", "no_client_auth", 3), chain::for_servers),
    row("the certificate is signed over SHA-1", Fails("chain", "weak_signature", 3), chain::sha1),
    row("the sub CA is not in the file", Warns("chain", "sub_ca_missing"), chain::leaf_alone),
    row("the root stands first", Warns("chain", "order_wrong"), chain::root_first),
    row("root and sub CA changed places", Warns("chain", "order_wrong"), chain::root_before_sub),
    row("the issuer is unknown", Fails("chain", "chain_incomplete", 3), chain::unknown_issuer),
    row("the issuer is unknown to us", Warns("chain", "chain_incomplete"), chain::issuer_of_sandbox),
    row("the CA is nobody's", Fails("chain", "chain_untrusted", 3), chain::untrusted),
    row("the certificate is self-signed", Fails("chain", "chain_untrusted", 3), chain::self_signed),
    row("an extension is critical and unknown", Fails("chain", "chain_invalid", 3), chain::unknown_extension),
    row("the sub CA is over", Fails("chain", "issuer_expired", 3), chain::issuer_over),
    row("the CA is another environment's", Fails("chain", "wrong_environment", 3), chain::rehearsals),
    row("the CA is retired", Fails("chain", "retired_authority", 3), chain::retired),
    row("the certificate is revoked", Fails("chain", "revoked", 3), revocation::leaf),
    row("the sub CA is revoked", Fails("chain", "revoked", 3), revocation::sub_ca),
    row("an old list revokes it", Fails("chain", "revoked", 3), revocation::by_an_old_list),
    row("there is no list at the address", Warns("chain", "crl_unavailable"), revocation::gone),
    row("nobody answers at the address", Warns("chain", "crl_unavailable"), revocation::nobody),
    row("a portal answers at the address", Warns("chain", "crl_unavailable"), revocation::portal),
    row("the certificate names no list", Warns("chain", "crl_unavailable"), revocation::unnamed),
    row("the list is another CA's", Warns("chain", "crl_not_trusted"), revocation::of_another),
    row("the list has another signature", Warns("chain", "crl_not_trusted"), revocation::forged),
    row("the list has only what changed", Warns("chain", "crl_not_trusted"), revocation::changes_alone),
    row("the list is overdue", Warns("chain", "crl_not_trusted"), revocation::overdue),
    row("the list has not begun", Warns("chain", "crl_not_trusted"), revocation::not_begun),
];
