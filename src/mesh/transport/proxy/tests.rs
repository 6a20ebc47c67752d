use std::net::Shutdown;

use rustls::version::TLS13;

use super::*;
use crate::mesh::transport::testing::{Pki, listen, serve_tls};
use crate::mesh::transport::{connect, handshake, resolve};

const WAIT: Duration = Duration::from_secs(5);

fn proxy(url: &str) -> Proxy {
    url.parse().unwrap()
}

/// Asks a proxy that answers with `answer`; what it was asked, and what came of it.
fn ask(login: &str, answer: &'static [u8]) -> (String, Result<TcpStream, TransportError>) {
    let (sender, asked) = std::sync::mpsc::channel();
    let (place, server) = listen(
        1,
        Box::new(move |mut tcp| {
            let (mut request, mut piece) = (Vec::new(), [0; 64]);
            while !request.ends_with(b"\r\n\r\n") {
                let read = tcp.read(&mut piece).unwrap();
                request.extend_from_slice(&piece[..read]);
            }
            sender.send(String::from_utf8(request).unwrap()).unwrap();
            // In two parts, as a network may deliver it.
            let (one, two) = answer.split_at(answer.len() / 2);
            tcp.set_nodelay(true).unwrap();
            // Who has heard enough hangs up.
            let _ = tcp.write_all(one);
            std::thread::sleep(Duration::from_millis(20));
            let _ = tcp.write_all(two);
            let _ = tcp.shutdown(Shutdown::Write);
        }),
    );
    let by = proxy(&format!("http://{login}{}", place.host_and_port()));
    let target = "https://[2001:db8::1]/base".parse::<Target>().unwrap().through(Some(by));
    let (tcp, _) = connect(&resolve(&target).unwrap(), WAIT).unwrap();
    let result = tunnel(tcp, &target, WAIT);
    server.join().unwrap();
    (asked.recv().unwrap(), result)
}

#[test]
fn proxies_are_read_in_every_usual_form() {
    for (url, shown) in [
        ("http://proxy.example:3128", "proxy.example:3128"),
        ("proxy.example:3128", "proxy.example:3128"),
        (" HTTP://proxy.example/ ", "proxy.example:80"),
        ("user:password@proxy.example:3128", "proxy.example:3128"),
        ("http://[::1]:3128", "[::1]:3128"),
    ] {
        assert_eq!(proxy(url).to_string(), shown, "{url}");
    }
    for url in ["https://proxy:443", "socks5://proxy", "SOCKS4://user:password@proxy"] {
        assert_eq!(url.parse::<Proxy>().unwrap_err(), ProxyUrlError::Scheme, "{url}");
    }
    for url in ["", "http://", "http://user:password@", "http://pro xy", "/path"] {
        assert_eq!(url.parse::<Proxy>().unwrap_err(), ProxyUrlError::Unreadable, "{url}");
    }
}

#[test]
fn port_that_is_none_is_never_taken_for_the_usual_one() {
    for place in
        ["proxy:99999", "proxy:abc", "proxy:", "proxy:0", "proxy:+80", "proxy:80:80", "[::1]:x", "::1"]
    {
        for url in [place.into(), format!("http://{place}/"), format!("http://user:password@{place}")] {
            assert_eq!(url.parse::<Proxy>().unwrap_err(), ProxyUrlError::Port, "{url}");
        }
    }
    // What is left of the slash reads as host and port.
    assert_eq!("http://user:pass/word@proxy:80".parse::<Proxy>().unwrap_err(), ProxyUrlError::Port);
}

#[test]
fn login_is_decoded_once_and_sent_as_basic() {
    // RFC 7617, 2.
    let (asked, result) = ask("Aladdin:open%20sesame@", b"HTTP/1.1 200 Connection established\r\n\r\n");
    result.unwrap();
    assert_eq!(
        asked,
        format!(
            "CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\nUser-Agent: mesh-onboard/{}\r\n\
             Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n",
            env!("CARGO_PKG_VERSION")
        )
    );
    let (asked, result) = ask("", b"HTTP/1.0 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\nVia: x\r\n\r\n");
    result.unwrap();
    assert!(!asked.contains("Authorization"), "{asked}");
}

#[test]
fn login_is_never_shown() {
    let by = proxy("http://MARKuser:MARKpassword@proxy:3128");
    let target = "https://mesh.example".parse::<Target>().unwrap().through(Some(by.clone()));
    let shown = format!("{by} {by:?} {target} {target:?}");
    let (_, refused) = ask("MARKuser:MARKpassword@", b"HTTP/1.1 407 No\r\n\r\n");
    let error = refused.unwrap_err();
    let shown = format!("{shown} {error} {error:?} {:?}", "http://MARK:MARK @x".parse::<Proxy>());
    assert!(!shown.contains("MARK") && !shown.contains("Basic"), "{shown}");
}

