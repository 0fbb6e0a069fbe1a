use std::borrow::Cow;
use std::fmt;

use super::Script;
use crate::adopt::Adoption;
use crate::json::ToJson;

/// A migration as the binary contains it.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Migration {
    /// The version, from the file's name. Migrations apply in its order.
    pub version: i64,
    /// How many zeros precede the version in the file's name.
    #[serde(default)]
    pub leading_zeros: u8,
    /// The name, from the file's name.
    pub name: Cow<'static, str>,
    /// The file, relative to the crate.
    pub file: Cow<'static, str>,
    /// Over the meaning of the source: not its `//` comments, layout or line endings.
    pub checksum: Checksum,
    /// The same without the `///` comments on objects, if there are any: two migrations that differ only in these do
    /// the same.
    #[serde(default)]
    pub identity: Option<Checksum>,
    /// What applies it.
    pub up: Script,
    /// What reverts it.
    pub down: Down,
    /// Its operations as JSON (`Vec<Operation>`), to fold a catalog when one is asked for.
    pub operations: Cow<'static, str>,
    /// What it touches, to decide about versions out of order.
    pub footprint: Footprint,
    /// Whether a binary that does not know it can run with it.
    pub compatibility: Compatibility,
    /// What existed before it, and is taken over with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adoption: Option<Adoption>,
}

impl Migration {
    /// The checksum of what it does, whatever the comments on objects say.
    pub fn identity(&self) -> Checksum {
        self.identity.unwrap_or(self.checksum)
    }
}

/// What reverts a migration.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Down {
    /// These statements.
    Script {
        /// The statements.
        script: Script,
        /// What is not restored, one line each: "the rows of `bookings`".
        #[serde(default, skip_serializing_if = "is_empty")]
        loses: Cow<'static, [Cow<'static, str>]>,
    },
    /// Nothing does; the source says why.
    Irreversible {
        /// The reason given in the source.
        why: Cow<'static, str>,
    },
}

#[expect(clippy::ptr_arg, reason = "the field is handed over as it is")]
fn is_empty(list: &Cow<'static, [Cow<'static, str>]>) -> bool {
    list.is_empty()
}

/// The names of the objects a migration touches.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Footprint {
    /// `table public.bookings`, `type public.booking_status`, ...; sorted, each once.
    pub objects: Cow<'static, [Cow<'static, str>]>,
    /// What must exist without being changed, such as the table that a foreign key references.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub uses: Cow<'static, [Cow<'static, str>]>,
    /// Raw SQL and Rust functions may touch anything.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unknown: bool,
}

impl Footprint {
    /// The first object that one changes and the other changes or uses; `None` when they are disjoint.
    pub fn overlap<'f>(&'f self, other: &'f Footprint) -> Option<&'f str> {
        let changed = |one: &'f Footprint, other: &'f Footprint| {
            one.objects.iter().find(|object| other.objects.contains(object) || other.uses.contains(object))
        };
        if let Some(object) = changed(self, other).or_else(|| changed(other, self)) {
            return Some(object);
        }
        (self.unknown || other.unknown).then_some("raw SQL or a Rust function")
    }
}

/// Whether a binary that does not know a migration can run on a database that has it.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum Compatibility {
    /// Queries of the older binary keep working.
    Compatible,
    /// They may not; one line each for the reasons.
    Breaking(Cow<'static, [Cow<'static, str>]>),
}

/// SHA-256 of the canonical source of a migration.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(into = "String", try_from = "String")]
pub struct Checksum(pub [u8; 32]);

impl Checksum {
    /// The checksum of a text.
    pub fn of(text: &str) -> Self {
        Checksum(hmac_sha256::Hash::hash(text.as_bytes()))
    }

    /// The checksum of everything up to and including one more migration: what a database that has exactly these
    /// migrations stores in its last row, so that one row tells whether anything is to do.
    ///
    /// What goes in is SHA-256 already, so mixing is enough, and cheap also where a macro does it unoptimized. Each step is a bijection of the chain before
    /// and of the checksum, so that no single change is lost.
    pub fn chain(self, version: i64, checksum: Checksum) -> Self {
        // Odd, hence invertible; from the fraction of the golden ratio.
        const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut mixed = [0; 4];
        let mut carry = version.cast_unsigned().wrapping_mul(FACTOR);
        for ((mixed, before), input) in mixed.iter_mut().zip(self.lanes()).zip(checksum.lanes()) {
            carry = carry.wrapping_add(before ^ input).wrapping_mul(FACTOR).rotate_left(29);
            *mixed = carry;
        }
        // The first ones hear of the last one, too.
        let [a, b, c, d] = mixed;
        let lanes = [a ^ d.rotate_left(17), b ^ d.rotate_left(31), c ^ d.rotate_left(47), d];
        let mut bytes = [0; 32];
        for (bytes, lane) in bytes.chunks_exact_mut(8).zip(lanes) {
            bytes.copy_from_slice(&lane.to_be_bytes());
        }
        Checksum(bytes)
    }

    fn lanes(self) -> [u64; 4] {
        let mut lanes = [0; 4];
        for (lane, bytes) in lanes.iter_mut().zip(self.0.as_chunks::<8>().0) {
            *lane = u64::from_be_bytes(*bytes);
        }
        lanes
    }

    /// The chain of no migrations.
    pub const EMPTY: Checksum = Checksum([0; 32]);

    /// Reads 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digit = |digit: u8| Some(char::from(digit).to_digit(16)? as u8);
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let pairs: &[_; 32] = pairs.try_into().ok().filter(|_| rest.is_empty())?;
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Checksum(bytes))
    }

    /// The first digits, for people.
    pub fn short(&self) -> String {
        self.to_string().chars().take(12).collect()
    }
}

impl From<Checksum> for String {
    fn from(checksum: Checksum) -> String {
        checksum.to_string()
    }
}

impl TryFrom<String> for Checksum {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Checksum, &'static str> {
        Checksum::from_hex(&text).ok_or("a checksum is 64 hexadecimal digits")
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Checksum({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_reads_what_it_writes() {
        let checksum = Checksum::of("create table t {}");
        assert_eq!(Checksum::from_hex(&checksum.to_string()), Some(checksum));
        let digits = "0123456789abcdef".repeat(4);
        assert!(Checksum::from_hex(&digits).is_some());
        for wrong in
            [&digits[1..], &format!("{digits}0"), &digits.replace('f', "g"), &digits.replacen("01", "é", 1), ""]
        {
            assert_eq!(Checksum::from_hex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn footprints_of_different_tables_are_disjoint() {
        let one = Footprint { objects: vec!["table public.a".into()].into(), ..Footprint::default() };
        let two = Footprint { objects: vec!["table public.b".into()].into(), ..Footprint::default() };
        let user = Footprint { uses: vec!["table public.a".into()].into(), ..Footprint::default() };
        assert_eq!(one.overlap(&two), None);
        assert_eq!(user.overlap(&user), None);
        assert_eq!(one.overlap(&user), Some("table public.a"));
        assert_eq!(one.overlap(&one), Some("table public.a"));
    }
}
