migration "0001_enum" {
    /// Unused.
    create enum color { red, green }
}
migration "0002_drop" { drop enum color; }
