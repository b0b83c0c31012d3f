//! A method that the collector does not have.

use truenas_collector::source::Method;

fn main() {
    let _ = Method {
        name: "pool.create",
    };
}
