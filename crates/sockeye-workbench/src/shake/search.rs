//! The search: the talk as it was, then case after case until one fails for sure, or time is
//! up; then the smallest case that fails.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use sockeye_net::error::NetError;
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use crate::shake::baseline::ShakeError;

use crate::shake::baseline::{Baseline, baseline, differs, judge};
use crate::shake::case::Case;
use crate::shake::order::{Cases, Phase};
use crate::shake::run::{Run, Terms, Trouble};
use crate::shake::shrink::shrink;
use crate::shake::subject::Subject;

/// How often a failure must come again to be sure.
pub const CONFIRMED: usize = 3;
/// A pause that makes a cut real on a busy machine, too: so many times as long.
const LONGER: u32 = 5;
/// After so many failures that did not come again, there is no use in going on.
const MOST_UNSTEADY: usize = 10;
/// What is left of the time, in tenths, for shrinking a large case.
const FOR_SHRINKING: u32 = 3;

/// What is to be searched, and how.
#[derive(Debug)]
pub struct Search {
    /// Who is tested.
    pub subject: Subject,
    /// What is said, and how it is compared.
    pub terms: Terms,
    /// How long an answer is waited for, if that is not to be found out.
    pub patience: Option<Duration>,
    /// The most runs at once.
    pub jobs: usize,
    /// How long cases are tried.
    pub budget: Duration,
    /// Draws the pairs.
    pub seed: u64,
    /// This case alone, as often as a failure is confirmed.
    pub only: Option<Case>,
}

/// What is told on the way.
#[derive(Debug)]
pub enum News<'n> {
    /// The talk as it was is known: how many bytes came back, after how long at most, how
    /// many runs at once, and what else there is to say.
    Known(&'n Baseline),
    /// Cases of this kind begin.
    Begins(Phase),
    /// A case failed for sure.
    Fails(&'n Case, &'n str),
    /// A case failed beside others and not alone: from here on each run is alone.
    Alone(&'n Case, &'n str),
}

/// How many cases of a kind were tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Which kind.
    pub phase: Phase,
    /// How many were run.
    pub cases: usize,
    /// Whether there were more, and no time for them.
    pub cut_short: bool,
}

/// A failure that came again each time.
#[derive(Debug)]
pub struct Found {
    /// The smallest case.
    pub case: Case,
    /// What is wrong.
    pub why: String,
    /// The run.
    pub run: Run,
    /// What the program said last on stderr.
    pub said: String,
    /// The pause between two pieces that it takes to be sure.
    pub pause: Duration,
}

/// A failure that did not come again each time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsteady {
    /// The case.
    pub case: Case,
    /// What was wrong.
    pub why: String,
    /// How often, of [`CONFIRMED`] more times.
    pub again: usize,
}

/// What the search came to.
#[derive(Debug)]
pub struct Report {
    /// The talk as it was.
    pub baseline: Baseline,
    /// What was tried.
    pub tried: Vec<Tried>,
    /// What was found.
    pub found: Option<Found>,
    /// What failed, and not each time.
    pub unsteady: Vec<Unsteady>,
    /// Whether so much failed and not each time that there was no use in going on.
    pub given_up: bool,
    /// How long it took in all.
    pub lasted: Duration,
}

impl Search {
    /// Searches. What was started is ended, whatever it comes to.
    pub async fn run(mut self, told: &mut dyn FnMut(News<'_>)) -> Result<Report, ShakeError> {
        let begun = Instant::now();
        let known = baseline(&self.subject, &mut self.terms, self.patience, self.jobs).await;
        let known = match known {
            Ok(known) => known,
            Err(error) => {
                self.subject.end().await;
                return Err(error);
            }
        };
        told(News::Known(&known));
        // What the talk took as it was is not taken from the cases.
        let deadline = Instant::now() + self.budget;
        let Self { subject, terms, budget, seed, only, .. } = self;
        let mut hunt = Hunt {
            jobs: known.jobs,
            bench: Arc::new(Bench { subject, terms, known }),
            deadline,
            budget,
            seed,
            tried: Vec::new(),
            unsteady: Vec::new(),
            large: None,
        };
        let found = match only {
            Some(case) => hunt.confirm(case, String::new()).await,
            None => hunt.hunt(told).await,
        };
        hunt.bench.subject.end().await;
        let Hunt { bench, tried, unsteady, .. } = hunt;
        let baseline = match Arc::try_unwrap(bench) {
            Ok(bench) => bench.known,
            Err(_) => return Err(ShakeError::Silent),
        };
        let given_up = unsteady.len() >= MOST_UNSTEADY;
        let lasted = begun.elapsed();
        Ok(Report { baseline, tried, found: found?, unsteady, given_up, lasted })
    }
}

/// What each run needs.
#[derive(Debug)]
struct Bench {
    subject: Subject,
    terms: Terms,
    known: Baseline,
}

impl Bench {
    /// One run of a case, and what is wrong with it.
    async fn test(&self, case: &Case) -> Result<(Run, Option<String>), NetError> {
        self.test_by(&self.terms, case).await
    }

