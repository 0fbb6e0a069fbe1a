//! The schemas that mistakes are planted in.

/// Where the lists are: `SCHEMA_NAME.txt`, or `SCHEMA_from_16.txt` and `SCHEMA_until_17.txt` for what other servers take differently. `SCHEMA_schema.txt` holds
/// the tables, `SCHEMA_rows.sql` rows for statements and bodies to work on.
pub const LISTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/planted");

/// A schema, and what the lists of its name need to know of it.
pub struct Schema {
    /// How the names of its lists begin.
    pub name: &'static str,
    /// The table that gets generated columns.
    pub table: &'static str,
    /// The values of its enums, which the language writes as bare words.
    pub values: &'static [&'static str],
}

/// The schemas of the lists.
pub static SCHEMAS: [Schema; 18] = [
    Schema {
        name: "airline",
        table: "ops.legs",
        values: &[
            "economy",
            "premium",
            "business",
            "first",
            "coach",
            "scheduled",
            "boarding",
            "airborne",
            "landed",
            "cancelled",
            "flying",
            "departed",
            "arrived",
        ],
    },
    Schema {
        name: "farm",
        table: "animals",
        values: &[
            "cattle",
            "sheep",
            "goats",
            "pigs",
            "poultry",
            "horses",
            "cows",
            "sown",
            "sprouting",
            "ripe",
            "harvested",
            "fallow",
            "rotten",
            "blooming",
        ],
    },
    Schema {
        name: "theatre",
        table: "tickets",
        values: &["stalls", "circle", "balcony", "standing", "held", "bought", "refunded", "lapsed", "floor", "gone"],
    },
    Schema {
        name: "observatory",
        table: "runs",
        values: &["ultraviolet", "visible", "infrared", "radio", "queued", "exposing", "stored", "failed", "waiting"],
    },
    Schema {
        name: "arena",
        table: "play.matches",
        values: &["bronze", "silver", "gold", "legend", "won", "lost", "drawn", "left_early"],
    },
    Schema {
        name: "archive",
        table: "loans",
        values: &[
            "paper",
            "microfilm",
            "photograph",
            "sound",
            "film",
            "born_digital",
            "asked",
            "handed_out",
            "returned",
            "overdue",
            "written_off",
        ],
    },
    Schema {
        name: "insurance",
        table: "claims",
        values: &["reported", "examined", "approved", "denied", "paid", "liability", "partial", "full", "travel"],
    },
    Schema { name: "clinic", table: "visits", values: &["booked", "arrived", "done", "missed"] },
    Schema { name: "shop", table: "orders", values: &["open", "packed", "sent"] },
    Schema {
        name: "metering",
        table: "invoices",
        values: &["drafted", "issued", "settled", "voided", "daily", "monthly", "yearly"],
    },
    Schema {
        name: "hospital",
        table: "appointments",
        values: &["routine", "urgent", "emergency", "early", "late", "night"],
    },
    Schema {
        name: "chat",
        table: "app.messages",
        values: &["owner", "moderator", "guest", "public_channel", "direct", "broadcast"],
    },
    Schema {
        name: "freight",
        table: "parcels",
        values: &["announced", "collected", "moving", "delivered", "returned", "van", "truck", "bike"],
    },
    Schema {
        name: "library",
        table: "items",
        values: &[
            "available",
            "on_loan",
            "in_transit",
            "lost",
            "withdrawn",
            "adult",
            "child",
            "staff_member",
            "institution",
            "waiting",
            "ready",
            "expired",
            "fulfilled",
            "borrowed",
            "stolen",
            "missing",
            "gone",
            "senior",
        ],
    },
    Schema {
        name: "market",
        table: "trade.orders",
        values: &[
            "buy",
            "sell",
            "hourly",
            "block",
            "spread_block",
            "reserve_band",
            "draft",
            "active",
            "expired_out",
            "withdrawn",
            "wind",
            "solar",
            "gas",
            "nuclear",
            "hydro",
            "coal",
            "hold",
            "filled",
        ],
    },
    Schema {
        name: "registrar",
        table: "sections",
        values: &[
            "autumn",
            "spring",
            "summer",
            "winter",
            "excellent",
            "good",
            "fair",
            "pass",
            "fail",
            "superb",
            "applied",
            "admitted",
            "enrolled",
            "suspended",
            "graduated",
            "expelled",
            "mon",
            "tue",
            "wed",
            "thu",
            "fri",
            "sun",
        ],
    },
    Schema { name: "press", table: "articles", values: &["sketch", "reviewed", "live", "withdrawn"] },
    Schema {
        name: "telecom",
        table: "subs",
        values: &[
            "ordered",
            "active",
            "barred",
            "ported",
            "closed",
            "gsm",
            "umts",
            "lte",
            "nr",
            "incoming",
            "outgoing",
            "minor",
            "major",
            "critical",
            "suspended",
            "open",
            "gone",
            "live",
            "blocked",
            "shut",
            "cdma",
            "low",
        ],
    },
];

impl Schema {
    /// The history that makes its tables.
    pub fn history(&self, major: u32) -> String {
        format!("postgres = {major}, migration \"0001_schema\" {{ {} }}", self.file("schema.txt"))
    }

    /// The text of its file with this end.
    pub fn file(&self, rest: &str) -> String {
        std::fs::read_to_string(format!("{LISTS}/{}_{rest}", self.name)).expect("a file of the schema")
    }
}
