//! `point`, `lseg`, `box`, `path`, `polygon`, `circle`, `line` (manual, 8.8), with or without their brackets (`geo_ops.c`).

use super::moment::is_blank;
use super::number::float;
use super::{Failure, Outcome};

/// Reads a `point`: `(x,y)`, `x,y`.
pub(super) fn point(text: &str) -> Outcome {
    let mut reader = Reader::new(text);
    let point = reader.pair()?;
    reader.end()?;
    Ok(point.printed())
}

/// Reads a `lseg`: `[(x1,y1),(x2,y2)]`, and with other brackets or none.
pub(super) fn segment(text: &str) -> Outcome {
    let mut reader = Reader::new(text);
    let (points, _) = reader.points(2, true)?;
    reader.end()?;
    match points.as_slice() {
        [one, other] => Ok(format!("[{},{}]", one.printed(), other.printed())),
        _ => Err(Failure::Syntax),
    }
}

/// Reads a `box`, printed with the upper right corner first.
pub(super) fn corners(text: &str) -> Outcome {
    let mut reader = Reader::new(text);
    let (points, _) = reader.points(2, false)?;
    reader.end()?;
    let [one, other] = points.as_slice() else { return Err(Failure::Syntax) };
    let order = |one: &str, other: &str| {
        let number = |text: &str| text.parse::<f64>().map_err(|_| Failure::Undecided);
        Ok::<_, Failure>(if number(one)? < number(other)? {
            (other.to_owned(), one.to_owned())
        } else {
            (one.to_owned(), other.to_owned())
        })
    };
    let (right, left) = order(&one.x, &other.x)?;
    let (upper, lower) = order(&one.y, &other.y)?;
    Ok(format!("({right},{upper}),({left},{lower})"))
}

/// Reads a `path`, open in square brackets, or a `polygon`.
pub(super) fn path(text: &str, is_polygon: bool) -> Outcome {
    let commas = text.matches(',').count();
    if commas.is_multiple_of(2) {
        return Err(Failure::Syntax);
    }
    let mut reader = Reader::new(text);
    // A path may stand in one more pair of brackets.
    reader.skip_blanks();
    let is_wrapped = !is_polygon && reader.next_is(b'(') && !reader.rest()[1..].contains('(');
    if is_wrapped {
        reader.index += 1;
    }
    let (points, is_open) = reader.points(commas.div_ceil(2), !is_polygon)?;
    if is_wrapped && !reader.take(b')') {
        return Err(Failure::Syntax);
    }
    reader.skip_blanks();
    reader.end()?;
    let printed: Vec<String> = points.iter().map(Point::printed).collect();
    let printed = printed.join(",");
    Ok(if is_open { format!("[{printed}]") } else { format!("({printed})") })
}

/// Reads a `circle`: `<(x,y),r>`, and with other brackets or none.
pub(super) fn circle(text: &str) -> Outcome {
    let mut reader = Reader::new(text);
    reader.skip_blanks();
    let mut is_bracketed = reader.take(b'<');
    if !is_bracketed && let Some(inner) = reader.second_bracket() {
        reader.index = inner;
        is_bracketed = true;
    }
    let center = reader.pair()?;
    reader.take(b',');
    let radius = reader.number()?;
    if radius.starts_with('-') && radius != "-0" {
        return Err(Failure::Syntax);
    }
    if is_bracketed {
        if !reader.take(b')') && !reader.take(b'>') {
            return Err(Failure::Syntax);
        }
        reader.skip_blanks();
    }
    reader.end()?;
    Ok(format!("<{},{radius}>", center.printed()))
}

/// Reads a `line`: `{A,B,C}`. What two points make is left to the server.
pub(super) fn line(text: &str) -> Outcome {
    let mut reader = Reader::new(text);
    reader.skip_blanks();
    if !reader.take(b'{') {
        let (points, _) = reader.points(2, true)?;
        reader.end()?;
        let is_one_point = matches!(points.as_slice(), [one, other] if one.x == other.x && one.y == other.y);
        return Err(if is_one_point { Failure::Syntax } else { Failure::Undecided });
    }
    let mut numbers = Vec::new();
    for end in [b',', b',', b'}'] {
        numbers.push(reader.number()?);
        if !reader.take(end) {
            return Err(Failure::Syntax);
        }
    }
    reader.skip_blanks();
    reader.end()?;
    let is_zero = |number: &String| number.parse::<f64>().is_ok_and(|number| number.abs() <= 1e-6);
    if numbers.iter().take(2).all(is_zero) {
        return Err(Failure::Syntax);
    }
    Ok(format!("{{{}}}", numbers.join(",")))
}

