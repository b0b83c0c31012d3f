//! One estate with every check run over it: the value that reports and gates are made of.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::view::needed;
use crate::checks::{
    self, Check, CheckResult, Completeness, Overrides, Place, Places, RunInput, TableState,
};
use crate::history::{Estate, History};
use crate::listing_growth;
use crate::pool_trend;
use crate::query::{CatalogColumn, Limits, QueryError, Session, Statement};
use crate::settings::Settings;
use crate::tables;

/// Checks cannot be run at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnalysisError {
    /// The history holds no bundle up to the asked time.
    #[error(
        "no bundle of domain `{domain}` is in the history up to that time; ingest bundles first"
    )]
    Empty {
        /// Domain.
        domain: String,
    },
    /// A built-in page is broken; a defect.
    #[error("a built-in check cannot be read")]
    Page(#[source] checks::PageError),
    /// A built-in view cannot be parsed; a defect.
    #[error("the built-in views cannot be read")]
    Views {
        /// Why.
        #[source]
        source: QueryError,
    },
    /// A built-in view is broken; a defect.
    #[error("view `{view}` cannot be made")]
    View {
        /// View.
        view: String,
        /// Why.
        #[source]
        source: QueryError,
    },
    /// A table does not fit its declaration; a defect.
    #[error("table `{table}` cannot be made")]
    Table {
        /// Table.
        table: String,
        /// Why.
        #[source]
        source: QueryError,
    },
    /// The estate cannot be built; a defect.
    #[error("the estate cannot be built from the history")]
    Estate(#[source] polars::prelude::PolarsError),
}

/// An estate and what the checks say about it.
pub struct Analysis {
    /// Tables at the asked time.
    pub estate: Estate,
    /// Which lists were complete.
    pub completeness: Completeness,
    /// Checks in the order of their directories.
    pub checks: Vec<Check>,
    /// Results by check and scope.
    pub results: Vec<CheckResult>,
    /// Registered tables and views, for questions of the report.
    pub session: Session,
    /// Thresholds that differ from the default.
    pub thresholds: Overrides,
    /// Thresholds of the objects in one pool or class.
    pub placed: BTreeMap<Place, Overrides>,
    /// Which pool and class an object belongs to; empty when no place has thresholds of its own.
    pub places: Places,
    /// Bounds of each statement of a check.
    pub limits: Limits,
    /// Fingerprints of findings that somebody accepted: gates, scores and tiles leave them out.
    pub accepted: BTreeSet<String>,
}

impl Analysis {
    /// Runs all built-in checks over a domain at a time, or at its newest bundle.
    ///
    /// # Errors
    /// An empty history, or a defect of a built-in view.
    pub fn run(
        history: &History,
        domain: &str,
        time: Option<i64>,
        thresholds: &Overrides,
    ) -> Result<Self, AnalysisError> {
        let checks = checks::built_in().map_err(AnalysisError::Page)?;
        Self::with(checks, history, domain, time, thresholds)
    }

    /// Runs the given checks in place of the built-in ones; these may read every table and built-in view.
    ///
    /// # Errors
    /// As for [`Analysis::run`].
    pub fn with(
        checks: Vec<Check>,
        history: &History,
        domain: &str,
        time: Option<i64>,
        thresholds: &Overrides,
    ) -> Result<Self, AnalysisError> {
        let estate = Estate::at(history, domain, time).map_err(AnalysisError::Estate)?;
        if estate.bundles.is_empty() {
            return Err(AnalysisError::Empty {
                domain: domain.to_owned(),
            });
        }
        Self::over(estate, checks, thresholds)
    }

    /// Runs the given checks over an estate that somebody else made.
    ///
    /// # Errors
    /// A defect of a built-in view or of a table.
    pub fn over(
        estate: Estate,
        checks: Vec<Check>,
        thresholds: &Overrides,
    ) -> Result<Self, AnalysisError> {
        let settings = Settings {
            thresholds: thresholds.clone(),
            ..Settings::default()
        };
        Self::set(estate, checks, &settings)
    }

    /// As [`Analysis::over`], with everything that a site decides.
    ///
    /// # Errors
    /// As for [`Analysis::over`].
    pub fn set(
        estate: Estate,
        checks: Vec<Check>,
        settings: &Settings,
    ) -> Result<Self, AnalysisError> {
        Self::set_beside(estate, checks, settings, &[])
    }

    /// As [`Analysis::set`], with views that somebody else reads.
    ///
    /// # Errors
    /// As for [`Analysis::run`].
    pub fn set_beside(
        mut estate: Estate,
        checks: Vec<Check>,
        settings: &Settings,
        views: &[&str],
    ) -> Result<Self, AnalysisError> {
        settings
            .declare(&mut estate)
            .map_err(AnalysisError::Estate)?;
        let mut read = read_by(&checks);
        read.extend(views.iter().map(|view| (*view).to_owned()));
        if !settings.placed.is_empty() {
            read.insert("volume_join".to_owned());
        }
        let session = session(&estate, read)?;
        let places = if settings.placed.is_empty() {
            Places::default()
        } else {
            Places::find(&session).map_err(|source| AnalysisError::Views { source })?
        };
        let completeness = completeness(&estate);
        let mut analysis = Self {
            completeness,
            checks,
            results: Vec::new(),
            session,
            thresholds: settings.thresholds.clone(),
            placed: settings.placed.clone(),
            places,
            limits: settings.limits,
            accepted: BTreeSet::new(),
            estate,
        };
        analysis.results = checks::run_placed(
            &analysis.checks,
            &analysis.input(),
            &analysis.placed,
            &analysis.places,
        );
        Ok(analysis)
    }

    /// What checks are run on.
    pub fn input(&self) -> RunInput<'_> {
        RunInput {
            session: &self.session,
            completeness: &self.completeness,
            thresholds: &self.thresholds,
            limits: self.limits,
            domain: &self.estate.domain,
            now_unix_secs: self.estate.now,
        }
    }

    /// Findings of all checks.
    pub fn findings(&self) -> impl Iterator<Item = &checks::Finding> {
        self.results.iter().flat_map(|result| &result.findings)
    }

    /// Findings that nobody accepted.
    pub fn open_findings(&self) -> impl Iterator<Item = &checks::Finding> {
        self.findings().filter(|finding| self.is_open(finding))
    }

    /// Whether nobody accepted a finding.
    pub fn is_open(&self, finding: &checks::Finding) -> bool {
        !self.accepted.contains(&finding.fingerprint)
    }

    /// Page of a check by its id.
    pub fn page(&self, check_id: &str) -> Option<&checks::Page> {
        self.checks
            .iter()
            .map(|check| &check.page)
            .find(|page| page.id == check_id)
    }
}

