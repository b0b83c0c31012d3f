//! Another verb than GET, and a path as text.

use truenas_collector::source::K8sClient;

async fn change(client: &K8sClient) {
    let _ = client.delete("/api/v1/persistentvolumes/a").await;
    let _ = client.page::<bool>("/api/v1/secrets", 500, None).await;
}

fn main() {}
