//! Faults on the way to MESH: name, connection, proxy, TLS, the server's certificate, and ours.

mod bench;
mod connection;
mod letter;
mod refusals;
#[path = "../../sandbox/server.rs"]
#[allow(dead_code)]
mod sandbox;
mod served;
mod tls;
mod trips;
mod trust;

use crate::row::Shows::{Fails, Warns};
use crate::row::{Row, row};

const CLIENT: &str = "client_certificate";

pub const ROWS: &[Row] = &[
    row("a name that does not exist", Fails("dns", "no_such_name", 4), connection::no_such_name),
    row("a proxy whose name does not exist", Fails("dns", "no_such_name", 4), connection::no_such_proxy),
    row("nothing listens", Fails("connect", "refused", 4), connection::refused),
    row("a listener that cuts at once", Fails("connect", "reset", 4), connection::reset),
    row("a listener that takes nobody in", Fails("connect", "timed_out", 4), connection::timed_out),
    row("an address without a way to it", Fails("connect", "unreachable", 4), connection::unreachable),
    row("a proxy that is away", Fails("connect", "proxy_unreachable", 4), connection::proxy_away),
    row("a proxy that wants a login", Fails("connect", "proxy_login", 4), connection::proxy_login),
    row(
        "a proxy that takes no login",
        Fails("connect", "proxy_login_refused", 4),
        connection::proxy_login_wrong,
    ),
    row("a proxy that blocks CONNECT", Fails("connect", "proxy_refused", 4), connection::proxy_blocks),
    row("a proxy that is an SSH server", Fails("connect", "proxy_not_http", 4), connection::proxy_other),
    row("a proxy that hangs up", Fails("connect", "proxy_not_http", 4), connection::proxy_hangs_up),
    row("a proxy that says nothing", Fails("connect", "proxy_timed_out", 4), connection::proxy_silent),
    row("a reset in the handshake", Fails("tls", "reset_in_tls", 3), tls::reset),
    row("an end in the handshake", Fails("tls", "reset_in_tls", 3), tls::closed),
    row("an SSH server", Fails("tls", "not_tls", 3), tls::ssh),
    row("a sandbox without TLS", Fails("tls", "not_tls", 3), tls::plain_http),
    row("a login page by redirect", Fails("tls", "captive_portal", 3), tls::portal),
    row("a login page by status 511", Fails("tls", "captive_portal", 3), tls::portal_511),
    row("a login page that waits for more", Fails("tls", "captive_portal", 3), tls::portal_that_waits),
    row("a login page by a torn redirect", Fails("tls", "captive_portal", 3), tls::portal_torn),
    row("a page at the address of MESH", Fails("tls", "captive_portal", 3), tls::page_for_mesh),
    row("a server of TLS 1.1", Fails("tls", "tls_alert", 3), tls::old_version),
    row("no cipher in common", Fails("tls", "tls_alert", 3), tls::no_cipher),
    row("a name that the server does not go by", Fails("tls", "tls_alert", 3), tls::unknown_name),
    row("a server of TLS 1.3 for .NET", Fails("tls", "tls_alert", 3), tls::new_version),
    row("a handshake without an answer", Fails("tls", "tls_timed_out", 3), tls::silent),
    row("an appliance of TLS 1.0", Fails("tls", "tls_failed", 3), tls::appliance),
    row("no root to trust by", Fails("server_trust", "no_trust", 3), trust::none),
    row("a server that is not verified", Warns("server_trust", "not_verified"), trust::insecure),
    row("another server", Fails("server_trust", "server_name", 3), trust::other_name),
    row(
        "a server with another common name only",
        Fails("server_trust", "server_name", 3),
        trust::other_common_name,
    ),
    row(
        "a server with a common name only",
        Fails("server_trust", "server_name_cn_only", 3),
        trust::common_name,
    ),
    row("a server that is over", Fails("server_trust", "server_expired", 3), trust::expired),
    row("a server that has not begun", Fails("server_trust", "server_not_yet_valid", 3), trust::not_yet),
    row("a server of another root", Fails("server_trust", "unknown_root", 3), trust::unknown_root),
    row("an authority for a server", Fails("server_trust", "ca_as_server", 3), trust::authority),
    row("a proxy that inspects TLS", Fails("server_trust", "inspected", 3), trust::inspected),
    row("the same, its root trusted", Fails("server_trust", "inspected", 3), trust::inspected_and_trusted),
    row("a server that asks for no certificate", Warns(CLIENT, "not_asked_for"), refusals::not_asked_for),
    row("a keystore without root", Warns(CLIENT, "root_missing"), refusals::root_missing),
    row("a leaf alone", Fails(CLIENT, "sub_ca_not_sent", 3), refusals::leaf_alone),
    row(
        "a leaf alone, and silence",
        Fails(CLIENT, "sub_ca_not_sent", 3),
        refusals::leaf_alone_without_a_word,
    ),
    row("a load balancer without certificate", Fails(CLIENT, "certificate_required", 3), refusals::required),
    row("another root, TLS 1.3", Fails(CLIENT, "unknown_ca", 3), refusals::unknown_ca),
    row("another root, TLS 1.2", Fails(CLIENT, "unknown_ca", 3), refusals::unknown_ca_tls12),
    row("another root, as .NET", Fails(CLIENT, "unknown_ca", 3), refusals::unknown_ca_as_dotnet),
    row("the server's clock", Fails(CLIENT, "certificate_expired", 3), refusals::expired),
    row("a certificate withdrawn", Fails(CLIENT, "certificate_revoked", 3), refusals::revoked),
    row("another purpose", Fails(CLIENT, "unsupported_certificate", 3), refusals::purpose),
    row("another name wanted", Fails(CLIENT, "bad_certificate", 3), refusals::bad),
    row("an owner who is not let in", Fails(CLIENT, "access_denied", 3), refusals::denied),
    row("an alert of no help", Fails(CLIENT, "tls_alert", 3), refusals::unknown_reason),
    row("an end without a word", Fails(CLIENT, "closed_without_alert", 3), refusals::closed),
    row("a refusal by HTTP", Fails(CLIENT, "refused_by_http", 3), refusals::by_http),
    row("a refusal by HTTP that none came", Fails(CLIENT, "refused_by_http", 3), refusals::by_http_none),
    row("a refusal before anybody logs in", Fails(CLIENT, "unknown_ca", 3), refusals::nobody_logs_in),
    row("a request without an answer", Fails(CLIENT, "no_answer", 3), refusals::no_answer),
    row("an answer that was changed", Fails(CLIENT, "connection_failed", 3), refusals::garbled),
];
