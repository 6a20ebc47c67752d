"""Everything that the official Python client can do, at a rehearsal MESH. Prints what it did, a line each.

Arguments: which part, the line that `rehearse --serve --json` printed, and what the part needs (see main.rs).
"""

import datetime
import io
import json
import os
import sys
import tempfile
import warnings
from contextlib import contextmanager
from importlib.metadata import version

import mesh_client
import requests
from mesh_client import MeshClient, MeshError

# The count is deprecated, and called all the same.
warnings.simplefilter("ignore", DeprecationWarning)

TEXT = b"".join(b"line %d of a message\n" % number for number in range(5_000))
RANDOM = os.urandom(300_000)


@contextmanager
def client(settings, mailbox, **more):
    own = next(m for m in settings["mailboxes"] if m["mailbox"] == mailbox)
    with MeshClient(
        settings["url"],
        mailbox,
        own["password"],
        shared_key=settings["shared_key"],
        cert=(own["certificate"], own["key"]),
        verify=settings["ca"],
        max_retries=0,
        timeout=30,
        **more,
    ) as made:
        yield made


def equal(found, expected, what):
    assert found == expected, f"{what}: {found!r:.300}, not {expected!r:.300}"


def refused(status, call):
    try:
        call()
    except requests.HTTPError as error:
        equal(error.response.status_code, status, "status")
        return
    raise AssertionError("it was not refused")


def handshake(one, two, three):
    equal(one.handshake(), b"hello", "handshake")
    equal(one.mailbox_path, "/messageexchange/X26ABC1", "path")
    # One nonce, counted up: each request of a session has the next token.
    for _ in range(3):
        one.handshake()


def ping(one, two, three):
    equal(one.ping()["status"], "running", "status")


def message_with_every_header(one, two, three):
    sent = one.send_message(
        "X26ABC2",
        TEXT,
        workflow_id="TEST_WORKFLOW",
        filename="a file.txt",
        local_id="our/ref",
        subject="A subject",
        checksum="b10a8db164e0754105b7a99be72e3fe5",
        partner_id="a partner",
        content_type="text/plain",
        encrypted=False,
        compressed=True,
    )
    equal(two.list_messages(), [sent], "inbox")
    equal(two.count_messages(), 1, "count")
    with two.retrieve_message(sent) as message:
        equal(message.id(), sent, "id")
        equal(message.message_id, sent, "message_id")
        equal(message.sender, "X26ABC1", "sender")
        equal(message.recipient, "X26ABC2", "recipient")
        equal(message.message_type, "DATA", "message_type")
        equal(message.workflow_id, "TEST_WORKFLOW", "workflow_id")
        equal(message.filename, "a file.txt", "filename")
        equal(message.local_id, "our/ref", "local_id")
        equal(message.subject, "A subject", "subject")
        equal(message.checksum, "b10a8db164e0754105b7a99be72e3fe5", "checksum")
        equal(message.partner_id, "a partner", "partner_id")
        equal(message.content_type, "text/plain", "content_type")
        equal((message.compressed, message.encrypted), (True, False), "flags")
        equal(message.mex_header("chunk-range"), "1:1", "chunk-range")
        equal(message.mex_header("statuscode"), "00", "statuscode")
        equal(message.mex_header("statusevent"), "TRANSFER", "statusevent")
        equal(message.mex_header("statussuccess"), "SUCCESS", "statussuccess")
        equal(message.read(), TEXT, "body")
    # Left without an error, the message is acknowledged.
    equal(two.list_messages(), [], "inbox")
    refused(410, lambda: two.retrieve_message(sent))


