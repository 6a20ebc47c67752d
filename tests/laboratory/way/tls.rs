//! TLS up to where a certificate is asked for.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::bench::{Pair, SServer, check};
use super::served::{Served, linger, proxy_to};
use crate::support::{Authority, Output};

fn against(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Output {
    check(&Served::start(serve).url()).args(["--timeout", "2"]).run()
}

/// Waits for the first byte and leaves it unread: the kernel answers the end by a reset.
pub fn reset() -> Output {
    against(|client| drop(client.peek(&mut [0; 1])))
}

pub fn closed() -> Output {
    against(|mut client| {
        let _ = client.read(&mut [0; 16 * 1024]);
        linger(client);
    })
}

pub fn ssh() -> Output {
    against(|mut client| {
        let _ = client.write_all(b"SSH-2.0-OpenSSH_9.2\r\n");
        linger(client);
    })
}

/// What a server of HTTP says to TLS, and to a request.
fn http(to_request: &'static str) -> impl Fn(TcpStream) + Send + Sync + 'static {
    move |mut client| {
        let mut first = [0; 1];
        let _ = client.read_exact(&mut first);
        let bad = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
        // 22 begins a handshake of TLS.
        let answer = if first[0] == 22 { bad } else { to_request };
        let _ = client.write_all(answer.as_bytes());
        linger(client);
    }
}

pub fn plain_http() -> Output {
    against(http("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
}

const LOGIN: &str =
    "HTTP/1.1 302 Found\r\nLocation: http://login.guest.example/?from=mesh\r\nContent-Length: 0\r\n\r\n";

pub fn portal() -> Output {
    against(http(LOGIN))
}

pub fn portal_511() -> Output {
    against(http("HTTP/1.1 511 Network Authentication Required\r\nContent-Length: 0\r\n\r\n"))
}

/// Its address holds a control character.
pub fn portal_torn() -> Output {
    against(http(
        "HTTP/1.1 302 Found\r\nLocation: http://login.guest.example/\x02\r\nContent-Length: 0\r\n\r\n",
    ))
}

/// It takes TLS for the beginning of a request, and waits for its end.
pub fn portal_that_waits() -> Output {
    against(|mut client| {
        super::served::head(&mut client);
        let _ = client.write_all(LOGIN.as_bytes());
        linger(client);
    })
}

pub fn page_for_mesh() -> Output {
    let page = Served::start(http("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlogin"));
    let proxy = proxy_to(page.address);
    check("https://msg.intspineservices.nhs.uk").args(["--proxy", &proxy.proxy()]).run()
}

fn s_server(more: &str) -> SServer {
    SServer::start(&Pair::server(), &Authority::ours(), more)
}

pub fn old_version() -> Output {
    check(&s_server("-tls1_1 -cipher ALL@SECLEVEL=0 -www").url()).run()
}

pub fn no_cipher() -> Output {
    check(&s_server("-tls1_2 -cipher AES256-SHA -www").url()).run()
}

pub fn unknown_name() -> Output {
    let pair = Pair::server();
    let (leaf, key) = (pair.leaf().display().to_string(), pair.key().display().to_string());
    let more = format!("-servername mesh.other.example -servername_fatal -cert2 {leaf} -key2 {key} -www");
    check(&s_server(&more).url()).run()
}

pub fn new_version() -> Output {
    check(&s_server("-tls1_3 -www").url()).args(["--as", "nel-mesh"]).run()
}

pub fn silent() -> Output {
    against(|mut client| drop(std::io::copy(&mut client, &mut std::io::sink())))
}

/// Answers every handshake with TLS 1.0, whatever was offered (RFC 2246, 7.4.1.3).
pub fn appliance() -> Output {
    against(|mut client| {
        let _ = client.read(&mut [0; 16 * 1024]);
        let mut hello = vec![3, 1];
        hello.extend([7; 32]);
        // No session, TLS_RSA_WITH_AES_128_CBC_SHA, no compression.
        hello.extend([0, 0, 0x2f, 0]);
        let length = hello.len() as u8;
        let mut record = vec![22, 3, 1, 0, length + 4, 2, 0, 0, length];
        record.extend(hello);
        let _ = client.write_all(&record);
        linger(client);
    })
}
