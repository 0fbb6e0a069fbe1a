//! A map that copies of a catalog share.

use std::borrow::Borrow;
use std::sync::Arc;

use crate::json::{ToJson, Writer};
#[cfg(feature = "runtime")]
use serde::{Deserialize, Deserializer};

/// Values by their names or other keys, in the order of these.
///
/// A catalog is copied for each look ahead, and its tables are walked through several times for each operation, in macros
/// that are not optimized. So it is a sorted list that copies share: a copy is one count, a step of a walk is one of a slice.
/// To insert or remove moves what stands behind; a catalog has thousands of tables, not millions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedMap<Key, Value> {
    entries: Arc<Vec<(Arc<Key>, Value)>>,
}

impl<Key, Value> Default for SharedMap<Key, Value> {
    fn default() -> Self {
        SharedMap { entries: Arc::default() }
    }
}

impl<Key: Ord + Clone, Value: Clone> SharedMap<Key, Value> {
    fn find<Wanted: Ord + ?Sized>(&self, key: &Wanted) -> Result<usize, usize>
    where
        Key: Borrow<Wanted>,
    {
        self.entries.binary_search_by(|(known, _)| (**known).borrow().cmp(key))
    }

    fn entries_mut(&mut self) -> &mut Vec<(Arc<Key>, Value)> {
        Arc::make_mut(&mut self.entries)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of that key.
    pub fn get<Wanted: Ord + ?Sized>(&self, key: &Wanted) -> Option<&Value>
    where
        Key: Borrow<Wanted>,
    {
        self.get_key_value(key).map(|(_, value)| value)
    }

    /// The key as it is kept here, and its value.
    pub fn get_key_value<Wanted: Ord + ?Sized>(&self, key: &Wanted) -> Option<(&Key, &Value)>
    where
        Key: Borrow<Wanted>,
    {
        self.entry(key).map(|(key, value)| (&**key, value))
    }

    /// The value of that key, to change it.
    pub fn get_mut<Wanted: Ord + ?Sized>(&mut self, key: &Wanted) -> Option<&mut Value>
    where
        Key: Borrow<Wanted>,
    {
        self.entry_mut(key).map(|(_, value)| value)
    }

    /// Whether there is one of that key.
    pub fn contains_key<Wanted: Ord + ?Sized>(&self, key: &Wanted) -> bool
    where
        Key: Borrow<Wanted>,
    {
        self.find(key).is_ok()
    }

    /// Sets the value of that key, and gives the one it had.
    pub fn insert(&mut self, key: Key, value: Value) -> Option<Value> {
        match self.find(&key) {
            Ok(index) => self.entries_mut().get_mut(index).map(|(_, known)| std::mem::replace(known, value)),
            Err(index) => {
                self.entries_mut().insert(index, (Arc::new(key), value));
                None
            }
        }
    }

    /// Removes the value of that key.
    pub fn remove<Wanted: Ord + ?Sized>(&mut self, key: &Wanted) -> Option<Value>
    where
        Key: Borrow<Wanted>,
    {
        self.remove_entry(key).map(|(_, value)| value)
    }

    /// The key as copies share it, and its value.
    pub(super) fn entry<Wanted: Ord + ?Sized>(&self, key: &Wanted) -> Option<&(Arc<Key>, Value)>
    where
        Key: Borrow<Wanted>,
    {
        self.entries.get(self.find(key).ok()?)
    }

    /// The same, to change the value.
    pub(super) fn entry_mut<Wanted: Ord + ?Sized>(&mut self, key: &Wanted) -> Option<(&Arc<Key>, &mut Value)>
    where
        Key: Borrow<Wanted>,
    {
        let index = self.find(key).ok()?;
        self.entries_mut().get_mut(index).map(|(key, value)| (&*key, value))
    }

    /// Removes the value of that key, and gives the key as it was kept here.
    pub(super) fn remove_entry<Wanted: Ord + ?Sized>(&mut self, key: &Wanted) -> Option<(Arc<Key>, Value)>
    where
        Key: Borrow<Wanted>,
    {
        let index = self.find(key).ok()?;
        Some(self.entries_mut().remove(index))
    }

    /// The keys as they are kept here, and their values.
    pub(super) fn entries(&self) -> std::slice::Iter<'_, (Arc<Key>, Value)> {
        self.entries.iter()
    }

