//! Which integration-test binaries the workspace has, and which of them need peers.
//! Asks `cargo metadata`; builds and runs nothing.

use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

use crate::cargo;

/// How the name of a test binary begins whose tests talk to other programs.
const PEERS_PREFIX: &str = "peers_";

/// Names of integration-test binaries, over all crates.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Targets {
    pub(crate) alone: Vec<String>,
    pub(crate) with_peers: Vec<String>,
}

impl Targets {
    /// Of the workspace at this folder.
    pub(crate) fn of(root: &Path) -> anyhow::Result<Self> {
        let printed =
            cargo::output(root, &["metadata", "--no-deps", "--locked", "--format-version=1"])?;
        let metadata =
            serde_json::from_slice(&printed).context("`cargo metadata` printed no JSON")?;
        Ok(Self::read(&metadata))
    }

    fn read(metadata: &Value) -> Self {
        let mut targets = Self::default();
        for target in each(metadata, "packages").flat_map(|package| each(package, "targets")) {
            let is_test = each(target, "kind").any(|kind| kind == "test");
            let Some(name) = target.get("name").and_then(Value::as_str).filter(|_| is_test) else {
                continue;
            };
            let list = if name.starts_with(PEERS_PREFIX) {
                &mut targets.with_peers
            } else {
                &mut targets.alone
            };
            list.push(name.to_owned());
        }
        targets
    }
}

fn each<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_test_binaries_that_need_peers_from_the_rest() {
        let metadata = serde_json::json!({ "packages": [
            { "targets": [
                { "name": "sockeye", "kind": ["bin"] },
                { "name": "peers_ncat", "kind": ["test"] },
                { "name": "stories", "kind": ["test"] },
            ] },
            { "targets": [{ "name": "golden", "kind": ["test"] }] },
        ] });
        let targets = Targets::read(&metadata);
        assert_eq!(targets.alone, ["stories", "golden"]);
        assert_eq!(targets.with_peers, ["peers_ncat"]);
    }
}
