//! Types that PostgreSQL uses for itself: places of rows, transactions, snapshots, vectors of numbers (manual, 8.19 and 9.27.9).

use super::moment::is_blank;
use super::number::{integer, object_identifier};
use super::{Failure, Outcome};

/// The most numbers of a vector: of arguments of a function.
const LONGEST_VECTOR: usize = 100;

/// A number as the C library reads it, and what follows it. Without digits it is 0.
fn leading_number(text: &str) -> Result<(u64, &str), Failure> {
    let unsigned = text.trim_start_matches(|one: char| u8::try_from(one).is_ok_and(is_blank));
    if unsigned.starts_with(['-', '+']) {
        return Err(Failure::Undecided);
    }
    let length = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 {
        return Ok((0, text));
    }
    let (digits, rest) = unsigned.split_at(length);
    Ok((digits.parse().map_err(|_| Failure::Undecided)?, rest))
}

/// Reads a `tid`: `(block,line)`. What stands before or behind is not looked at.
pub(super) fn row_place(text: &str) -> Outcome {
    let mut parts = Vec::new();
    for (index, character) in text.char_indices() {
        if parts.len() == 2 || character == ')' {
            break;
        }
        if character == ',' || character == '(' && parts.is_empty() {
            parts.push(&text[index + 1..]);
        }
    }
    let [block, line] = parts[..] else { return Err(Failure::Syntax) };
    let (block, after_block) = leading_number(block)?;
    if !after_block.starts_with(',') {
        return Err(Failure::Syntax);
    }
    let (line, after_line) = leading_number(line)?;
    if !after_line.starts_with(')') || line > u16::MAX.into() {
        return Err(Failure::Syntax);
    }
    // Older servers cut it.
    let block = u32::try_from(block).map_err(|_| Failure::Undecided)?;
    Ok(format!("({block},{line})"))
}

/// Reads an `xid` or a `cid`, of 32 bits, or an `xid8`. Servers before PostgreSQL 16 read anything else as 0.
pub(super) fn transaction(text: &str, is_long: bool) -> Outcome {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let most = if is_long { u64::MAX } else { u32::MAX.into() };
    let number = text.parse::<u64>().ok().filter(|number| is_plain && *number <= most);
    number.map(|number| number.to_string()).ok_or(Failure::Undecided)
}

/// Reads a `pg_snapshot`: `xmin:xmax:` and the transactions between them, in their order.
pub(super) fn snapshot(text: &str) -> Outcome {
    let (first, rest) = leading_number(text)?;
    let (end, rest) = leading_number(rest.strip_prefix(':').ok_or(Failure::Syntax)?)?;
    let mut rest = rest.strip_prefix(':').ok_or(Failure::Syntax)?;
    if first == 0 || end < first {
        return Err(Failure::Syntax);
    }
    if i64::try_from(end).is_err() {
        return Err(Failure::Undecided);
    }
    let mut running: Vec<String> = Vec::new();
    let mut last = 0;
    while !rest.is_empty() {
        let (one, after) = leading_number(rest)?;
        if one < first || one >= end || one < last {
            return Err(Failure::Syntax);
        }
        if one != last {
            running.push(one.to_string());
        }
        last = one;
        rest = match after.strip_prefix(',') {
            Some(after) => after,
            None if after.is_empty() => after,
            None => return Err(Failure::Syntax),
        };
    }
    Ok(format!("{first}:{end}:{}", running.join(",")))
}

/// Reads an `int2vector` or an `oidvector`: numbers with blanks between them.
pub(super) fn vector(text: &str, is_of_objects: bool) -> Outcome {
    let words: Vec<&str> =
        text.split(|one: char| u8::try_from(one).is_ok_and(is_blank)).filter(|word| !word.is_empty()).collect();
    if words.len() > LONGEST_VECTOR {
        return Err(Failure::Undecided);
    }
    let numbers: Vec<String> = words
        .iter()
        .map(|word| {
            let starts_as_number = word.starts_with(|first: char| first.is_ascii_digit());
            match if is_of_objects { object_identifier(word) } else { integer(word, i16::MIN.into(), i16::MAX.into()) }
            {
                // Two numbers can stand side by side: `1-2`.
                Err(Failure::Syntax) if starts_as_number => Err(Failure::Undecided),
                outcome => outcome,
            }
        })
        .collect::<Result<_, _>>()?;
    Ok(numbers.join(" "))
}
