//! Metrics agree with claims, volumes and datasets of the same day.

use super::*;

fn vector(world: &World, metric: &str) -> Vec<Value> {
    let path = world.folder.path().join(format!("thanos/{metric}.json"));
    let mut answer: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(
        (&answer["status"], &answer["data"]["resultType"]),
        (&"success".into(), &"vector".into())
    );
    let result = answer["data"]["result"].as_array_mut().unwrap();
    std::mem::take(result)
}

fn values(world: &World, metric: &str) -> BTreeMap<String, u64> {
    let series = vector(world, &format!("kubelet_volume_stats_{metric}"));
    let claims = series.iter().map(|one| {
        let text = |label: &str| one["metric"][label].as_str().unwrap();
        let claim = format!("{}/{}", text("namespace"), text("persistentvolumeclaim"));
        (claim, one["value"][1].as_str().unwrap().parse().unwrap())
    });
    claims.collect()
}

#[test]
fn every_mounted_claim_has_usage_that_its_dataset_can_hold() {
    let estate = estate(&options(4));
    for world in [World::of(&estate, 0), World::of(&estate, DAYS - 1)] {
        let (used, capacity) = (
            values(&world, "used_bytes"),
            values(&world, "capacity_bytes"),
        );
        let available = values(&world, "available_bytes");
        let datasets = world.datasets();
        let mut volumes = BTreeMap::new();
        for (name, pv) in world.k8s("persistentvolumes") {
            let text = |pointer: &str| pv.pointer(pointer).and_then(Value::as_str).unwrap();
            let claim = format!(
                "{}/{}",
                text("/spec/claimRef/namespace"),
                text("/spec/claimRef/name")
            );
            volumes.insert(claim, name);
        }
        let mut n_joined = 0;
        for (claim, used) in &used {
            assert_eq!(capacity[claim], used + available[claim], "{claim}");
            let Some((_, dataset)) = datasets
                .iter()
                .find(|(path, _)| path.ends_with(&format!("/v/{}", volumes[claim])))
            else {
                continue;
            };
            n_joined += 1;
            let logical = bytes(dataset, "logicalreferenced");
            assert!(*used <= logical, "{claim}: {used} of {logical}");
            match dataset["volsize"]["parsed"].as_u64() {
                Some(volsize) => assert!(capacity[claim] <= volsize && *used * 5 >= logical),
                None => assert_eq!(*used, bytes(dataset, "referenced"), "{claim}"),
            }
        }
        assert!(n_joined > 40, "{n_joined}");
        // A share without quota shows the whole file system: more than the 500 GiB of the PV.
        assert!(capacity["media/films"] > 500 << 30);
    }
}

#[test]
fn buckets_of_a_histogram_never_fall_and_end_at_its_count() {
    let estate = estate(&options(5));
    let world = World::of(&estate, 2);
    for metric in [
        "storage_operation_duration_seconds",
        "csi_operations_seconds",
    ] {
        let key = |one: &Value| {
            let mut labels = one["metric"].clone();
            labels
                .as_object_mut()
                .unwrap()
                .retain(|label, _| label != "le" && label != "__name__");
            labels.to_string()
        };
        let number = |one: &Value| one["value"][1].as_str().unwrap().parse::<f64>().unwrap();
        let mut last: BTreeMap<String, f64> = BTreeMap::new();
        for one in vector(&world, &format!("{metric}_bucket")) {
            let before = last.insert(key(&one), number(&one)).unwrap_or_default();
            assert!(number(&one) >= before, "{one}");
        }
        let counts = vector(&world, &format!("{metric}_count"));
        assert_eq!(counts.len(), 4, "{metric}");
        for one in &counts {
            assert_eq!(last[&key(one)], number(one), "{one}");
        }
        assert!(counts.iter().any(|one| number(one) > 0.0), "{metric}");
    }
}
