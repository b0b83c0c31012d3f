//! The threads that statements run on: each has a stack for the deepest plan, and what it allocated for one statement
//! serves the next.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread;

use polars_async::executor::ALLOW_RAYON_THREADS;

/// The engine walks a plan by recursion, deeper than the stack of most threads.
const STACK_BYTES: usize = 64 << 20;

type Job = Box<dyn FnOnce() + Send>;

/// One for each core, started with the first statement of the process.
static THREADS: LazyLock<Threads> = LazyLock::new(Threads::start);

struct Threads {
    jobs: Sender<Job>,
    n_threads: usize,
}

/// Who does the work of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// Its thread alone.
    Alone,
    /// The pool of the engine, for its thread.
    Shared,
}

/// Runs a job on one of the threads and waits for it; a job that waits for another one may wait for ever. Without such a
/// thread it runs here, and its work is shared.
pub(super) fn run<T: Send + 'static>(work: Work, job: impl FnOnce() -> T + Send + 'static) -> T {
    if THREADS.n_threads == 0 {
        return job();
    }
    let (done, result) = channel();
    let sent = THREADS.jobs.send(Box::new(move || {
        ALLOW_RAYON_THREADS.set(work == Work::Shared);
        // Who waits always gets an answer, and the thread lives on. A waiter that is gone needs none.
        let _ = done.send(catch_unwind(AssertUnwindSafe(job)));
    }));
    match sent.ok().and_then(|()| result.recv().ok()) {
        Some(Ok(value)) => value,
        Some(Err(panic)) => resume_unwind(panic),
        None => unreachable!("the threads outlive every job"),
    }
}

impl Threads {
    /// As many threads as the system gives; with none, jobs run where they are asked for.
    fn start() -> Self {
        let (jobs, waiting) = channel();
        let waiting = Arc::new(Mutex::new(waiting));
        let n_wanted = thread::available_parallelism().map_or(1, usize::from);
        let started = (0..n_wanted).filter(|_| {
            let waiting = Arc::clone(&waiting);
            let builder = thread::Builder::new().name("statement".to_owned());
            let thread = builder.stack_size(STACK_BYTES);
            thread.spawn(move || work(&waiting)).is_ok()
        });
        Self {
            n_threads: started.count(),
            jobs,
        }
    }
}

fn work(waiting: &Mutex<Receiver<Job>>) {
    loop {
        let job = waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        match job {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_give_what_they_return_and_a_panic_is_that_of_who_asked() {
        assert_eq!(run(Work::Alone, || 7), 7);
        let panic = catch_unwind(|| run(Work::Shared, || panic!("as planned")));
        let panic = panic.expect_err("the job panics");
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"as planned"));
        // The threads are still there.
        let sums: Vec<usize> = (0..100)
            .map(|number| run(Work::Alone, move || number + 1))
            .collect();
        assert_eq!(sums, (1..=100).collect::<Vec<_>>());
    }

    #[test]
    fn a_deep_recursion_fits() {
        fn depth(left: usize) -> usize {
            let pages = std::hint::black_box([left as u8; 4096]);
            match left {
                0 => usize::from(pages[0]),
                left => depth(left - 1) + 1,
            }
        }
        assert_eq!(run(Work::Alone, || depth(8_000)), 8_000);
    }
}
