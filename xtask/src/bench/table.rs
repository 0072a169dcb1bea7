//! A row of figures: one work, done by several programs in turns, and what ours must reach.

use std::fmt::Write as _;

use crate::bench::setting::Setting;
use crate::bench::spread::Spread;
use crate::out;

/// What one run of one program gave.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// The figure of the row.
    pub(crate) value: f64,
    /// Further figures: a column each, in the same order for every program.
    pub(crate) besides: Vec<f64>,
}

/// Who does the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// This project.
    Ours,
    /// A program of others for the same work.
    Peer,
    /// What the machine can do: a program in C, or no program in between.
    Limit,
}

/// What ours must reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bar {
    /// This share of the median of the best peer.
    Peers(f64),
    /// This share of the best median among those whose names begin so.
    Named(&'static str, f64),
    /// This figure itself.
    Figure(f64),
    /// At most this in the worst of the figures of the column with this number.
    AtMost(usize, f64),
}

/// Which figure is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    /// The larger: a rate.
    More,
    /// The smaller: a time.
    Less,
}

/// One work and who does it.
pub(crate) struct Row<'a> {
    title: &'static str,
    unit: &'static str,
    better: Better,
    besides: &'static [&'static str],
    bars: Vec<Bar>,
    contenders: Vec<Contender<'a>>,
    absent: Vec<String>,
}

struct Contender<'a> {
    name: &'static str,
    kind: Kind,
    run: Box<dyn Fn() -> anyhow::Result<Taken> + 'a>,
    values: Vec<f64>,
    besides: Vec<Vec<f64>>,
    failed: Vec<String>,
}

impl Contender<'_> {
    fn spread(&self) -> Option<Spread> {
        Spread::of(&self.values)
    }

    fn median(&self) -> Option<f64> {
        self.spread().map(|spread| spread.median)
    }

    fn column(&self, number: usize) -> Vec<f64> {
        self.besides.iter().filter_map(|row| row.get(number)).copied().collect()
    }
}

impl<'a> Row<'a> {
    /// A row without programs; `besides` names further figures.
    pub(crate) fn of(
        title: &'static str,
        (unit, better): (&'static str, Better),
        besides: &'static [&'static str],
        bars: &[Bar],
    ) -> Self {
        let (contenders, absent) = (Vec::new(), Vec::new());
        Self { title, unit, better, besides, bars: bars.to_vec(), contenders, absent }
    }

    /// Adds a program, if `needs`, which it is run by, is here.
    pub(crate) fn enters(
        &mut self,
        setting: &Setting,
        (name, kind, needs): (&'static str, Kind, &'static str),
        run: impl Fn() -> anyhow::Result<Taken> + 'a,
    ) {
        if kind == Kind::Ours || setting.has(needs) {
            let (values, besides, failed) = (Vec::new(), Vec::new(), Vec::new());
            self.contenders.push(Contender {
                name,
                kind,
                run: Box::new(run),
                values,
                besides,
                failed,
            });
        } else {
            self.absent.push(format!("{name} (no `{needs}` here)"));
        }
    }

    /// Runs each program once a round, each round beginning with another one, and says on
    /// stderr how far it is.
    pub(crate) fn take(&mut self, setting: &Setting) {
        let number = self.contenders.len();
        for round in 0..setting.sizes.rounds {
            for turn in 0..number {
                let Some(contender) = self.contenders.get_mut((round + turn) % number) else {
                    continue;
                };
                let told = match (contender.run)() {
                    Ok(taken) => {
                        contender.values.push(taken.value);
                        contender.besides.push(taken.besides);
                        format!("{:.3} {}", taken.value, self.unit)
                    }
                    Err(error) => {
                        let why = format!("{error:#}").replace('\n', "; ");
                        contender.failed.push(why.clone());
                        why
                    }
                };
                let (title, name, round) = (self.title, contender.name, round + 1);
                out::note(&format!("{title}, round {round}: {name}: {told}"));
            }
        }
    }

