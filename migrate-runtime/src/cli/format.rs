//! Times and texts for people.

use std::time::Duration;

/// A time span with the unit that fits.
pub(super) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 if duration.as_millis() < 10 => format!("{:.1} ms", duration.as_secs_f64() * 1000.0),
        0 => format!("{} ms", duration.as_millis()),
        1..60 => format!("{:.1} s", duration.as_secs_f64()),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// `2026-03-12T09:45:00.123Z` as `2026-03-12 09:45:00`.
pub(super) fn time(rfc3339: &str) -> String {
    match rfc3339.split_once('T') {
        Some((date, time)) => format!("{date} {}", time.split(['.', 'Z']).next().unwrap_or_default()),
        None => rfc3339.to_string(),
    }
}

/// 150018 as 15.18.
pub(super) fn server_version(number: u32) -> String {
    format!("{}.{}", number / 10_000, number % 10_000)
}

/// A text in one line of at most `longest` characters.
pub(super) fn one_line(text: &str, longest: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= longest {
        return line;
    }
    line.chars().take(longest.saturating_sub(1)).chain(['…']).collect()
}

/// `1 migration`, `2 migrations`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// Every line behind some spaces.
pub(super) fn indented(text: &str, spaces: usize) -> String {
    let indent = " ".repeat(spaces);
    let lines: Vec<String> =
        text.lines().map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") }).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_the_unit_that_fits() {
        let texts: Vec<String> = [300, 45_000, 1_234_000, 200_000_000, 7_384_000_000]
            .map(|micros| duration(Duration::from_micros(micros)))
            .into();
        assert_eq!(texts, ["0.3 ms", "45 ms", "1.2 s", "3 min 20 s", "2 h 3 min"]);
    }

    #[test]
    fn a_time_is_shown_to_the_second() {
        assert_eq!(time("2026-03-12T09:45:00.123Z"), "2026-03-12 09:45:00");
    }

    #[test]
    fn a_long_statement_is_cut() {
        assert_eq!(one_line("SELECT\n  1,  2", 20), "SELECT 1, 2");
        assert_eq!(one_line("SELECT 1, 2", 6), "SELEC…");
    }
}
