//! The lexer of SQL text, as people write it and as PostgreSQL deparses it.

use crate::token::{At, Bracket, SyntaxError, Token};

/// Splits SQL text into tokens. Comments and white space are dropped, unquoted words are folded to lower case.
///
/// The places of an error count tokens, as they do everywhere.
pub fn lex(text: &str) -> Result<Vec<Token>, SyntaxError> {
    Ok(lex_with_offsets(text)?.into_iter().map(|(token, _)| token).collect())
}

/// [`lex`], with the byte range of each token in the text.
///
/// # Errors
/// As [`lex`].
pub fn lex_with_offsets(text: &str) -> Result<Vec<(Token, std::ops::Range<usize>)>, SyntaxError> {
    let mut lexer = Lexer::new(text);
    let mut tokens = Vec::with_capacity(text.len() / 4 + 1);
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

/// The comments of the text with their marks, up to what is not SQL; one that does not end is the last. What looks like one in a string or in a name is not one.
pub fn comments(text: &str) -> Vec<&str> {
    let mut lexer = Lexer::new(text);
    let mut found = Vec::new();
    loop {
        match lexer.comment() {
            Ok(Some(comment)) => found.push(comment),
            Ok(None) => match lexer.token() {
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => return found,
            },
            Err(_) => {
                found.push(lexer.rest());
                return found;
            }
        }
    }
}

/// The line of the text, from 1, in which a token stands.
pub fn line_of(text: &str, at: At) -> Option<usize> {
    let tokens = lex_with_offsets(text).ok()?;
    let offset = match tokens.get(at.start as usize) {
        Some((_, range)) => range.start,
        None => tokens.last()?.1.end,
    };
    Some(1 + text.get(..offset)?.matches('\n').count())
}

/// Reads one token after the other.
#[derive(Clone, Debug)]
pub(crate) struct Lexer<'t> {
    text: &'t str,
    position: usize,
    count: u32,
    /// Whether the string that is next is one of hexadecimal digits: `x'ff'`.
    is_hexadecimal: bool,
}

/// Whether a word may start with this character.
pub(crate) fn starts_word(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_' || !character.is_ascii()
}

