//! Looking into the bytes of `catalog.bin`. They are searched as they are: nothing is read when a program starts, and
//! nothing is allocated.

use super::layout::{MAGIC, NOTHING, SECTIONS};

static DATA: &[u8] = include_bytes!("catalog.bin");

/// Records of one width, sorted.
#[derive(Clone, Copy)]
pub(super) struct Table {
    /// Where the section begins.
    start: usize,
    /// How many records it has.
    count: usize,
    width: usize,
}

pub(super) const NAMES: Table = Table::of(0, 1);
pub(super) const EXTENSIONS: Table = Table::of(1, 12);
pub(super) const TYPES: Table = Table::of(2, 16);
pub(super) const TYPES_BY_NAME: Table = Table::of(3, 2);
pub(super) const TYPE_LISTS: Table = Table::of(4, 2);
pub(super) const NAME_LISTS: Table = Table::of(5, 4);
pub(super) const COLUMNS: Table = Table::of(6, 6);
pub(super) const FUNCTIONS: Table = Table::of(7, 21);
pub(super) const OPERATORS: Table = Table::of(8, 13);
pub(super) const CASTS: Table = Table::of(9, 9);
pub(super) const OPERATOR_CLASSES: Table = Table::of(10, 13);
pub(super) const COLLATIONS: Table = Table::of(11, 6);

impl Table {
    /// A section, which is found while this is compiled.
    const fn of(section: usize, width: usize) -> Table {
        assert!(section < SECTIONS);
        let header = MAGIC.len() + section * 8;
        Table { start: constant32(header), count: constant32(header + 4), width }
    }

    /// How many records there are.
    pub(super) fn len(self) -> usize {
        self.count
    }

    /// A record; empty where there is none.
    pub(super) fn record(self, index: usize) -> Record {
        let offset = self.start + index * self.width;
        let bytes = if index < self.count { DATA.get(offset..offset + self.width) } else { None };
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
        let first = self.record(start);
        let mut end = start;
        if first.name(0) == name {
            // Each name is there once.
            let reference = first.number32(0);
            while end < self.len() && self.record(end).number32(0) == reference {
                end += 1;
            }
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

    fn number32(self, offset: usize) -> u32 {
        match self.0.get(offset..offset + 4) {
            Some([one, two, three, four]) => u32::from_le_bytes([*one, *two, *three, *four]),
            _ => 0,
        }
    }

    /// The name that is referred to.
    pub(super) fn name(self, offset: usize) -> &'static str {
        let reference = self.number32(offset) as usize;
        let start = NAMES.start + (reference >> 8);
        let bytes = DATA.get(start..start + (reference & 0xff)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

/// A number of the header.
const fn constant32(offset: usize) -> usize {
    let bytes = include_bytes!("catalog.bin");
    u32::from_le_bytes([bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]]) as usize
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
            assert_eq!(table.start, end, "section {section}");
            end += table.len() * table.width;
        }
        assert_eq!(end, DATA.len());
    }

    #[test]
    fn the_tables_stay_small() {
        assert!(DATA.len() < 500_000, "{} bytes", DATA.len());
    }
}