/// What checks read. A statement that cannot be parsed makes its own check broken, no more.
fn read_by(checks: &[Check]) -> BTreeSet<String> {
    checks
        .iter()
        .flat_map(|check| {
            let mut read = check.sql.relations().unwrap_or_default();
            read.extend(check.page.population.clone());
            read
        })
        .collect()
}

/// Tables of an estate, and the views among the given names with those that they read. What takes time to compute is
/// there when its name is given.
///
/// # Errors
/// A defect of a built-in view or of a table.
pub fn session(estate: &Estate, read: BTreeSet<String>) -> Result<Session, AnalysisError> {
    let catalog = tables::catalog();
    let mut session = Session::new(catalog.clone());
    for (name, frame) in &estate.frames {
        let columns = catalog.tables.get(name).cloned().unwrap_or_default();
        session
            .register(name, frame.clone(), columns)
            .map_err(|source| AnalysisError::Table {
                table: name.clone(),
                source,
            })?;
    }
    type Frame = fn(&Estate) -> polars::prelude::PolarsResult<polars::prelude::DataFrame>;
    let computed: [(&str, Frame, Vec<CatalogColumn>); 2] = [
        (
            listing_growth::NAME,
            listing_growth::frame,
            listing_growth::columns(),
        ),
        (pool_trend::NAME, pool_trend::frame, pool_trend::columns()),
    ];
    for (table, frame, columns) in computed {
        if read.contains(table) {
            let frame = frame(estate).map_err(AnalysisError::Estate)?;
            session
                .register(table, frame, columns)
                .map_err(|source| AnalysisError::Table {
                    table: table.to_owned(),
                    source,
                })?;
        }
    }
    create_views(&mut session, read)?;
    Ok(session)
}

/// Creates the built-in views among the given names, behind those that they read; what the session holds stays.
///
/// # Errors
/// A defect of a built-in view.
pub fn create_views(session: &mut Session, read: BTreeSet<String>) -> Result<(), AnalysisError> {
    let unreadable = |source| AnalysisError::Views {
        source: QueryError::Lint { source },
    };
    let views = needed(read, checks::built_in_views()).map_err(unreadable)?;
    let made: BTreeSet<String> = session
        .views()
        .iter()
        .map(|view| view.name.clone())
        .collect();
    let views: Vec<(&str, &Statement)> = views
        .into_iter()
        .filter(|view| !made.contains(&*view.name))
        .map(|view| (&*view.name, &view.sql))
        .collect();
    session
        .create_views(&views)
        .map_err(|(view, source)| AnalysisError::View { view, source })
}

/// How far every list of an estate was read.
pub(crate) fn completeness(estate: &Estate) -> Completeness {
    let states: BTreeMap<_, _> = estate
        .outcomes
        .iter()
        .map(|(key, outcome)| {
            let state = match outcome.as_str() {
                "ok" | "empty" => TableState::Complete,
                "unsupported" => TableState::NotServed,
                outcome => TableState::Incomplete(outcome.to_owned()),
            };
            (key.clone(), state)
        })
        .collect();
    Completeness {
        states,
        appliances: estate.appliances.clone(),
        clusters: estate.clusters.clone(),
    }
}
