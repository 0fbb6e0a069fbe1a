//! Statements as text for people and for scripts.

use super::{Backfill, Duration, Place, Statement, Work};
use crate::sql::{Writer, quote_identifier, quote_literal};

impl Statement {
    /// The command for a script that runs without this library, without a semicolon; `None` for a Rust function.
    pub fn script_text(&self) -> Option<String> {
        match &self.work {
            Work::Sql(sql) => Some(sql.to_string()),
            Work::Backfill(backfill) => Some(backfill.script_text()),
            Work::Run(_) => None,
        }
    }

    /// What to know about it before it runs: its locks, how its time grows, its hazards, its place in the source.
    pub fn facts(&self) -> Vec<String> {
        let mut facts: Vec<String> =
            self.locks.iter().map(|lock| format!("locks {}.{} {}", lock.schema, lock.table, lock.mode)).collect();
        match self.duration.fact() {
            Some(fact) => facts.push(fact.to_owned()),
            None if self.locks.is_empty() => {}
            None => facts.push("constant time".to_owned()),
        }
        facts.extend(self.hazards.iter().map(|hazard| format!("hazard {hazard}")));
        if !self.limits.is_empty() {
            facts.push(format!("limits {}", self.limits));
        }
        facts.extend(self.place.fact());
        facts
    }
}

impl Place {
    /// The place as people and editors write it; `None` where it is not known.
    pub fn fact(&self) -> Option<String> {
        let Place { file, line, column } = self;
        match (file.is_empty(), *line) {
            (_, 0) => None,
            (true, _) => Some(format!("line {line}")),
            (false, _) => Some(format!("{file}:{line}:{column}")),
        }
    }
}

impl Duration {
    /// How the time of a statement grows, in a few words; `None` where it does not.
    pub const fn fact(self) -> Option<&'static str> {
        match self {
            Duration::Constant => None,
            Duration::Scan => Some("reads every row"),
            Duration::IndexBuild => Some("builds an index"),
            Duration::Rewrite => Some("writes every row"),
            Duration::Unknown => Some("duration unknown"),
        }
    }
}

impl Backfill {
    /// The update in words.
    pub fn summary(&self) -> String {
        let table = format!("{}.{}", quote_identifier(&self.schema), quote_identifier(&self.table));
        format!("UPDATE {table} SET {} WHERE {} in batches of {}", self.assignments, self.condition, self.batch)
    }

    /// A block that updates a range of pages at a time, and commits after each. Rows that moved meanwhile are done at
    /// the end: the condition is false for what is done. A page is taken to hold 50 rows at least, so that a range
    /// has no more rows than a batch also where the planner knows nothing of the table.
    fn script_text(&self) -> String {
        let table = format!("{}.{}", quote_identifier(&self.schema), quote_identifier(&self.table));
        let oid = format!("{}::pg_catalog.regclass", quote_literal(&table));
        // A commit takes the setting back.
        let skip = "PERFORM pg_catalog.set_config('migrate.on_update', 'off', true);";
        let update = format!("UPDATE {table} SET {} WHERE ({})", self.assignments, self.condition);
        let body = format!(
            "\n#variable_conflict use_column\n\
             DECLARE\n  \
               migrate_page bigint := 0;\n  \
               migrate_pages bigint := pg_catalog.pg_relation_size({oid}) / pg_catalog.current_setting('block_size')::bigint;\n  \
               migrate_step bigint := (SELECT greatest(1, ({batch} / greatest(reltuples / greatest(relpages, 1), 50))::bigint) FROM pg_catalog.pg_class WHERE oid = {oid});\n\
             BEGIN\n  \
               WHILE migrate_page <= migrate_pages LOOP\n    \
                 {skip}\n    \
                 {update}\n      \
                   AND ctid >= pg_catalog.format('(%s,0)', migrate_page)::tid AND ctid < pg_catalog.format('(%s,0)', migrate_page + migrate_step)::tid;\n    \
                 COMMIT;\n    \
                 migrate_page := migrate_page + migrate_step;\n  \
               END LOOP;\n  \
               {skip}\n  \
               {update};\n\
             END\n",
            batch = self.batch,
        );
        Writer::new().keyword("DO").dollar_quoted(&body).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Hazard, Limits, LockMode, RelationLock};
    use super::*;

    fn statement(work: Work) -> Statement {
        Statement {
            work,
            locks: vec![RelationLock { schema: "public".into(), table: "t".into(), mode: LockMode::AccessExclusive }]
                .into(),
            hazards: vec![Hazard::RewritesTable].into(),
            duration: Duration::Rewrite,
            postcondition: None,
            limits: Limits::default(),
            place: Place::default(),
            by_hand: false,
            runs_routines: false,
        }
    }

    #[test]
    fn facts_are_locks_duration_and_hazards() {
        let facts = statement(Work::Sql("ALTER TABLE t".into())).facts();
        assert_eq!(facts, ["locks public.t ACCESS EXCLUSIVE", "writes every row", "hazard rewrites_table"]);
    }

    #[test]
    fn a_rust_function_has_no_text() {
        assert_eq!(statement(Work::Run("steps::fill".into())).script_text(), None);
    }

    #[test]
    fn a_backfill_commits_after_each_range_of_pages() {
        let backfill = Backfill {
            schema: "public".into(),
            table: "order".into(),
            assignments: "a = '$$'".into(),
            condition: "a IS NULL".into(),
            key: vec!["id".into()].into(),
            batch: 100,
        };
        let text = statement(Work::Backfill(backfill)).script_text().unwrap_or_default();
        assert!(text.starts_with("DO $body$"), "{text}");
        assert!(text.contains("UPDATE public.\"order\" SET a = '$$' WHERE (a IS NULL)\n"), "{text}");
        assert!(text.contains("COMMIT;"), "{text}");
    }
}