    /// The same by other terms.
    async fn test_by(&self, terms: &Terms, case: &Case) -> Result<(Run, Option<String>), NetError> {
        let run = self.subject.run(terms, case, self.known.until()).await?;
        let why = judge(terms, &self.known.run, &run);
        Ok((run, why))
    }
}

struct Hunt {
    bench: Arc<Bench>,
    /// How many runs go on at once.
    jobs: usize,
    deadline: Instant,
    budget: Duration,
    seed: u64,
    tried: Vec<Tried>,
    unsteady: Vec<Unsteady>,
    /// A case of many changes that fails for sure: a smaller one is looked for.
    large: Option<Found>,
}

impl Hunt {
    async fn hunt(&mut self, told: &mut dyn FnMut(News<'_>)) -> Result<Option<Found>, ShakeError> {
        for phase in Phase::ALL {
            let bench = Arc::clone(&self.bench);
            let mut cases = Cases::new(phase, &bench.terms.talk, self.seed).peekable();
            if cases.peek().is_none() {
                continue;
            }
            told(News::Begins(phase));
            if let Some(found) = self.try_all(phase, &mut cases, told).await? {
                return Ok(Some(self.smallest(found).await?));
            }
        }
        match self.large.take() {
            Some(large) => Ok(Some(self.smallest(large).await?)),
            None => Ok(None),
        }
    }

    /// Whether there is time for more cases.
    fn has_time(&self) -> bool {
        let reserved =
            if self.large.is_some() { self.budget * FOR_SHRINKING / 10 } else { Duration::ZERO };
        Instant::now() + reserved < self.deadline && self.unsteady.len() < MOST_UNSTEADY
    }

    /// Tries the cases of a kind until a small one fails for sure.
    async fn try_all(
        &mut self,
        phase: Phase,
        cases: &mut dyn Iterator<Item = Case>,
        told: &mut dyn FnMut(News<'_>),
    ) -> Result<Option<Found>, ShakeError> {
        let mut count = 0;
        let mut running: JoinSet<Tested> = JoinSet::new();
        let mut more = true;
        let found = loop {
            while more && running.len() < self.jobs && self.has_time() {
                let Some(case) = cases.next() else {
                    more = false;
                    break;
                };
                // One large case that fails is enough to look for a small one.
                if self.large.is_none() || case.changes.len() <= 2 {
                    let bench = Arc::clone(&self.bench);
                    let order = count;
                    count += 1;
                    running.spawn(async move {
                        let result = bench.test(&case).await;
                        Tested { order, case, why: result.map(|(_, why)| why) }
                    });
                }
            }
            let Some(tested) = running.join_next().await else {
                break None;
            };
            let mut failing = VecDeque::from_iter(failed(tested)?);
            if failing.is_empty() {
                continue;
            }
            // From here on nothing else runs: it must fail by itself.
            while let Some(tested) = running.join_next().await {
                failing.extend(failed(tested)?);
            }
            failing.make_contiguous().sort_by_key(|(order, ..)| *order);
            self.is_still_there(&failing).await?;
            let mut small = None;
            while let (Some((_, case, why)), None) = (failing.pop_front(), &small) {
                if self.jobs > 1 && self.passes_alone(&case).await? {
                    told(News::Alone(&case, &why));
                    self.jobs = 1;
                    continue;
                }
                let Some(found) = self.confirm(case, why).await? else {
                    continue;
                };
                told(News::Fails(&found.case, &found.why));
                if found.case.changes.len() <= 2 {
                    small = Some(found);
                } else {
                    self.large.get_or_insert(found);
                }
            }
            if small.is_some() {
                break small;
            }
        };
        let cut_short = found.is_none() && more;
        self.tried.push(Tried { phase, cases: count, cut_short });
        Ok(found)
    }

    /// Fails if nobody can be called any more: then it is not the case that is to blame.
    async fn is_still_there(&self, failing: &VecDeque<Failing>) -> Result<(), ShakeError> {
        let tested = match failing.front() {
            Some((_, case, why)) => {
                let terms = &self.bench.terms;
                let seen = format!("{}: {why}", case.told(&terms.talk));
                self.once_more(terms, &Case::default(), &seen).await
            }
            None => return Ok(()),
        };
        let (run, why) = tested?;
        if !matches!(run.trouble, Some(Trouble::NotThere(_))) {
            return Ok(());
        }
        let cases: Vec<String> =
            failing.iter().map(|(_, case, why)| format!("{case} ({why})")).collect();
        let cases = cases.join(", ");
        Err(ShakeError::Gone(format!("{cases}; and as it was: {}", why.unwrap_or_default())))
    }

    /// Whether a case that failed beside others fails no more: they may have got in each
    /// other's way.
    async fn passes_alone(&self, case: &Case) -> Result<bool, ShakeError> {
        for _ in 0..CONFIRMED {
            if self.bench.test(case).await?.1.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Runs a case alone, several times, that failed by `why`. One that fails now and then is
    /// tried with a longer pause: on a busy machine the kernel joins what was cut. A failure
    /// that does not come again each time even so is noted as unsteady.
    async fn confirm(&mut self, case: Case, why: String) -> Result<Option<Found>, ShakeError> {
        let pauses = [1, LONGER].map(|times| self.bench.terms.pause * times);
        let mut seen = (why, 0);
        for pause in pauses {
            let terms = Terms { pause, ..self.bench.terms.clone() };
            let mut again = 0;
            let mut last = None;
            for _ in 0..CONFIRMED {
                if let (run, Some(why)) = self.once_more(&terms, &case, &seen.0).await? {
                    again += 1;
                    last = Some((run, why));
                }
            }
            match last {
                Some((run, why)) if again == CONFIRMED => {
                    return self.sure(case, (run, why), pause).await.map(Some);
                }
                Some((_, why)) => seen = (why, again),
                None => break,
            }
        }
        let (why, again) = seen;
        if !why.is_empty() {
            self.unsteady.push(Unsteady { case, why, again });
        }
        Ok(None)
    }

    /// One more run of a case that failed by `why`, if that is known.
    async fn once_more(
        &self,
        terms: &Terms,
        case: &Case,
        why: &str,
    ) -> Result<(Run, Option<String>), ShakeError> {
        match self.bench.test_by(terms, case).await {
            Ok(tested) => Ok(tested),
            // Nobody can be called any more: what was seen is not to be lost with that.
            Err(error) if !why.is_empty() => {
                let case = if case.changes.is_empty() {
                    why.to_owned()
                } else {
                    format!("{}: {why}", case.told(&terms.talk))
                };
                Err(ShakeError::Lost { case, error: Box::new(error) })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A failure that came again each time, unless the talk as it was fails as well by now.
    async fn sure(
        &self,
        case: Case,
        (run, why): (Run, String),
        pause: Duration,
    ) -> Result<Found, ShakeError> {
        let Bench { subject, terms, known } = &*self.bench;
        let (said, ended) = subject.last_words(&run).await;
        let ended = ended.map(|how| format!("; {} ended: {how}", subject.name()));
        let why = why + &ended.unwrap_or_default();
        // What has changed meanwhile, a date or a counter, is no fault of the case.
        if let Some(text) = differs(subject, terms, &known.run, known.until()).await? {
            return Err(ShakeError::Unsteady(text));
        }
        Ok(Found { case, why, run, said, pause })
    }

    /// The smallest case that fails, of one that does.
    async fn smallest(&mut self, found: Found) -> Result<Found, ShakeError> {
        let until = self.deadline.max(Instant::now() + self.budget / 2);
        let bench = Arc::clone(&self.bench);
        let mut broken = None;
        let case = shrink(found.case.clone(), async |case: &Case| {
            // Twice: a case that fails by chance leads astray.
            for _ in 0..2 {
                if Instant::now() >= until || broken.is_some() {
                    return None;
                }
                match bench.test(case).await {
                    Ok((_, Some(_))) => {}
                    Ok((_, None)) => return Some(false),
                    Err(error) => broken = Some(error),
                }
            }
            Some(true)
        })
        .await;
        drop(bench);
        if let Some(error) = broken {
            return Err(error.into());
        }
        if case == found.case {
            return Ok(found);
        }
        Ok(self.confirm(case, String::new()).await?.unwrap_or(found))
    }
}

/// A run that is done.
struct Tested {
    order: usize,
    case: Case,
    why: Result<Option<String>, NetError>,
}

/// A case that failed: its place in the order, and why.
type Failing = (usize, Case, String);

/// The run, if it failed.
fn failed(tested: Result<Tested, tokio::task::JoinError>) -> Result<Option<Failing>, ShakeError> {
    match tested {
        Ok(Tested { why: Err(error), .. }) => Err(error.into()),
        Ok(Tested { why: Ok(Some(why)), order, case }) => Ok(Some((order, case, why))),
        Ok(_) => Ok(None),
        Err(error) => Err(ShakeError::Broken(error.to_string())),
    }
}
