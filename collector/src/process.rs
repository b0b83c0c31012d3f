//! What the process itself could give away: no core file, no debugger of the same user, no data in a panic.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Closes the process. A kernel that refuses is no reason to stop: the file modes of keys still hold.
pub fn harden() {
    quiet_panics();
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let limited = setrlimit(Resource::Core, none);
    let closed = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    if limited.is_err() || closed.is_err() {
        eprintln!("warning: the kernel did not switch off core files of this process");
    }
}

/// A panic tells where it happened; its message may hold data.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let place = place.unwrap_or_else(|| "an unknown place".to_owned());
        eprintln!("error: defect of the program at {place}; report this place");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::{dumpable_behavior, getrlimit};

    #[test]
    fn process_leaves_no_core_and_is_not_dumpable() {
        harden();
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        // The owner of a file is still told from the user of the process.
        let own = rustix::process::getuid().as_raw();
        assert!(crate::keys::Holder::Person.accepts(0o600, own));
        assert!(!crate::keys::Holder::Person.accepts(0o640, own));
        drop(std::panic::take_hook());
    }
}