/// A point with its numbers as they are printed.
struct Point {
    x: String,
    y: String,
}

impl Point {
    fn printed(&self) -> String {
        format!("({},{})", self.x, self.y)
    }
}

struct Reader<'t> {
    text: &'t str,
    index: usize,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Reader { text, index: 0 }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.index..).unwrap_or_default()
    }

    fn next_is(&self, byte: u8) -> bool {
        self.rest().as_bytes().first() == Some(&byte)
    }

    fn skip_blanks(&mut self) {
        while self.rest().as_bytes().first().copied().is_some_and(is_blank) {
            self.index += 1;
        }
    }

    /// Takes a byte that stands right here.
    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.next_is(byte);
        self.index += usize::from(is_there);
        is_there
    }

    fn end(&self) -> Result<(), Failure> {
        if self.rest().is_empty() { Ok(()) } else { Err(Failure::Syntax) }
    }

    /// Where the second of two round brackets stands that follow each other.
    fn second_bracket(&self) -> Option<usize> {
        let rest = self.rest().strip_prefix('(')?;
        let inner = rest.trim_start_matches(|character: char| u8::try_from(character).is_ok_and(is_blank));
        inner.starts_with('(').then(|| self.text.len() - inner.len())
    }

    /// So many points. Says whether they stand in square brackets.
    fn points(&mut self, count: usize, may_be_open: bool) -> Result<(Vec<Point>, bool), Failure> {
        self.skip_blanks();
        let is_open = self.next_is(b'[');
        if is_open && !may_be_open {
            return Err(Failure::Syntax);
        }
        let inside = match self.second_bracket() {
            Some(inner) => Some(inner),
            None if is_open || (self.next_is(b'(') && !self.rest()[1..].contains('(')) => Some(self.index + 1),
            None => None,
        };
        if let Some(inside) = inside {
            self.index = inside;
            self.skip_blanks();
        }
        let mut points = Vec::new();
        for _ in 0..count {
            points.push(self.pair()?);
            self.take(b',');
        }
        if inside.is_some() {
            let closes = self.take(b')') || (is_open && self.take(b']'));
            if !closes {
                return Err(Failure::Syntax);
            }
            self.skip_blanks();
        }
        Ok((points, is_open))
    }

    fn pair(&mut self) -> Result<Point, Failure> {
        self.skip_blanks();
        let has_bracket = self.take(b'(');
        let x = self.number()?;
        if !self.take(b',') {
            return Err(Failure::Syntax);
        }
        let y = self.number()?;
        if has_bracket {
            if !self.take(b')') {
                return Err(Failure::Syntax);
            }
            self.skip_blanks();
        }
        Ok(Point { x, y })
    }

    /// A number, with the blanks around it.
    fn number(&mut self) -> Outcome {
        self.skip_blanks();
        let length = length_of_number(self.rest())?;
        let printed = float(self.rest().get(..length).unwrap_or_default(), false)?;
        self.index += length;
        self.skip_blanks();
        Ok(printed)
    }
}

/// How far a number goes, as `strtod` reads it.
fn length_of_number(text: &str) -> Result<usize, Failure> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let word: String = text.chars().skip(sign).take_while(char::is_ascii_alphabetic).collect();
    let word = word.to_ascii_lowercase();
    for name in ["infinity", "inf", "nan"] {
        if word.starts_with(name) {
            let is_plain = word == name && !text[sign + name.len()..].starts_with('(');
            return if is_plain { Ok(sign + name.len()) } else { Err(Failure::Undecided) };
        }
    }
    let whole = digits(sign);
    let mut end = sign + whole;
    let mut fraction = 0;
    if bytes.get(end) == Some(&b'.') {
        fraction = digits(end + 1);
        end += 1 + fraction;
    }
    if whole + fraction == 0 {
        return Err(Failure::Syntax);
    }
    if matches!(bytes.get(end), Some(b'x' | b'X')) {
        return Err(Failure::Undecided);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(signed);
        if exponent > 0 {
            end = signed + exponent;
        }
    }
    Ok(end)
}
