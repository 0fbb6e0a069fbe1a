//! The code that writes a value.

use std::fmt::Write as _;

use crate::item::{Attributes, Fields, Item, Shape, Variant};

/// `impl ToJson for ...`, as text.
pub(crate) fn implementation(item: &Item) -> String {
    let body = match &item.shape {
        _ if item.attributes.is_text => {
            "json.text(&::std::string::String::from(::core::clone::Clone::clone(self)));".to_owned()
        }
        Shape::Struct(fields) => whole(fields, &|name| format!("&self.{name}")),
        Shape::Enum(variants) => {
            let arms: String = variants.iter().map(|variant| arm(variant, &item.attributes)).collect();
            format!("match self {{ {arms} }}")
        }
    };
    format!(
        "impl ::migrate_core::json::ToJson for {} {{ fn write_json(&self, json: &mut ::migrate_core::json::Writer) {{ {body} }} }}",
        item.name
    )
}

/// What writes a variant: its name, or an object with its name as the only key.
fn arm(variant: &Variant, of_enum: &Attributes) -> String {
    let name = match of_enum.is_snake_case {
        true => snake_case(&variant.name),
        false => variant.name.clone(),
    };
    let (pattern, value) = match &variant.fields {
        Fields::Unit => return format!("Self::{} => json.text({name:?}),", variant.name),
        Fields::Unnamed(fields) => {
            let names: Vec<String> = (0..fields.len()).map(|index| format!("field_{index}")).collect();
            (format!("({})", names.join(", ")), whole(&variant.fields, &|index| format!("field_{index}")))
        }
        Fields::Named(fields) => {
            let is_used = |(_, attributes): &&(String, Attributes)| !attributes.is_skipped;
            let names: String = fields.iter().filter(is_used).map(|(name, _)| format!("{name}, ")).collect();
            (format!("{{ {names} .. }}"), whole(&variant.fields, &str::to_owned))
        }
    };
    format!("Self::{}{pattern} => {{ json.begin('{{'); json.key({name:?}); {value} json.end('}}'); }}", variant.name)
}

/// What writes all fields. `reference` is how one is borrowed, by its name or index.
fn whole(fields: &Fields, reference: &dyn Fn(&str) -> String) -> String {
    match fields {
        Fields::Unit => "json.null();".to_owned(),
        Fields::Unnamed(fields) => {
            let is_one = fields.len() == 1;
            let mut code = String::new();
            for (index, attributes) in fields.iter().enumerate() {
                let value = value(&reference(&index.to_string()), attributes);
                let _ = if is_one { write!(code, "{value}") } else { write!(code, "json.separate(); {value}") };
            }
            if is_one { code } else { format!("json.begin('['); {code} json.end(']');") }
        }
        Fields::Named(fields) => {
            let fields: String =
                fields.iter().map(|(name, attributes)| field(name, attributes, &reference(name))).collect();
            format!("json.begin('{{'); {fields} json.end('}}');")
        }
    }
}

/// What writes one field of an object.
fn field(name: &str, attributes: &Attributes, reference: &str) -> String {
    if attributes.is_skipped {
        return String::new();
    }
    let key = name.trim_start_matches("r#");
    let code = match &attributes.with {
        _ if attributes.is_flat => format!("json.flatten({reference});"),
        Some(_) => format!("json.key({key:?}); {}", value(reference, attributes)),
        None => format!("json.field({key:?}, {reference});"),
    };
    match &attributes.skipped_if {
        Some(path) => format!("if !{path}({reference}) {{ {code} }}"),
        None => code,
    }
}

fn value(reference: &str, attributes: &Attributes) -> String {
    match &attributes.with {
        Some(module) => format!("{module}::write_json({reference}, json);"),
        None => format!("::migrate_core::json::ToJson::write_json({reference}, json);"),
    }
}

/// `MoveExtension` as `move_extension`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (index, character) in name.char_indices() {
        if index > 0 && character.is_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}
