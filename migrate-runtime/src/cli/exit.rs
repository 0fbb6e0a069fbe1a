//! How a command ends, for scripts.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, or there was nothing to do.
    Success,
    /// It failed.
    Error,
    /// The command line is wrong.
    Usage,
    /// `status --check`: something is not applied.
    Pending,
    /// `verify`: the database does not match its history. `baseline`, or `up` when it takes over a database: it does
    /// not match the migrations.
    Drift,
    /// Others held the migration lock or a table the whole time. Trying again later may help.
    Blocked,
    /// Ctrl-C, SIGTERM.
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

    /// Of two, the one that needs somebody more.
    pub(super) fn worse(self, other: Exit) -> Exit {
        let by_need =
            [Exit::Success, Exit::Blocked, Exit::Pending, Exit::Drift, Exit::Error, Exit::Usage, Exit::Interrupted];
        let need = |exit: Exit| by_need.iter().position(|one| *one == exit);
        if need(other) > need(self) { other } else { self }
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
    4  verify, baseline, up: the database does not match the migrations
    5  blocked by others for too long: try again later
  130  interrupted";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_many_is_told_in_whatever_order_they_come() {
        let worst = |exits: &[Exit]| exits.iter().copied().fold(Exit::Success, Exit::worse);
        assert_eq!(worst(&[]), Exit::Success);
        assert_eq!(worst(&[Exit::Success, Exit::Pending, Exit::Success]), Exit::Pending);
        for exits in [[Exit::Drift, Exit::Error], [Exit::Error, Exit::Drift], [Exit::Blocked, Exit::Error]] {
            assert_eq!(worst(&exits), Exit::Error, "one that failed needs somebody, and trying again does not help");
        }
    }
}
