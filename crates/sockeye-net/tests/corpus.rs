//! The seeds of the fuzz target `endpoint`, replayed without a fuzzer: what it checks
//! holds for each of them.

#[path = "../../../fuzz/bodies/endpoint.rs"]
mod endpoint;

use std::path::Path;

#[test]
fn each_seed_of_the_fuzz_target_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/endpoint");
    let mut seeds = 0;
    for seed in std::fs::read_dir(folder).unwrap() {
        let seed = std::fs::read(seed.unwrap().path()).unwrap();
        endpoint::check(std::str::from_utf8(&seed).unwrap());
        seeds += 1;
    }
    assert!(seeds >= 10, "{seeds} seeds found");
}
