use std::borrow::Borrow;
use std::fmt;
use std::ops::Index;

use crate::json::{ToJson, Writer};

/// Values by their keys, in the order of these.
#[derive(Clone, PartialEq, Eq)]
pub struct SortedMap<Key, Value> {
    entries: Vec<(Key, Value)>,
}

/// A walk over entries, as pairs of references.
type Pairs<'m, Key, Value> =
    std::iter::Map<std::slice::Iter<'m, (Key, Value)>, fn(&'m (Key, Value)) -> (&'m Key, &'m Value)>;
/// A walk over entries that may change the values.
type PairsMut<'m, Key, Value> =
    std::iter::Map<std::slice::IterMut<'m, (Key, Value)>, fn(&'m mut (Key, Value)) -> (&'m Key, &'m mut Value)>;
/// A walk over one half of each entry.
type Half<'m, Key, Value, One> = std::iter::Map<std::slice::Iter<'m, (Key, Value)>, fn(&'m (Key, Value)) -> &'m One>;
/// A walk over the values that may change them.
type ValuesMut<'m, Key, Value> =
    std::iter::Map<std::slice::IterMut<'m, (Key, Value)>, fn(&'m mut (Key, Value)) -> &'m mut Value>;
/// One half of each entry.
type Taken<Key, Value, One> = std::iter::Map<std::vec::IntoIter<(Key, Value)>, fn((Key, Value)) -> One>;

impl<Key, Value> SortedMap<Key, Value> {
    /// One without entries.
    pub const fn new() -> Self {
        SortedMap { entries: Vec::new() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Removes all.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// The entries, in the order of their keys.
    pub fn iter(&self) -> Pairs<'_, Key, Value> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The entries, to change the values.
    pub fn iter_mut(&mut self) -> PairsMut<'_, Key, Value> {
        self.entries.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// The keys, in order.
    pub fn keys(&self) -> Half<'_, Key, Value, Key> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The values, in the order of their keys.
    pub fn values(&self) -> Half<'_, Key, Value, Value> {
        self.entries.iter().map(|(_, value)| value)
    }

    /// The values, to change them.
    pub fn values_mut(&mut self) -> ValuesMut<'_, Key, Value> {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    /// The values, without the map.
    pub fn into_values(self) -> Taken<Key, Value, Value> {
        self.entries.into_iter().map(|(_, value)| value)
    }

    /// Takes the entry with the first key out.
    pub fn pop_first(&mut self) -> Option<(Key, Value)> {
        (!self.entries.is_empty()).then(|| self.entries.remove(0))
    }

    /// Leaves what a condition holds for.
    pub fn retain(&mut self, mut holds: impl FnMut(&Key, &mut Value) -> bool) {
        self.entries.retain_mut(|(key, value)| holds(key, value));
    }
}

impl<Key: Ord, Value> SortedMap<Key, Value> {
    /// Where a key is, or would be.
    fn find<Wanted: Ord + ?Sized>(&self, key: &Wanted) -> Result<usize, usize>
    where
        Key: Borrow<Wanted>,
    {
        self.entries.binary_search_by(|(known, _)| known.borrow().cmp(key))
    }

    /// The value of a key.
    pub fn get<Wanted: Ord + ?Sized>(&self, key: &Wanted) -> Option<&Value>
    where
        Key: Borrow<Wanted>,
    {
        let found = self.find(key).ok()?;
        self.entries.get(found).map(|(_, value)| value)
    }

    /// The key as it is kept here, and its value.
    pub fn get_key_value<Wanted: Ord + ?Sized>(&self, key: &Wanted) -> Option<(&Key, &Value)>
    where
        Key: Borrow<Wanted>,
    {
        let found = self.find(key).ok()?;
        self.entries.get(found).map(|(key, value)| (key, value))
    }

    /// The value of a key, to change it.
    pub fn get_mut<Wanted: Ord + ?Sized>(&mut self, key: &Wanted) -> Option<&mut Value>
    where
        Key: Borrow<Wanted>,
    {
        let found = self.find(key).ok()?;
        self.entries.get_mut(found).map(|(_, value)| value)
    }

    /// Whether there is a key.
    pub fn contains_key<Wanted: Ord + ?Sized>(&self, key: &Wanted) -> bool
    where
        Key: Borrow<Wanted>,
    {
        self.find(key).is_ok()
    }

    /// Enters a value, and gives the one that the key had.
    pub fn insert(&mut self, key: Key, value: Value) -> Option<Value> {
        match self.find(&key) {
            Ok(found) => Some(std::mem::replace(&mut self.entries[found].1, value)),
            Err(place) => {
                self.entries.insert(place, (key, value));
                None
            }
        }
    }

    /// Removes a key, and gives its value.
    pub fn remove<Wanted: Ord + ?Sized>(&mut self, key: &Wanted) -> Option<Value>
    where
        Key: Borrow<Wanted>,
    {
        self.remove_entry(key).map(|(_, value)| value)
    }

