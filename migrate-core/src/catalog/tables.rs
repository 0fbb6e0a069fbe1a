//! The tables of a catalog, and which of them depend on one another.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use super::{SharedMap, Table};
use crate::json::{ToJson, Writer};
use crate::name::QualifiedName;
use crate::sorted::SortedSet;

/// Tables by their names.
///
/// It keeps which table depends on which other relation: by a foreign key, as a partition, since it inherits, or since an
/// expression or the type of a column names it. Nearly each operation asks for that, and a look at all tables for it would be most of the time of folding
/// a history.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    map: SharedMap<QualifiedName, Arc<Table>>,
    /// In their order.
    ties: Arc<Vec<Tie>>,
    pending: Pending,
}

/// That a table depends on another relation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Tie {
    to: Arc<QualifiedName>,
    /// As the map keeps it, so that it is known without reading it.
    from: Arc<QualifiedName>,
    /// Whether it is below the other one: a partition, or one that inherits. A partitioned table is below itself.
    is_below: bool,
}

/// The tables whose ties may have changed: they were handed out to be changed.
#[derive(Clone, Debug, Default)]
enum Pending {
    #[default]
    None,
    One(Arc<QualifiedName>),
    All,
}

impl Tables {
    /// The table of that name, to change it.
    pub fn get_mut(&mut self, name: &QualifiedName) -> Option<&mut Arc<Table>> {
        self.settle();
        let (name, table) = self.map.entry_mut(name)?;
        self.pending = Pending::One(Arc::clone(name));
        Some(table)
    }

    /// All of them, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&QualifiedName, &mut Arc<Table>)> {
        self.pending = Pending::All;
        self.map.iter_mut()
    }

    /// Sets the table of that name.
    pub fn insert(&mut self, name: QualifiedName, table: Arc<Table>) {
        self.settle();
        self.map.insert(name.clone(), table);
        self.pending = self.map.entry(&name).map_or(Pending::All, |(name, _)| Pending::One(Arc::clone(name)));
    }

    /// Removes the table of that name.
    pub fn remove(&mut self, name: &QualifiedName) -> Option<Arc<Table>> {
        self.settle();
        let (name, table) = self.map.remove_entry(name)?;
        if self.ties.iter().any(|tie| Arc::ptr_eq(&tie.from, &name)) {
            Arc::make_mut(&mut self.ties).retain(|tie| !Arc::ptr_eq(&tie.from, &name));
        }
        Some(table)
    }

    /// Leaves those that are to be kept.
    pub fn retain(&mut self, is_kept: impl FnMut(&QualifiedName, &mut Arc<Table>) -> bool) {
        self.pending = Pending::All;
        self.map.retain(is_kept);
    }

    /// Notes what tables depend on that were changed. It would be worked out at each question until then.
    pub fn settle(&mut self) {
        let changed = match self.ties() {
            Cow::Owned(ties) => Some(ties),
            Cow::Borrowed(_) => None,
        };
        if let Some(ties) = changed {
            self.ties = Arc::new(ties);
        }
        self.pending = Pending::None;
    }

    /// The tables that depend on a relation directly, by name; a table is among them where it references itself, or is partitioned.
    pub fn dependents(&self, name: &QualifiedName) -> Vec<(&QualifiedName, &Table)> {
        let ties = self.ties();
        let start = ties.partition_point(|tie| *tie.to < *name);
        let names = ties.iter().skip(start).take_while(|tie| *tie.to == *name).map(|tie| &tie.from);
        let mut found: Vec<(&QualifiedName, &Table)> = Vec::new();
        for from in names {
            if let Some((from, table)) = self.map.get_key_value(&**from)
                && found.last().is_none_or(|(last, _)| *last != from)
            {
                found.push((from, table));
            }
        }
        found
    }

    /// The tables that have others below them, or may get some.
    pub fn above_others(&self) -> SortedSet<QualifiedName> {
        self.ties().iter().filter(|tie| tie.is_below).map(|tie| (*tie.to).clone()).collect()
    }

    /// A table that only one of them has, or that is not the same in both. They are walked along together: this is asked for each
    /// migration, and nearly all tables are shared.
    pub fn difference<'t>(&'t self, other: &'t Tables) -> Option<&'t QualifiedName> {
        let (mut here, mut there) = (self.map.entries(), other.map.entries());
        loop {
            match (here.next(), there.next()) {
                (None, None) => return None,
                (Some((name, one)), Some((other_name, other))) => {
                    if Arc::ptr_eq(one, other) && Arc::ptr_eq(name, other_name) {
                        continue;
                    }
                    if name != other_name {
                        return Some(name.min(other_name));
                    }
                    if !Arc::ptr_eq(one, other) && !one.same_as(other) {
                        return Some(name);
                    }
                }
                (Some((name, _)), None) | (None, Some((name, _))) => return Some(name),
            }
        }
    }

    /// Which tables depend on which.
    fn ties(&self) -> Cow<'_, [Tie]> {
        match &self.pending {
            Pending::None => Cow::Borrowed(&self.ties),
            Pending::One(name) => {
                let of = self.map.entry(&**name).map_or_else(Vec::new, |(name, table)| ties_of(name, table));
                if !self.has_changed(name, &of) {
                    return Cow::Borrowed(&self.ties);
                }
                let others = self.ties.iter().filter(|tie| !Arc::ptr_eq(&tie.from, name));
                let mut ties: Vec<Tie> = others.cloned().chain(of).collect();
                ties.sort_unstable();
                Cow::Owned(ties)
            }
            Pending::All => {
                let mut ties: Vec<Tie> = self.map.entries().flat_map(|(name, table)| ties_of(name, table)).collect();
                ties.sort_unstable();
                Cow::Owned(ties)
            }
        }
    }

    /// Whether these are not the ties of a table that are noted. After each operation: a loop costs least.
    fn has_changed(&self, name: &Arc<QualifiedName>, ties: &[Tie]) -> bool {
        let mut left = ties.iter();
        for tie in self.ties.as_slice() {
            if Arc::ptr_eq(&tie.from, name) && left.next() != Some(tie) {
                return true;
            }
        }
        left.next().is_some()
    }
}