    /// The figures of every program.
    pub(crate) fn figures(&self, page: &mut String) -> std::fmt::Result {
        writeln!(page, "\n### {} ({})\n", self.title, self.unit)?;
        let rule = "---|".repeat(5 + self.besides.len());
        let names = self.besides.join(" | ");
        let names = if names.is_empty() { names } else { format!(" {names} |") };
        writeln!(page, "| program | min | median | max | whole |{names}\n|{rule}")?;
        for contender in &self.contenders {
            let (whole, all) =
                (contender.values.len(), contender.values.len() + contender.failed.len());
            let spread = contender.spread().map_or_else(
                || "| – | – | –".to_owned(),
                |of| {
                    let [least, median, most] = [of.least, of.median, of.most].map(short);
                    format!("| {least} | {median} | {most}")
                },
            );
            let limit = if contender.kind == Kind::Limit { " (limit)" } else { "" };
            write!(page, "| {}{limit} {spread} | {whole} of {all} |", contender.name)?;
            for number in 0..self.besides.len() {
                let median = Spread::of(&contender.column(number)).map(|of| short(of.median));
                write!(page, " {} |", median.unwrap_or_else(|| "–".into()))?;
            }
            writeln!(page)?;
        }
        self.remarks(page)
    }

    /// What is missing, and why a run does not count.
    fn remarks(&self, page: &mut String) -> std::fmt::Result {
        if !self.absent.is_empty() {
            writeln!(page, "\nLeft out: {}.", self.absent.join(", "))?;
        }
        for contender in &self.contenders {
            if let Some(first) = contender.failed.first() {
                writeln!(page, "\nNot whole, {}: {first}.", contender.name)?;
            }
        }
        Ok(())
    }

    /// What ours reached, a line for each bar.
    pub(crate) fn verdicts(&self, page: &mut String) -> std::fmt::Result {
        let ours = self.contenders.iter().find(|contender| contender.kind == Kind::Ours);
        let (work, unit) = (self.title, self.unit);
        let Some((ours, value)) = ours.and_then(|ours| Some((ours, ours.median()?))) else {
            return writeln!(page, "| {work} | – | | | | **missed**: not one whole run |");
        };
        for bar in &self.bars {
            let verdict = self.verdict(*bar, ours, value);
            writeln!(page, "| {work} | {} {unit} | {verdict} |", short(value))?;
        }
        Ok(())
    }

    fn verdict(&self, bar: Bar, ours: &Contender<'_>, value: f64) -> String {
        let (share, them): (f64, Vec<&Contender<'_>>) = match bar {
            Bar::Peers(share) => (share, self.others(|one| one.kind == Kind::Peer)),
            Bar::Named(name, share) => (share, self.others(|one| one.name.starts_with(name))),
            Bar::Figure(least) => {
                let reached = reached(self.holds(value, least));
                return format!("| | {} | {reached}", short(least));
            }
            Bar::AtMost(column, most) => {
                let name = self.besides.get(column).copied().unwrap_or_default();
                let worst = ours.column(column).into_iter().fold(f64::NAN, f64::max);
                let reached = reached(worst <= most);
                return format!("{name}: {} | | at most {} | {reached}", short(worst), short(most));
            }
        };
        let medians = them.iter().filter_map(|one| Some((one.name, one.median()?)));
        let best =
            medians.reduce(|best, next| if self.holds(next.1, best.1) { next } else { best });
        let Some((name, best)) = best else {
            return format!("nobody to be held against | | {share:.2} | –");
        };
        let ratio = value / best;
        let reached = reached(self.holds(ratio, share));
        format!("{name} {} | {ratio:.2} | {share:.2} | {reached}", short(best))
    }