    /// Removes a key, and gives it with its value.
    pub fn remove_entry<Wanted: Ord + ?Sized>(&mut self, key: &Wanted) -> Option<(Key, Value)>
    where
        Key: Borrow<Wanted>,
    {
        let found = self.find(key).ok()?;
        Some(self.entries.remove(found))
    }

    /// The entry of a key, there or not.
    pub fn entry(&mut self, key: Key) -> Entry<'_, Key, Value> {
        let place = self.find(&key);
        Entry { map: self, key, place }
    }
}

/// The entry of a key, there or not.
#[derive(Debug)]
pub struct Entry<'m, Key, Value> {
    map: &'m mut SortedMap<Key, Value>,
    key: Key,
    place: Result<usize, usize>,
}

impl<'m, Key, Value> Entry<'m, Key, Value> {
    /// Its value; this one where it has none.
    pub fn or_insert_with(self, value: impl FnOnce() -> Value) -> &'m mut Value {
        let place = match self.place {
            Ok(found) => found,
            Err(place) => {
                self.map.entries.insert(place, (self.key, value()));
                place
            }
        };
        &mut self.map.entries[place].1
    }

    /// Its value; this one where it has none.
    pub fn or_insert(self, value: Value) -> &'m mut Value {
        self.or_insert_with(|| value)
    }

    /// Its value; the default one where it has none.
    pub fn or_default(self) -> &'m mut Value
    where
        Value: Default,
    {
        self.or_insert_with(Value::default)
    }
}

impl<Key, Value> Default for SortedMap<Key, Value> {
    fn default() -> Self {
        SortedMap::new()
    }
}

impl<Key: fmt::Debug, Value: fmt::Debug> fmt::Debug for SortedMap<Key, Value> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self.iter()).finish()
    }
}

impl<Key: Ord + Borrow<Wanted>, Value, Wanted: Ord + ?Sized> Index<&Wanted> for SortedMap<Key, Value> {
    type Output = Value;

    #[expect(clippy::expect_used, reason = "as with the maps of the standard library")]
    fn index(&self, key: &Wanted) -> &Value {
        self.get(key).expect("the key is in the map")
    }
}

impl<Key: Ord, Value> Extend<(Key, Value)> for SortedMap<Key, Value> {
    fn extend<Entries: IntoIterator<Item = (Key, Value)>>(&mut self, entries: Entries) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<Key: Ord, Value> FromIterator<(Key, Value)> for SortedMap<Key, Value> {
    fn from_iter<Entries: IntoIterator<Item = (Key, Value)>>(entries: Entries) -> Self {
        let mut map = SortedMap::new();
        map.extend(entries);
        map
    }
}

impl<Key: Ord, Value, const COUNT: usize> From<[(Key, Value); COUNT]> for SortedMap<Key, Value> {
    fn from(entries: [(Key, Value); COUNT]) -> Self {
        entries.into_iter().collect()
    }
}

impl<Key, Value> IntoIterator for SortedMap<Key, Value> {
    type Item = (Key, Value);
    type IntoIter = std::vec::IntoIter<(Key, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'m, Key, Value> IntoIterator for &'m SortedMap<Key, Value> {
    type Item = (&'m Key, &'m Value);
    type IntoIter = Pairs<'m, Key, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'m, Key, Value> IntoIterator for &'m mut SortedMap<Key, Value> {
    type Item = (&'m Key, &'m mut Value);
    type IntoIter = PairsMut<'m, Key, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<Key: ToJson, Value: ToJson> ToJson for SortedMap<Key, Value> {
    fn write_json(&self, json: &mut Writer) {
        json.entries(&mut self.entries.iter().map(|(key, value)| (key as _, value as _)));
    }
}

#[cfg(feature = "runtime")]
impl<'d, Key, Value> serde::Deserialize<'d> for SortedMap<Key, Value>
where
    Key: serde::Deserialize<'d> + Ord,
    Value: serde::Deserialize<'d>,
{
    fn deserialize<D: serde::Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(std::collections::BTreeMap::<Key, Value>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_in_the_order_of_its_keys() {
        let mut map = SortedMap::from([("c", 3), ("a", 1), ("c", 4)]);
        assert_eq!(map.insert("b", 2), None);
        assert_eq!(map.insert("a", 0), Some(1));
        *map.entry("d").or_insert(5) += 1;
        *map.entry("d").or_default() += 1;
        *map.entry("b").or_default() = 7;
        assert_eq!(map.iter().collect::<Vec<_>>(), [(&"a", &0), (&"b", &7), (&"c", &4), (&"d", &7)]);
        assert_eq!((map.get("c"), map.get("x")), (Some(&4), None));
        assert_eq!((map.remove("a"), map.remove("a")), (Some(0), None));
        map.retain(|_, value| *value == 7);
        assert_eq!(map.keys().collect::<Vec<_>>(), [&"b", &"d"]);
    }
}
