//! Arrays: `{1,2}`, `{{a,"b c"},{NULL,d}}`, `[2:3]={x,y}` (manual, 8.15.2).

use super::moment::is_blank;
use super::{Failure, Outcome};

/// PostgreSQL takes no more dimensions.
const MOST_DIMENSIONS: usize = 6;

/// What stands between braces.
enum Item {
    Null,
    Element(String),
    Array(Vec<Item>),
}

/// The elements of an array as they are written, without those that are null. Nothing, where it is not an array or where
/// that is left to the server.
pub fn array_elements(text: &str) -> Option<Vec<String>> {
    let mut elements = Vec::new();
    parse(text, ',').ok()?.collect(&mut elements);
    Some(elements)
}

/// Reads an array whose elements are read by `element`, separated by `,` or, of the type `box`, by `;`.
pub(super) fn array(text: &str, separator: char, element: impl Fn(&str) -> Outcome) -> Outcome {
    let array = parse(text, separator)?;
    let mut printed = array.bounds_printed;
    array.root.print(separator, &element, &mut printed)?;
    Ok(printed)
}

struct Array {
    /// `[2:3]=`, where it does not start at 1.
    bounds_printed: String,
    root: Item,
}

impl Array {
    fn collect(self, elements: &mut Vec<String>) {
        self.root.collect(elements);
    }
}

impl Item {
    fn collect(self, elements: &mut Vec<String>) {
        match self {
            Item::Null => {}
            Item::Element(text) => elements.push(text),
            Item::Array(items) => items.into_iter().for_each(|item| item.collect(elements)),
        }
    }

    fn print(&self, separator: char, element: &impl Fn(&str) -> Outcome, printed: &mut String) -> Result<(), Failure> {
        match self {
            Item::Null => printed.push_str("NULL"),
            Item::Element(text) => push_quoted(printed, &element(text)?, separator),
            Item::Array(items) => {
                printed.push('{');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        printed.push(separator);
                    }
                    item.print(separator, element, printed)?;
                }
                printed.push('}');
            }
        }
        Ok(())
    }

    /// The lengths of the dimensions; all arrays of one level must have the same.
    fn dimensions(&self) -> Result<Vec<usize>, Failure> {
        let Item::Array(items) = self else { return Ok(Vec::new()) };
        let mut of_items: Option<Vec<usize>> = None;
        for item in items {
            let dimensions = item.dimensions()?;
            if of_items.as_ref().is_some_and(|others| *others != dimensions) {
                return Err(Failure::Syntax);
            }
            of_items = Some(dimensions);
        }
        let mut dimensions = vec![items.len()];
        dimensions.extend(of_items.unwrap_or_default());
        // What is empty further in is read in other ways by other versions.
        if dimensions.len() > 1 && dimensions.contains(&0) || dimensions.len() > MOST_DIMENSIONS {
            return Err(Failure::Undecided);
        }
        Ok(dimensions)
    }
}

fn push_quoted(printed: &mut String, text: &str, separator: char) {
    let is_special = |character: char| {
        matches!(character, '"' | '\\' | '{' | '}')
            || character == separator
            || u8::try_from(character).is_ok_and(is_blank)
    };
    if !text.is_empty() && !text.eq_ignore_ascii_case("null") && !text.contains(is_special) {
        printed.push_str(text);
        return;
    }
    printed.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            printed.push('\\');
        }
        printed.push(character);
    }
    printed.push('"');
}

fn parse(text: &str, separator: char) -> Result<Array, Failure> {
    let mut parser = Parser { text, index: 0, separator };
    parser.skip_blanks();
    let bounds = parser.bounds()?;
    if parser.peek() != Some('{') {
        return Err(Failure::Syntax);
    }
    let root = parser.braces(0)?;
    parser.skip_blanks();
    if parser.index != text.len() {
        return Err(Failure::Syntax);
    }
    let dimensions = root.dimensions()?;
    let mut bounds_printed = String::new();
    if !bounds.is_empty() {
        let lengths: Vec<i64> = bounds.iter().map(|(low, high)| high - low + 1).collect();
        let is_same = lengths.len() == dimensions.len()
            && lengths.iter().zip(&dimensions).all(|(one, other)| i64::try_from(*other) == Ok(*one));
        if !is_same {
            return Err(if dimensions == [0] { Failure::Undecided } else { Failure::Syntax });
        }
        if bounds.iter().any(|(low, _)| *low != 1) {
            for (low, high) in bounds {
                bounds_printed.push_str(&format!("[{low}:{high}]"));
            }
            bounds_printed.push('=');
        }
    }
    Ok(Array { bounds_printed, root })
}

