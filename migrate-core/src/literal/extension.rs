//! Types of extensions: `hstore`, `ltree`, `isn`, `cube`, `seg`.

use crate::sorted::SortedMap;

use super::{Failure, Outcome};

/// Reads a number of `isn`: its check digit is for the server.
pub(super) fn article_number(text: &str) -> Outcome {
    let text = text.trim();
    let text = ["ISBN", "ISSN", "ISMN", "EAN", "UPC"].iter().find_map(|word| text.strip_prefix(word)).unwrap_or(text);
    let may_be_in_it = |byte: u8| byte.is_ascii_digit() || b" -XxMm!".contains(&byte);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    Err(if text.bytes().all(may_be_in_it) && digits > 0 { Failure::Undecided } else { Failure::Syntax })
}

/// Reads a `cube`: numbers, in brackets or without.
pub(super) fn cube(text: &str) -> Outcome {
    let lower = text.to_ascii_lowercase().replace("infinity", "1").replace("inf", "1").replace("nan", "1");
    let may_be_in_it = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_whitespace() || b"()[],.+-e".contains(&byte);
    let count = |bracket: char| lower.matches(bracket).count();
    let is_balanced = count('(') == count(')') && count('[') == count(']');
    let is_good = lower.bytes().all(may_be_in_it) && is_balanced && lower.bytes().any(|byte| byte.is_ascii_digit());
    Err(if is_good { Failure::Undecided } else { Failure::Syntax })
}

/// Reads a `seg`: one number, or two ends of an interval.
pub(super) fn segment(text: &str) -> Outcome {
    let may_be_in_it = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_whitespace() || b".+-~<>'()eE".contains(&byte);
    let is_good = text.bytes().all(may_be_in_it) && text.bytes().any(|byte| byte.is_ascii_digit());
    Err(if is_good { Failure::Undecided } else { Failure::Syntax })
}

/// Reads an `hstore`: `key => value, ...` (`hstore_io.c`). It is printed in quotes, shorter keys first.
pub(super) fn pairs(text: &str) -> Outcome {
    if text.chars().any(|character| !character.is_ascii() && character.is_whitespace()) {
        return Err(Failure::Undecided);
    }
    let characters: Vec<char> = text.chars().collect();
    let mut reader = Reader { characters, index: 0 };
    let mut found: SortedMap<(usize, Vec<u8>), Option<String>> = SortedMap::new();
    loop {
        reader.skip_blanks();
        if reader.peek().is_none() {
            break;
        }
        let (key, _) = reader.part(false)?;
        reader.skip_blanks();
        if reader.next() != Some('=') || reader.next() != Some('>') {
            return Err(Failure::Syntax);
        }
        reader.skip_blanks();
        if reader.peek().is_none() {
            return Err(Failure::Syntax);
        }
        let (value, is_quoted) = reader.part(true)?;
        let value = Some(value).filter(|value| is_quoted || !value.eq_ignore_ascii_case("null"));
        // The first of several counts, or another: which is not said.
        if found.insert((key.len(), key.into_bytes()), value).is_some() {
            return Err(Failure::Undecided);
        }
        reader.skip_blanks();
        match reader.next() {
            None => break,
            Some(',') => {}
            Some(_) => return Err(Failure::Syntax),
        }
    }
    let mut printed = Vec::new();
    for ((_, key), value) in found {
        let key = String::from_utf8(key).map_err(|_| Failure::Undecided)?;
        let value = value.map_or_else(|| "NULL".to_owned(), |value| quoted(&value));
        printed.push(format!("{}=>{value}", quoted(&key)));
    }
    Ok(printed.join(", "))
}

fn quoted(text: &str) -> String {
    let mut printed = String::from("\"");
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            printed.push('\\');
        }
        printed.push(character);
    }
    printed.push('"');
    printed
}

struct Reader {
    characters: Vec<char>,
    index: usize,
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r')
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.index).copied()
    }

    fn next(&mut self) -> Option<char> {
        let found = self.peek();
        self.index += usize::from(found.is_some());
        found
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(is_blank) {
            self.index += 1;
        }
    }

    /// A key or a value, and whether it is in quotes. A key ends at `=`, a value at a comma.
    fn part(&mut self, is_value: bool) -> Result<(String, bool), Failure> {
        let mut part = String::new();
        if self.peek() == Some('"') {
            self.index += 1;
            loop {
                match self.next() {
                    None => return Err(Failure::Syntax),
                    Some('\\') => part.push(self.next().ok_or(Failure::Syntax)?),
                    Some('"') => return Ok((part, true)),
                    Some(character) => part.push(character),
                }
            }
        }
        if !is_value && self.peek() == Some('=') {
            return Err(Failure::Syntax);
        }
        let mut is_first = true;
        while let Some(character) = self.peek() {
            let ends = match character {
                '=' => !is_value,
                ',' => is_value && !is_first,
                character => is_blank(character),
            };
            if ends {
                break;
            }
            self.index += 1;
            if character == '\\' {
                part.push(self.next().ok_or(Failure::Syntax)?);
            } else {
                part.push(character);
            }
            is_first = false;
        }
        Ok((part, false))
    }
}

