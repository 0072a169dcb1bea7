//! From start to end of `--version`, ours and the peers' in turns.

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::Context as _;

use crate::bench::setting::{Setting, is_here};
use crate::bench::spread::Spread;

/// How often each program is started.
const STARTS: usize = 100;

/// The section.
pub(crate) fn figures(setting: &Setting, page: &mut String) -> anyhow::Result<()> {
    let ours = setting.ours.to_str().context("the path of the checkout is not UTF-8")?;
    let mut programs = vec![("sockeye", ours, "--version")];
    let peers = [("ncat", "ncat", "--version"), ("nc", "nc.openbsd", "-h")];
    programs.extend(peers.into_iter().filter(|(_, program, _)| is_here(program)));
    let mut taken: Vec<Vec<f64>> = vec![Vec::new(); programs.len()];
    for _ in 0..STARTS {
        for ((_, program, flag), times) in programs.iter().zip(&mut taken) {
            let started = Instant::now();
            let mut command = Command::new(program);
            command.arg(flag).stdout(Stdio::null()).stderr(Stdio::null());
            command.status().with_context(|| format!("cannot run `{program}`"))?;
            times.push(started.elapsed().as_secs_f64() * 1000.0);
        }
    }
    let rows: Vec<_> = taken.iter().filter_map(|times| Spread::of(times)).collect();
    writeln!(page, "\nFrom start to end of `--version`, {STARTS} times each, in turns.\n")?;
    writeln!(page, "| program | min | median | max | median against sockeye's |")?;
    writeln!(page, "|---|---|---|---|---|")?;
    let base = rows.first().map_or(f64::NAN, |ours| ours.median);
    for ((name, _, flag), Spread { least, median, most }) in programs.iter().zip(&rows) {
        let ratio = median / base;
        writeln!(
            page,
            "| {name} `{flag}` | {least:.2} ms | {median:.2} ms | {most:.2} ms | {ratio:.2} |"
        )?;
    }
    Ok(())
}