    fn others(&self, which: impl Fn(&Contender<'_>) -> bool) -> Vec<&Contender<'a>> {
        self.contenders.iter().filter(|one| one.kind != Kind::Ours && which(one)).collect()
    }

    fn holds(&self, value: f64, bar: f64) -> bool {
        match self.better {
            Better::More => value >= bar,
            Better::Less => value <= bar,
        }
    }
}

/// Takes the rows and writes what was reached, then the figures.
pub(crate) fn section(
    setting: &Setting,
    mut rows: Vec<Row<'_>>,
    page: &mut String,
) -> std::fmt::Result {
    for row in &mut rows {
        row.take(setting);
    }
    writeln!(
        page,
        "\n| work | ours | held against | ratio | must be | |\n|---|---|---|---|---|---|"
    )?;
    for row in &rows {
        row.verdicts(page)?;
    }
    for row in &rows {
        row.figures(page)?;
    }
    Ok(())
}

fn reached(holds: bool) -> &'static str {
    if holds { "reached" } else { "**missed**" }
}

/// Three or four digits that mean something.
fn short(figure: f64) -> String {
    let digits = match figure.abs() {
        0.0 => 0,
        small if small < 10.0 => 2,
        small if small < 100.0 => 1,
        _ => 0,
    };
    format!("{figure:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(
        better: Better,
        bars: &[Bar],
        programs: &[(&'static str, Kind, &[f64])],
    ) -> Row<'static> {
        let mut row = Row::of("work", ("units", better), &["lost"], bars);
        for (name, kind, values) in programs {
            row.contenders.push(Contender {
                name,
                kind: *kind,
                run: Box::new(|| Ok(Taken::default())),
                values: values.to_vec(),
                besides: vec![vec![0.0], vec![3.0]],
                failed: Vec::new(),
            });
        }
        row
    }

    fn verdicts(row: &Row<'_>) -> String {
        let mut page = String::new();
        row.verdicts(&mut page).expect("text takes all");
        page
    }

    const RATES: [(&str, Kind, &[f64]); 4] = [
        ("sockeye", Kind::Ours, &[9.0, 10.0, 30.0]),
        ("slow", Kind::Peer, &[5.0]),
        ("fast", Kind::Peer, &[8.0]),
        ("C", Kind::Limit, &[20.0]),
    ];

    #[test]
    fn ours_is_held_against_the_best_peer_and_not_against_the_limit() {
        let rates = row(Better::More, &[Bar::Peers(1.2), Bar::Peers(1.3)], &RATES);
        assert_eq!(
            verdicts(&rates),
            "| work | 10.0 units | fast 8.00 | 1.25 | 1.20 | reached |\n\
             | work | 10.0 units | fast 8.00 | 1.25 | 1.30 | **missed** |\n"
        );
    }

    #[test]
    fn of_times_the_smaller_is_the_better_one() {
        let times = row(Better::Less, &[Bar::Peers(1.0), Bar::Named("C", 1.0)], &RATES);
        assert_eq!(
            verdicts(&times),
            "| work | 10.0 units | slow 5.00 | 2.00 | 1.00 | **missed** |\n\
             | work | 10.0 units | C 20.0 | 0.50 | 1.00 | reached |\n"
        );
    }

    #[test]
    fn the_worst_figure_of_a_column_counts() {
        let lost = row(Better::More, &[Bar::AtMost(0, 2.0), Bar::AtMost(0, 3.0)], &RATES);
        let told = verdicts(&lost);
        assert!(
            told.starts_with("| work | 10.0 units | lost: 3.00 | | at most 2.00 | **missed** |")
        );
        assert!(told.ends_with("| reached |\n"), "{told}");
    }

    #[test]
    fn what_was_never_whole_has_missed_its_bar_and_who_is_absent_holds_nobody() {
        let none = row(Better::More, &[Bar::Peers(1.0)], &[("sockeye", Kind::Ours, &[])]);
        assert!(verdicts(&none).contains("**missed**"));
        let alone = row(Better::More, &[Bar::Peers(1.0)], &[("sockeye", Kind::Ours, &[1.0])]);
        assert!(verdicts(&alone).contains("nobody to be held against | | 1.00 | –"));
    }
}
