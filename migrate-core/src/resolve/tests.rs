use super::*;

struct Example;

impl Surroundings for Example {
    fn major(&self) -> u32 {
        14
    }

    fn column(&self, parts: &[String]) -> Option<Type> {
        let text = match parts.last()?.as_str() {
            "id" => "bigint",
            "n" => "int",
            "small" => "smallint",
            "price" => "numeric(10,2)",
            "ratio" => "float8",
            "name" => "text",
            "code" => "varchar(10)",
            "flag" => "boolean",
            "day" => "date",
            "made" => "timestamptz",
            "at" => "timestamp",
            "span" => "interval",
            "data" => "jsonb",
            "tags" => "text[]",
            "numbers" => "int[]",
            "token" => "uuid",
            "address" => "inet",
            "during" => "tstzrange",
            "mood" => "mood",
            "email" => "email",
            "vector" => "tsvector",
            "open" => "hidden",
            "place" => "point",
            _ => return None,
        };
        text.parse().ok()
    }

    fn named_type(&self, name: &QualifiedName) -> NamedType {
        match name.name.as_str() {
            "mood" => NamedType::Enum,
            "email" => NamedType::Domain(Type::TEXT),
            _ => NamedType::Other,
        }
    }

    fn has_extension(&self, name: &str) -> bool {
        name == "pg_trgm"
    }

    fn functions(&self, schema: &str, name: &str) -> Vec<OwnFunction> {
        let argument = |text: &str| (text.parse().unwrap(), None);
        if schema == "public" && name.starts_with("twice") {
            return twice(name);
        }
        if (schema, name) != ("public", "overdue") {
            return Vec::new();
        }
        vec![OwnFunction {
            name: name.into(),
            arguments: vec![argument("timestamptz"), argument("interval")],
            defaults: 1,
            is_variadic: false,
            result: Type::BOOLEAN,
            returns_set: false,
            volatility: Volatility::Stable,
            kind: FunctionKind::Function,
            aggregate_kind: crate::system::AggregateKind::Normal,
        }]
    }

    fn may_have_function(&self, _: Option<&str>, name: &str) -> bool {
        name == "of_raw_sql"
    }

    fn may_have_operator(&self, _: Option<&str>, _: &str) -> bool {
        false
    }

    fn may_have_casts(&self) -> bool {
        false
    }
}

/// Functions of one name that take the same where something is left off.
fn twice(name: &str) -> Vec<OwnFunction> {
    let function = |arguments: &[(&str, &str)], defaults: usize, is_variadic: bool| OwnFunction {
        name: name.to_owned(),
        arguments: arguments
            .iter()
            .map(|(name, data_type)| (data_type.parse().unwrap(), Some((*name).to_owned())))
            .collect(),
        defaults,
        is_variadic,
        result: Type::BOOLEAN,
        returns_set: false,
        volatility: Volatility::Stable,
        kind: FunctionKind::Function,
        aggregate_kind: crate::system::AggregateKind::Normal,
    };
    match name {
        "twice" => vec![
            function(&[("a", "text"), ("b", "text")], 0, false),
            function(&[("a", "text"), ("b", "text"), ("c", "int")], 1, false),
        ],
        "twice_named" => {
            vec![function(&[("a", "int"), ("b", "text")], 0, false), function(&[("b", "text"), ("a", "int")], 0, false)]
        }
        "twice_variadic" => vec![function(&[("a", "int")], 0, false), function(&[("a", "int[]")], 0, true)],
        _ => Vec::new(),
    }
}

fn resolved(text: &str) -> Resolution {
    resolve(&text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}")), &Example)
}

fn type_of(text: &str) -> String {
    let resolution = resolved(text);
    assert!(resolution.mistakes.is_empty(), "{text}: {:?}", resolution.mistakes);
    resolution.data_type.map_or_else(|| "?".to_owned(), |data_type| data_type.to_string())
}

