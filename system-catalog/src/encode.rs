//! The tables as bytes: the layout is told in `migrate-core/src/system/table.rs`, which reads them.

use std::collections::{BTreeMap, HashMap};

use migrate_core::system::layout::{MAGIC, NOTHING, SECTIONS, pinned_types};

use crate::entry::TypeKey;
use crate::merge::{All, Range};

/// What does not fit the layout.
#[derive(Debug)]
pub struct TooLarge(&'static str);

impl std::fmt::Display for TooLarge {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the layout of the tables has no room for more {}", self.0)
    }
}

impl std::error::Error for TooLarge {}

type Encoded<T> = Result<T, TooLarge>;

/// Something of variable length that is stored once.
struct Pool<T> {
    items: Vec<T>,
    known: HashMap<Vec<T>, usize>,
}

impl<T: Clone + Eq + std::hash::Hash> Pool<T> {
    fn new() -> Self {
        Pool { items: Vec::new(), known: HashMap::new() }
    }

    fn add(&mut self, items: Vec<T>) -> usize {
        *self.known.entry(items.clone()).or_insert_with(|| {
            let start = self.items.len();
            self.items.extend(items);
            start
        })
    }
}

struct Encoder {
    names: Pool<u8>,
    type_lists: Pool<u16>,
    name_lists: Pool<u32>,
    columns: Pool<(u32, u16)>,
    types: HashMap<TypeKey, u16>,
    extensions: HashMap<String, u8>,
}

/// A record with what it is sorted by.
type Keyed<K> = BTreeMap<K, Vec<u8>>;

fn index16(index: usize, what: &'static str) -> Encoded<u16> {
    u16::try_from(index).ok().filter(|index| *index != NOTHING).ok_or(TooLarge(what))
}

fn index8(index: usize, what: &'static str) -> Encoded<u8> {
    u8::try_from(index).map_err(|_| TooLarge(what))
}

fn versions(range: Range) -> u8 {
    (((range.first - 10) << 4) | (range.last - 10)) as u8
}

impl Encoder {
    fn name(&mut self, name: &str) -> Encoded<u32> {
        let length = index8(name.len(), "letters")?;
        Ok((self.names.add(name.as_bytes().to_vec()) as u32) << 8 | u32::from(length))
    }

    fn type_(&self, key: &TypeKey) -> u16 {
        self.types.get(key).copied().unwrap_or(NOTHING)
    }

    fn maybe_type(&self, key: &Option<TypeKey>) -> u16 {
        key.as_ref().map_or(NOTHING, |key| self.type_(key))
    }

    fn extension(&self, name: &str) -> u8 {
        self.extensions.get(name).copied().unwrap_or_default()
    }
}

fn volatility(letter: u8) -> u8 {
    match letter {
        b'i' => 0,
        b's' => 1,
        _ => 2,
    }
}

fn position(letters: &[u8], letter: u8) -> u8 {
    letters.iter().position(|known| *known == letter).unwrap_or_default() as u8
}

