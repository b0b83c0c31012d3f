//! Views: SELECTs with a name, which checks and other views read like tables.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::checks::Check;
use crate::query::{Catalog, LintError, Statement};

/// One view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Name, which is that of its file.
    pub name: Cow<'static, str>,
    /// One SELECT.
    pub sql: Statement,
}

/// The views that a statement or a view before them reads, in an order in which they can be created.
///
/// # Errors
/// A view that is no SELECT. Views that read each other in a circle are left out; creating what reads them fails.
pub fn needed(relations_read: BTreeSet<String>, views: &[View]) -> Result<Vec<&View>, LintError> {
    let mut ordered = Vec::new();
    let mut entered = BTreeSet::new();
    for name in relations_read {
        visit(&name, views, &mut entered, &mut ordered)?;
    }
    Ok(ordered)
}

/// The tables that a check reads, itself or through views, with those of its population.
///
/// # Errors
/// The check or a view that it reads is no SELECT.
pub fn reads(
    check: &Check,
    views: &[View],
    catalog: &Catalog,
) -> Result<BTreeSet<String>, LintError> {
    let mut read = check.sql.relations()?;
    read.extend(check.page.population.clone());
    for view in needed(read.clone(), views)? {
        read.extend(view.sql.relations()?);
    }
    // The rest are views, and names that statements give to their own parts.
    read.retain(|name| catalog.tables.contains_key(name));
    Ok(read)
}

fn visit<'v>(
    name: &str,
    views: &'v [View],
    entered: &mut BTreeSet<String>,
    ordered: &mut Vec<&'v View>,
) -> Result<(), LintError> {
    let Some(view) = views.iter().find(|view| view.name == name) else {
        return Ok(());
    };
    if !entered.insert(name.to_owned()) {
        return Ok(());
    }
    for read in view.sql.relations()? {
        visit(&read, views, entered, ordered)?;
    }
    ordered.push(view);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(name: &'static str, sql: &'static str) -> View {
        View {
            name: name.into(),
            sql: sql.into(),
        }
    }

    #[test]
    fn a_view_comes_after_what_it_reads_and_nothing_else_comes() {
        let views = [
            view("a", "SELECT x FROM b JOIN k8s_pv ON b.x = k8s_pv.x"),
            view("b", "WITH t AS (SELECT x FROM c) SELECT x FROM t"),
            view("c", "SELECT x FROM k8s_pv"),
            view("d", "SELECT x FROM k8s_pv"),
        ];
        let read = Statement::of("SELECT x FROM k8s_pvc WHERE x IN (SELECT x FROM a)");
        let read = read.relations().unwrap();
        let names = |views: Vec<&View>| -> Vec<String> {
            views.iter().map(|view| view.name.to_string()).collect()
        };
        assert_eq!(names(needed(read, &views).unwrap()), ["c", "b", "a"]);
    }

    #[test]
    fn what_a_check_reads_goes_through_views_and_holds_no_names_of_its_own_parts() {
        let page = "---\nid: ORP-001\ntitle: T\nseverity: low\nscope: cluster\nneeds: []\npopulation: k8s_pod\n\
                    since: \"1\"\n---\n## What\na\n## Why\nb\n## Fix\nc\n";
        let sql = "WITH part AS (SELECT name FROM bound) SELECT p.name AS subject FROM part AS p";
        let check = Check::parse("orphans/orp-001-x", page, sql).unwrap();
        let views = [
            view(
                "bound",
                "SELECT a.name FROM k8s_pv AS a JOIN waiting AS w ON w.name = a.name",
            ),
            view(
                "waiting",
                "WITH part AS (SELECT name FROM k8s_pvc) SELECT p.name FROM part AS p",
            ),
            view("other", "SELECT name FROM k8s_node"),
        ];
        let read = reads(&check, &views, &crate::tables::catalog()).unwrap();
        assert_eq!(Vec::from_iter(read), ["k8s_pod", "k8s_pv", "k8s_pvc"]);
    }
}
