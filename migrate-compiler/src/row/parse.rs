//! A struct as its derive macro sees it. No parser of Rust is needed for names, attributes and the names in types.

use migrate_core::name::QualifiedName;
use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

use super::rust_type::RustType;
use crate::diagnostic::{Code, code};

/// A struct that holds a row of a table.
pub(super) struct Row {
    /// Its name.
    pub(super) name: String,
    pub(super) at: Span,
    /// `#[table(bookings)]`
    pub(super) table: QualifiedName,
    pub(super) table_at: Span,
    /// The directory of the migrations, from that of the crate.
    pub(super) migrations: String,
    pub(super) fields: Vec<Field>,
}

/// A field of it.
pub(super) struct Field {
    /// The name of its column.
    pub(super) column: String,
    pub(super) at: Span,
    pub(super) rust_type: RustType,
    pub(super) type_at: Span,
}

/// What is wrong, where, and what to do.
pub(super) struct Mistake {
    pub(super) code: &'static Code,
    pub(super) message: String,
    pub(super) help: Vec<String>,
    pub(super) at: Span,
}

impl Mistake {
    pub(super) fn new(code: &'static Code, message: impl Into<String>, at: Span) -> Self {
        Mistake { code, message: message.into(), help: Vec::new(), at }
    }

    pub(super) fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }

    /// The text the user reads.
    pub(super) fn text(&self) -> String {
        let help: String = self.help.iter().map(|line| format!("\nhelp: {line}")).collect();
        format!("{} [{}]{help}", self.message, self.code.name)
    }
}

const USAGE: &str = "write `#[table(bookings)]` before the struct";

/// Reads a struct.
pub(super) fn row(tokens: TokenStream) -> Result<Row, Mistake> {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let attributes = attributes(&trees);
    let keyword = trees.iter().position(|tree| matches!(tree, TokenTree::Ident(ident) if ident == "struct"));
    let named = keyword.and_then(|index| trees.get(index + 1));
    let Some(TokenTree::Ident(name)) = named else {
        let at = trees.first().map_or_else(Span::call_site, TokenTree::span);
        return Err(Mistake::new(code::SYNTAX, "`Table` can be derived only for structs", at));
    };
    let Some(argument) = attributes.iter().find_map(|(name, group)| (name == "table").then_some(group)) else {
        return Err(Mistake::new(
            code::SYNTAX,
            format!("`{name}` does not say which table its rows are from"),
            name.span(),
        )
        .help(USAGE));
    };
    let (table, table_at, migrations) = table(argument)?;
    let body = trees.iter().find_map(|tree| match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    });
    let Some(body) = body else {
        return Err(Mistake::new(code::SYNTAX, format!("`{name}` has no named fields"), name.span())
            .help("write a field for each column: `struct Booking { id: i64 }`"));
    };
    let fields = entries(body.stream()).iter().filter_map(|entry| field(entry)).collect();
    Ok(Row { name: name.to_string(), at: name.span(), table, table_at, migrations, fields })
}

/// The attributes of the form `#[name(...)]`, with what is in their round brackets.
pub(super) fn attributes(trees: &[TokenTree]) -> Vec<(String, Group)> {
    let of_pair = |pair: &[TokenTree]| {
        let [TokenTree::Punct(hash), TokenTree::Group(group)] = pair else { return None };
        let mut inside = group.stream().into_iter();
        match (hash.as_char(), inside.next()?, inside.next()?) {
            ('#', TokenTree::Ident(name), TokenTree::Group(arguments)) => Some((name.to_string(), arguments)),
            _ => None,
        }
    };
    trees.windows(2).filter_map(of_pair).collect()
}

/// Reads `bookings`, `billing.invoices, migrations = "history"`.
fn table(arguments: &Group) -> Result<(QualifiedName, Span, String), Mistake> {
    let trees: Vec<TokenTree> = arguments.stream().into_iter().collect();
    let mut parts = trees.split(|tree| matches!(tree, TokenTree::Punct(comma) if comma.as_char() == ','));
    let wrong = |at: Span| Err(Mistake::new(code::SYNTAX, "expected a table name", at).help(USAGE));
    let named = match parts.next() {
        Some([name]) => name_of(name).map(|text| (QualifiedName::new(text), name.span())),
        Some([schema, TokenTree::Punct(dot), name]) if dot.as_char() == '.' => {
            let both = name_of(schema).zip(name_of(name));
            both.map(|(schema, text)| (QualifiedName::in_schema(schema, text), name.span()))
        }
        _ => None,
    };
    let Some((table, at)) = named else { return wrong(arguments.span()) };
    let mut migrations = "migrations".to_owned();
    for part in parts.filter(|part| !part.is_empty()) {
        match part {
            [TokenTree::Ident(word), TokenTree::Punct(equals), path]
                if word == "migrations" && equals.as_char() == '=' =>
            {
                migrations = name_of(path).unwrap_or_default();
            }
            _ => return wrong(part.first().map_or_else(|| arguments.span(), TokenTree::span)),
        }
    }
    Ok((table, at, migrations))
}

/// An identifier, or the text of a literal.
fn name_of(tree: &TokenTree) -> Option<String> {
    match tree {
        TokenTree::Ident(ident) => Some(bare(&ident.to_string())),
        TokenTree::Literal(literal) => litrs::StringLit::try_from(literal).ok().map(litrs::StringLit::into_value),
        _ => None,
    }
}

fn bare(name: &str) -> String {
    name.strip_prefix("r#").unwrap_or(name).to_owned()
}

/// What stands between the commas that are in no angle brackets.
fn entries(body: TokenStream) -> Vec<Vec<TokenTree>> {
    let (mut entries, mut entry, mut depth) = (Vec::new(), Vec::new(), 0_i32);
    for tree in body {
        if let TokenTree::Punct(punct) = &tree {
            match punct.as_char() {
                '<' => depth += 1,
                '>' => depth -= 1,
                ',' if depth == 0 => {
                    entries.push(std::mem::take(&mut entry));
                    continue;
                }
                _ => {}
            }
        }
        entry.push(tree);
    }
    entries.push(entry);
    entries
}

/// A field with a name. One that sqlx skips has no column.
fn field(entry: &[TokenTree]) -> Option<Field> {
    let colon = entry.windows(2).position(|pair| match pair {
        // Not the `::` of a path.
        [TokenTree::Ident(_), TokenTree::Punct(colon)] => {
            colon.as_char() == ':' && colon.spacing() == proc_macro2::Spacing::Alone
        }
        _ => false,
    })?;
    let TokenTree::Ident(name) = entry.get(colon)? else { return None };
    let written = entry.get(colon + 2..)?;
    let of_sqlx: Vec<TokenTree> = attributes(entry.get(..colon)?)
        .into_iter()
        .filter(|(attribute, _)| attribute == "sqlx")
        .flat_map(|(_, arguments)| arguments.stream())
        .collect();
    let is_word = |tree: &TokenTree, word: &str| matches!(tree, TokenTree::Ident(ident) if ident == word);
    if of_sqlx.iter().any(|tree| ["skip", "flatten"].iter().any(|word| is_word(tree, word))) {
        return None;
    }
    let renamed = of_sqlx.windows(3).find_map(|three| match three {
        [word, TokenTree::Punct(_), text @ TokenTree::Literal(_)] if is_word(word, "rename") => name_of(text),
        _ => None,
    });
    Some(Field {
        column: renamed.unwrap_or_else(|| bare(&name.to_string())),
        at: name.span(),
        rust_type: RustType::of(written),
        type_at: written.first().map_or_else(|| name.span(), TokenTree::span),
    })
}
