//! Functions and procedures as they are written.

use migrate_core::catalog::Catalog;
use migrate_core::object::{
    ArgumentMode, Body, Function, FunctionArgument, FunctionOptions, FunctionVolatility, ObjectId, Parallel, Returns,
    is_list_of_names,
};
use migrate_core::sql::lex;
use migrate_core::token::Token;

use crate::print::{Behind, Printed, Unprintable, data_type, declared, name, qualified, text, value};

/// What stands behind `create`.
pub(super) fn print(id: &ObjectId, function: &Function, catalog: &Catalog) -> Printed {
    let arguments = function.arguments.iter().map(|one| argument(one, catalog)).collect::<Printed<Vec<_>>>()?;
    let mut written = format!("{} {}({})", id.kind.noun(), qualified(&id.name), arguments.join(", "));
    match &function.returns {
        Returns::Type { data_type: result, set } => {
            written.push_str(&format!(" returns {}{}", if *set { "setof " } else { "" }, data_type(result)));
        }
        Returns::Outputs { set: false } => {}
        Returns::Outputs { set: true } => {
            // With several outputs a row of them is `record`, with one its type.
            let result = function.result();
            written.push_str(&format!(" returns setof {}", data_type(&result)));
        }
        Returns::Table(columns) => {
            let columns: Vec<String> =
                columns.iter().map(|(name, one)| format!("{}: {}", declared(name), data_type(one))).collect();
            written.push_str(&format!(" returns table ({})", columns.join(", ")));
        }
    }
    written.push_str(&format!(" language {}", name(&function.language)));
    written.push_str(&options(&function.options, id)?);
    match &function.body {
        Body::Text(body) => written.push_str(&format!(" as {}", text(body))),
        Body::Standard(body) => written.push_str(&super::standard_body::print(body, catalog)?),
        Body::Library { file, symbol } => written.push_str(&format!(" as {}, {}", text(file), text(symbol))),
    }
    Ok(written)
}

/// An argument: `inout total: numeric = 0`.
pub(super) fn argument(argument: &FunctionArgument, catalog: &Catalog) -> Printed {
    let mut written = String::from(match argument.mode {
        ArgumentMode::In => "",
        ArgumentMode::Out => "out ",
        ArgumentMode::InOut => "inout ",
        ArgumentMode::Variadic => "variadic ",
    });
    if let Some(name) = &argument.name {
        written.push_str(&format!("{}: ", declared(name)));
    }
    written.push_str(&data_type(&argument.data_type));
    if let Some(default) = &argument.default {
        written.push_str(&format!(" = {}", value(default, &argument.data_type, Behind::Nothing, catalog)?));
    }
    Ok(written)
}

/// The options with a space before each.
fn options(options: &FunctionOptions, id: &ObjectId) -> Printed {
    let mut words: Vec<String> = Vec::new();
    let mut word = |is_set: bool, word: &str| words.extend(is_set.then(|| word.to_owned()));
    word(options.window, "window");
    word(options.volatility == FunctionVolatility::Immutable, "immutable");
    word(options.volatility == FunctionVolatility::Stable, "stable");
    word(options.strict, "strict");
    word(options.leakproof, "leakproof");
    word(options.security_definer, "security definer");
    word(options.parallel == Parallel::Safe, "parallel safe");
    word(options.parallel == Parallel::Restricted, "parallel restricted");
    words.extend(options.cost.iter().map(|cost| format!("cost {cost}")));
    words.extend(options.rows.iter().map(|rows| format!("rows {rows}")));
    words.extend(options.support.iter().map(|function| format!("support {}", qualified(function))));
    if !options.transforms.is_empty() {
        let types: Vec<String> = options.transforms.iter().map(|one| format!("for type {}", data_type(one))).collect();
        words.push(format!("transform {}", types.join(", ")));
    }
    for (setting, value) in &options.settings {
        words.push(format!("set {} = {}", setting_name(setting), setting_value(setting, value, id)?));
    }
    Ok(words.iter().map(|word| format!(" {word}")).collect())
}

fn setting_name(setting: &str) -> String {
    match setting.split_once('.') {
        Some((prefix, rest)) => format!("{}.{}", name(prefix), declared(rest)),
        None => name(setting),
    }
}

fn setting_value(setting: &str, value: &str, id: &ObjectId) -> Printed {
    if !is_list_of_names(setting) {
        let digits = value.strip_prefix('-').unwrap_or(value);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        return Ok(if is_number { value.to_owned() } else { text(value) });
    }
    let names: Vec<String> = (lex(value).unwrap_or_default().iter())
        .filter_map(|token| match token {
            Token::Word(word) | Token::QuotedWord(word) => Some(name(word)),
            _ => None,
        })
        .collect();
    if names.is_empty() {
        return Err(Unprintable::new(format!("`{setting}` of {}", id.told()), "its value is not a list of names"));
    }
    Ok(names.join(", "))
}
