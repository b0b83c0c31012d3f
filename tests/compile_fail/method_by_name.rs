//! A call of a method by its name.

use truenas_collector::source::Session;

async fn create(session: &mut Session) {
    let params = serde_json::json!([]);
    let _ = session.call::<bool>("pool.create", &params).await;
}

fn main() {}