/// Whether a word may go on with this character.
pub(crate) fn continues_word(character: char) -> bool {
    starts_word(character) || character.is_ascii_digit() || character == '$'
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Lexer { text, position: 0, count: 0, is_hexadecimal: false }
    }

    /// The next token with its byte range; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<(Token, std::ops::Range<usize>)>, SyntaxError> {
        self.skip_blanks()?;
        let start = self.position;
        let Some(token) = self.token()? else { return Ok(None) };
        self.count += 1;
        Ok(Some((token, start..self.position)))
    }

    /// Where the next token, or the blanks before it, begin.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// Goes on at this byte.
    pub(crate) fn go_to(&mut self, position: usize) {
        self.position = position;
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.position..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn error(&self, message: impl Into<String>) -> SyntaxError {
        SyntaxError { message: message.into(), help: None, at: At { start: self.count, end: self.count + 1 } }
    }

    /// Skips white space and comments.
    fn skip_blanks(&mut self) -> Result<(), SyntaxError> {
        while self.comment()?.is_some() {}
        Ok(())
    }

    /// Skips white space and the comment behind it, and gives the comment.
    fn comment(&mut self) -> Result<Option<&'t str>, SyntaxError> {
        let rest = self.rest();
        let rest = rest.trim_start();
        self.position = self.text.len() - rest.len();
        let length = if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment_length(rest).ok_or_else(|| self.error("unterminated comment"))?
        } else {
            return Ok(None);
        };
        self.position += length;
        Ok(rest.get(..length))
    }

    fn token(&mut self) -> Result<Option<Token>, SyntaxError> {
        let Some(first) = self.peek() else { return Ok(None) };
        let rest = self.rest();
        let second = rest[first.len_utf8()..].chars().next();
        let token = match first {
            '\'' if std::mem::take(&mut self.is_hexadecimal) => Token::Text(format!("x{}", self.plain_string()?)),
            '\'' => Token::Text(self.plain_string()?),
            '"' => Token::QuotedWord(self.quoted('"')?),
            '(' => self.bracket(Token::Open(Bracket::Round)),
            ')' => self.bracket(Token::Close(Bracket::Round)),
            '[' => self.bracket(Token::Open(Bracket::Square)),
            ']' => self.bracket(Token::Close(Bracket::Square)),
            '{' => self.bracket(Token::Open(Bracket::Curly)),
            '}' => self.bracket(Token::Close(Bracket::Curly)),
            'e' | 'E' if second == Some('\'') => {
                self.position += 1;
                Token::Text(self.escape_string()?)
            }
            // Strings of bits: `varbit '101'` is the same, and so is `varbit 'xff'`.
            'b' | 'B' | 'x' | 'X' if second == Some('\'') => {
                self.position += 1;
                self.is_hexadecimal = matches!(first, 'x' | 'X');
                Token::Word("varbit".into())
            }
            'n' | 'N' if second == Some('\'') => {
                self.position += 1;
                Token::Text(self.plain_string()?)
            }
            'u' | 'U' if rest[1..].starts_with("&'") => {
                self.position += 2;
                let escaped = self.plain_string()?;
                let escape = self.unicode_escape();
                Token::Text(self.unicode(&escaped, escape)?)
            }
            'u' | 'U' if rest[1..].starts_with("&\"") => {
                self.position += 2;
                let escaped = self.quoted('"')?;
                let escape = self.unicode_escape();
                Token::QuotedWord(self.unicode(&escaped, escape)?)
            }
            '$' if dollar_tag(rest).is_some() => Token::Text(self.dollar_string()?),
            _ if first.is_ascii_digit() && self.text[..self.position].ends_with('$') => self.parameter_number(),
            // `1..10` in PL/pgSQL.
            '.' if second.is_some_and(|next| next.is_ascii_digit()) && !self.text[..self.position].ends_with('.') => {
                self.number()
            }
            _ if first.is_ascii_digit() => self.number(),
            _ if starts_word(first) => self.word(),
            _ => self.symbol(first),
        };
        Ok(Some(token))
    }

    fn bracket(&mut self, token: Token) -> Token {
        self.position += 1;
        token
    }

    fn symbol(&mut self, symbol: char) -> Token {
        self.position += symbol.len_utf8();
        let rest = self.rest();
        let joint = rest.starts_with(|next: char| next.is_ascii_punctuation() && !"'\"()[]{}_$".contains(next))
            && !rest.starts_with("--")
            && !rest.starts_with("/*");
        Token::Symbol { symbol, joint }
    }

    fn word(&mut self) -> Token {
        let rest = self.rest();
        let length = rest.find(|next| !continues_word(next)).unwrap_or(rest.len());
        self.position += length;
        Token::Word(rest[..length].to_ascii_lowercase())
    }

    /// The digits after `$`: `$1.name` is a field of a parameter.
    fn parameter_number(&mut self) -> Token {
        let rest = self.rest();
        let length = rest.find(|next: char| !next.is_ascii_digit()).unwrap_or(rest.len());
        self.position += length;
        Token::Number(rest[..length].to_owned())
    }

    fn number(&mut self) -> Token {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(|byte| byte.is_ascii_digit() || *byte == b'_') {
                at += 1;
            }
            at
        };
        let mut end;
        if bytes.first() == Some(&b'0') && matches!(bytes.get(1), Some(b'x' | b'X' | b'o' | b'O' | b'b' | b'B')) {
            end = 2;
            while bytes.get(end).is_some_and(|byte| byte.is_ascii_hexdigit() || *byte == b'_') {
                end += 1;
            }
        } else {
            end = digits(0);
            if bytes.get(end) == Some(&b'.') && bytes.get(end + 1) != Some(&b'.') {
                end = digits(end + 1);
            }
            if matches!(bytes.get(end), Some(b'e' | b'E')) {
                let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
                if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
                    end = digits(end + 1 + sign);
                }
            }
        }
        self.position += end;
        // `.5` is written with its zero: no number of Rust's begins with a point.
        let zero = if rest.starts_with('.') { "0" } else { "" };
        Token::Number(zero.chars().chain(rest[..end].chars().filter(|character| *character != '_')).collect())
    }

    /// Reads up to the closing `quote`; a doubled one stands for itself. The position is at the opening one.
    fn quoted(&mut self, quote: char) -> Result<String, SyntaxError> {
        let body = &self.rest()[1..];
        let mut value = String::new();
        let mut from = 0;
        while let Some(found) = body[from..].find(quote) {
            value.push_str(&body[from..from + found]);
            from += found + 1;
            if !body[from..].starts_with(quote) {
                self.position += 1 + from;
                return Ok(value);
            }
            value.push(quote);
            from += 1;
        }
        Err(self.error(if quote == '"' { "unterminated quoted name" } else { "unterminated string" }))
    }

    /// A string in single quotes, with the strings on the following lines that continue it.
    fn plain_string(&mut self) -> Result<String, SyntaxError> {
        let mut value = self.quoted('\'')?;
        while self.at_continuation() {
            value.push_str(&self.quoted('\'')?);
        }
        Ok(value)
    }

    /// Moves to the next part of a string that is continued after a line break.
    fn at_continuation(&mut self) -> bool {
        let rest = self.rest();
        let next = rest.trim_start();
        let blanks = &rest[..rest.len() - next.len()];
        let found = next.starts_with('\'') && blanks.contains('\n');
        if found {
            self.position += blanks.len();
        }
        found
    }

    /// The body of `E'...'`. The position is at the quote.
    fn escape_string(&mut self) -> Result<String, SyntaxError> {
        let mut bytes = Vec::new();
        let body = &self.rest()[1..];
        let mut characters = body.char_indices().peekable();
        while let Some((index, character)) = characters.next() {
            match character {
                '\'' if characters.next_if(|(_, next)| *next == '\'').is_some() => bytes.push(b'\''),
                '\'' => {
                    self.position += 1 + index + 1;
                    let mut value =
                        String::from_utf8(bytes).map_err(|_| self.error("the string is not valid UTF-8"))?;
                    if self.at_continuation() {
                        value.push_str(&self.escape_string()?);
                    }
                    return Ok(value);
                }
                '\\' => {
                    let Some((_, escaped)) = characters.next() else { break };
                    let mut digits = |radix: u32, most: usize| {
                        let mut code: Option<u32> = None;
                        for _ in 0..most {
                            let Some((_, digit)) = characters.next_if(|(_, next)| next.is_digit(radix)) else { break };
                            code = Some(code.unwrap_or(0) * radix + digit.to_digit(radix).unwrap_or(0));
                        }
                        code
                    };
                    match escaped {
                        'b' => bytes.push(8),
                        'f' => bytes.push(12),
                        'n' => bytes.push(b'\n'),
                        'r' => bytes.push(b'\r'),
                        't' => bytes.push(b'\t'),
                        'v' => bytes.push(11),
                        'x' => bytes.push(digits(16, 2).map_or(b'x', |code| code as u8)),
                        'u' | 'U' => {
                            let code = digits(16, if escaped == 'u' { 4 } else { 8 }).and_then(char::from_u32);
                            let character = code.ok_or_else(|| self.error("invalid Unicode escape"))?;
                            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                        }
                        '0'..='7' => {
                            let first = escaped.to_digit(8).unwrap_or(0);
                            let code = match digits(8, 1) {
                                None => first,
                                Some(second) => match digits(8, 1) {
                                    None => first * 8 + second,
                                    Some(third) => first * 64 + second * 8 + third,
                                },
                            };
                            bytes.push(code as u8);
                        }
                        other => bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
                    }
                }
                other => bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        Err(self.error("unterminated string"))
    }

    /// Takes `UESCAPE '!'` behind a `U&` string, if it is there: the character that escapes, else the backslash.
    fn unicode_escape(&mut self) -> char {
        let rest = self.rest().trim_start();
        let clause = rest.get(..7).filter(|word| word.eq_ignore_ascii_case("uescape"));
        let quoted = clause.and_then(|_| rest.get(7..)).map(|after| after.trim_start()).unwrap_or("");
        let mut characters = quoted.chars();
        match (characters.next(), characters.next(), characters.next()) {
            (Some('\''), Some(escape), Some('\'')) if !escape.is_ascii_hexdigit() && !"+'\"".contains(escape) => {
                self.position = self.text.len() - characters.as_str().len();
                escape
            }
            _ => '\\',
        }
    }

    /// Replaces `\XXXX` and `\+XXXXXX` of a `U&` string.
    fn unicode(&self, escaped: &str, escape: char) -> Result<String, SyntaxError> {
        let mut value = String::with_capacity(escaped.len());
        let mut rest = escaped;
        while let Some(found) = rest.find(escape) {
            value.push_str(&rest[..found]);
            rest = &rest[found + escape.len_utf8()..];
            if let Some(after) = rest.strip_prefix(escape) {
                value.push(escape);
                rest = after;
                continue;
            }
            let (skip, length) = if rest.starts_with('+') { (1, 6) } else { (0, 4) };
            let character = rest
                .get(skip..skip + length)
                .and_then(|digits| u32::from_str_radix(digits, 16).ok())
                .and_then(char::from_u32)
                .ok_or_else(|| self.error("invalid Unicode escape"))?;
            value.push(character);
            rest = &rest[skip + length..];
        }
        value.push_str(rest);
        Ok(value)
    }

    fn dollar_string(&mut self) -> Result<String, SyntaxError> {
        let rest = self.rest();
        let tag = dollar_tag(rest).unwrap_or("$$");
        let body = &rest[tag.len()..];
        let end = body.find(tag).ok_or_else(|| self.error("unterminated dollar-quoted string"))?;
        self.position += tag.len() + end + tag.len();
        Ok(body[..end].to_string())
    }
}

/// The opening delimiter of a dollar-quoted string, if the text starts with one: `$$` or `$tag$`.
pub(crate) fn dollar_tag(text: &str) -> Option<&str> {
    let after = text.strip_prefix('$')?;
    let end = after.find('$')?;
    let tag = &after[..end];
    let is_tag = tag.is_empty()
        || (tag.starts_with(starts_word) && tag.chars().all(|character| continues_word(character) && character != '$'));
    is_tag.then(|| &text[..end + 2])
}

/// The length of the (nested) block comment that the text starts with; `None` when it does not end.
pub(crate) fn block_comment_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut index = 0;
    while index + 1 < bytes.len() {
        match (bytes[index], bytes[index + 1]) {
            (b'/', b'*') => {
                depth += 1;
                index += 2;
            }
            (b'*', b'/') => {
                depth -= 1;
                index += 2;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => index += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(word: &str) -> Token {
        Token::Word(word.into())
    }
    fn text(text: &str) -> Token {
        Token::Text(text.into())
    }
    fn symbol(symbol: char, joint: bool) -> Token {
        Token::Symbol { symbol, joint }
    }

    #[test]
    fn words_are_folded_and_quoted_names_are_kept() {
        assert_eq!(
            lex(r#"SELECT "userId" FROM Öre$1"#).unwrap(),
            vec![word("select"), Token::QuotedWord("userId".into()), word("from"), word("Öre$1")]
        );
        assert_eq!(lex(r#""a""b""#).unwrap(), vec![Token::QuotedWord("a\"b".into())]);
    }

    #[test]
    fn strings_of_all_kinds_have_their_value() {
        assert_eq!(lex("'it''s'").unwrap(), vec![text("it's")]);
        assert_eq!(lex(r"'a\b'").unwrap(), vec![text(r"a\b")]);
        assert_eq!(lex(r"E'a\n\x41\101\u00e4\\ \''''").unwrap(), vec![text("a\nAAä\\ ''")]);
        assert_eq!(lex("$tag$ $$ ' $tag$").unwrap(), vec![text(" $$ ' ")]);
        assert_eq!(lex(r"U&'d\0061t\+000061'").unwrap(), vec![text("data")]);
        assert_eq!(lex("'a'\n  'b'").unwrap(), vec![text("ab")]);
        assert_eq!(lex("'a' 'b'").unwrap(), vec![text("a"), text("b")]);
    }

    #[test]
    fn numbers_keep_their_text() {
        let numbers = lex("1 1.5 .5 1e10 1_000 0xFF 1.e-3").unwrap();
        let numbers: Vec<_> = numbers.iter().map(Token::describe).collect();
        assert_eq!(numbers, ["`1`", "`1.5`", "`0.5`", "`1e10`", "`1000`", "`0xFF`", "`1.e-3`"]);
        assert_eq!(
            lex("a[1:2]").unwrap()[2..5],
            [Token::Number("1".into()), symbol(':', false), Token::Number("2".into())]
        );
    }

    #[test]
    fn operators_are_joint_symbols() {
        assert_eq!(
            lex("a->>'b'").unwrap(),
            vec![word("a"), symbol('-', true), symbol('>', true), symbol('>', false), text("b")]
        );
        assert_eq!(lex("a::int").unwrap()[1..3], [symbol(':', true), symbol(':', false)]);
        assert_eq!(lex("a +-- x\n b").unwrap(), vec![word("a"), symbol('+', false), word("b")]);
        assert_eq!(lex("$1").unwrap(), vec![symbol('$', false), Token::Number("1".into())]);
    }

    #[test]
    fn comments_nest() {
        assert_eq!(lex("a /* x /* y */ z */ b -- c").unwrap(), vec![word("a"), word("b")]);
        assert_eq!(lex("a /* x").unwrap_err().message, "unterminated comment");
    }

    #[test]
    fn an_unterminated_string_is_an_error_at_its_token() {
        let words = |text: &str| lex(text).unwrap();
        assert_eq!(words("$1.name")[1..3], [Token::Number("1".into()), Token::Symbol { symbol: '.', joint: false }]);
        assert_eq!(
            words("U&'d!0061t!+000061!!' UESCAPE '!' x"),
            [Token::Text("data!".into()), Token::Word("x".into())]
        );
        assert_eq!(words("U&'\\0061' uescaped"), [Token::Text("a".into()), Token::Word("uescaped".into())]);
        let error = lex("a b 'c").unwrap_err();
        assert_eq!((error.message.as_str(), error.at.start), ("unterminated string", 2));
    }
}
