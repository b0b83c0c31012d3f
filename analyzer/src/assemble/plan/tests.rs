use super::*;
use crate::checks::built_in;
use crate::report::model::Name;

fn line(step: &Step) -> String {
    let words: Vec<String> = step.arguments.iter().map(Prose::plain).collect();
    words.join(" ")
}

/// The plan with every item.
fn plan(fix: &str, facts: &Facts) -> Plan {
    super::plan(fix, &|_| true, facts)
}

fn facts() -> Facts {
    let finding = crate::checks::Finding {
        check_id: "ORP-001".to_owned(),
        scope: "nas".to_owned(),
        subject_table: "zfs_dataset".to_owned(),
        subject: "p/k8s/v".to_owned(),
        grade: crate::checks::Grade::Confirmed,
        severity: crate::checks::Severity::High,
        effective_severity: crate::checks::Severity::High,
        bytes: None,
        points: None,
        evidence: Vec::new(),
        fingerprint: String::new(),
    };
    let estate = crate::history::Estate::at(&crate::history::History::in_memory(), "d", None);
    let names = crate::assemble::name::Names::new(&estate.unwrap(), &crate::tables::catalog());
    Facts::of(&names, &finding)
}

#[test]
fn the_fix_of_an_orphan_becomes_a_plan_that_an_operator_can_follow() {
    let checks = built_in().unwrap();
    let check = checks
        .iter()
        .find(|check| check.page.id == "ORP-001")
        .unwrap();
    let plan = plan(&check.page.fix, &facts());
    assert_eq!(plan.preconditions[0].plain(), "The grade is confirmed.");
    assert!(plan.preconditions.len() >= 5);
    let lines: Vec<String> = plan.steps.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "zfs list -t snapshot -o name,clones,userrefs p/k8s/v",
            "zfs snapshot p/k8s/v@before-cleanup",
            "zfs rename p/k8s/v QUARANTINE/p/k8s/v",
            "",
            "",
            "zfs destroy -r p/k8s/v"
        ]
    );
    let kinds: Vec<StepKind> = plan.steps.iter().map(|step| step.kind).collect();
    use StepKind::{Change, Destroy, Look};
    assert_eq!(kinds, [Look, Change, Change, Look, Destroy, Destroy]);
    assert_eq!(plan.steps[0].note.plain(), "Read holds and clones.");
    assert_eq!(
        plan.undo.plain(),
        "Step 6 cannot be undone. Steps 1 to 5 can."
    );
    let destroyed = &plan.steps[5].arguments[3];
    assert_eq!(
        *destroyed,
        Prose::new().name(&Name::new("dataset", "p/k8s/v"))
    );
}

#[test]
fn every_command_of_every_page_becomes_a_step() {
    for check in built_in().unwrap() {
        let fix = &check.page.fix;
        let (id, plan) = (&check.page.id, plan(fix, &Facts::default()));
        let n_marked = fix.matches("`# ").count();
        let n_commands = plan
            .steps
            .iter()
            .filter(|step| !step.arguments.is_empty())
            .count();
        let is_in_words = |text: &Prose| text.plain().contains("# ");
        let n_in_words = usize::from(is_in_words(&plan.undo));
        assert!(
            n_commands + n_in_words >= n_marked,
            "{id}: {n_commands} of {n_marked}"
        );
        for step in &plan.steps {
            assert!(!is_in_words(&step.note), "{id}: {}", step.note.plain());
            let is_empty = step.note.is_empty() && step.arguments.is_empty();
            assert!(!is_empty, "{id} has an empty step");
        }
        let is_destructive =
            |step: &Step| step.kind == StepKind::Destroy && !step.arguments.is_empty();
        if plan.steps.iter().any(is_destructive) {
            let said = plan
                .preconditions
                .iter()
                .filter(|said| !said.plain().starts_with("Fill in"));
            assert!(said.count() > 0, "{id} destroys without a precondition");
        }
        assert!(!plan.undo.is_empty(), "{id}");
        assert!(
            plan.steps
                .iter()
                .all(|step| !step.note.plain().starts_with("Preconditions")),
            "{id}"
        );
    }
}

