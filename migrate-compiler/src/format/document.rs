//! A small pretty-printer: groups that fit stay on one line, else their lines break.

/// A text with places where it may be broken.
#[derive(Clone, Debug)]
pub(super) enum Document {
    /// What is printed as it stands. It may have several lines, as texts do; these are not indented.
    Text(String),
    /// A place for a line break; in a group that fits it is `flat`.
    Line {
        /// What it is without a break.
        flat: &'static str,
        /// Whether an empty line follows a break.
        is_blank: bool,
    },
    /// A text that is there only where the group around it is broken.
    IfBroken(&'static str),
    /// A new line, unless this one is empty.
    Fresh,
    /// An empty line.
    Blank,
    /// A comment on a line of its own.
    Comment(String),
    /// A comment between two tokens; it never passes one at the end of the line.
    Inline(String),
    /// A comment at the end of the line that it is on, whatever follows.
    Suffix {
        /// The comment.
        text: String,
        /// Whether it goes to the end of its line.
        is_line: bool,
    },
    /// Four columns more after each break.
    Indent(Box<Document>),
    /// What is broken as one.
    Group {
        /// What is in it.
        inside: Box<Document>,
        /// Whether it cannot be on one line.
        is_broken: bool,
    },
    /// The first one where it fits up to its first break, else the second one.
    Choice(Box<Document>, Box<Document>),
    /// One after the other.
    Sequence(Vec<Document>),
}

/// A place for a break that is a space without one.
pub(super) const LINE: Document = Document::Line { flat: " ", is_blank: false };

/// A place for a break that is nothing without one.
pub(super) const SOFT: Document = Document::Line { flat: "", is_blank: false };

/// What is printed as it stands.
pub(super) fn text(text: impl Into<String>) -> Document {
    Document::Text(text.into())
}

/// One after the other.
pub(super) fn sequence(parts: impl IntoIterator<Item = Document>) -> Document {
    Document::Sequence(parts.into_iter().collect())
}

/// Four columns more after each break.
pub(super) fn indent(inside: Document) -> Document {
    Document::Indent(Box::new(inside))
}

/// What is broken as one.
pub(super) fn group(inside: Document) -> Document {
    let is_broken = inside.is_broken();
    Document::Group { inside: Box::new(inside), is_broken }
}

/// What is broken as one, and is in any case where that is asked for.
pub(super) fn group_that(is_broken: bool, inside: Document) -> Document {
    let is_broken = is_broken || inside.is_broken();
    Document::Group { inside: Box::new(inside), is_broken }
}

impl Document {
    /// Whether it cannot be on one line.
    pub(super) fn is_broken(&self) -> bool {
        match self {
            Document::Text(_) | Document::Inline(_) | Document::Line { .. } | Document::IfBroken(_) => false,
            Document::Fresh | Document::Blank | Document::Comment(_) => true,
            Document::Suffix { is_line, .. } => *is_line,
            Document::Indent(inside) => inside.is_broken(),
            Document::Group { is_broken, .. } => *is_broken,
            Document::Choice(first, _) => first.is_broken(),
            Document::Sequence(parts) => parts.iter().any(Document::is_broken),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Flat,
    Broken,
}

/// What is left to print.
#[derive(Clone, Copy)]
struct Task<'d> {
    indent: usize,
    mode: Mode,
    document: &'d Document,
}

/// Prints in so many columns.
pub(super) fn print(document: &Document, width: usize) -> String {
    let mut printer = Printer {
        out: String::new(),
        width,
        column: 0,
        is_at_start: true,
        must_break: false,
        is_space_due: false,
        suffixes: Vec::new(),
    };
    let mut tasks = vec![Task { indent: 0, mode: Mode::Broken, document }];
    while let Some(task) = tasks.pop() {
        printer.step(task, &mut tasks);
    }
    printer.newline();
    printer.out
}

struct Printer {
    out: String,
    width: usize,
    column: usize,
    /// Whether nothing is on this line yet.
    is_at_start: bool,
    /// Whether the line ends here, since a comment goes to its end.
    must_break: bool,
    /// Whether a space stands before what follows on this line.
    is_space_due: bool,
    /// What comes at the end of this line.
    suffixes: Vec<String>,
}

impl Printer {
    fn newline(&mut self) {
        if self.is_at_start {
            self.is_space_due = false;
            return;
        }
        for suffix in self.suffixes.drain(..) {
            self.out.push(' ');
            self.out.push_str(&suffix);
        }
        self.out.push('\n');
        self.is_at_start = true;
        self.must_break = false;
        self.is_space_due = false;
        self.column = 0;
    }