#[test]
fn types_follow_as_the_server_finds_them() {
    let mut wrong = Vec::new();
    for (text, expected) in [
        ("n + id", "bigint"),
        ("n + 1.5", "numeric"),
        ("price * 2", "numeric"),
        ("small + small", "smallint"),
        ("ratio * n", "double precision"),
        ("n / 2", "integer"),
        ("-n", "integer"),
        ("day + 1", "date"),
        ("day - day", "integer"),
        ("made - made", "interval"),
        ("made - '1 day'", "interval"),
        ("made - interval '1 day'", "timestamptz"),
        ("day + span", "timestamp"),
        ("name || 'x'", "text"),
        ("name || n", "text"),
        ("n || name", "text"),
        ("tags || 'x'", "text[]"),
        ("numbers || 1", "integer[]"),
        ("data -> 'a'", "jsonb"),
        ("data ->> 'a'", "text"),
        ("data @> '{}'", "boolean"),
        ("code = 'x'", "boolean"),
        ("code like 'x%'", "boolean"),
        ("mood = 'calm'", "boolean"),
        ("email = 'x'", "boolean"),
        ("email like '%@%'", "boolean"),
        ("lower(email)", "text"),
        ("lower(during)", "timestamptz"),
        ("round(price, 1)", "numeric"),
        ("round(ratio)", "double precision"),
        ("abs(n)", "integer"),
        ("length(code)", "integer"),
        ("substring(name from 1 for 2)", "text"),
        ("substring(name from '^a')", "text"),
        ("trim(both from name)", "text"),
        ("position('a' in name)", "integer"),
        ("extract(year from made)", "numeric"),
        ("made at time zone 'UTC'", "timestamp"),
        ("at at time zone 'UTC'", "timestamptz"),
        ("date_trunc('day', made)", "timestamptz"),
        ("date_trunc('day', at)", "timestamp"),
        ("date_trunc('day', day)", "timestamptz"),
        ("coalesce(n, id)", "bigint"),
        ("coalesce(name, 'x')", "text"),
        ("nullif(n, 1.5)", "numeric"),
        ("greatest(n, price)", "numeric"),
        ("case when flag then 1 else 2.5 end", "numeric"),
        ("n in (1, 2)", "boolean"),
        ("mood in ('a', 'b')", "boolean"),
        ("name = any (tags)", "boolean"),
        ("n = any ('{1,2}')", "boolean"),
        ("array[1, 2.5]", "numeric[]"),
        ("tags[1]", "text"),
        ("tags[1:2]", "text[]"),
        ("data['a']", "jsonb"),
        ("place[0]", "double precision"),
        ("array_length(tags, 1)", "integer"),
        ("cardinality(numbers)", "integer"),
        ("unnest(numbers)", "integer"),
        ("array_append(numbers, 1)", "integer[]"),
        ("array_position(tags, 'x')", "integer"),
        ("make_interval(days => 10)", "interval"),
        ("make_interval(0, 0, 0, n)", "interval"),
        ("concat(name, n, day)", "text"),
        ("concat_ws(',', name, n)", "text"),
        ("format('%s', n)", "text"),
        ("jsonb_build_object('a', n)", "jsonb"),
        ("num_nonnulls(n, name)", "integer"),
        ("to_tsvector('english', name)", "tsvector"),
        ("vector @@ to_tsquery('a')", "boolean"),
        ("similarity(name, 'x')", "real"),
        ("name % 'x'", "boolean"),
        ("during && tstzrange(made, made)", "boolean"),
        ("during @> made", "boolean"),
        ("address << inet '10.0.0.0/8'", "boolean"),
        ("now() - span", "timestamptz"),
        ("current_user", "name"),
        ("count(*)", "bigint"),
        ("sum(n)", "bigint"),
        ("sum(id)", "numeric"),
        ("text(n)", "text"),
        ("date(made)", "date"),
        ("int4(ratio)", "integer"),
        ("n::text || 'x'", "text"),
        ("name::mood", "mood"),
        ("mood::text", "text"),
        ("enum_first(mood)", "mood"),
        ("of_raw_sql(n)", "?"),
        ("open + 1", "?"),
        ("open = 1", "boolean"),
        ("length(open)", "?"),
        ("(n, name) = (1, 'x')", "boolean"),
        ("greatest(made, '2020-01-01')", "timestamptz"),
        ("name is distinct from null", "boolean"),
        ("gen_random_uuid()", "uuid"),
        ("token::text", "text"),
        ("tags && array['a']", "boolean"),
        ("tags @> array['a']::varchar[]::text[]", "boolean"),
        ("string_to_array(name, ',')", "text[]"),
        ("md5(name)", "text"),
        ("sha256(name::bytea)", "bytea"),
        ("regexp_replace(name, 'a', 'b', 'g')", "text"),
        ("split_part(name, ',', 1)", "text"),
        ("power(n, 2)", "double precision"),
        ("mod(n, 2)", "integer"),
        ("n % 2", "integer"),
        ("name ~ '^a'", "boolean"),
        ("name similar to 'a%'", "boolean"),
        ("name collate \"C\"", "text"),
        ("age(made)", "interval"),
        ("to_char(made, 'YYYY')", "text"),
        ("width_bucket(n, 1, 10, 5)", "integer"),
        ("bool_and(flag)", "boolean"),
        ("array_agg(n)", "integer[]"),
        ("1::bigint = any (numbers)", "boolean"),
    ] {
        let found = std::panic::catch_unwind(|| type_of(text)).unwrap_or_default();
        if found != expected {
            wrong.push(format!("{text}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn problem(text: &str) -> Problem {
    let mut mistakes = resolved(text).mistakes;
    assert_eq!(mistakes.len(), 1, "{text}: {mistakes:?}");
    mistakes.remove(0).problem
}

#[test]
fn what_the_server_refuses_is_a_mistake() {
    for text in [
        "name + n",
        "flag + 1",
        "day + day",
        "tags = 'x'::text",
        "token = n",
        "data = name",
        "mood = name",
        "n like 'a'",
    ] {
        assert!(matches!(problem(text), Problem::NoOperator { .. }), "{text}: {:?}", problem(text));
    }
    for text in
        ["lower(n)", "round(ratio, 2)", "length(n)", "upper(flag)", "date_trunc('day', name)", "substring(n from 1)"]
    {
        assert!(matches!(problem(text), Problem::NoOverload { .. }), "{text}: {:?}", problem(text));
    }
    assert!(matches!(problem("gen_rand_uuid()"), Problem::UnknownFunction { .. }));
    assert_eq!(
        problem("uuid_generate_v4()"),
        Problem::UnknownFunction { name: "uuid_generate_v4".into(), extensions: vec!["uuid-ossp"], since: None }
    );
    assert_eq!(
        problem("uuidv7()"),
        Problem::UnknownFunction { name: "uuidv7".into(), extensions: vec![], since: Some(18) }
    );
    assert!(matches!(problem("flag::date"), Problem::NoCast { .. }));
    assert!(matches!(problem("not n"), Problem::NotBoolean { .. }));
    assert!(matches!(problem("coalesce(n, name)"), Problem::NoCommonType { .. }));
    assert!(matches!(problem("n = any (n)"), Problem::NoArray { .. }));
    assert!(matches!(problem("n collate \"C\""), Problem::NotCollatable { .. }));
    assert!(matches!(problem("n[1]"), Problem::NotSubscriptable { .. }));
    assert!(matches!(problem("tags[name]"), Problem::Expected { .. }));
    assert!(matches!(problem("array_fill(tags, numbers)"), Problem::NoArrayOf { .. }));
    assert!(matches!(problem("data[1:2]"), Problem::Subscript { .. }));
    assert!(matches!(problem("data[day]"), Problem::Subscript { .. }));
    assert!(matches!(problem("name is document"), Problem::Expected { .. }));
    assert!(matches!(problem("percentile_cont() within group (order by ratio, ratio)"), Problem::Misused { .. }));
    // No cascade.
    assert!(matches!(problem("lower(gen_rand_uuid()) = 1"), Problem::UnknownFunction { .. }));
}

#[test]
fn volatility_is_that_of_the_overload_and_the_cast() {
    let volatility =
        |text: &str| resolved(text).uses.iter().map(|used| used.volatility).max().unwrap_or(Volatility::Immutable);
    for (text, expected) in [
        ("date_trunc('day', made)", Volatility::Stable),
        ("date_trunc('day', at)", Volatility::Immutable),
        ("date_trunc('day', made at time zone 'UTC')", Volatility::Immutable),
        ("made::date", Volatility::Stable),
        ("at::date", Volatility::Immutable),
        ("made::text", Volatility::Stable),
        ("name::date", Volatility::Stable),
        ("name::int", Volatility::Immutable),
        ("mood::text", Volatility::Stable),
        ("token::text", Volatility::Immutable),
        ("n::text", Volatility::Immutable),
        ("day || 'x'", Volatility::Stable),
        ("concat(name, 'x')", Volatility::Stable),
        ("now()", Volatility::Stable),
        ("random()", Volatility::Volatile),
        ("made + span", Volatility::Stable),
        ("at + span", Volatility::Immutable),
        ("day = made", Volatility::Stable),
        ("extract(year from made)", Volatility::Stable),
        ("extract(year from at)", Volatility::Immutable),
        ("to_tsvector(name)", Volatility::Stable),
        ("to_tsvector('english', name)", Volatility::Immutable),
        ("lower(name) || code", Volatility::Immutable),
        ("tags::text", Volatility::Stable),
    ] {
        assert_eq!(volatility(text), expected, "{text}");
    }
}

#[test]
fn functions_of_the_user_are_found_as_those_of_the_system() {
    assert_eq!(type_of("overdue(made)"), "boolean");
    assert_eq!(type_of("public.overdue(made, '1 day')"), "boolean");
    let used = resolved("overdue(made)").uses;
    assert!(used.iter().any(|used| used.volatility == Volatility::Stable), "{used:?}");
    let mistakes = resolved("overdue(n)").mistakes;
    assert!(matches!(mistakes.first().map(|one| &one.problem), Some(Problem::NoOverload { .. })), "{mistakes:?}");
}

#[test]
fn a_call_that_two_functions_take_equally_well_is_ambiguous() {
    for text in [
        "twice(name, name)",
        "twice(name, 'x')",
        "twice('x', 'y')",
        "public.twice(name, code)",
        "twice_named(a => n, b => name)",
    ] {
        assert!(matches!(problem(text), Problem::AmbiguousFunction { .. }), "{text}: {:?}", problem(text));
    }
    for text in [
        "twice(name, name, n)",
        "twice_named(n, name)",
        "twice_named(name, n)",
        "twice_variadic(n)",
        "twice_variadic(n, n)",
    ] {
        assert_eq!(type_of(text), "boolean", "{text}");
    }
}