/// Writes the tables.
///
/// # Errors
/// There is more of something than the layout has room for.
pub fn encode(all: &All) -> Encoded<Vec<u8>> {
    let mut encoder = Encoder {
        names: Pool::new(),
        type_lists: Pool::new(),
        name_lists: Pool::new(),
        columns: Pool::new(),
        types: HashMap::new(),
        extensions: HashMap::new(),
    };
    let pinned: Vec<TypeKey> = pinned_types().map(|name| (String::new(), name.to_owned())).collect();
    let others: Vec<TypeKey> = all.types.keys().filter(|key| !pinned.contains(key)).cloned().collect();
    let keys: Vec<TypeKey> = pinned.into_iter().chain(others).collect();
    for (index, key) in keys.iter().enumerate() {
        encoder.types.insert(key.clone(), index16(index, "types")?);
    }
    // Number 0 is PostgreSQL itself.
    encoder.extensions.insert(String::new(), 0);
    for (index, (extension, _)) in all.extensions.iter().enumerate() {
        encoder.extensions.insert(extension.name.clone(), index8(index + 1, "extensions")?);
    }
    let mut sections: Vec<(Vec<u8>, usize)> = vec![(Vec::new(), 0); SECTIONS];
    let mut fill = |section: usize, records: Vec<Vec<u8>>| sections[section] = (records.concat(), records.len());
    fill(1, extensions(&mut encoder, all)?);
    let types = types(&mut encoder, all, &keys)?;
    fill(2, types);
    let mut by_name: Vec<(&TypeKey, u16)> = keys.iter().map(|key| (key, encoder.type_(key))).collect();
    by_name.sort_by_key(|(key, _)| (key.1.as_bytes().to_vec(), key.0.clone()));
    fill(3, by_name.iter().map(|(_, id)| id.to_le_bytes().to_vec()).collect());
    let functions = functions(&mut encoder, all)?;
    fill(7, functions);
    fill(8, operators(&mut encoder, all)?);
    fill(9, casts(&encoder, all));
    fill(10, operator_classes(&mut encoder, all)?);
    fill(11, collations(&mut encoder, all)?);
    fill(4, encoder.type_lists.items.iter().map(|id| id.to_le_bytes().to_vec()).collect());
    fill(5, encoder.name_lists.items.iter().map(|name| name.to_le_bytes().to_vec()).collect());
    let columns = encoder.columns.items.iter();
    fill(6, columns.map(|(name, id)| [&name.to_le_bytes()[..], &id.to_le_bytes()].concat()).collect());
    fill(0, encoder.names.items.iter().map(|byte| vec![*byte]).collect());
    let mut bytes = MAGIC.to_vec();
    let mut offset = MAGIC.len() + SECTIONS * 8;
    for (section, count) in &sections {
        bytes.extend((offset as u32).to_le_bytes());
        bytes.extend((*count as u32).to_le_bytes());
        offset += section.len();
    }
    bytes.extend(sections.into_iter().flat_map(|(section, _)| section));
    Ok(bytes)
}

fn extensions(encoder: &mut Encoder, all: &All) -> Encoded<Vec<Vec<u8>>> {
    let mut records = Vec::new();
    for (extension, range) in &all.extensions {
        let mut record = encoder.name(&extension.name)?.to_le_bytes().to_vec();
        record.extend(encoder.name(&extension.schema)?.to_le_bytes());
        let requires = extension.requires.iter().map(|name| encoder.name(name)).collect::<Encoded<Vec<u32>>>()?;
        record.push(index8(requires.len(), "required extensions")?);
        record.push(versions(*range));
        record.extend(index16(encoder.name_lists.add(requires), "lists of names")?.to_le_bytes());
        records.push(record);
    }
    Ok(records)
}

fn types(encoder: &mut Encoder, all: &All, keys: &[TypeKey]) -> Encoded<Vec<Vec<u8>>> {
    let mut records = Vec::new();
    for key in keys {
        let mut record = encoder.name(&key.1)?.to_le_bytes().to_vec();
        let Some((type_, range)) = all.types.get(key) else {
            // A type that no server has any more keeps its number.
            record.resize(16, 0);
            records.push(record);
            continue;
        };
        let flags = [
            type_.is_preferred,
            type_.is_collatable,
            type_.has_modifiers,
            type_.has_fixed_input,
            type_.has_fixed_output,
        ];
        let flags = flags.iter().enumerate().map(|(bit, flag)| u8::from(*flag) << bit).sum();
        record.extend([encoder.extension(&key.0), type_.kind, type_.category, flags]);
        record.extend([type_.subscripting, versions(*range)]);
        for other in [&type_.element, &type_.array, &type_.base] {
            record.extend(encoder.maybe_type(other).to_le_bytes());
        }
        records.push(record);
    }
    Ok(records)
}

