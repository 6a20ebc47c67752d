//! What is wrong with clock, login, inbox or round trip, at a rehearsal MESH and at servers that are none.

mod gateway;
mod keyring;
mod scene;
mod stays;

use gateway::{Passed, gateway, refuses_with};
use keyring::with_keyring;
use scene::Scene;

use crate::row::Shows::{Fails, Warns};
use crate::row::{Row, row};
use crate::support::{Answer, Mesh, Output, WebServer};

pub const ROWS: &[Row] = &[
    row("this clock is ten minutes ahead", Warns("clock", "clock_drifts"), || {
        Scene::at("2026-06-01T12:00:00Z").check().now("2026-06-01T12:10:00Z").run()
    }),
    row(
        "this clock is an hour behind, which the server's Date shows",
        Warns("clock", "clock_drifts"),
        || Scene::with(&["* date=+1h"]).check().run(),
    ),
    row("this clock is three hours ahead, and tokens are refused", Fails("clock", "clock_off", 3), || {
        Scene::at("2026-06-01T12:00:00Z").check().now("2026-06-01T15:30:00Z").run()
    }),
    row(
        "the server's clock is three hours ahead, and it takes tokens",
        Fails("clock", "clock_off", 3),
        || Scene::with(&["* date=+3h"]).check().run(),
    ),
    row("a server without a Date header says that the time is wrong", Fails("clock", "clock_off", 3), || {
        let server = refuses_with("Token timestamp is outside the tolerance", false);
        Scene::with(&[]).check_plainly(&server.url("")).run()
    }),
    row("a server with the right Date says that the time is wrong", authorization("token_time"), || {
        let server = refuses_with("Token timestamp is outside the tolerance", true);
        Scene::with(&[]).check_plainly(&server.url("")).run()
    }),
    row("MESH has no such mailbox", authorization("mailbox_unknown"), || {
        Scene::with(&[]).check_of("X26ZZZ9").run()
    }),
    row("a gateway rewrites the path to another mailbox", authorization("token_for_other_mailbox"), || {
        through_a_gateway(|request| {
            vec![Passed { path: request.path.replace("X26ABC1", "X26ABC2"), ..request }]
        })
    }),
    row("a gateway sends each request twice", authorization("token_reused"), || {
        through_a_gateway(|request| vec![request.clone(), request])
    }),
    row("there is nothing at this path", authorization("no_such_path"), || {
        Scene::with(&["POST / status=404"]).check().run()
    }),
    row("the gateway before MESH is there, and MESH is not", authorization("server_error"), || {
        Scene::with(&["POST / status=502 body=html"]).check().run()
    }),
    row("MESH fails with SOAP", authorization("server_error"), || {
        Scene::with(&["POST / status=500 body=soap"]).check().run()
    }),
    row("MESH turns requests away", authorization("too_many_requests"), || {
        Scene::with(&["POST / status=429 retry-after=30"]).check().run()
    }),
    row("MESH refuses for another reason", authorization("refused"), || {
        Scene::with(&["POST / status=400"]).check().run()
    }),
    row("a login page of the network answers", authorization("unexpected_answer"), || {
        let page = WebServer::start(|_| Answer::Body(b"<html><h1>Guest access</h1></html>".to_vec()));
        Scene::with(&[]).check_plainly(&page.url("")).run()
    }),
    row("something redirects", authorization("unexpected_answer"), || {
        let page = WebServer::start(|_| Answer::Redirect("https://portal.invalid/".into()));
        Scene::with(&[]).check_plainly(&page.url("")).run()
    }),
    row("the password is wrong", authorization("login_refused"), || login("wrong", "TestKey")),
    row("the shared key is wrong", authorization("login_refused"), || {
        Scene::with_secrets("password", "the key here").check().env("MESH_SHARED_KEY", "wrong").run()
    }),
    row("password and shared key are swapped", authorization("secrets_swapped"), || {
        login("TestKey", "password")
    }),
    row("the password really has spaces around it", authorization("secret_has_spaces"), || {
        let scene = Scene::with_secrets(" spaced ", "TestKey");
        scene.check().env("MESH_MAILBOX_PASSWORD", " spaced ").run()
    }),
    row("password and shared key really have quotes around them", authorization("secret_has_spaces"), || {
        let scene = Scene::with_secrets("\"quoted\"", "\"key\"");
        scene.check().env("MESH_MAILBOX_PASSWORD", "\"quoted\"").env("MESH_SHARED_KEY", "\"key\"").run()
    }),
    row("the shared key is that of the sandbox's container", authorization("sandbox_shared_key"), || {
        Scene::with_secrets("password", "Banana").check().run()
    }),
    row("the shared key is that of the sandbox's package", authorization("sandbox_shared_key"), || {
        login("password", "Banana")
    }),
    row("the shared key is in both places", authorization("secrets_equal"), || {
        Scene::with_secrets("password", "the shared key")
            .check()
            .env("MESH_MAILBOX_PASSWORD", "the shared key")
            .env("MESH_SHARED_KEY", "the shared key")
            .run()
    }),
    row("the shared key is integration's", authorization("secret_of_other_environment"), || {
        let scene = Scene::with_secrets("password", "the key here");
        let program = scene.check().env("MESH_SHARED_KEY", "the key of integration");
        with_keyring(&scene, program, &[("integration/shared-key", "the key of integration")]).run()
    }),
    row("the password is that of the mailbox in live", authorization("secret_of_other_environment"), || {
        let scene = Scene::with_secrets("password", "the key here");
        let program = scene.check().env("MESH_SHARED_KEY", "the key here");
        let program = program.env("MESH_MAILBOX_PASSWORD", "password of live");
        with_keyring(&scene, program, &[("live/X26ABC1/mailbox-password", "password of live")]).run()
    }),
    row("the mailbox validates and its inbox is refused", Fails("mailbox", "inbox_refused", 3), || {
        Scene::with(&["GET /inbox status=403"]).check().run()
    }),
    row("the mailbox validates and its inbox fails", Fails("mailbox", "inbox_refused", 3), || {
        Scene::with(&["GET /inbox cut-response=1 by=close"]).check().run()
    }),
    row("400 messages wait", Warns("mailbox", "inbox_nearly_full"), || filled(400)),
    row("500 messages wait", Warns("mailbox", "inbox_full"), || filled(500)),
    row("a message is four and a half days old", Warns("mailbox", "messages_expire"), || {
        let mut mesh = Mesh::start();
        mesh.sent(b"nobody collects it", &[]);
        mesh.restart_at("2026-06-06T00:00:00Z");
        mesh.answers("check", "X26ABC2").now("2026-06-06T00:00:30Z").run()
    }),
    row("a gateway rewrites the recipient", round_trip("recipient_not_registered"), || {
        let scene = Scene::with(&[]);
        let gateway = gateway(&scene, |mut request| {
            for header in &mut request.headers {
                if header.to_ascii_lowercase().starts_with("mex-to:") {
                    *header = "mex-to: X26ZZZ9".into();
                }
            }
            vec![request]
        });
        scene.check_plainly(&gateway.url("")).arg("--round-trip").run()
    }),
    row("the mailbox may not send with the workflow", round_trip("workflow_not_allowed"), || {
        Scene::with(&[]).round_trip().args(["--workflow", "TEST_WORKFLOW_ACK"]).run()
    }),
    row("the mailbox may not receive with the workflow", round_trip("workflow_not_allowed"), || {
        Scene::with(&[]).round_trip().args(["--workflow", "TEST_WORKFLOW"]).run()
    }),
    row("the message is not taken", round_trip("not_sent"), || {
        Scene::with(&["POST /outbox status=500 body=soap"]).round_trip().run()
    }),
    row("the answer to the message is lost", round_trip("not_sent"), || {
        Scene::with(&["POST /outbox drop-answer"]).round_trip().run()
    }),
    row("the message is not handed out", round_trip("not_received"), || {
        Scene::with(&["GET /inbox/* status=500"]).round_trip().run()
    }),
    row("the message does not arrive", round_trip("never_arrives"), || {
        Scene::with(&["GET /inbox/* status=404"]).round_trip().run()
    }),
    row("the message arrives at the sixth look", Warns("round_trip", "arrives_late"), || {
        Scene::with(&["GET /inbox/* status=404 times=5"])
            .check()
            .args(["--round-trip", "--wait", "20s"])
            .run()
    }),
    row("a byte of the message is another", round_trip("message_changed"), || {
        Scene::with(&["GET /inbox/* corrupt"]).round_trip().run()
    }),
    row("the end of the message is missing", round_trip("message_changed"), || {
        Scene::with(&["GET /inbox/* short=3"]).round_trip().run()
    }),
    row("the message cannot be acknowledged", round_trip("not_acknowledged"), || {
        Scene::with(&["PUT /inbox/** status=500"]).round_trip().run()
    }),
];

/// A tenth of a short wait says nothing.
#[test]
fn message_that_comes_within_five_seconds_is_not_late() {
    let scene = Scene::with(&["GET /inbox/* status=404 times=3"]);
    let answer = scene.check().args(["--round-trip", "--wait", "8s"]).run().expect(0).json();
    assert_eq!(answer["verdict"], "pass", "{answer:#}");
}

const fn authorization(code: &'static str) -> crate::row::Shows {
    Fails("authorization", code, 3)
}

const fn round_trip(code: &'static str) -> crate::row::Shows {
    Fails("round_trip", code, 3)
}

/// A login at a server whose password is `password` and whose shared key is `TestKey`.
fn login(password: &str, shared_key: &str) -> Output {
    let check = Scene::with(&[]);
    check.check().env("MESH_MAILBOX_PASSWORD", password).env("MESH_SHARED_KEY", shared_key).run()
}

fn filled(messages: usize) -> Output {
    let scene = Scene::with(&[]);
    scene.fill(messages);
    scene.check().run()
}

fn through_a_gateway(passes: fn(Passed) -> Vec<Passed>) -> Output {
    let scene = Scene::with(&[]);
    let gateway = gateway(&scene, passes);
    scene.check_plainly(&gateway.url("")).run()
}