#[test]
fn proxy_that_wants_a_login_is_told_from_one_that_refuses_it() {
    let answer = b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nproxy-authenticate: Negotiate\r\nContent-Length: 4\r\n\r\nbody";
    let (_, result) = ask("", answer);
    let error = result.unwrap_err();
    assert!(
        matches!(&error, TransportError::ProxyLogin { given: false, schemes, .. } if *schemes == ["Basic", "Negotiate"]),
        "{error:?}"
    );
    assert!(error.to_string().ends_with(" wants a login (Basic, Negotiate)"), "{error}");
    let (_, result) = ask("user:wrong@", answer);
    let error = result.unwrap_err();
    assert!(error.to_string().contains(" refuses the login (Basic"), "{error}");
}

#[test]
fn refusal_of_a_proxy_bears_status_and_reason() {
    for (answer, transient) in [
        (&b"HTTP/1.1 403 Filtered\r\n\r\n"[..], false),
        (b"HTTP/1.1 502 Bad Gateway\r\nServer: x\r\n\r\n<html>", true),
    ] {
        let (_, result) = ask("", answer);
        let error = result.unwrap_err();
        let TransportError::ProxyRefused { status, reason, .. } = &error else { panic!("{error:?}") };
        assert_eq!(format!("HTTP/1.1 {status} {reason}").as_bytes(), &answer[..9 + 4 + reason.len()]);
        assert_eq!((error.is_transient(), error.stage()), (transient, Stage::Tunnel));
    }
}

#[test]
fn what_is_no_proxy_is_said_to_be_none() {
    const LONG: &[u8] = &[b'x'; ANSWER_MAX];
    let flood: &'static [u8] =
        Box::leak([b"HTTP/1.1 200 OK\r\nx: ", LONG, b"\r\n\r\n"].concat().into_boxed_slice());
    let endless: &'static [u8] = Box::leak(b"HTTP/1.1 100 C\r\n\r\n".repeat(10_000).into_boxed_slice());
    for answer in [
        endless,
        &b"SSH-2.0-OpenSSH_9.2\r\n"[..],
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nand more before it is its turn",
        flood,
    ] {
        let (_, result) = ask("", answer);
        let error = result.unwrap_err();
        assert!(matches!(error, TransportError::ProxyNotHttp { .. }), "{error:?}");
    }
    let (_, result) = ask("", b"");
    let error = result.unwrap_err();
    assert!(matches!(error, TransportError::ClosedWithoutAlert { stage: Stage::Tunnel, .. }), "{error:?}");
}

#[test]
fn silent_proxy_times_out() {
    let (place, server) = listen(1, Box::new(|mut tcp| drop(tcp.read_to_end(&mut Vec::new()))));
    let target = "https://mesh.example".parse::<Target>().unwrap();
    let target = target.through(Some(proxy(&place.host_and_port())));
    let (tcp, address) = connect(&resolve(&target).unwrap(), WAIT).unwrap();
    let error = tunnel(tcp, &target, Duration::from_millis(50)).unwrap_err();
    assert!(
        matches!(&error, TransportError::TimedOut { stage: Stage::Tunnel, addresses } if *addresses == [address]),
        "{error:?}"
    );
    server.join().unwrap();
}

#[test]
fn tls_goes_through_a_tunnel_to_the_server_itself() {
    let pki = Pki::new();
    // It waits to be spoken to, as servers do.
    let (mesh, server) = serve_tls(pki.server(&["mesh.example"], &TLS13, None), 1, &[""]);
    let (place, relay) = listen(
        1,
        Box::new(move |mut tcp| {
            let _ = tcp.read(&mut [0; 4096]).unwrap();
            let mut there = TcpStream::connect((mesh.host(), mesh.port())).unwrap();
            tcp.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            let (mut back, mut from) = (tcp.try_clone().unwrap(), there.try_clone().unwrap());
            let other = std::thread::spawn(move || std::io::copy(&mut from, &mut back));
            let _ = std::io::copy(&mut tcp, &mut there);
            let _ = there.shutdown(Shutdown::Write);
            let _ = other.join().unwrap();
        }),
    );
    // The name is for the proxy to resolve; here nobody could.
    let target = "https://mesh.example".parse::<Target>().unwrap();
    let target = target.through(Some(proxy(&place.host_and_port())));
    let (tcp, _) = connect(&resolve(&target).unwrap(), WAIT).unwrap();
    let tcp = tunnel(tcp, &target, WAIT).unwrap();
    let stream = handshake(tcp, &target, &pki.settings(None), WAIT).unwrap();
    assert_eq!(stream.version(), "TLS 1.3");
    drop(stream);
    server.join().unwrap();
    relay.join().unwrap();
}

#[test]
fn http_address_is_never_reached_by_a_proxy() {
    let target = Target::of_sandbox("http://localhost").unwrap().through(Some(proxy("proxy:3128")));
    assert!(target.proxy().is_none());
}