/// Reads an `ltree`: labels with dots between them. What a letter is beyond ASCII depends on the locale, and newer versions
/// take a hyphen.
pub(super) fn labels(text: &str) -> Outcome {
    if text.is_empty() {
        return Ok(String::new());
    }
    for label in text.split('.') {
        if label.is_empty() {
            return Err(Failure::Syntax);
        }
        for character in label.chars() {
            match character {
                'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => {}
                '-' => return Err(Failure::Undecided),
                character if character.is_ascii() => {
                    // A hyphen elsewhere in it may be read or not; this is not.
                    return Err(if text.contains('-') || !text.is_ascii() {
                        Failure::Undecided
                    } else {
                        Failure::Syntax
                    });
                }
                _ => return Err(Failure::Undecided),
            }
        }
        if label.len() > 255 {
            return Err(Failure::Undecided);
        }
    }
    Ok(text.to_owned())
}

/// Reads an `lquery`: labels with stars, choices and flags. What is written as it should be is printed by the server.
pub(super) fn labels_pattern(text: &str) -> Outcome {
    // A hyphen is part of a label in newer versions only.
    if text.contains('-') || !text.is_ascii() {
        return Err(Failure::Undecided);
    }
    for level in text.split('.') {
        let (level, count) = match level.split_once('{') {
            Some((level, count)) => (level, Some(count.strip_suffix('}').ok_or(Failure::Syntax)?)),
            None => (level, None),
        };
        if let Some(count) = count {
            let (low, high) = count.split_once(',').unwrap_or((count, count));
            let number = |text: &str| match text {
                "" => Ok(None),
                text if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(text.parse::<u32>().ok()),
                _ => Err(Failure::Syntax),
            };
            let (low, high) = (number(low)?, number(high)?);
            if low.zip(high).is_some_and(|(low, high)| low > high) || count.is_empty() {
                return Err(Failure::Syntax);
            }
        }
        if level == "*" {
            continue;
        }
        for variant in level.strip_prefix('!').unwrap_or(level).split('|') {
            is_label_with_flags(variant)?;
        }
    }
    Err(Failure::Undecided)
}

/// Reads a `query_int`: numbers with `&`, `|`, `!` and brackets. What is written as it should be is printed by the server.
pub(super) fn numbers_query(text: &str) -> Outcome {
    operators_between(text, |rest| {
        let digits = rest.strip_prefix('-').unwrap_or(rest);
        let count = digits.bytes().take_while(u8::is_ascii_digit).count();
        let length = rest.len() - digits.len() + count;
        let is_number = count > 0 && rest[..length].parse::<i32>().is_ok();
        if is_number { Ok(length) } else { Err(Failure::Syntax) }
    })
}

/// Whether it is a label, with flags behind it.
fn is_label_with_flags(text: &str) -> Result<(), Failure> {
    let label = text.trim_end_matches(['*', '@', '%']);
    let is_label = !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_label { Ok(()) } else { Err(Failure::Syntax) }
}

/// Reads an `ltxtquery`: labels with `&`, `|`, `!` and brackets.
pub(super) fn labels_query(text: &str) -> Outcome {
    if text.contains('-') || !text.is_ascii() {
        return Err(Failure::Undecided);
    }
    operators_between(text, |rest| {
        let is_part = |character: char| character.is_ascii_alphanumeric() || "_*@%".contains(character);
        let length = rest.find(|character| !is_part(character)).unwrap_or(rest.len());
        is_label_with_flags(&rest[..length])?;
        Ok(length)
    })
}

/// Operands, whose lengths are told, with `&`, `|`, `!` and brackets.
fn operators_between(text: &str, operand: impl Fn(&str) -> Result<usize, Failure>) -> Outcome {
    let mut depth = 0_u32;
    let mut wants_operand = true;
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(is_blank);
        let Some(first) = rest.chars().next() else { break };
        let mut length = 1;
        match (first, wants_operand) {
            ('!', true) => {}
            ('(', true) => depth += 1,
            (')', false) => depth = depth.checked_sub(1).ok_or(Failure::Syntax)?,
            ('&' | '|', false) => wants_operand = true,
            (_, true) => {
                length = operand(rest)?;
                wants_operand = false;
            }
            _ => return Err(Failure::Syntax),
        }
        rest = &rest[length..];
    }
    Err(if depth == 0 && !wants_operand { Failure::Undecided } else { Failure::Syntax })
}
