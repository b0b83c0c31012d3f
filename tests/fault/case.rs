//! One endpoint with one fault, and whether the run ended as it must.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use testkit::world::Side;

use crate::counts;
use crate::endpoint::{Endpoint, Role};
use crate::expectation::{has_other_way, is_gone, is_refused, is_told, refusals};
use crate::stage::{Ended, Patience, Row, Stage};

/// Runs at a time; most of them wait.
const N_WORKERS: usize = 4;

/// One endpoint with one fault.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) kind: &'static str,
    often: Often,
    sources: Sources,
}

/// How many requests are hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Often {
    Once,
    Always,
}

/// Servers of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sources {
    All,
    Only(Side),
}

/// Runs all cases and says which of them did not end as they must.
pub(crate) fn run_all(stage: &Stage, cases: &[Case]) {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..N_WORKERS {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(complaint) = case.check(stage) {
                        wrong.lock().unwrap().push(format!("{case}: {complaint}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    println!("{} runs\n{}", cases.len(), counts(cases));
    assert!(
        wrong.is_empty(),
        "{} of {} runs:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

impl<'a> Case<'a> {
    /// A case with both servers.
    pub(crate) fn new(endpoint: &'a Endpoint, kind: &'static str, often: Often) -> Self {
        Self {
            endpoint,
            kind,
            often,
            sources: Sources::All,
        }
    }

    /// The same case with other servers.
    pub(crate) fn with(self, sources: Sources) -> Self {
        Self { sources, ..self }
    }

    fn check(&self, stage: &Stage) -> Result<(), String> {
        let side = match self.endpoint.side {
            Side::Kubernetes => "k8s",
            Side::Thanos => "thanos",
            Side::Truenas => "truenas",
        };
        let times = match self.often {
            Often::Once => ", times: 1",
            Often::Always => "",
        };
        let (target, kind) = (self.endpoint.target, self.kind);
        let fault = format!("{{at: '{side}:{target}', kind: {kind}{times}}}");
        let patience = match kind {
            "hang" | "drip" => Patience::Short,
            _ => Patience::Long,
        };
        let ended = stage.run(Some(&fault), self.sources, patience);
        if !ended.leftovers.is_empty() {
            return Err(format!("left behind: {:?}", ended.leftovers));
        }
        match (&ended.lists, ended.exit) {
            (_, None) => Err("hangs".to_owned()),
            (Some(_), _) if self.must_be_refused() => Err("not refused".to_owned()),
            (Some(_), Some(0 | 3)) => self.check_bundle(&ended, &stage.whole),
            (None, Some(exit)) => self.check_refusal(exit, &ended),
            (Some(_), Some(exit)) => Err(format!("bundle, but exit {exit}: {}", ended.stderr)),
        }
    }

    fn check_bundle(&self, ended: &Ended, whole: &Ended) -> Result<(), String> {
        let (lists, baseline) = (ended.lists.as_ref().unwrap(), whole.lists.as_ref().unwrap());
        let mut n_gaps = 0;
        let mut n_struck = 0;
        for (key, expected) in baseline {
            let is_own = key.side == self.endpoint.side;
            if self.sources != Sources::All && !is_own {
                continue;
            }
            let found = lists.get(key).cloned().unwrap_or_default();
            n_gaps += found.iter().filter(|row| row.is_gap()).count();
            let is_counted = self.often == Often::Once || !is_own || key.side != Side::Thanos;
            let same = |row: &Row| match is_counted {
                true => row.without_prelude(),
                false => row.without_prelude().without_count(),
            };
            let is_same = found.iter().map(same).eq(expected.iter().map(same));
            let is_fine = match (self.often, self.endpoint.role) {
                (Often::Always, Role::List) if key.list == self.endpoint.list => {
                    n_struck += found.len();
                    // Rows of another list's tables are written only when there are some.
                    found
                        .iter()
                        .all(|row| is_told(self.kind, self.endpoint, row))
                }
                (Often::Always, Role::List) if is_gone(self.kind, self.endpoint, &key.list) => {
                    !found.is_empty()
                        && found
                            .iter()
                            .all(|row| is_told(self.kind, self.endpoint, row))
                }
                (Often::Always, Role::Session) if is_own => {
                    n_struck += found.iter().filter(|row| !row.is_complete()).count();
                    // What the release does not have is missing in any case; all else is missing by this fault.
                    is_same
                        || !expected.iter().any(Row::is_complete)
                        || (!found.is_empty() && found.iter().all(Row::is_gap))
                }
                _ => is_same,
            };
            if !is_fine {
                return Err(format!("{key:?}: {found:?} instead of {expected:?}"));
            }
        }
        for (key, found) in lists.iter().filter(|(key, _)| !baseline.contains_key(key)) {
            let is_own = key.side == self.endpoint.side;
            // A server that does not tell its release misses the lists of every release.
            let is_unknown = self.endpoint.role == Role::Session && is_own;
            if !is_unknown || !found.iter().all(Row::is_gap) {
                return Err(format!("{key:?} is not in the plan: {found:?}"));
            }
        }
        let must_show = self.often == Often::Always && !has_other_way(self.kind, self.endpoint);
        if must_show && n_struck == 0 {
            return Err("nothing says what is missing".to_owned());
        }
        let expected = if n_gaps > 0 { 3 } else { 0 };
        match ended.exit == Some(expected) {
            true => Ok(()),
            false => Err(format!("exit {:?} with {n_gaps} gaps", ended.exit)),
        }
    }

    /// Whether the run may read nothing at all, whatever the other servers say.
    fn must_be_refused(&self) -> bool {
        self.often == Often::Always && is_refused(self.kind, self.endpoint)
    }

    fn check_refusal(&self, exit: i32, ended: &Ended) -> Result<(), String> {
        let is_only = self.sources != Sources::All && self.endpoint.role == Role::Session;
        let decides = is_only || self.must_be_refused();
        let n_lines = ended.stderr.lines().count();
        match decides && refusals(self.kind, self.endpoint).contains(&exit) && n_lines == 1 {
            true => Ok(()),
            false => Err(format!("no bundle, exit {exit}: {}", ended.stderr)),
        }
    }
}

impl std::fmt::Display for Case<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (target, kind, often) = (self.endpoint.target, self.kind, self.often);
        write!(formatter, "{target} {kind} {often:?} {:?}", self.sources)
    }
}
