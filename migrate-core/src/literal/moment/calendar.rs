//! Days, counted as PostgreSQL counts them: the Gregorian calendar at all times, Julian day numbers. The year 1 BC is 0.

/// The Julian day number of a day.
pub(super) fn julian_day(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year + 4800, month + 1) } else { (year + 4799, month + 13) };
    let century = year / 100;
    let julian = year * 365 - 32_167 + year / 4 - century + century / 4;
    julian + 7_834 * month / 256 + day
}

/// Year, month and day of a Julian day number.
pub(super) fn date_of(julian_day: i64) -> (i64, i64, i64) {
    let mut julian = julian_day + 32_044;
    let mut quad = julian / 146_097;
    let extra = (julian - quad * 146_097) * 4 + 3;
    julian += 60 + quad * 3 + extra / 146_097;
    quad = julian / 1_461;
    julian -= quad * 1_461;
    let mut year = julian * 4 / 1_461;
    julian = (if year != 0 { (julian + 305) % 365 } else { (julian + 306) % 366 }) + 123;
    year += quad * 4;
    let year = year - 4_800;
    let quad = julian * 2_141 / 65_536;
    (year, (quad + 10) % 12 + 1, julian - 7_834 * quad / 256)
}

/// The number of days of a month, from 1.
pub(super) fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_their_numbers_agree() {
        assert_eq!(julian_day(2000, 1, 1), 2_451_545);
        for day in (0..5_000_000).step_by(997) {
            let (year, month, of_month) = date_of(day);
            assert_eq!(julian_day(year, month, of_month), day);
            assert!((1..=days_of_month(year, month)).contains(&of_month), "{day}");
        }
    }
}
