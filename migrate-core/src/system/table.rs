//! Looking into the bytes of `catalog.bin`. They are searched as they are: nothing is read when a program starts, and
//! nothing is allocated.

use super::layout::{MAGIC, NOTHING, SECTIONS};

static DATA: &[u8] = include_bytes!("catalog.bin");

/// Records of one width, sorted.
#[derive(Clone, Copy)]
pub(super) struct Table {
    section: usize,
    width: usize,
}

pub(super) const NAMES: Table = Table { section: 0, width: 1 };
pub(super) const EXTENSIONS: Table = Table { section: 1, width: 12 };
pub(super) const TYPES: Table = Table { section: 2, width: 16 };
pub(super) const TYPES_BY_NAME: Table = Table { section: 3, width: 2 };
pub(super) const TYPE_LISTS: Table = Table { section: 4, width: 2 };
pub(super) const NAME_LISTS: Table = Table { section: 5, width: 4 };
pub(super) const COLUMNS: Table = Table { section: 6, width: 6 };
pub(super) const FUNCTIONS: Table = Table { section: 7, width: 21 };
pub(super) const OPERATORS: Table = Table { section: 8, width: 13 };
pub(super) const CASTS: Table = Table { section: 9, width: 9 };
pub(super) const OPERATOR_CLASSES: Table = Table { section: 10, width: 13 };
pub(super) const COLLATIONS: Table = Table { section: 11, width: 6 };

impl Table {
    /// Where the section begins, and how many records it has.
    fn bounds(self) -> (usize, usize) {
        let header = MAGIC.len() + self.section * 8;
        debug_assert!(self.section < SECTIONS);
        (number32(DATA, header) as usize, number32(DATA, header + 4) as usize)
    }

    /// How many records there are.
    pub(super) fn len(self) -> usize {
        self.bounds().1
    }

    /// A record; empty where there is none.
    pub(super) fn record(self, index: usize) -> Record {
        let (start, count) = self.bounds();
        let offset = start + index * self.width;
        let bytes = if index < count { DATA.get(offset..offset + self.width) } else { None };
        Record(bytes.unwrap_or_default())
    }

    /// The first record for which `is_before` does not hold: it must hold for those up to one, and for no later one.
    pub(super) fn partition_point(self, is_before: impl Fn(Record) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(self.record(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The indexes of the records whose first name is this one.
    pub(super) fn named(self, name: &str) -> std::ops::Range<usize> {
        let start = self.partition_point(|record| record.name(0) < name);
        let mut end = start;
        while end < self.len() && self.record(end).name(0) == name {
            end += 1;
        }
        start..end
    }
}

/// The bytes of one record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record(&'static [u8]);

impl Record {
    pub(super) fn byte(self, offset: usize) -> u8 {
        self.0.get(offset).copied().unwrap_or_default()
    }

    pub(super) fn number16(self, offset: usize) -> u16 {
        match self.0.get(offset..offset + 2) {
            Some([low, high]) => u16::from_le_bytes([*low, *high]),
            _ => NOTHING,
        }
    }

    /// The name that is referred to.
    pub(super) fn name(self, offset: usize) -> &'static str {
        let reference = number32(self.0, offset) as usize;
        let start = NAMES.bounds().0 + (reference >> 8);
        let bytes = DATA.get(start..start + (reference & 0xff)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

fn number32(bytes: &[u8], offset: usize) -> u32 {
    match bytes.get(offset..offset + 4) {
        Some([one, two, three, four]) => u32::from_le_bytes([*one, *two, *three, *four]),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sections_fill_the_file() {
        assert!(DATA.starts_with(&MAGIC));
        let tables = [
            NAMES,
            EXTENSIONS,
            TYPES,
            TYPES_BY_NAME,
            TYPE_LISTS,
            NAME_LISTS,
            COLUMNS,
            FUNCTIONS,
            OPERATORS,
            CASTS,
            OPERATOR_CLASSES,
            COLLATIONS,
        ];
        assert_eq!(tables.len(), SECTIONS);
        let mut end = MAGIC.len() + SECTIONS * 8;
        for (section, table) in tables.into_iter().enumerate() {
            assert_eq!(table.section, section);
            assert_eq!(table.bounds().0, end, "section {section}");
            end += table.len() * table.width;
        }
        assert_eq!(end, DATA.len());
    }

    #[test]
    fn the_tables_stay_small() {
        assert!(DATA.len() < 500_000, "{} bytes", DATA.len());
    }
}
