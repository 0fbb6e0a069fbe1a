//! The settings of each transaction: what a role, a database or a pooler's last client has set does not matter.

use std::time::Duration;

use migrate_core::plan::SearchPath;
use migrate_core::sql::quote_literal;

use super::Runner;
use crate::connection::application_name;

/// Milliseconds since a transaction began, as an SQL expression. `now()` is the beginning of the message, and a message may
/// have several transactions.
pub(crate) const ELAPSED: &str = "(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) \
     - pg_catalog.current_setting('migrate.began')::double precision) * 1000";

/// Lets a commit wait for the disk, also where the role or a pooler's last client has set that none does. A server's own
/// default may be stronger than `on`.
pub(crate) const SYNCHRONOUS: &str = "SELECT pg_catalog.set_config('synchronous_commit', 'on', true) \
     WHERE pg_catalog.current_setting('synchronous_commit') = 'off'";

/// Writes to the log and nowhere else, which whoever may read may do: the commit that comes then waits until all that was
/// committed before is on the disk, and on the standbys that are waited for.
pub(crate) const LOG_MARK: &str = "SELECT pg_catalog.pg_logical_emit_message(true, 'migrate', '')";

/// The settings of a transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TransactionSettings {
    pub(crate) lock_timeout: Duration,
    pub(crate) statement_timeout: Duration,
    pub(crate) synchronous: bool,
    /// Where names are looked up.
    pub(crate) search_path: SearchPath,
}

impl TransactionSettings {
    /// For the runtime's own records.
    pub(crate) const RECORD: Self = TransactionSettings {
        lock_timeout: Duration::from_secs(10),
        statement_timeout: Duration::ZERO,
        synchronous: true,
        search_path: SearchPath::System,
    };
}

/// The longest timeout that the server takes, in milliseconds.
const LONGEST_TIMEOUT: u128 = 2_147_483_647;

/// A timeout as the server takes it. To it 0 means no limit, so what is less than a millisecond becomes one.
pub(super) fn milliseconds(timeout: Duration) -> u128 {
    timeout.as_nanos().div_ceil(1_000_000).min(LONGEST_TIMEOUT)
}

impl Runner<'_> {
    /// The commands that make the settings, until the end of the transaction.
    pub(super) fn settings_commands(&self, settings: TransactionSettings) -> Vec<String> {
        let is_newer = self.work.server_version_num().is_some_and(|version| version >= 170_000);
        let mut commands = vec![
            format!("SET LOCAL lock_timeout = {}", milliseconds(settings.lock_timeout)),
            format!("SET LOCAL statement_timeout = {}", milliseconds(settings.statement_timeout)),
            "SET LOCAL idle_in_transaction_session_timeout = 0".to_string(),
        ];
        if is_newer {
            commands.push("SET LOCAL transaction_timeout = 0".to_string());
        }
        let commit = if settings.synchronous { SYNCHRONOUS } else { "SET LOCAL synchronous_commit = off" };
        commands.push(commit.to_string());
        commands.push(format!("SET LOCAL application_name = {}", quote_literal(&application_name(self.lock.label()))));
        commands
    }

    /// The command that checks that this process may still change the database. It makes settings as well, since a
    /// function in a query costs less than a query. Without `row_security` rows that a policy hides from this role are an
    /// error, and not left as they are without a word.
    pub(super) fn guard_command(&self) -> String {
        format!(
            "SELECT {}, pg_catalog.set_config('row_security', 'off', true), pg_catalog.set_config('migrate.began', \
             pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())::text, true)",
            self.lock.guard()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_never_rounded_to_none_and_never_more_than_the_server_takes() {
        assert_eq!(milliseconds(Duration::ZERO), 0);
        assert_eq!(milliseconds(Duration::from_micros(100)), 1);
        assert_eq!(milliseconds(Duration::from_millis(50)), 50);
        assert_eq!(milliseconds(Duration::MAX), LONGEST_TIMEOUT);
    }
}