    fn blank(&mut self) {
        self.newline();
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn text(&mut self, text: &str, indent: usize) {
        if text.is_empty() || text == " " {
            self.is_space_due |= !text.is_empty();
            return;
        }
        if self.must_break {
            self.newline();
        }
        if std::mem::take(&mut self.is_at_start) {
            self.out.push_str(&" ".repeat(indent));
            self.column = indent;
        } else if self.is_space_due {
            self.out.push(' ');
            self.column += 1;
        }
        self.is_space_due = false;
        self.out.push_str(text);
        match text.rsplit_once('\n') {
            Some((_, last)) => self.column = last.chars().count(),
            None => self.column += text.chars().count(),
        }
    }

    fn step<'d>(&mut self, task: Task<'d>, tasks: &mut Vec<Task<'d>>) {
        let Task { indent, mode, document } = task;
        match document {
            Document::Text(text) => self.text(text, indent),
            Document::Inline(comment) => {
                if !self.suffixes.is_empty() {
                    self.newline();
                }
                self.text(comment, indent);
            }
            Document::Line { is_blank: true, .. } if mode == Mode::Broken => self.blank(),
            Document::Line { .. } if mode == Mode::Broken => self.newline(),
            Document::Line { flat, .. } => self.text(flat, indent),
            Document::IfBroken(text) if mode == Mode::Broken => self.text(text, indent),
            Document::IfBroken(_) => {}
            Document::Fresh => self.newline(),
            Document::Blank => self.blank(),
            Document::Comment(comment) => {
                self.newline();
                self.text(comment, indent);
                self.must_break = true;
            }
            Document::Suffix { text, is_line } => {
                if self.must_break || self.is_at_start {
                    self.newline();
                    self.text(text, indent);
                    self.must_break = *is_line;
                } else if self.suffixes.last().is_some_and(|last| last.starts_with("//")) {
                    self.newline();
                    self.text(text, indent);
                    self.must_break = true;
                } else {
                    self.suffixes.push(text.clone());
                }
            }
            Document::Indent(document) => tasks.push(Task { indent: indent + 4, mode, document }),
            Document::Group { inside, is_broken } => {
                let flat = Task { indent, mode: Mode::Flat, document: inside };
                let fits = !is_broken && (mode == Mode::Flat || self.fits(flat, tasks));
                let mode = if fits { Mode::Flat } else { Mode::Broken };
                tasks.push(Task { indent, mode, document: inside });
            }
            Document::Choice(first, second) => {
                let flat = Task { indent, mode: Mode::Flat, document: first };
                let document = if self.fits(flat, tasks) { first } else { second };
                tasks.push(Task { indent, mode, document });
            }
            Document::Sequence(parts) => {
                tasks.extend(parts.iter().rev().map(|document| Task { indent, mode, document }));
            }
        }
    }

    /// Whether something fits into the rest of the line, with what follows up to the next break.
    fn fits<'d>(&self, first: Task<'d>, rest: &[Task<'d>]) -> bool {
        let column = if self.is_at_start || self.must_break { first.indent } else { self.column };
        let column = column + usize::from(self.is_space_due);
        let Some(mut left) = self.width.checked_sub(column) else { return false };
        let mut rest = rest.iter().rev();
        let mut tasks = vec![first];
        while let Some(Task { indent, mode, document }) = tasks.pop().or_else(|| rest.next().copied()) {
            let written: &str = match document {
                Document::Text(text) | Document::Inline(text) => text,
                Document::Line { .. } if mode == Mode::Broken => return true,
                Document::Line { flat, .. } => flat,
                Document::IfBroken(text) if mode == Mode::Broken => text,
                Document::Fresh | Document::Blank | Document::Comment(_) => return true,
                Document::IfBroken(_) | Document::Suffix { .. } => "",
                Document::Indent(document) => {
                    tasks.push(Task { indent: indent + 4, mode, document });
                    ""
                }
                Document::Group { inside, is_broken } => {
                    let mode = if *is_broken { Mode::Broken } else { mode };
                    tasks.push(Task { indent, mode, document: inside });
                    ""
                }
                Document::Choice(document, _) => {
                    tasks.push(Task { indent, mode, document });
                    ""
                }
                Document::Sequence(parts) => {
                    tasks.extend(parts.iter().rev().map(|document| Task { indent, mode, document }));
                    ""
                }
            };
            let line = written.split('\n').next().unwrap_or_default();
            match left.checked_sub(line.chars().count()) {
                Some(less) => left = less,
                None => return false,
            }
            if line.len() < written.len() {
                return true;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Document {
        let entries = [text("one"), text(","), LINE, text("two"), Document::IfBroken(",")];
        group(sequence([text("{"), indent(sequence([LINE, sequence(entries)])), LINE, text("}")]))
    }

    #[test]
    fn a_group_is_on_one_line_where_it_fits() {
        assert_eq!(print(&list(), 12), "{ one, two }\n");
        assert_eq!(print(&list(), 11), "{\n    one,\n    two,\n}\n");
    }

    #[test]
    fn what_follows_a_group_must_fit_too() {
        assert_eq!(print(&sequence([list(), text(";")]), 12), "{\n    one,\n    two,\n};\n");
    }

    #[test]
    fn a_comment_goes_to_the_end_of_its_line() {
        let comment = Document::Suffix { text: "// x".into(), is_line: true };
        let both = sequence([text("a"), comment.clone(), text(","), LINE, text("b")]);
        assert_eq!(print(&group(both), 80), "a, // x\nb\n");
        let two = sequence([text("a"), comment.clone(), text("b"), comment, text("c")]);
        assert_eq!(print(&group(two), 80), "ab // x\n// x\nc\n");
    }
}
