//! Values of composite types (manual, 8.16.6).

use super::moment::is_blank;

/// The texts of the fields of a composite value, `None` for NULL: `(1,"a b",)`. The outer `None`: it is not written as such
/// a value is.
pub fn record_fields(text: &str) -> Option<Vec<Option<String>>> {
    let is_blank = |character: &char| u8::try_from(*character).is_ok_and(is_blank);
    let mut characters = text.chars().peekable();
    while characters.next_if(is_blank).is_some() {}
    if characters.next()? != '(' {
        return None;
    }
    let mut fields = Vec::new();
    // `()` has no field.
    if characters.next_if_eq(&')').is_some() {
        return characters.all(|character| is_blank(&character)).then_some(fields);
    }
    loop {
        let mut field = None;
        let mut is_quoted = false;
        loop {
            let next = *characters.peek()?;
            if !is_quoted && matches!(next, ',' | ')') {
                break;
            }
            characters.next();
            let kept: &mut String = field.get_or_insert_default();
            match next {
                '\\' => kept.push(characters.next()?),
                '"' if is_quoted && characters.next_if_eq(&'"').is_some() => kept.push('"'),
                '"' => is_quoted = !is_quoted,
                other => kept.push(other),
            }
        }
        fields.push(field);
        if characters.next()? == ')' {
            break;
        }
    }
    characters.all(|character| is_blank(&character)).then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::record_fields;

    #[test]
    fn fields_are_cut_where_the_server_cuts_them() {
        let fields = |text: &str| {
            record_fields(text).map(|fields| {
                let shown = fields.into_iter().map(|field| field.unwrap_or_else(|| "NULL".into()));
                shown.collect::<Vec<_>>().join("|")
            })
        };
        assert_eq!(fields("(a,b)").as_deref(), Some("a|b"));
        assert_eq!(fields(" ( a ,\"b,\"\"c\",) ").as_deref(), Some(" a |b,\"c|NULL"));
        assert_eq!(fields(r#"(\,,"")"#).as_deref(), Some(",|"));
        assert_eq!(fields("()").as_deref(), Some(""));
        for wrong in ["a,b", "(a,b", "(a,b) x", "(\"a)", ""] {
            assert_eq!(fields(wrong), None, "{wrong}");
        }
    }
}
