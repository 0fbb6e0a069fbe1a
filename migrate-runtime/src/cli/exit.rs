//! How a command ends, for scripts.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing was to do.
    Success,
    /// It failed.
    Error,
    /// The command line is wrong.
    Usage,
    /// `status --check`: something is not applied.
    Pending,
    /// `verify`: the database is not what its history says.
    Drift,
    /// Others had the migration lock or a table all the time. Trying again later may help.
    Blocked,
    /// Ctrl-C.
    Interrupted,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Error => 1,
            Exit::Usage => 2,
            Exit::Pending => 3,
            Exit::Drift => 4,
            Exit::Blocked => 5,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

/// The part of the help that says it.
pub(super) const HELP: &str = "\
Exit codes:
    0  done, or nothing to do
    1  failed
    2  wrong usage
    3  status --check: something is not applied
    4  verify: the database is not what its history says
    5  blocked by others for too long: try again later
  130  interrupted";