/// What a table depends on, in its order.
fn ties_of(from: &Arc<QualifiedName>, table: &Table) -> Vec<Tie> {
    let named = table.named();
    let keys = table.foreign_keys().map(|(_, key)| &key.table).chain(&named).map(|name| (name, false));
    let above = table.partition_of.iter().map(|of| &of.parent).chain(&table.inherits);
    let itself = table.partitioning.iter().map(|_| &**from);
    let all = keys.chain(above.chain(itself).map(|name| (name, true)));
    let mut ties: Vec<Tie> =
        all.map(|(to, is_below)| Tie { to: Arc::new(to.clone()), from: Arc::clone(from), is_below }).collect();
    ties.sort_unstable();
    ties.dedup();
    ties
}

impl Deref for Tables {
    type Target = SharedMap<QualifiedName, Arc<Table>>;

    fn deref(&self) -> &Self::Target {
        &self.map
    }
}

/// What they depend on follows from what they are.
impl PartialEq for Tables {
    fn eq(&self, other: &Self) -> bool {
        self.map == other.map
    }
}

impl Eq for Tables {}

impl FromIterator<(QualifiedName, Arc<Table>)> for Tables {
    fn from_iter<Pairs: IntoIterator<Item = (QualifiedName, Arc<Table>)>>(pairs: Pairs) -> Self {
        let mut tables = Tables { map: pairs.into_iter().collect(), ties: Arc::default(), pending: Pending::All };
        tables.settle();
        tables
    }
}

impl<'tables> IntoIterator for &'tables Tables {
    type Item = (&'tables QualifiedName, &'tables Arc<Table>);
    type IntoIter = super::shared_map::Iter<'tables, QualifiedName, Arc<Table>>;

    fn into_iter(self) -> Self::IntoIter {
        self.map.iter()
    }
}

impl IntoIterator for Tables {
    type Item = (QualifiedName, Arc<Table>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.map.into_iter()
    }
}

impl ToJson for Tables {
    fn write_json(&self, json: &mut Writer) {
        self.map.write_json(json);
    }
}

#[cfg(feature = "runtime")]
impl<'d> serde::Deserialize<'d> for Tables {
    fn deserialize<D: serde::Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(SharedMap::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ConstraintKind;
    use crate::operation::testing::{catalog, name};

    #[test]
    fn what_depends_on_a_table_is_known_after_each_change() {
        let mut tables = catalog().tables;
        let names = |tables: &Tables| -> Vec<String> {
            tables.dependents(&name("users")).iter().map(|(name, _)| name.to_string()).collect()
        };
        assert_eq!(names(&tables), ["bookings"]);
        let bookings = tables.get_mut(&name("bookings")).map(Arc::make_mut).unwrap();
        bookings.constraints.retain(|_, constraint| !matches!(constraint.kind, ConstraintKind::ForeignKey(_)));
        assert!(names(&tables).is_empty());
        tables.settle();
        assert!(names(&tables).is_empty());
        let bookings = tables.get_mut(&name("bookings")).map(Arc::make_mut).unwrap();
        bookings.inherits.push(name("users"));
        assert_eq!(names(&tables), ["bookings"]);
        assert_eq!(tables.above_others(), SortedSet::from([name("users")]));
        tables.remove(&name("bookings"));
        assert!(names(&tables).is_empty() && tables.above_others().is_empty());
    }
}
