use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What can be written as JSON.
pub trait ToJson {
    /// Writes the value.
    fn write_json(&self, json: &mut Writer);
}

/// A value as JSON, without blanks.
pub fn to_json(value: &dyn ToJson) -> String {
    let mut json = Writer::default();
    value.write_json(&mut json);
    json.text
}

/// JSON that is being written. Commas come by themselves before keys and after [`Writer::separate`].
#[derive(Debug, Default)]
pub struct Writer {
    text: String,
}

impl Writer {
    /// Begins an array or an object with its bracket.
    pub fn begin(&mut self, bracket: char) {
        self.text.push(bracket);
    }

    /// Ends an array or an object with its bracket.
    pub fn end(&mut self, bracket: char) {
        self.text.push(bracket);
    }

    /// Comes before each item of an array.
    pub fn separate(&mut self) {
        // A string ends with its quote, so these are brackets.
        if !self.text.ends_with(['{', '[']) {
            self.text.push(',');
        }
    }

    /// Writes a key of an object; its value comes next.
    pub fn key(&mut self, key: &str) {
        self.separate();
        self.text(key);
        self.text.push(':');
    }

    /// Writes a key of an object with its value.
    pub fn field(&mut self, key: &str, value: &dyn ToJson) {
        self.key(key);
        value.write_json(self);
    }

    /// Writes the entries of another object into this one.
    pub fn flatten(&mut self, object: &dyn ToJson) {
        let entries = to_json(object);
        let entries = entries.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default();
        if !entries.is_empty() {
            self.separate();
            self.text.push_str(entries);
        }
    }

    /// Writes a string.
    pub fn text(&mut self, text: &str) {
        quote_into(&mut self.text, text);
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.text.push_str("null");
    }

    fn items(&mut self, items: &mut dyn Iterator<Item = &dyn ToJson>) {
        self.begin('[');
        for item in items {
            self.separate();
            item.write_json(self);
        }
        self.end(']');
    }

    /// Writes a map. Its keys are written as texts.
    pub(crate) fn entries<'i>(&mut self, entries: &mut dyn Iterator<Item = (&'i dyn ToJson, &'i dyn ToJson)>) {
        self.begin('{');
        for (key, value) in entries {
            self.separate();
            let start = self.text.len();
            key.write_json(self);
            if !self.text[start..].starts_with('"') {
                self.text.insert(start, '"');
                self.text.push('"');
            }
            self.text.push(':');
            value.write_json(self);
        }
        self.end('}');
    }

    /// Writes pairs as an array of arrays: a map whose keys are not texts.
    pub(crate) fn pairs<'i>(&mut self, pairs: &mut dyn Iterator<Item = (&'i dyn ToJson, &'i dyn ToJson)>) {
        self.begin('[');
        for (key, value) in pairs {
            self.separate();
            self.items(&mut [key, value].into_iter());
        }
        self.end(']');
    }
}

/// A text in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quote_into(&mut quoted, text);
    quoted
}

fn quote_into(json: &mut String, text: &str) {
    json.push('"');
    let is_plain = |byte: &u8| *byte >= b' ' && !matches!(byte, b'"' | b'\\');
    if text.as_bytes().iter().all(is_plain) {
        json.push_str(text);
    } else {
        text.chars().for_each(|character| escape_into(json, character));
    }
    json.push('"');
}

fn escape_into(json: &mut String, character: char) {
    match character {
        '"' => json.push_str("\\\""),
        '\\' => json.push_str("\\\\"),
        '\u{8}' => json.push_str("\\b"),
        '\u{c}' => json.push_str("\\f"),
        '\n' => json.push_str("\\n"),
        '\r' => json.push_str("\\r"),
        '\t' => json.push_str("\\t"),
        control if control < ' ' => json.push_str(&format!("\\u{:04x}", control as u32)),
        other => json.push(other),
    }
}

impl ToJson for str {
    fn write_json(&self, json: &mut Writer) {
        json.text(self);
    }
}

impl ToJson for String {
    fn write_json(&self, json: &mut Writer) {
        json.text(self);
    }
}

impl ToJson for bool {
    fn write_json(&self, json: &mut Writer) {
        json.text.push_str(if *self { "true" } else { "false" });
    }
}

/// Numbers as JSON's.
macro_rules! numbers {
    ($($number:ty)*) => {
        $(impl ToJson for $number {
            fn write_json(&self, json: &mut Writer) {
                json.text.push_str(&self.to_string());
            }
        })*
    };
}

numbers!(u8 u16 u32 u64 usize i32 i64);

impl<Value: ToJson> ToJson for Option<Value> {
    fn write_json(&self, json: &mut Writer) {
        match self {
            Some(value) => value.write_json(json),
            None => json.null(),
        }
    }
}

/// What is written as what it refers to.
macro_rules! references {
    ($($reference:ty)*) => {
        $(impl<Value: ToJson + ?Sized> ToJson for $reference {
            fn write_json(&self, json: &mut Writer) {
                (**self).write_json(json);
            }
        })*
    };
}

references!(&Value Box<Value> Arc<Value>);

impl<Value: ToJson + ToOwned + ?Sized> ToJson for Cow<'_, Value> {
    fn write_json(&self, json: &mut Writer) {
        (**self).write_json(json);
    }
}

impl<Value: ToJson> ToJson for [Value] {
    fn write_json(&self, json: &mut Writer) {
        json.items(&mut self.iter().map(|value| value as _));
    }
}

impl<Value: ToJson> ToJson for Vec<Value> {
    fn write_json(&self, json: &mut Writer) {
        json.items(&mut self.iter().map(|value| value as _));
    }
}

impl<Value: ToJson> ToJson for BTreeSet<Value> {
    fn write_json(&self, json: &mut Writer) {
        json.items(&mut self.iter().map(|value| value as _));
    }
}

impl<First: ToJson, Second: ToJson> ToJson for (First, Second) {
    fn write_json(&self, json: &mut Writer) {
        json.items(&mut [&self.0 as &dyn ToJson, &self.1].into_iter());
    }
}

impl<First: ToJson, Second: ToJson, Third: ToJson> ToJson for (First, Second, Third) {
    fn write_json(&self, json: &mut Writer) {
        json.items(&mut [&self.0 as &dyn ToJson, &self.1, &self.2].into_iter());
    }
}

#[cfg(feature = "runtime")]
impl ToJson for serde_json::Value {
    fn write_json(&self, json: &mut Writer) {
        json.text.push_str(&self.to_string());
    }
}