fn functions(encoder: &mut Encoder, all: &All) -> Encoded<Vec<Vec<u8>>> {
    let mut records: Keyed<(Vec<u8>, Vec<u16>, String, Range)> = BTreeMap::new();
    for (function, range) in &all.functions {
        let arguments: Vec<u16> = function.arguments.iter().map(|key| encoder.type_(key)).collect();
        let names = function.argument_names.iter().map(|name| encoder.name(name)).collect::<Encoded<Vec<u32>>>()?;
        let names = match names.as_slice() {
            [] => NOTHING,
            _ => index16(encoder.name_lists.add(names), "lists of names")?,
        };
        let mut columns = Vec::new();
        for (name, key) in &function.columns {
            columns.push((encoder.name(name)?, encoder.type_(key)));
        }
        let mut record = encoder.name(&function.name)?.to_le_bytes().to_vec();
        record.extend(index16(encoder.type_lists.add(arguments.clone()), "lists of arguments")?.to_le_bytes());
        record.extend(encoder.type_(&function.result).to_le_bytes());
        record.extend(encoder.maybe_type(&function.variadic).to_le_bytes());
        record.extend(names.to_le_bytes());
        let count = index8(columns.len(), "columns")?;
        record.extend(index16(encoder.columns.add(columns), "columns")?.to_le_bytes());
        record.extend([encoder.extension(&function.extension), versions(*range)]);
        record.extend([index8(arguments.len(), "arguments")?, function.defaults]);
        record.push(
            position(b"fpaw", function.kind)
                | volatility(function.volatility) << 2
                | u8::from(function.is_strict) << 4
                | u8::from(function.returns_set) << 5
                | position(b"noh", function.aggregate_kind) << 6,
        );
        record.extend([count, function.direct_arguments]);
        let key = (function.name.as_bytes().to_vec(), arguments, function.extension.clone(), *range);
        records.insert(key, record);
    }
    Ok(records.into_values().collect())
}

fn operators(encoder: &mut Encoder, all: &All) -> Encoded<Vec<Vec<u8>>> {
    let mut records: Keyed<(Vec<u8>, u16, u16, String, Range)> = BTreeMap::new();
    for (operator, range) in &all.operators {
        let (left, right) = (encoder.maybe_type(&operator.left), encoder.type_(&operator.right));
        let mut record = encoder.name(&operator.symbol)?.to_le_bytes().to_vec();
        for id in [left, right, encoder.type_(&operator.result)] {
            record.extend(id.to_le_bytes());
        }
        record.extend([encoder.extension(&operator.extension), versions(*range)]);
        record.push(volatility(operator.volatility) | u8::from(operator.is_strict) << 2);
        let key = (operator.symbol.as_bytes().to_vec(), left, right, operator.extension.clone(), *range);
        records.insert(key, record);
    }
    Ok(records.into_values().collect())
}

fn casts(encoder: &Encoder, all: &All) -> Vec<Vec<u8>> {
    let mut records: Keyed<(u16, u16, String, Range)> = BTreeMap::new();
    for (cast, range) in &all.casts {
        let (source, target) = (encoder.type_(&cast.source), encoder.type_(&cast.target));
        let mut record = source.to_le_bytes().to_vec();
        record.extend(target.to_le_bytes());
        record.extend([encoder.extension(&cast.extension), versions(*range)]);
        record.extend([cast.context, cast.method, volatility(cast.volatility)]);
        records.insert((source, target, cast.extension.clone(), *range), record);
    }
    records.into_values().collect()
}

fn operator_classes(encoder: &mut Encoder, all: &All) -> Encoded<Vec<Vec<u8>>> {
    let mut records: Keyed<([Vec<u8>; 2], u16, String, Range)> = BTreeMap::new();
    for (class, range) in &all.operator_classes {
        let type_ = encoder.type_(&class.type_);
        let mut record = encoder.name(&class.method)?.to_le_bytes().to_vec();
        record.extend(encoder.name(&class.name)?.to_le_bytes());
        record.extend(type_.to_le_bytes());
        record.extend([encoder.extension(&class.extension), versions(*range), u8::from(class.is_default)]);
        let names = [class.method.as_bytes().to_vec(), class.name.as_bytes().to_vec()];
        records.insert((names, type_, class.extension.clone(), *range), record);
    }
    Ok(records.into_values().collect())
}

fn collations(encoder: &mut Encoder, all: &All) -> Encoded<Vec<Vec<u8>>> {
    let mut records: Keyed<(Vec<u8>, Range)> = BTreeMap::new();
    for (collation, range) in &all.collations {
        let mut record = encoder.name(&collation.name)?.to_le_bytes().to_vec();
        record.extend([collation.provider, versions(*range)]);
        records.insert((collation.name.as_bytes().to_vec(), *range), record);
    }
    Ok(records.into_values().collect())
}