#[test]
fn a_dry_run_is_followed_by_the_same_command_for_real() {
    let fix = "1. `# zfs destroy -nv DATASET@OLDEST%LAST` and compare, then without `-n`.\n\nStep 1 cannot be undone.";
    let plan = plan(fix, &facts());
    let lines: Vec<String> = plan.steps.iter().map(line).collect();
    assert_eq!(lines[0], "zfs destroy -nv p/k8s/v@OLDEST%LAST");
    assert_eq!(lines[1], "zfs destroy -v p/k8s/v@OLDEST%LAST");
    assert_eq!(plan.steps[0].kind, StepKind::Look);
    assert_eq!(plan.steps[1].kind, StepKind::Destroy);
    assert!(plan.preconditions[0].plain().contains("OLDEST, LAST"));
}

#[test]
fn a_fenced_command_and_what_comes_before_it_are_one_step() {
    let plan = plan("Then:\n\n```\n$ zfs destroy -r DATASET\n```\n", &facts());
    assert_eq!(line(&plan.steps[0]), "zfs destroy -r p/k8s/v");
    assert_eq!(plan.steps[0].note.plain(), "Then:");
}

#[test]
fn items_for_other_findings_are_left_out_with_what_is_said_of_them() {
    let fix = "Preconditions: none.\n\nOf a share:\n\n1. Enable it.\n\nOf a target:\n\n2. Make it.\n\
               3. `# zfs destroy DATASET`\n\nDo not hurry. Steps 1 and 2 can be undone; step 3 cannot be undone.";
    let notes = |plan: &Plan| -> Vec<String> {
        let notes = plan.steps.iter().map(|step| step.note.plain());
        notes.collect()
    };
    let of_target = super::plan(fix, &|item| item != 1, &facts());
    assert_eq!(notes(&of_target), ["Of a target: Make it.", ""]);
    assert_eq!(of_target.steps[1].kind, StepKind::Destroy);
    assert_eq!(
        of_target.undo.plain(),
        "Do not hurry. step 2 cannot be undone."
    );
    let of_share = super::plan(fix, &|item| item == 1, &facts());
    assert_eq!(notes(&of_share), ["Of a share: Enable it."]);
    assert_eq!(of_share.undo.plain(), "Do not hurry.");
    assert_eq!(n_steps(fix, &|item| item == 1), 1);
}

#[test]
fn a_finding_of_a_page_with_causes_has_the_steps_of_its_cause_alone() {
    let checks = built_in().unwrap();
    let mut pages = checks.iter().map(|check| &check.page);
    let page = pages.find(|page| page.id == "ORP-007").unwrap();
    let lines = |cause: &str, protocol: &str| -> Vec<String> {
        let row = [("cause", cause), ("protocol", protocol)];
        let row = row.map(|(name, word)| {
            let word = crate::query::Value::Text(word.to_owned());
            (name.to_owned(), word)
        });
        let plan = super::plan(&page.fix, &|item| page.is_for(item, &row), &facts());
        assert!(!plan.undo.is_empty() && !plan.preconditions.is_empty());
        plan.steps.iter().map(line).collect()
    };
    let enable = "{\"enabled\": true}";
    assert_eq!(
        lines("share-disabled", "smb"),
        [format!("midclt call sharing.smb.update ID {enable}")]
    );
    assert_eq!(
        lines("extent-disabled", "iscsi"),
        [format!("midclt call iscsi.extent.update ID {enable}")]
    );
    assert_eq!(
        lines("service-stopped", "nfs"),
        ["midclt call service.control START SERVICE"]
    );
    let link = "midclt call iscsi.targetextent.create {\"target\": T, \"extent\": E, \"lunid\": 0}";
    assert_eq!(lines("link-missing", "iscsi"), [link, ""]);
    assert_eq!(lines("target-missing", "iscsi"), ["", link, ""]);
}
