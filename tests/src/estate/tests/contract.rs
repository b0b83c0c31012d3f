//! The world file, as the contract says.

use super::*;

#[test]
fn the_world_file_is_what_the_contract_says() {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Description {
        now: String,
        appliances: Vec<Appliance>,
        clusters: Vec<Cluster>,
        scope: Scope,
    }
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Appliance {
        name: String,
        version: String,
        user: String,
        api_key: String,
        roles: Vec<String>,
    }
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Cluster {
        name: String,
        denied: Vec<String>,
    }
    #[derive(serde::Deserialize)]
    struct Scope {
        parents: Vec<Parent>,
    }
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Parent {
        dataset: String,
        clusters: Vec<String>,
        complete: bool,
    }
    let estate = estate(&options(9));
    let world = World::of(&estate, 2);
    let text = fs::read_to_string(world.folder.path().join("world.yaml")).unwrap();
    let read: Description = serde_saphyr::from_str(&text).unwrap();
    assert_eq!(read.now, "2026-03-04T03:00:00Z");
    let appliance = &read.appliances[0];
    assert_eq!(
        (appliance.name.as_str(), appliance.version.as_str()),
        ("nas01", "25.10")
    );
    assert_eq!(
        (appliance.user.as_str(), appliance.api_key.len()),
        ("svc-collector", 66)
    );
    assert!(appliance.roles.iter().all(|role| role.ends_with("_READ")));
    assert_eq!(
        (
            read.clusters[0].name.as_str(),
            read.clusters[0].denied.len()
        ),
        ("prod-a", 1)
    );
    assert!(
        read.scope
            .parents
            .iter()
            .all(|parent| parent.complete && parent.clusters == ["prod-a"])
    );
    assert_eq!(read.scope.parents[0].dataset, "tank/k8s/iscsi/v");
}
