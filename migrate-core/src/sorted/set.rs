use std::borrow::Borrow;
use std::fmt;

use crate::json::{ToJson, Writer};

/// Different items, in order.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SortedSet<Item> {
    items: Vec<Item>,
}

impl<Item> SortedSet<Item> {
    /// One without items.
    pub const fn new() -> Self {
        SortedSet { items: Vec::new() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Removes all.
    pub fn clear(&mut self) {
        self.items.clear();
    }

    /// The items, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Item> {
        self.items.iter()
    }

    /// The first one.
    pub fn first(&self) -> Option<&Item> {
        self.items.first()
    }

    /// The last one.
    pub fn last(&self) -> Option<&Item> {
        self.items.last()
    }

    /// Takes the first one out.
    pub fn pop_first(&mut self) -> Option<Item> {
        (!self.items.is_empty()).then(|| self.items.remove(0))
    }

    /// Leaves what a condition holds for.
    pub fn retain(&mut self, holds: impl FnMut(&Item) -> bool) {
        self.items.retain(holds);
    }
}

impl<Item: Ord> SortedSet<Item> {
    /// Where an item is, or would be.
    fn find<Wanted: Ord + ?Sized>(&self, item: &Wanted) -> Result<usize, usize>
    where
        Item: Borrow<Wanted>,
    {
        self.items.binary_search_by(|known| known.borrow().cmp(item))
    }

    /// Whether an item is in it.
    pub fn contains<Wanted: Ord + ?Sized>(&self, item: &Wanted) -> bool
    where
        Item: Borrow<Wanted>,
    {
        self.find(item).is_ok()
    }

    /// The item as it is kept here.
    pub fn get<Wanted: Ord + ?Sized>(&self, item: &Wanted) -> Option<&Item>
    where
        Item: Borrow<Wanted>,
    {
        self.items.get(self.find(item).ok()?)
    }

    /// Enters an item, and answers whether it is new.
    pub fn insert(&mut self, item: Item) -> bool {
        match self.find(&item) {
            Ok(_) => false,
            Err(place) => {
                self.items.insert(place, item);
                true
            }
        }
    }

    /// Removes an item, and answers whether it was there.
    pub fn remove<Wanted: Ord + ?Sized>(&mut self, item: &Wanted) -> bool
    where
        Item: Borrow<Wanted>,
    {
        self.take(item).is_some()
    }

    /// Takes an item out.
    pub fn take<Wanted: Ord + ?Sized>(&mut self, item: &Wanted) -> Option<Item>
    where
        Item: Borrow<Wanted>,
    {
        let found = self.find(item).ok()?;
        Some(self.items.remove(found))
    }

    /// The items that another set does not have.
    pub fn difference<'s>(&'s self, other: &'s Self) -> impl Iterator<Item = &'s Item> + Clone {
        self.items.iter().filter(|item| !other.contains(*item))
    }

    /// The items that another set has, too.
    pub fn intersection<'s>(&'s self, other: &'s Self) -> impl Iterator<Item = &'s Item> + Clone {
        self.items.iter().filter(|item| other.contains(*item))
    }

    /// Whether another set has all items.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.items.iter().all(|item| other.contains(item))
    }

    /// Whether another set has none of the items.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        !self.items.iter().any(|item| other.contains(item))
    }
}

impl<Item> Default for SortedSet<Item> {
    fn default() -> Self {
        SortedSet::new()
    }
}

impl<Item: fmt::Debug> fmt::Debug for SortedSet<Item> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(&self.items).finish()
    }
}

impl<Item: Ord> Extend<Item> for SortedSet<Item> {
    fn extend<Items: IntoIterator<Item = Item>>(&mut self, items: Items) {
        for item in items {
            self.insert(item);
        }
    }
}

impl<Item: Ord> FromIterator<Item> for SortedSet<Item> {
    fn from_iter<Items: IntoIterator<Item = Item>>(items: Items) -> Self {
        let mut set = SortedSet::new();
        set.extend(items);
        set
    }
}

impl<Item: Ord, const COUNT: usize> From<[Item; COUNT]> for SortedSet<Item> {
    fn from(items: [Item; COUNT]) -> Self {
        items.into_iter().collect()
    }
}

impl<Item> IntoIterator for SortedSet<Item> {
    type Item = Item;
    type IntoIter = std::vec::IntoIter<Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'s, Item> IntoIterator for &'s SortedSet<Item> {
    type Item = &'s Item;
    type IntoIter = std::slice::Iter<'s, Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<Item: ToJson> ToJson for SortedSet<Item> {
    fn write_json(&self, json: &mut Writer) {
        self.items.write_json(json);
    }
}

#[cfg(feature = "runtime")]
impl<'d, Item: serde::Deserialize<'d> + Ord> serde::Deserialize<'d> for SortedSet<Item> {
    fn deserialize<D: serde::Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_each_item_once_and_in_order() {
        let mut set = SortedSet::from([3, 1, 3, 2]);
        assert_eq!((set.insert(2), set.insert(0), set.remove(&3), set.remove(&3)), (false, true, true, false));
        assert_eq!(set.iter().collect::<Vec<_>>(), [&0, &1, &2]);
        let other = SortedSet::from([2, 5]);
        assert_eq!(set.difference(&other).collect::<Vec<_>>(), [&0, &1]);
        assert_eq!(set.intersection(&other).collect::<Vec<_>>(), [&2]);
        assert!(!set.is_subset(&other) && !set.is_disjoint(&other) && SortedSet::from([5]).is_subset(&other));
        assert_eq!((set.pop_first(), set.first(), set.last()), (Some(0), Some(&1), Some(&2)));
    }
}
