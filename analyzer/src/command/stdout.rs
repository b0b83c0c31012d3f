//! Standard output. A reader that went away is no failure; a full disk is one, told when the command has done its work.

use std::fmt::Arguments;
use std::io::{self, Write as _};
use std::sync::Mutex;

/// The first failure; nothing is written after it.
static FAILURE: Mutex<Option<io::Error>> = Mutex::new(None);

/// `out!` that remembers a failure for [`finish`].
macro_rules! out {
    ($($text:tt)*) => { crate::command::stdout::write(format_args!($($text)*)) };
}

/// `outln!` that remembers a failure for [`finish`].
macro_rules! outln {
    () => { crate::command::stdout::write(format_args!("\n")) };
    ($($text:tt)*) => {{
        crate::command::stdout::write(format_args!($($text)*));
        crate::command::stdout::write(format_args!("\n"));
    }};
}

pub(crate) use {out, outln};

pub(crate) fn write(text: Arguments<'_>) {
    attempt(|stdout| stdout.write_fmt(text));
}

pub(crate) fn write_bytes(bytes: &[u8]) {
    attempt(|stdout| stdout.write_all(bytes));
}

fn attempt(write: impl FnOnce(&mut io::StdoutLock<'static>) -> io::Result<()>) {
    let Ok(mut failure) = FAILURE.lock() else {
        return;
    };
    if failure.is_none() {
        *failure = write(&mut io::stdout().lock()).err();
    }
}

/// Whether everything that was written has arrived, or nobody wants it any more.
pub(crate) fn finish() -> io::Result<()> {
    attempt(io::Write::flush);
    let failure = FAILURE.lock().ok().and_then(|mut failure| failure.take());
    match failure {
        Some(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}