    /// Leaves those that are to be kept.
    pub fn retain(&mut self, mut is_kept: impl FnMut(&Key, &mut Value) -> bool) {
        self.entries_mut().retain_mut(|(key, value)| is_kept(key, value));
    }

    /// The keys from that one on, and their values.
    pub fn iter_from<Wanted: Ord + ?Sized>(&self, first: &Wanted) -> Iter<'_, Key, Value>
    where
        Key: Borrow<Wanted>,
    {
        let start = self.find(first).unwrap_or_else(|index| index);
        Iter(self.entries.get(start..).unwrap_or_default().iter())
    }

    /// The keys and values in the order of the keys.
    pub fn iter(&self) -> Iter<'_, Key, Value> {
        Iter(self.entries.iter())
    }

    /// The same, to change the values.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Key, &mut Value)> {
        self.entries_mut().iter_mut().map(|(key, value)| (&**key, value))
    }

    /// The keys in their order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Key> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(key, _)| &**key)
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(_, value)| value)
    }

    /// The same, to change them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.entries_mut().iter_mut().map(|(_, value)| value)
    }
}

impl<Key: Ord + Clone, Value: Clone> FromIterator<(Key, Value)> for SharedMap<Key, Value> {
    fn from_iter<Pairs: IntoIterator<Item = (Key, Value)>>(pairs: Pairs) -> Self {
        let mut map = SharedMap::default();
        map.extend(pairs);
        map
    }
}

impl<Key: Ord + Clone, Value: Clone> Extend<(Key, Value)> for SharedMap<Key, Value> {
    fn extend<Pairs: IntoIterator<Item = (Key, Value)>>(&mut self, pairs: Pairs) {
        for (key, value) in pairs {
            self.insert(key, value);
        }
    }
}

impl<Key: Ord + Clone, Value: Clone> IntoIterator for SharedMap<Key, Value> {
    type Item = (Key, Value);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        let entries = Arc::unwrap_or_clone(self.entries).into_iter();
        let pairs: Vec<_> = entries.map(|(key, value)| (Arc::unwrap_or_clone(key), value)).collect();
        pairs.into_iter()
    }
}

impl<'map, Key: Ord + Clone, Value: Clone> IntoIterator for &'map SharedMap<Key, Value> {
    type Item = (&'map Key, &'map Value);
    type IntoIter = Iter<'map, Key, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The keys and values of a [`SharedMap`].
#[derive(Debug)]
pub struct Iter<'map, Key, Value>(std::slice::Iter<'map, (Arc<Key>, Value)>);

impl<'map, Key, Value> Iterator for Iter<'map, Key, Value> {
    type Item = (&'map Key, &'map Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (&**key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<Key, Value> DoubleEndedIterator for Iter<'_, Key, Value> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(key, value)| (&**key, value))
    }
}

impl<Key, Value> ExactSizeIterator for Iter<'_, Key, Value> {}

impl<Key, Value> Clone for Iter<'_, Key, Value> {
    fn clone(&self) -> Self {
        Iter(self.0.clone())
    }
}

impl<Key: ToJson + Ord + Clone, Value: ToJson + Clone> ToJson for SharedMap<Key, Value> {
    fn write_json(&self, json: &mut Writer) {
        json.entries(&mut self.iter().map(|(key, value)| (key as _, value as _)));
    }
}

#[cfg(feature = "runtime")]
impl<'d, Key: Deserialize<'d> + Ord + Clone, Value: Deserialize<'d> + Clone> Deserialize<'d> for SharedMap<Key, Value> {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        let map = std::collections::BTreeMap::<Key, Value>::deserialize(deserializer)?;
        Ok(map.into_iter().collect())
    }
}
