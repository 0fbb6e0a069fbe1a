//! `up` and `down` on many databases.

use std::collections::BTreeMap;

use super::Answer;
use crate::cli::format::{count, duration};
use crate::cli::style::{FAINT, WAITING, paint};
use crate::cli::{json, summary};
use crate::error::Error;
use crate::many::{ManyReport, Outcome as Became};
use crate::report::Report;

impl Answer for Report {
    type Json = json::Report;

    const COUNTED: &[&str] = &["changed", "with nothing to do"];
    const GOOD: usize = 2;
    const TIMED: bool = true;

    fn counted(&self) -> usize {
        usize::from(self.is_empty())
    }

    fn line(&self) -> Option<String> {
        let took = paint(FAINT, format!("({})", duration(self.elapsed)));
        (!self.is_empty()).then(|| format!("{} {took}", summary::done(self).join(", ")))
    }

    /// What is gone, and in how many: it is the same in all of them.
    fn closing(report: &ManyReport<Self>, noun: &str) -> String {
        let mut gone: BTreeMap<String, usize> = BTreeMap::new();
        let reports = report.databases.iter().filter_map(|database| match &database.outcome {
            Became::Done(done) => Some(done),
            Became::Failed(error) => error.report(),
            Became::NotBegun => None,
        });
        for lost in reports.flat_map(summary::lost) {
            *gone.entry(lost).or_default() += 1;
        }
        let line = |(lost, number): (String, usize)| {
            format!("{} {lost}, in {}\n", paint(WAITING, "gone:"), count(number, noun))
        };
        gone.into_iter().map(line).collect()
    }

    fn json(&self) -> json::Report {
        json::Report::of(self)
    }

    fn before(failure: &Error) -> Option<json::Report> {
        failure.report().map(json::Report::of)
    }
}
