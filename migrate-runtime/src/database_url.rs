//! Reading the URL of a database. Nothing of a URL is ever in a message: a password can stand in any part of one that is
//! written in a wrong way.

use std::str::FromStr as _;

use sqlx::postgres::PgConnectOptions;

use crate::error::Error;

/// The parameters that the driver knows. It logs others with their values.
const PARAMETERS: &[&str] = &[
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

/// What the parser of URLs says that holds nothing of the URL.
const REASONS: &[&str] = &["invalid port number", "empty host", "invalid IPv4 address", "invalid IPv6 address"];

/// Schemes of other programs and of other databases that are written without `//`.
const OTHERS: &[&str] = &["sqlite", "jdbc", "file", "mysql", "mssql"];

/// How to connect to the database of a URL.
///
/// # Errors
/// It is of another database system, or none at all.
pub(crate) fn read(url: &str) -> Result<PgConnectOptions, Error> {
    let url = url.trim();
    if let Some(scheme) = other_scheme(url) {
        let whose =
            if scheme.contains("postgres") || scheme == "jdbc" { "another program's" } else { "another database's" };
        let reason = format!("it begins with `{scheme}:`, which is {whose}: migrations run only on PostgreSQL");
        return Err(Error::BadUrl { reason: reason.into() });
    }
    options(url).map_err(|reason| Error::BadUrl { reason: reason.into() })
}

/// The scheme of a URL that is not one of PostgreSQL. Not the rest: it may have a password.
fn other_scheme(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once(':')?;
    let is_scheme = |character: char| character.is_ascii_alphanumeric() || "+-.".contains(character);
    let is_ours = ["postgres", "postgresql"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let is_url = rest.starts_with("//") || OTHERS.contains(&scheme);
    (is_url && !is_ours && !scheme.is_empty() && scheme.chars().all(is_scheme)).then_some(scheme)
}

/// As [`read`]; the error is the reason why it cannot be read.
fn options(url: &str) -> Result<PgConnectOptions, &'static str> {
    let scheme = url.split_once("://").map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
    let rest = match scheme {
        Some((scheme, rest)) if matches!(scheme.as_str(), "postgres" | "postgresql") => rest,
        None if url.contains('=') => return Err("it is a list of keys and values, not a URL"),
        _ => return Err("it does not begin with `postgres://`"),
    };
    if rest.contains('#') {
        return Err("a `#` in it must be written as `%23`");
    }
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    let (authority, path) = place.split_once('/').unwrap_or((place, ""));
    if !authority.contains('@') && path.contains('@') {
        return Err("a `/` in its password must be written as `%2F`");
    }
    let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let mut known = Vec::new();
    for pair in pairs {
        let Some((key, _)) = pair.split_once('=') else {
            return Err("one of its parameters has no value; a `?` in its password must be written as `%3F`");
        };
        if PARAMETERS.contains(&key) || key.starts_with("options[") || key.starts_with("options%5B") {
            known.push(pair);
        }
    }
    let kept = format!("postgres://{place}?{}", known.join("&"));
    let options = PgConnectOptions::from_str(&kept).map_err(|error| {
        let text = error.to_string();
        let said = REASONS.iter().find(|reason| text.contains(**reason));
        *said.unwrap_or(&"one of its parts is invalid")
    })?;
    Ok(options)
}

/// A text without the passwords of the URLs in it.
#[cfg(feature = "cli")]
pub(crate) fn without_passwords(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for word in text.split_inclusive(|character: char| character.is_whitespace() || "'\"`".contains(character)) {
        let start = word.find("://").map_or(0, |at| at + 3);
        let end = word.rfind('@').filter(|end| *end >= start);
        match end.and_then(|end| Some((start + word[start..end].find(':')? + 1, end))) {
            Some((from, to)) => {
                shown.push_str(&word[..from]);
                shown.push_str("***");
                shown.push_str(&word[to..]);
            }
            None => shown.push_str(word),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_read_and_what_the_driver_does_not_know_is_left_out() {
        let options = read(" postgresql://ann:p%40ss@db.example:5433/shop?connect_timeout=5&sslmode=disable ").unwrap();
        assert_eq!(
            (options.get_host(), options.get_port(), options.get_database()),
            ("db.example", 5433, Some("shop"))
        );
        assert_eq!(read("postgres://h/db?application_name=web").unwrap().get_application_name(), Some("web"));
        assert_eq!(read("postgres:///db?host=/tmp").unwrap().get_database(), Some("db"));
    }

    #[test]
    fn what_is_no_url_is_refused_without_a_word_of_it() {
        for url in [
            "ann:s3cret@h",
            "ann:s3cret@h/db",
            "postgres:ann:s3cret@h/db",
            "mysql://ann:s3cret@h/db",
            "host=h user=ann password=s3cret",
            "password=s3cret",
            "s3cret",
            "postgres://ann:s3cret@h:port/db",
            "postgres://ann:12/s3cret@h/db",
            "postgres://ann:12#s3cret@h/db",
            "postgres://ann:12?s3cret@h/db",
            "postgres://ann:s3cret%ff@h/db",
            "postgres://ann:x@h/db?sslmode=s3cret",
            "postgres://ann:x@h/db?port=s3cret",
            "postgres://ann:s3cret@/db",
            "postgres://ann:s3cret@[h/db",
        ] {
            let reason = read(url).err().unwrap_or_else(|| panic!("{url} is read")).to_string();
            assert!(!reason.contains("s3cret"), "{url}: {reason}");
        }
    }

    #[cfg(feature = "cli")]
    #[test]
    fn a_password_on_the_command_line_is_not_repeated() {
        for (text, shown) in [
            (
                "unexpected argument 'postgres://ann:s3cret@h/db' found",
                "unexpected argument 'postgres://ann:***@h/db' found",
            ),
            ("no version 'ann:s3cret@h'", "no version 'ann:***@h'"),
            ("a@b: nothing", "a@b: nothing"),
        ] {
            assert_eq!(without_passwords(text), shown);
        }
    }
}
