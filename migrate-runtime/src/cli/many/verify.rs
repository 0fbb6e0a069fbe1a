//! `verify` of many databases.

use super::Answer;
use crate::cli::format::indented;
use crate::cli::style::{BAD, paint};
use crate::cli::verify::{self, VerifyJson};
use crate::many::ManyReport;
use crate::verify::Verification;

impl Answer for Verification {
    type Json = VerifyJson;

    const COUNTED: &[&str] = &["without differences", "with differences"];
    const GOOD: usize = 1;
    const TIMED: bool = false;

    fn counted(&self) -> usize {
        usize::from(!self.is_clean())
    }

    fn line(&self) -> Option<String> {
        let below = verify::differences(self) + &verify::notes(self);
        let drift = if self.is_clean() { String::new() } else { format!("{} ", paint(BAD, "drift:")) };
        (!below.is_empty()).then(|| format!("{drift}{}\n{}", verify::headline(self), indented(&below, 4)))
    }

    fn closing(report: &ManyReport<Self>, _noun: &str) -> String {
        let is_clean = report.done().all(|(_, found)| found.is_clean());
        if is_clean { String::new() } else { verify::closing() }
    }

    fn json(&self) -> VerifyJson {
        VerifyJson::of(self)
    }
}
