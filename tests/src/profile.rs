//! What is shipped is optimised, whatever is done to build the tests sooner.

const MANIFEST: &str = include_str!("../../Cargo.toml");

/// Lines of one section of the manifest.
fn section(header: &str) -> Option<Vec<&'static str>> {
    let mut lines = MANIFEST.lines();
    lines.by_ref().find(|line| *line == header)?;
    Some(lines.take_while(|line| !line.starts_with('[')).collect())
}

#[test]
fn what_is_shipped_takes_no_setting_of_single_packages_from_another_profile() {
    let dist = section("[profile.dist]").expect("the profile of what is shipped");
    assert!(dist.contains(&"opt-level = 3"));
    // A profile inherits the settings of single packages too, and those of `release` leave Polars unoptimised.
    assert!(dist.contains(&r#"inherits = "dev""#));
    for of_packages in ["[profile.dev.package.", "[profile.dist.package."] {
        assert!(!MANIFEST.contains(of_packages), "{of_packages}");
    }
    assert!(MANIFEST.contains("[profile.release.package.polars-core]"));
}
