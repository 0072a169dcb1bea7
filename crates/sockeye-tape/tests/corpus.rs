//! The seeds of the fuzz target `tape`, replayed without a fuzzer: what it checks
//! holds for each of them.

#[path = "../../../fuzz/bodies/tape.rs"]
mod tape;

use std::path::Path;

#[test]
fn each_seed_of_the_fuzz_target_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/tape");
    let mut seeds = 0;
    for seed in std::fs::read_dir(folder).unwrap() {
        let seed = std::fs::read(seed.unwrap().path()).unwrap();
        tape::check(&seed);
        seeds += 1;
    }
    assert!(seeds >= 10, "{seeds} seeds found");
}
