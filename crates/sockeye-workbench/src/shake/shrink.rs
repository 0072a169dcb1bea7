//! From a case that fails to a small one that fails too: delta debugging (Zeller,
//! Hildebrandt: Simplifying and Isolating Failure-Inducing Input, 2002, section 3.2).

use crate::shake::case::{Case, Change};

/// The smallest case that was found: taking away any one of its changes makes it pass. Stops
/// where it is once `fails` says that there is no more time.
pub(crate) async fn shrink(case: Case, mut fails: impl AsyncFnMut(&Case) -> Option<bool>) -> Case {
    let mut changes: Vec<Change> = case.changes.into_iter().collect();
    let mut parts = 2;
    while changes.len() > 1 {
        parts = parts.min(changes.len());
        let size = changes.len().div_ceil(parts);
        let mut smaller = None;
        for keep in candidates(&changes, size) {
            match fails(&Case::of(keep.iter().copied())).await {
                Some(true) => {
                    smaller = Some(keep);
                    break;
                }
                Some(false) => {}
                None => return Case::of(changes),
            }
        }
        match smaller {
            Some(keep) if keep.len() <= size => (changes, parts) = (keep, 2),
            Some(keep) => (changes, parts) = (keep, (parts - 1).max(2)),
            None if size == 1 => break,
            None => parts *= 2,
        }
    }
    Case::of(changes)
}

/// Each part alone, then all without each part.
fn candidates(changes: &[Change], size: usize) -> Vec<Vec<Change>> {
    let parts: Vec<&[Change]> = changes.chunks(size).collect();
    let mut all: Vec<Vec<Change>> = parts.iter().map(|part| part.to_vec()).collect();
    if parts.len() > 2 {
        let without = |gone: usize| {
            let kept = parts.iter().enumerate().filter(move |(place, _)| *place != gone);
            kept.flat_map(|(_, part)| part.iter().copied()).collect()
        };
        all.extend((0..parts.len()).map(without));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn smallest(culprits: &[usize], of: usize) -> (String, usize) {
        let culprits: Vec<Change> = culprits.iter().map(|at| Change::Cut(*at)).collect();
        let mut asked = 0;
        let found = shrink(Case::of((1..=of).map(Change::Cut)), async |case: &Case| {
            asked += 1;
            Some(culprits.iter().all(|change| case.changes.contains(change)))
        });
        let found = found.await.to_string();
        (found, asked)
    }

    #[tokio::test]
    async fn finds_one_culprit_or_two_among_many() {
        let (found, asked) = smallest(&[37], 500).await;
        assert_eq!(found, "cut=37");
        assert!(asked <= 20, "{asked}");
        assert_eq!(smallest(&[3, 444], 500).await.0, "cut=3,cut=444");
        assert_eq!(smallest(&[1, 2, 3], 3).await.0, "cut=1-3");
    }

    #[tokio::test]
    async fn stops_where_it_is_when_time_is_up() {
        let mut asked = 0;
        let found = shrink(Case::of((1..=64).map(Change::Cut)), async |case: &Case| {
            asked += 1;
            (asked < 3).then(|| case.changes.contains(&Change::Cut(40)))
        });
        assert_eq!(found.await.to_string(), "cut=33-64");
    }
}
