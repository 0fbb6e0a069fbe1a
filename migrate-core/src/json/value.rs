use std::fmt;

use super::writer::quoted;

/// A JSON value. As text it has the form in which `jsonb` prints it (manual, 8.14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`, `true`, `false`, or a number, as it is printed.
    Plain(String),
    /// A string.
    Text(String),
    /// An array.
    Array(Vec<Value>),
    /// An object. [`Value::object`] brings its keys in order.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// An object. Its keys are sorted by their length, then byte by byte; the last one of equal keys counts.
    pub fn object(mut entries: Vec<(String, Value)>) -> Value {
        entries.sort_by(|(one, _), (other, _)| (one.len(), one.as_bytes()).cmp(&(other.len(), other.as_bytes())));
        entries.reverse();
        // Of equal keys, the last one is first now.
        entries.dedup_by(|(one, _), (other, _)| one == other);
        entries.reverse();
        Value::Object(entries)
    }

    /// A number as JSON writes it: `-1.5e3`, but not `01`, `.5`, `0x1` and `1_000`.
    pub fn number(text: &str) -> Option<Value> {
        is_number(text).then(|| Value::Plain(text.to_owned()))
    }
}

/// Whether a text is a number of JSON's grammar (RFC 8259, 6).
fn is_number(text: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let text = text.strip_prefix('-').unwrap_or(text);
    let whole = digits(text);
    if whole == 0 || text.starts_with('0') && whole > 1 {
        return false;
    }
    let mut rest = &text[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Plain(plain) => formatter.write_str(plain),
            Value::Text(text) => formatter.write_str(&quoted(text)),
            Value::Array(items) => {
                formatter.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    formatter.write_str(if index > 0 { ", " } else { "" })?;
                    item.fmt(formatter)?;
                }
                formatter.write_str("]")
            }
            Value::Object(entries) => {
                formatter.write_str("{")?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    formatter.write_str(if index > 0 { ", " } else { "" })?;
                    write!(formatter, "{}: ", quoted(key))?;
                    value.fmt(formatter)?;
                }
                formatter.write_str("}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_json() {
        for text in ["0", "-0", "12", "1.50", "-1.5e3", "1E+2", "1e-2"] {
            assert!(is_number(text), "{text}");
        }
        for text in ["", "-", "01", ".5", "1.", "1e", "1e+", "0x1", "1_000", "1.5x", "+1", "1e2.5", "NaN"] {
            assert!(!is_number(text), "{text}");
        }
    }

    #[test]
    fn keys_are_in_the_order_of_jsonb() {
        let plain = |text: &str| Value::Plain(text.to_owned());
        let entries = [("bb", "1"), ("c", "2"), ("a", "3"), ("c", "4")];
        let object = Value::object(entries.map(|(key, value)| (key.to_owned(), plain(value))).into());
        assert_eq!(object.to_string(), r#"{"a": 3, "c": 4, "bb": 1}"#);
    }
}