struct Parser<'t> {
    text: &'t str,
    index: usize,
    separator: char,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.index..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.index += character.len_utf8();
        Some(character)
    }

    fn skip_blanks(&mut self) {
        while self.text.as_bytes().get(self.index).copied().is_some_and(is_blank) {
            self.index += 1;
        }
    }

    /// `[1:2][3:4]=`, if it is there.
    fn bounds(&mut self) -> Result<Vec<(i64, i64)>, Failure> {
        let mut bounds = Vec::new();
        while self.peek() == Some('[') {
            let end = self.text[self.index..].find(']').ok_or(Failure::Syntax)?;
            let inner = &self.text[self.index + 1..self.index + end];
            self.index += end + 1;
            let (low, high) = inner.split_once(':').unwrap_or(("1", inner));
            if !inner.trim_start_matches(['-', '+']).starts_with(|first: char| first.is_ascii_digit()) {
                return Err(if inner.trim().starts_with(|first: char| first.is_alphabetic()) {
                    Failure::Syntax
                } else {
                    Failure::Undecided
                });
            }
            let bound = |text: &str| text.parse::<i32>().map(i64::from).map_err(|_| Failure::Undecided);
            let (low, high) = (bound(low)?, bound(high)?);
            if low > high {
                return Err(Failure::Syntax);
            }
            if low.abs() > 1_000_000 || high.abs() > 1_000_000 {
                return Err(Failure::Undecided);
            }
            bounds.push((low, high));
        }
        if bounds.is_empty() {
            return Ok(bounds);
        }
        if bounds.len() > MOST_DIMENSIONS {
            return Err(Failure::Undecided);
        }
        self.skip_blanks();
        if self.next() != Some('=') {
            return Err(Failure::Syntax);
        }
        self.skip_blanks();
        Ok(bounds)
    }

    fn braces(&mut self, depth: usize) -> Result<Item, Failure> {
        if depth > MOST_DIMENSIONS {
            return Err(Failure::Syntax);
        }
        self.next();
        let mut items = Vec::new();
        self.skip_blanks();
        if self.peek() == Some('}') {
            self.next();
            return Ok(Item::Array(items));
        }
        loop {
            self.skip_blanks();
            items.push(match self.peek() {
                Some('{') => self.braces(depth + 1)?,
                Some('"') => self.quoted()?,
                _ => self.bare()?,
            });
            self.skip_blanks();
            match self.next() {
                Some('}') => return Ok(Item::Array(items)),
                Some(character) if character == self.separator => {}
                _ => return Err(Failure::Syntax),
            }
        }
    }

    fn quoted(&mut self) -> Result<Item, Failure> {
        self.next();
        let mut text = String::new();
        loop {
            match self.next().ok_or(Failure::Syntax)? {
                '"' => return Ok(Item::Element(text)),
                '\\' => text.push(self.next().ok_or(Failure::Syntax)?),
                character => text.push(character),
            }
        }
    }

    fn bare(&mut self) -> Result<Item, Failure> {
        let rest = &self.text[self.index..];
        let end = rest.find(['{', '}', '"', self.separator]);
        let text = &rest[..end.ok_or(Failure::Syntax)?];
        if text.contains('\\') {
            return Err(Failure::Undecided);
        }
        self.index += text.len();
        if matches!(self.peek(), Some('{' | '"')) {
            return Err(Failure::Syntax);
        }
        let text = text.trim_end_matches(|character: char| u8::try_from(character).is_ok_and(is_blank));
        if text.is_empty() {
            return Err(Failure::Syntax);
        }
        Ok(if text.eq_ignore_ascii_case("null") { Item::Null } else { Item::Element(text.into()) })
    }
}
