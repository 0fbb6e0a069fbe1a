//! Lists of `varchar` values that are cast to `text`. PostgreSQL does not print such a list again as it has read it: once the
//! list is cast, and once each of its values.

/// A line of a dump in which they have no cast, as `ARRAY['x'::character varying]`. Whatever else is in it stays as it is.
pub(super) fn without_casts(line: &str) -> String {
    let mut written = String::new();
    let mut rest = line;
    while !rest.is_empty() {
        let values = rest.strip_prefix(ARRAY).and_then(values);
        let Some((values, behind)) = values else {
            // What is in brackets may have lists in it.
            let length = if rest.starts_with(OPEN) { 1 } else { whole(rest) };
            let (one, more) = rest.split_at(length);
            written.push_str(one);
            rest = more;
            continue;
        };
        rest = behind;
        if written.ends_with('(')
            && let Some(behind) = rest.strip_prefix(")::text[]")
        {
            written.pop();
            rest = behind;
        }
        written.push_str(&format!("{ARRAY}{}]", values.join(", ")));
    }
    written
}

const ARRAY: &str = "ARRAY[";
const OPEN: [char; 2] = ['(', '['];
const CLOSE: [char; 2] = [')', ']'];

/// The values of a list of `varchar`, without casts to `text`, and what stands behind its bracket.
fn values(list: &str) -> Option<(Vec<&str>, &str)> {
    let mut values = Vec::new();
    let (mut start, mut at) = (0, 0);
    loop {
        let rest = list.get(at..).filter(|rest| !rest.is_empty())?;
        let is_end = rest.starts_with(']');
        if is_end || rest.starts_with(',') {
            values.push(list.get(start..at)?.trim());
            start = at + 1;
        }
        if is_end {
            break;
        }
        at += whole(rest);
    }
    let bare = values.iter().map(|value| {
        let value = value.strip_suffix(")::text")?;
        // One bracket that goes from the beginning to the cast.
        let inner = value.strip_prefix('(')?;
        (whole(&format!("({inner})")) == value.len() + 1).then_some(inner)
    });
    let values = bare.collect::<Option<Vec<&str>>>().unwrap_or(values);
    let is_varchar = values.iter().any(|value| value.ends_with("::character varying"));
    is_varchar.then_some((values, list.get(start..)?))
}

/// The length of what begins a text: one character, or all that is in quotes or in brackets.
fn whole(text: &str) -> usize {
    let Some(first) = text.chars().next() else { return 0 };
    match first {
        // A quote that is written twice begins the next one.
        '\'' | '"' => text.get(1..).and_then(|rest| rest.find(first)).map_or(text.len(), |end| end + 2),
        '(' | '[' => {
            let mut at = 1;
            while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty() && !rest.starts_with(CLOSE)) {
                at += whole(rest);
            }
            text.len().min(at + 1)
        }
        _ => first.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cast_of_the_list_is_one_of_each_value() {
        let list =
            "CHECK (((b)::text = ANY ((ARRAY['x'::character varying, 'it''s, (y]'::character varying])::text[])))";
        let each = "CHECK (((b)::text = ANY (ARRAY[('x'::character varying)::text, ('it''s, (y]'::character varying)::text])))";
        let bare = "CHECK (((b)::text = ANY (ARRAY['x'::character varying, 'it''s, (y]'::character varying])))";
        assert_eq!(without_casts(list), bare);
        assert_eq!(without_casts(each), bare);
    }

    #[test]
    fn brackets_of_anything_else_count() {
        let list = "(ARRAY['x'::character varying])::text[]";
        let one = format!("CHECK (((a OR b) AND ((c)::text = ANY ({list}))))");
        let other = format!("CHECK ((a OR (b AND ((c)::text = ANY ({list})))))");
        assert_ne!(without_casts(&one), without_casts(&other));
        let other = format!("CHECK (((a OR b) AND (c = ANY ({list}))))");
        assert_ne!(without_casts(&one), without_casts(&other));
    }

    #[test]
    fn what_is_no_such_list_stays_as_it_is() {
        for line in [
            "ARRAY[('x'::character varying)::text, lower(b)]",
            "ARRAY[(1)::text, (2)::text]",
            "(ARRAY[1, 2])::text[]",
            "'(ARRAY[''x''::character varying])::text[]'",
            "\"(ARRAY['x'::character varying])::text[]\"",
            "ARRAY[('a'::text || ('x'::character varying)::text)",
            "ARRAY[",
        ] {
            assert_eq!(without_casts(line), line);
        }
        let two = "ARRAY[(a)::text || ('x'::character varying)::text]";
        assert_eq!(without_casts(two), two);
    }

    #[test]
    fn lists_in_brackets_and_one_after_the_other_are_found() {
        let line = "((a = ANY ((ARRAY['x'::character varying])::text[])) OR (b = ANY (ARRAY[('y'::character varying)::text])))";
        let bare = "((a = ANY (ARRAY['x'::character varying])) OR (b = ANY (ARRAY['y'::character varying])))";
        assert_eq!(without_casts(line), bare);
    }
}
