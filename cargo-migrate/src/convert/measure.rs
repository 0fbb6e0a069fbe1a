//! How much of many histories can be converted.

use std::time::Instant;

use serde_json::json;

use super::Convert;
use super::report::Count;
use crate::Answer;
use crate::failure::Failure;

/// Converts each directory, and writes nothing.
pub(super) async fn measure(command: &Convert) -> Result<Answer, Failure> {
    let root = &command.source;
    let entries = std::fs::read_dir(root).map_err(|error| Failure::file("read", root, &error))?;
    let mut directories: Vec<_> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()).collect();
    directories.sort();
    let mut text = String::new();
    let mut histories = Vec::new();
    let mut all = Count::default();
    let mut same = 0;
    for directory in &directories {
        let name = directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let began = Instant::now();
        let before = command.before.as_ref().map(|all| all.join(format!("{name}.sql"))).filter(|file| file.is_file());
        let result = command.report(directory, before.as_deref()).await;
        let seconds = began.elapsed().as_secs_f64();
        match result {
            Ok((tool, report)) => {
                let count = report.count();
                all.add(count);
                same += usize::from(report.is_same());
                text.push_str(&format!(
                    "{name}: {} migrations, {} statements, {:.1} % without raw SQL, {}, {seconds:.1} s\n",
                    report.converted.len(),
                    count.all(),
                    count.share(),
                    if report.is_same() { "equal" } else { "NOT EQUAL" },
                ));
                text.extend(report.raw().iter().map(|line| format!("  raw SQL: {line}\n")));
                text.extend(report.wrong().iter().map(|line| format!("  {line}\n")));
                if let Ok(proof) = &report.proof {
                    let dump = proof.dump.iter().flat_map(|dump| &dump.differences);
                    text.extend(dump.map(|line| format!("  pg_dump: {line}\n")));
                }
                histories.push(json!({ "name": name, "seconds": seconds, "history": report.json(tool, &[]) }));
            }
            Err(failure) => {
                text.push_str(&format!("{name}: FAILED: {}\n", failure.message));
                text.extend(failure.help.iter().map(|line| format!("  help: {line}\n")));
                histories.push(json!({ "name": name, "seconds": seconds, "error": failure.message }));
            }
        }
    }
    text.push_str(&format!(
        "all: {} histories, {same} equal; {} statements: {} in the language, {} not needed, {} as raw SQL: {:.2} % without raw SQL\n",
        directories.len(),
        all.all(),
        all.native,
        all.not_needed,
        all.raw,
        all.share(),
    ));
    let code = u8::from(same < directories.len());
    let text = if command.json {
        format!("{}\n", json!({ "histories": histories, "equal": same, "share": all.share() }))
    } else {
        text
    };
    Ok(Answer { text, errors: Vec::new(), code })
}
