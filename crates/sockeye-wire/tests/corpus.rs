//! The seeds of the fuzz target `framing`, replayed without a fuzzer: what it
//! checks holds for each of them.

#[path = "../../../fuzz/bodies/framing.rs"]
mod framing;

use std::path::Path;

#[test]
fn each_seed_of_the_fuzz_target_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/framing");
    let mut seeds = 0;
    for seed in std::fs::read_dir(folder).unwrap() {
        framing::check(&std::fs::read(seed.unwrap().path()).unwrap());
        seeds += 1;
    }
    assert!(seeds >= 10, "{seeds} seeds found");
}
