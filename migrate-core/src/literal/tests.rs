use super::*;

fn data_type(name: &str) -> Type {
    name.parse().unwrap_or_else(|error| panic!("{name}: {error:?}"))
}

#[test]
fn values_are_printed_as_the_server_prints_them() {
    for (name, written, printed) in [
        ("integer", " +007 ", "7"),
        ("numeric(4,2)", "9.999", "10.00"),
        ("numeric", "1.50e1", "15.0"),
        ("numeric", "-0.00", "0.00"),
        ("double precision", "1e15", "1e+15"),
        ("real", "0.1", "0.1"),
        ("boolean", "yes", "t"),
        ("uuid", "{A0EEBC999C0B4EF8BB6D6BB9BD380A11}", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ("bytea", "a\\\\b\\000", "\\x615c6200"),
        ("bit(4)", "xF", "1111"),
        ("date", "Jan 8, 1999", "1999-01-08"),
        ("date", "20260102", "2026-01-02"),
        ("date", "March 15, 0044 BC", "0044-03-15 BC"),
        ("date", "J2451545", "2000-01-01"),
        ("date", "epoch", "1970-01-01"),
        ("time", "04:05 PM", "16:05:00"),
        ("time(0)", "23:59:59.9", "24:00:00"),
        ("timetz", "040506-08", "04:05:06-08"),
        ("timestamp(3)", "2026-01-02 03:04:05.67891", "2026-01-02 03:04:05.679"),
        ("timestamptz", "2026-01-02T03:04:05Z", "2026-01-02 03:04:05+00"),
        ("timestamptz", "2026-01-02 03:04 -05:30", "2026-01-02 08:34:00+00"),
        ("timestamptz", "infinity", "infinity"),
        ("interval", "1.5 hours", "01:30:00"),
        ("interval", "1 week 2 days ago", "-9 days"),
        ("interval", "P1Y2M3DT4H5M6S", "1 year 2 mons 3 days 04:05:06"),
        ("interval", "-1 day +02:03", "-1 days +02:03:00"),
        ("interval day", "1", "1 day"),
        ("interval", "1-2", "1 year 2 mons"),
    ] {
        assert_eq!(read(written, &data_type(name)), Reading::Value(printed.into()), "{written} for {name}");
    }
}

#[test]
fn what_is_not_a_value_says_why() {
    for (name, written, message) in [
        ("date", "2026-02-30", "`2026-02-30` is not a valid `date`"),
        ("smallint", "300000", "`300000` is out of range for `smallint`"),
        ("integer", "x", "`x` is not a valid `integer`"),
        ("numeric(4,2)", "100", "`100` has too many digits for `numeric(4, 2)`"),
        ("varchar(3)", "four", "`four` is too long for `varchar(3)`: it has 4 characters"),
        ("bit(3)", "1", "`1` has 1 bits, which do not fit `bit(3)`"),
        ("time", "25:00", "`25:00` is out of range for `time`"),
        ("timestamptz", "tomorow", "`tomorow` is not a valid `timestamptz`"),
        ("interval", "1 fortnight", "`1 fortnight` is not a valid `interval`"),
        ("timestamptz", "2026-01-01x", "`2026-01-01x` is not a valid `timestamptz`"),
        ("money", "12x", "`12x` is not a valid `money`"),
        ("jsonpath", "$ ? (@ like_regex \"(\")", "`$ ? (@ like_regex \"(\")` is not a valid `jsonpath`"),
    ] {
        match read(written, &data_type(name)) {
            Reading::Invalid(invalid) => assert_eq!(invalid.message, message),
            other => panic!("{written} for {name}: {other:?}"),
        }
    }
}

#[test]
fn what_depends_on_the_moment_or_the_server_is_said_so() {
    for (name, written) in [("timestamptz", "now"), ("date", "tomorrow"), ("time", "now"), ("timestamp", "today 12:00")]
    {
        assert_eq!(read(written, &data_type(name)), Reading::Relative, "{written}");
    }
    for (name, written) in [("timestamptz", "2026-01-02 10:00 Europe/Berlin"), ("integer", "0x1F"), ("money", "1")] {
        assert_eq!(read(written, &data_type(name)), Reading::Undecided, "{written}");
    }
}
