//! `point`, `lseg`, `box`, `path`, `polygon`, `circle` (manual, 8.8).

use super::moment::is_blank;
use super::number::float;
use super::{Failure, Outcome};

/// Reads a `point`: `(x,y)`, `x,y`.
pub(super) fn point(text: &str) -> Outcome {
    let mut reader = Reader { text, index: 0 };
    let point = reader.point()?;
    reader.end()?;
    Ok(point.printed())
}

/// Reads a `lseg`: `[(x1,y1),(x2,y2)]`, and with other brackets or none.
pub(super) fn segment(text: &str) -> Outcome {
    let (points, _) = points(text, &['[', '('])?;
    match points.as_slice() {
        [one, other] => Ok(format!("[{},{}]", one.printed(), other.printed())),
        _ => Err(Failure::Syntax),
    }
}

/// Reads a `box`, printed with the upper right corner first.
pub(super) fn corners(text: &str) -> Outcome {
    let (points, _) = points(text, &['('])?;
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
    let (points, is_open) = points(text, if is_polygon { &['('] } else { &['[', '('] })?;
    let printed: Vec<String> = points.iter().map(Point::printed).collect();
    let printed = printed.join(",");
    Ok(if is_open { format!("[{printed}]") } else { format!("({printed})") })
}

/// Reads a `circle`: `<(x,y),r>`. Its other forms are left to the server.
pub(super) fn circle(text: &str) -> Outcome {
    let mut reader = Reader { text, index: 0 };
    if !reader.take('<') {
        return Err(Failure::Undecided);
    }
    let center = reader.point()?;
    if !reader.take(',') {
        return Err(Failure::Undecided);
    }
    let radius = reader.number()?;
    if radius.starts_with('-') && radius != "-0" || !reader.take('>') {
        return Err(Failure::Syntax);
    }
    reader.end()?;
    Ok(format!("<{},{radius}>", center.printed()))
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

/// Points in one of the brackets, each in its own. Says whether the brackets are square. Without some of the brackets it
/// is left to the server.
fn points(text: &str, brackets: &[char]) -> Result<(Vec<Point>, bool), Failure> {
    let mut reader = Reader { text, index: 0 };
    let close = if brackets.contains(&'[') && reader.take('[') {
        ']'
    } else if reader.take('(') {
        ')'
    } else {
        return Err(Failure::Undecided);
    };
    let mut points = Vec::new();
    loop {
        reader.skip_blanks();
        if !reader.text[reader.index..].starts_with('(') {
            return Err(Failure::Undecided);
        }
        points.push(reader.point()?);
        if reader.take(close) {
            break;
        }
        if !reader.take(',') {
            return Err(Failure::Undecided);
        }
    }
    reader.skip_blanks();
    if reader.index < text.len() { Err(Failure::Undecided) } else { Ok((points, close == ']')) }
}

struct Reader<'t> {
    text: &'t str,
    index: usize,
}

impl Reader<'_> {
    fn skip_blanks(&mut self) {
        while self.text.as_bytes().get(self.index).copied().is_some_and(is_blank) {
            self.index += 1;
        }
    }

    fn take(&mut self, character: char) -> bool {
        self.skip_blanks();
        let is_there = self.text[self.index..].starts_with(character);
        self.index += if is_there { character.len_utf8() } else { 0 };
        is_there
    }

    fn end(&mut self) -> Result<(), Failure> {
        self.skip_blanks();
        if self.index == self.text.len() { Ok(()) } else { Err(Failure::Syntax) }
    }

    fn point(&mut self) -> Result<Point, Failure> {
        let has_bracket = self.take('(');
        let x = self.number()?;
        if !self.take(',') {
            return Err(Failure::Syntax);
        }
        let y = self.number()?;
        if has_bracket && !self.take(')') {
            return Err(Failure::Syntax);
        }
        Ok(Point { x, y })
    }

    fn number(&mut self) -> Outcome {
        let rest = &self.text[self.index..];
        let length = rest.find([',', ')', ']', '>', '(']).unwrap_or(rest.len());
        self.index += length;
        match float(&rest[..length], false) {
            // A C library may stop in the middle of it.
            Err(Failure::Syntax) if rest[..length].trim().contains(' ') => Err(Failure::Undecided),
            read => read,
        }
    }
}
