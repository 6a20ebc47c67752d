use super::bench::{Bench, Rehearsed};
use crate::support::{Authority, Output, openssl, path_arg};

pub fn for_servers() -> Output {
    Bench::with_leaf(|leaf| leaf.extended_key_usage("serverAuth")).sandbox().run()
}

pub fn sha1() -> Output {
    Bench::with_leaf(|leaf| leaf.digest("sha1")).sandbox().run()
}

pub fn unknown_extension() -> Output {
    Bench::with_leaf(|leaf| leaf.extension("1.2.3.4.5=critical,ASN1:NULL")).sandbox().run()
}

pub fn issuer_over() -> Output {
    Bench::issued(&Authority::ended(), |leaf| leaf).sandbox().run()
}

pub fn leaf_alone() -> Output {
    let rehearsed = Rehearsed::new();
    rehearsed.check("rehearsal", &[&rehearsed.chain()[0]], &[])
}

pub fn root_first() -> Output {
    let rehearsed = Rehearsed::new();
    let chain = rehearsed.chain();
    rehearsed.check("rehearsal", &[&chain[2], &chain[1], &chain[0]], &[])
}

pub fn root_before_sub() -> Output {
    let rehearsed = Rehearsed::new();
    let chain = rehearsed.chain();
    rehearsed.check("rehearsal", &[&chain[0], &chain[2], &chain[1]], &[])
}

pub fn rehearsals() -> Output {
    let rehearsed = Rehearsed::new();
    let chain = rehearsed.chain();
    rehearsed.check("integration", &[&chain[0], &chain[1], &chain[2]], &[])
}

pub fn unknown_issuer() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    bench.pair("integration", &bench.leaf(), &bench.key()).run()
}

pub fn issuer_of_sandbox() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    bench.pair("sandbox", &bench.leaf(), &bench.key()).run()
}

pub fn untrusted() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    bench.pair("integration", &bench.fullchain(), &bench.key()).run()
}

pub fn self_signed() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    let own = bench.file("own.pem");
    let (key, out) = (path_arg(&bench.key()), path_arg(&own));
    openssl(&format!("req -new -x509 -key {key} -out {out} -days 3000 -subj /CN=own"));
    // It begins when openssl makes it.
    bench.pair("integration", &own, &bench.key()).real_clock().run()
}

/// Nobody has the key of a CA that the NHS retired, so the tests retire their own.
pub fn retired() -> Output {
    let bench = Bench::with_leaf(|leaf| leaf);
    let program = bench.pair("integration", &bench.fullchain(), &bench.key());
    program.env("MESH_ONBOARD_TEST_RETIRED_ROOT", path_arg(&Authority::ours().root())).run()
}