def bodies_of_every_kind(one, two, three):
    with tempfile.NamedTemporaryFile() as file:
        file.write(RANDOM)
        file.flush()
        for kind, body, compress, chunk, expected, chunks in [
            ("plain", TEXT, False, None, TEXT, 1),
            ("gzip", TEXT, True, None, TEXT, 1),
            ("chunks", RANDOM, False, 100_001, RANDOM, 3),
            ("chunks of one byte less than all", TEXT, False, len(TEXT) - 1, TEXT, 2),
            ("gzip in chunks", TEXT, True, 7_001, TEXT, -(-len(TEXT) // 7_001)),
            ("a file", open(file.name, "rb"), False, 64 * 1024, RANDOM, 5),
            ("a body as of S3", {"Body": io.BytesIO(TEXT), "ContentLength": len(TEXT)}, True, None, TEXT, 1),
        ]:
            sent = one.send_message(
                "X26ABC2", body, max_chunk_size=chunk, compress=compress, workflow_id="TEST_WORKFLOW"
            )
            message = two.retrieve_message(sent)
            equal(message.mex_header("chunk-range"), f"1:{chunks}", f"{kind}: chunk-range")
            equal(message.read(), expected, f"{kind}: body")
            message.close()
            message.acknowledge()
            if hasattr(body, "close"):
                body.close()


def reading_in_parts_and_lines(one, two, three):
    def sent():
        return one.send_message("X26ABC2", TEXT, max_chunk_size=10_000, workflow_id="TEST_WORKFLOW")

    message = two.retrieve_message(sent())
    parts = iter(lambda: message.read(999), b"")
    equal(b"".join(parts), TEXT, "parts")
    message.close()
    message = two.retrieve_message(sent())
    equal(message.readline(), b"line 0 of a message\n", "line")
    message.close()
    message = two.retrieve_message(sent())
    equal([line for line in message if line], TEXT.splitlines(keepends=True), "lines")
    message.close()
    for id in two.list_messages():
        two.acknowledge_message(id)


def chunks_by_hand(one, two, three):
    first = one.send_chunk("X26ABC2", b"one", 1, 3, workflow_id="TEST_WORKFLOW")
    equal(first.status_code, 202, "first")
    id = first.json()["message_id"]
    equal(two.list_messages(), [], "unfinished")
    refused(417, lambda: one.send_chunk("X26ABC2", b"three", 3, 3, message_id=id))
    equal(one.send_chunk("X26ABC2", b"two", 2, 3, message_id=id).status_code, 202, "second")
    equal(one.send_chunk("X26ABC2", b"two", 2, 3, message_id=id).status_code, 202, "second again")
    equal(one.send_chunk("X26ABC2", b"three", 3, 3, message_id=id).status_code, 202, "third")
    refused(423, lambda: one.send_chunk("X26ABC2", b"three", 3, 3, message_id=id))
    statuses = []
    for number, expected in [(1, b"one"), (2, b"two"), (3, b"three")]:
        response = two.retrieve_message_chunk(id, number)
        statuses.append(response.status_code)
        equal(response.content, expected, f"chunk {number}")
    equal(statuses, [206, 206, 200], "statuses")
    refused(404, lambda: two.retrieve_message_chunk(id, 4))
    two.acknowledge_message(id)


def lists_and_pages(one, two, three):
    ids = [one.send_message("X26ABC2", b"x", workflow_id="TEST_WORKFLOW") for _ in range(25)]
    other = one.send_message("X26ABC2", b"y", workflow_id="TEST_WORKFLOW2")
    equal(two.list_messages(), [*ids, other], "list")
    equal(two.list_messages(max_results=10), ids[:10], "a page")
    equal(list(two.iterate_message_ids(batch_size=10)), [*ids, other], "ids in pages")
    for filter, expected in [
        ("TEST_WORKFLOW", ids),
        ("!TEST_WORKFLOW", [other]),
        ("TEST_W*", [*ids, other]),
        ("!TEST_W*", []),
        ("*FLOW2*", [other]),
        ("!*FLOW2*", ids),
    ]:
        equal(list(two.iterate_message_ids(workflow_filter=filter, batch_size=10)), expected, filter)
    equal([m.id() for m in two.iterate_messages(batch_size=10)], [*ids, other], "messages in pages")
    # Acknowledging on the way moves nothing.
    seen = []
    for message in two.iterate_all_messages():
        with message:
            seen.append((message.id(), message.read()))
    equal(seen, [*((id, b"x") for id in ids), (other, b"y")], "all messages")
    equal(two.count_messages(), 0, "count")


def to_itself(one, two, three):
    sent = one.send_message("X26ABC1", b"to me", workflow_id="TEST_WORKFLOW2")
    equal([message.read() for message in one.iterate_messages()], [b"to me"], "messages")
    one.acknowledge_message(sent)


def tracking(one, two, three):
    sent = one.send_message(
        "X26ABC2", TEXT, workflow_id="TEST_WORKFLOW", local_id="tracked", filename="f.txt", subject="s"
    )
    tracked = one.track_message(sent)
    for name, expected in [
        ("message_id", sent),
        ("local_id", "tracked"),
        ("workflow_id", "TEST_WORKFLOW"),
        ("filename", "f.txt"),
        ("recipient", "X26ABC2"),
        ("recipient_ods_code", "X26"),
        ("status", "accepted"),
        ("status_success", True),
    ]:
        equal(tracked.get(name), expected, name)
    two.acknowledge_message(sent)
    equal(one.track_message(sent)["status"], "acknowledged", "status")
    refused(404, lambda: two.track_message(sent))
    # The client has no call for this; its session has.
    local = one._session.get(f"{one.mailbox_url}/outbox/tracking/tracked")
    equal((local.status_code, local.json()["messageId"]), (200, sent), "by local ID")


def lookup(one, two, three):
    found = one.lookup_endpoint("X26", "TEST_WORKFLOW2")["results"]
    equal([item["mailbox_id"] for item in found], ["X26ABC1", "X26ABC2"], "mailboxes")
    equal([item["mailbox_name"] for item in found], ["TESTMB1", "TESTMB2"], "names")
    equal(one.lookup_endpoint("X27", "TEST_WORKFLOW")["results"], [], "nobody")


def refusals(one, two, three):
    def error(call):
        try:
            call()
        except MeshError as error:
            text, answer = error.args
            return text, answer["detail"][0]["code"]
        raise AssertionError("it was not refused")

    send = one.send_message
    equal(error(lambda: send("NOBODY", b"x", workflow_id="TEST_WORKFLOW"))[1], "12", "recipient")
    equal(error(lambda: send("X26ABC3", b"x", workflow_id="TEST_WORKFLOW"))[1], "17", "receiver")
    equal(error(lambda: three.send_message("X26ABC2", b"x", workflow_id="TEST_WORKFLOW"))[1], "16", "sender")
    equal(error(lambda: send("X26ABC2", b"", workflow_id="TEST_WORKFLOW"))[1], "02", "no body")
    refused(404, lambda: two.retrieve_message("20200529155357895317_3573F8"))
    sent = send("X26ABC2", b"x", workflow_id="TEST_WORKFLOW")
    refused(403, lambda: three.retrieve_message(sent))
    refused(403, lambda: three.acknowledge_message(sent))
    two.acknowledge_message(sent)


def its_own_ways(one, two, three):
    equal(one._session.headers["Accept"], "application/vnd.mesh.v2+json", "accept")
    equal(one._session.headers["Accept-Encoding"], "gzip", "accept-encoding")
    assert one._session.headers["User-Agent"].startswith(f"rehearsed;mesh_client;{version('mesh-client')};")
    # One connection carried every call so far: whoever sends reads its answers to the end.
    pools = one._session.get_adapter(one._url).poolmanager.pools
    (pool,) = [pools.get(key) for key in pools.keys()]
    assert pool.num_requests > 50, pool.num_requests
    equal(pool.num_connections, 1, "connections")


def wrong_login(settings):
    wrong = {**settings, "shared_key": "wrong"}
    with client(wrong, "X26ABC1") as stranger:
        refused(403, stranger.handshake)
    with MeshClient(settings["url"], "X26ABC1", "password", shared_key=b"TestKey", verify=settings["ca"]) as nobody:
        try:
            nobody.handshake()
        except requests.ConnectionError as error:
            assert "certificate required" in str(error).lower(), error
        else:
            raise AssertionError("it was let in without a certificate")


def report(one, undelivered):
    (id,) = one.list_messages()
    with one.retrieve_message(id) as message:
        equal(message.message_type, "REPORT", "message_type")
        equal(message.mex_header("linkedmsgid"), undelivered, "linkedmsgid")
        equal(message.mex_header("statuscode"), "14", "statuscode")
        equal(message.mex_header("statussuccess"), "ERROR", "statussuccess")
        equal(message.workflow_id, "TEST_WORKFLOW", "workflow_id")
        equal(message.local_id, "never read", "local_id")
        equal(message.read(), b"", "body")
    equal(one.list_messages(), [], "inbox")


def everything(settings):
    with (
        client(settings, "X26ABC1", application_name="rehearsed") as one,
        client(settings, "X26ABC2") as two,
        client(settings, "X26ABC3") as three,
    ):
        for step in [
            handshake,
            ping,
            message_with_every_header,
            bodies_of_every_kind,
            reading_in_parts_and_lines,
            chunks_by_hand,
            lists_and_pages,
            to_itself,
            tracking,
            lookup,
            refusals,
            its_own_ways,
        ]:
            step(one, two, three)
            print(step.__name__)
    with client(settings, "X26ABC1", transparent_compress=True, max_chunk_size=5_000) as packer:
        with client(settings, "X26ABC2") as two:
            sent = packer.send_message("X26ABC2", TEXT, workflow_id="TEST_WORKFLOW")
            with two.retrieve_message(sent) as message:
                equal(message.read(), TEXT, "body")
        print("transparent compression")
    wrong_login(settings)
    print("wrong_login")


if __name__ == "__main__":
    settings = json.loads(sys.argv[2])
    if sys.argv[1] == "everything":
        everything(settings)
    elif sys.argv[1] == "send":
        # The server's clock stands days ago. So does the client's, as far as its tokens go.
        class Then(datetime.datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.datetime.fromisoformat(sys.argv[3]).astimezone(tz)

        mesh_client.dt.datetime = Then
        with client(settings, "X26ABC1") as one:
            print(one.send_message("X26ABC2", b"x", workflow_id="TEST_WORKFLOW", local_id="never read"))
    elif sys.argv[1] == "report":
        with client(settings, "X26ABC1") as one:
            report(one, sys.argv[3])
        print("report")
