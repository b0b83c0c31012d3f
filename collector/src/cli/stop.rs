//! A command given up: its exit code, and the one line for people.

use std::error::Error;
use std::io;

use truenas_common::Chain;
use truenas_common::exit::Exit;

use crate::config::ConfigError;
use crate::keys::KeysError;
use crate::run::RunError;

/// Why a command ends early.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) exit: Exit,
    pub(super) line: String,
}

impl Stop {
    pub(super) fn new(exit: Exit, error: &(dyn Error + 'static)) -> Self {
        Self::line(exit, Chain(error).to_string())
    }

    pub(super) fn line(exit: Exit, line: impl Into<String>) -> Self {
        Self {
            exit,
            line: line.into(),
        }
    }

    pub(super) fn usage(error: &(dyn Error + 'static)) -> Self {
        Self::new(Exit::Usage, error)
    }
}

impl From<ConfigError> for Stop {
    fn from(error: ConfigError) -> Self {
        Self::usage(&error)
    }
}

impl From<KeysError> for Stop {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::NoRandom => Self::new(Exit::Internal, &error),
            error => Self::usage(&error),
        }
    }
}

impl From<RunError> for Stop {
    fn from(error: RunError) -> Self {
        Self::new(error.exit(), &error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            // The reader has seen enough, as `head` does.
            return Self::line(Exit::Ok, "");
        }
        Self::line(
            Exit::Internal,
            format!("cannot write the result: {}", Chain(&error)),
        )
    }
}
