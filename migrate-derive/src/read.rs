//! Reading a type from its tokens.

use std::iter::Peekable;

use proc_macro::{Delimiter, TokenStream, TokenTree, token_stream};

use crate::item::{Attributes, Fields, Item, Shape, Variant};

type Tokens = Peekable<token_stream::IntoIter>;

/// The type, or what is not understood about it.
pub(crate) fn item(input: TokenStream) -> Result<Item, String> {
    let tokens = &mut input.into_iter().peekable();
    let attributes = attributes(tokens)?;
    skip_visibility(tokens);
    let keyword = name(tokens)?;
    let name = name(tokens)?;
    let shape = match (keyword.as_str(), tokens.next()) {
        ("struct", body) => Shape::Struct(fields(body)?),
        ("enum", Some(TokenTree::Group(body))) => Shape::Enum(variants(body.stream())?),
        _ => {
            return Err(format!(
                "`ToJson` cannot be derived for `{name}`: it is for structs and enums without parameters"
            ));
        }
    };
    Ok(Item { name, attributes, shape })
}

fn variants(body: TokenStream) -> Result<Vec<Variant>, String> {
    let tokens = &mut body.into_iter().peekable();
    let mut variants = Vec::new();
    while tokens.peek().is_some() {
        // Nothing of serde is said about single variants.
        attributes(tokens)?;
        let name = name(tokens)?;
        let fields = match tokens.peek() {
            Some(TokenTree::Group(_)) => fields(tokens.next())?,
            _ => Fields::Unit,
        };
        skip_past_comma(tokens);
        variants.push(Variant { name, fields });
    }
    Ok(variants)
}

fn fields(body: Option<TokenTree>) -> Result<Fields, String> {
    let Some(TokenTree::Group(body)) = body else { return Ok(Fields::Unit) };
    let is_named = body.delimiter() == Delimiter::Brace;
    let tokens = &mut body.stream().into_iter().peekable();
    let (mut named, mut unnamed) = (Vec::new(), Vec::new());
    while tokens.peek().is_some() {
        let attributes = attributes(tokens)?;
        skip_visibility(tokens);
        if is_named {
            named.push((name(tokens)?, attributes));
        } else {
            unnamed.push(attributes);
        }
        skip_past_comma(tokens);
    }
    Ok(if is_named { Fields::Named(named) } else { Fields::Unnamed(unnamed) })
}

fn name(tokens: &mut Tokens) -> Result<String, String> {
    match tokens.next() {
        Some(TokenTree::Ident(name)) => Ok(name.to_string()),
        other => Err(format!("expected a name, found `{}`", other.map(|token| token.to_string()).unwrap_or_default())),
    }
}

/// `pub`, `pub(crate)`
fn skip_visibility(tokens: &mut Tokens) {
    let is_public =
        tokens.next_if(|token| matches!(token, TokenTree::Ident(word) if word.to_string() == "pub")).is_some();
    if is_public {
        tokens.next_if(|token| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis));
    }
}

/// Passes what is left of a field or variant: a type, whose own commas are between angle brackets.
fn skip_past_comma(tokens: &mut Tokens) {
    let mut depth = 0_u32;
    for token in tokens {
        let TokenTree::Punct(sign) = &token else { continue };
        match sign.as_char() {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => return,
            _ => {}
        }
    }
}

/// The attributes before an item, a variant or a field.
fn attributes(tokens: &mut Tokens) -> Result<Attributes, String> {
    let mut attributes = Attributes::default();
    while tokens.next_if(|token| matches!(token, TokenTree::Punct(sign) if sign.as_char() == '#')).is_some() {
        let Some(TokenTree::Group(attribute)) = tokens.next() else { return Err("expected an attribute".to_owned()) };
        let attribute = &mut attribute.stream().into_iter().peekable();
        let is_serde = matches!(attribute.next(), Some(TokenTree::Ident(word)) if word.to_string() == "serde");
        if let (true, Some(TokenTree::Group(settings))) = (is_serde, attribute.next()) {
            attributes.add(&mut settings.stream().into_iter().peekable())?;
        }
    }
    Ok(attributes)
}

impl Attributes {
    /// Adds what stands between the parentheses of `#[serde(...)]`.
    fn add(&mut self, tokens: &mut Tokens) -> Result<(), String> {
        while tokens.peek().is_some() {
            let setting = name(tokens)?;
            let value = match tokens.next_if(|token| matches!(token, TokenTree::Punct(sign) if sign.as_char() == '=')) {
                Some(_) => tokens.next().map(|literal| literal.to_string().trim_matches('"').to_owned()),
                None => None,
            };
            match (setting.as_str(), value) {
                ("rename_all", Some(case)) if case == "snake_case" => self.is_snake_case = true,
                ("into", Some(target)) if target == "String" => self.is_text = true,
                ("skip", None) => self.is_skipped = true,
                ("flatten", None) => self.is_flat = true,
                ("skip_serializing_if", path @ Some(_)) => self.skipped_if = path,
                ("with", path @ Some(_)) => self.with = path,
                // A struct with one field without a name is written as that anyway; the others are about reading.
                ("transparent" | "default", _) | ("from" | "try_from", Some(_)) => {}
                _ => return Err(format!("`ToJson` does not know the attribute `{setting}` of serde")),
            }
            skip_past_comma(tokens);
        }
        Ok(())
    }
}
