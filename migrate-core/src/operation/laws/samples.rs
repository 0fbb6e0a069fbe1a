//! Objects of all kinds.

use super::*;

/// An owner and privileges.
pub(super) fn access() -> Access {
    let granted = [(Privilege::Usage, Said::Granted { with_option: true }), (Privilege::Create, Said::Revoked)];
    let grants = Grants([(Role::Public, granted.into())].into());
    Access { owner: Some(Role::Named("app".into())), grants, ..Access::default() }
}

/// A foreign table below others.
pub(super) fn foreign_below(table: Table) -> ForeignTable {
    let options = || [("host".to_owned(), "one".to_owned())].into();
    let bare = ForeignTable {
        server: "there".into(),
        columns: Vec::new(),
        checks: Default::default(),
        options: options(),
        inherits: Vec::new(),
        partition_of: None,
    };
    let mut definition = bare.with_table(&table);
    for column in &mut definition.columns {
        column.options = options();
        column.default = None;
    }
    definition
}

/// An object or two of each kind.
pub(super) fn samples(free: &str) -> Vec<(ObjectId, Object)> {
    let named = |kind: Kind, text: &str| ObjectId::new(kind, name(&format!("{free}_{text}")));
    let sequence = |options: SequenceOptions| Object::new(options.complete().unwrap());
    let domain = |text: &str| Domain {
        data_type: data_type("text"),
        collation: None,
        default: Some(expression("'it''s'")),
        not_null: false,
        checks: [("c".to_owned(), expression(text))].into(),
        not_valid: if text.contains("cancelled") { ["c".to_owned()].into() } else { Default::default() },
        comments: [("c".to_owned(), format!("It is {text}."))].into(),
    };
    let attribute =
        |name: &str, text: &str| Attribute { name: name.into(), data_type: data_type(text), collation: None };
    let view = |text: &str| {
        let column =
            |name: &str| RelationColumn { name: name.into(), data_type: Some(data_type("text")), nullable: true };
        let columns = vec![column("id"), column("other")];
        let query = text.parse().unwrap();
        View {
            query,
            columns,
            check_option: None,
            security_barrier: false,
            security_invoker: false,
            defaults: Default::default(),
        }
    };
    let materialized = |text: &str, is_filled: bool| {
        let View { query, columns, .. } = view(text);
        let unique = Index { unique: true, predicate: Some(expression("other <> 'pending'")), ..index(&["id"]) };
        let indexes = [(format!("{free}_index_of_{is_filled}"), unique)].into();
        let storage = [("fillfactor".to_owned(), "70".to_owned())].into();
        MaterializedView { query, columns, storage, indexes, is_filled }
    };
    let pair = CompositeType { attributes: vec![attribute("a", "status"), attribute("b", "text")] };
    let single = CompositeType { attributes: vec![attribute("b", "integer")] };
    let of_bookings = |text: &str| ObjectId::on_table(Kind::Policy, format!("{free}_{text}"), &name("bookings"));
    let policy = Policy {
        is_restrictive: false,
        command: PolicyCommand::All,
        roles: [Role::Public, Role::Named("app".into())].into(),
        using: Some(expression("user_id IN (SELECT id FROM public.users WHERE users.email = bookings.note)")),
        check: None,
    };
    let restrictive =
        Policy { is_restrictive: true, check: Some(expression("status <> 'confirmed'")), ..policy.clone() };
    let commented = Object { comment: Some("It's a type.".into()), ..Object::new(pair) };
    let argument = |name: &str, text: &str| FunctionArgument {
        mode: ArgumentMode::In,
        name: Some(name.into()),
        data_type: data_type(text),
        default: None,
    };
    let function = |arguments: Vec<FunctionArgument>, result: &str, body: &str| Function {
        arguments,
        returns: Returns::Type { data_type: data_type(result), set: false },
        language: "plpgsql".into(),
        body: Body::Text(body.into()),
        options: FunctionOptions::default(),
    };
    let of_status =
        ObjectId { arguments: vec![data_type("status"), data_type("bookings")], ..named(Kind::Function, "told") };
    let told = function(vec![argument("a", "status"), argument("b", "bookings")], "text", "begin return 'it''s'; end");
    let bump = function(Vec::new(), "trigger", "begin return new; end");
    let nothing = Function { returns: Returns::Outputs { set: false }, ..function(Vec::new(), "text", "begin end") };
    let trigger = Trigger {
        timing: Timing::Before,
        events: Events { update: Some(["total".to_owned()].into()), insert: true, ..Events::default() },
        for_each_row: true,
        condition: Some(expression("new.total > 1 and new.status = 'pending'")),
        old_table: None,
        new_table: None,
        function: name(&format!("{free}_bump")),
        arguments: vec!["it's".into()],
        constraint: None,
        firing: Firing::Usual,
    };
    let deferred = Trigger {
        timing: Timing::After,
        constraint: Some(ConstraintTrigger { deferral: Deferral::InitiallyDeferred, from: Some(name("users")) }),
        firing: Firing::Disabled,
        ..trigger.clone()
    };
    let audit = EventTrigger {
        event: "ddl_command_end".into(),
        filters: [("tag".to_owned(), ["CREATE TABLE".to_owned()].into())].into(),
        function: name(&format!("{free}_audit")),
        firing: Firing::Always,
    };
    let on_bookings = |text: &str| ObjectId::on_table(Kind::Trigger, format!("{free}_{text}"), &name("bookings"));
    let defaults = |schema: Option<&str>, said: Said| {
        let grants = Grants([(Role::Named("app".into()), [(Privilege::Select, said)].into())].into());
        let of = DefaultsOf::Tables;
        DefaultPrivileges { grants, ..DefaultPrivileges::new(Some(free.into()), schema.map(Into::into), of) }
    };
    let (anywhere, here) = (
        defaults(None, Said::Granted { with_option: false }),
        defaults(Some("public"), Said::Granted { with_option: true }),
    );
    let statistics = |keys: &[&str], target: Option<u32>| Statistics {
        table: name("bookings"),
        kinds: [StatisticsKind::Mcv].into(),
        keys: keys.iter().map(|key| expression(key)).collect(),
        target,
    };
    let function = |text: &str, takes: &[&str]| FunctionName {
        name: name(text),
        arguments: takes.iter().map(|takes| data_type(takes)).collect(),
    };
    let range = |subtype: &str, multirange: &str| RangeType {
        subtype: data_type(subtype),
        operator_class: None,
        collation: None,
        subtype_diff: None,
        multirange: name(&format!("{free}_{multirange}")),
    };
    let texts = RangeType { collation: Some(format!("public.{free}_order")), ..range("text", "many_texts") };
    let rule = |event: RuleEvent, action: &str| Rule {
        event,
        condition: Some(expression("new.total > 1 and new.status = 'pending'")),
        is_instead: true,
        actions: vec![RuleAction::Statement(action.parse().unwrap())],
        firing: Firing::Usual,
    };
    let on_insert = rule(RuleEvent::Insert, "UPDATE public.users SET email = new.note WHERE users.id = new.user_id");
    let on_update = rule(RuleEvent::Update, "INSERT INTO public.users (id, email) VALUES (old.user_id, old.note)");
    let on_update = Rule { firing: Firing::Disabled, ..on_update };
    let rule_of_bookings = |text: &str| ObjectId::on_table(Kind::Rule, format!("{free}_{text}"), &name("bookings"));
    let aggregate = |takes: &str, state: &str| {
        let argument =
            FunctionArgument { mode: ArgumentMode::In, name: None, data_type: data_type(takes), default: None };
        Aggregate {
            arguments: vec![argument],
            ordered: None,
            state: AggregateState {
                function: function("gathered", &[state, takes]),
                inverse: None,
                data_type: data_type(state),
                space: None,
                finish: None,
                finish_extra: false,
                finish_modify: Some(FinishModify::Shareable),
                initial: Some("it's".into()),
            },
            moving: None,
            combine: None,
            serialize: None,
            deserialize: None,
            sort_operator: None,
            parallel: Parallel::Safe,
            is_hypothetical: false,
            result: Some(data_type(state)),
        }
    };
    let of_status_alone =
        |text: &str| ObjectId { arguments: vec![data_type("status")], ..named(Kind::Aggregate, text) };
    let collation = |locale: CollationLocale| Object::new(Collation { locale, is_deterministic: true });
    let published = |table: &str, column: &str, filter: &str| PublishedTable {
        table: name(table),
        columns: Some([column.to_owned()].into()),
        filter: Some(expression(filter)),
    };
    let publication = |tables: Vec<PublishedTable>| Publication {
        of: Published::Some { tables, schemas: Default::default() },
        operations: [PublishedOperation::Insert].into(),
        via_partition_root: true,
        generated_columns: false,
    };
    let both = publication(vec![
        published("bookings", "status", "status = 'pending'"),
        published("users", "email", "email <> ''"),
    ]);
    let one = Publication {
        operations: PublishedOperation::ALL.into(),
        ..publication(vec![published("users", "id", "id > 1")])
    };
    let cast = |method: CastMethod| Object::new(Cast { method, applies: CastApplies::Assignment });
    let between = |source: &str, target: &str| ObjectId {
        arguments: vec![data_type(source), data_type(target)],
        ..ObjectId::without_schema(Kind::Cast, "")
    };
    let operator = |text: &str| OwnOperator {
        function: function("alike", &["status", "text"]),
        commutator: None,
        negator: Some(Operator::in_schema(Some("public".into()), format!("{text}="))),
        restrict: Some(QualifiedName::in_schema("pg_catalog", "eqsel")),
        join: None,
        hashes: true,
        merges: false,
        result: Some(data_type("boolean")),
    };
    let symbols = if free == "x" { "@@#" } else { "@@&" };
    let with_operands = |symbol: String| ObjectId {
        arguments: vec![data_type("status"), data_type("text")],
        ..ObjectId::new(Kind::OwnOperator, name(&symbol))
    };
    let member = |what: MemberKind, right: &str| FamilyMember {
        number: 1,
        left: data_type("status"),
        right: data_type(right),
        what,
    };
    let family =
        OperatorFamily { members: vec![member(MemberKind::Operator { name: name("@@#"), order_by: None }, "text")] };
    let class = OperatorClass {
        data_type: data_type("status"),
        is_default: free == "x",
        family: name(&format!("{free}_family")),
        members: vec![member(MemberKind::Function(function("compared", &["status", "status"])), "status")],
        storage: None,
    };
    let options = |value: &str| [("host".to_owned(), value.to_owned())].into();
    let wrapper = |value: &str| ForeignDataWrapper {
        handler: Some(function("handler", &[])),
        validator: None,
        options: options(value),
    };
    let server = |value: &str| Server {
        wrapper: format!("{free}_one_wrapper"),
        server_type: None,
        version: Some(value.into()),
        options: options(value),
    };
    let foreign = |value: &str| ForeignTable {
        server: format!("{free}_one_server"),
        columns: vec![ForeignColumn {
            name: "id".into(),
            data_type: data_type("status"),
            nullable: value == "one",
            default: None,
            generated: None,
            collation: None,
            options: options(value),
            inherited: false,
        }],
        checks: [(
            "believed".to_owned(),
            ForeignCheck {
                condition: expression("id <> 'cancelled'"),
                no_inherit: value == "one",
                not_valid: value == "other",
                inherited: false,
            },
        )]
        .into(),
        options: options(value),
        inherits: Vec::new(),
        partition_of: None,
    };
    let of_server = |text: &str| ObjectId {
        of: Some(format!("{free}_one_server")),
        ..ObjectId::without_schema(Kind::UserMapping, text)
    };
    let dictionary =
        |value: &str| TextSearchDictionary { template: name(&format!("{free}_one_template")), options: options(value) };
    let configuration = |token: &str| TextSearchConfiguration {
        parser: name(&format!("{free}_one_parser")),
        mappings: [(token.to_owned(), vec![name(&format!("{free}_one_dictionary"))])].into(),
    };
    let of_database = |kind: Kind, text: &str| ObjectId::without_schema(kind, format!("{free}_{text}"));
    vec![
        (
            between("status", if free == "x" { "bigint" } else { "uuid" }),
            cast(CastMethod::Function(function("numbered", &["status"]))),
        ),
        (between("status", if free == "x" { "integer" } else { "date" }), cast(CastMethod::Text)),
        (with_operands(symbols.to_owned()), Object::new(operator(symbols))),
        (
            with_operands(format!("{symbols}=")),
            Object::new(OwnOperator { join: None, restrict: None, ..operator("<") }),
        ),
        (OperatorFamily::id("btree", name(&format!("{free}_family"))), Object::new(family)),
        (OperatorClass::id("btree", name(&format!("{free}_class"))), Object::new(class)),
        (of_database(Kind::ForeignDataWrapper, "one_wrapper"), Object::new(wrapper("one"))),
        (of_database(Kind::ForeignDataWrapper, "other_wrapper"), Object::new(wrapper("other"))),
        (of_database(Kind::Server, "one_server"), Object::new(server("one"))),
        (of_database(Kind::Server, "other_server"), Object::new(server("other"))),
        (named(Kind::ForeignTable, "one_foreign"), Object::new(foreign("one"))),
        (named(Kind::ForeignTable, "other_foreign"), Object::new(foreign("other"))),
        (of_server("public"), Object::new(UserMapping { options: options("one") })),
        (of_server("app"), Object::new(UserMapping { options: options("other") })),
        (
            named(Kind::TextSearchParser, "one_parser"),
            Object::new(TextSearchParser {
                start: function("begun", &[]),
                token: function("next", &[]),
                end: function("ended", &[]),
                types: function("kinds", &[]),
                headline: None,
            }),
        ),
        (
            named(Kind::TextSearchTemplate, "one_template"),
            Object::new(TextSearchTemplate { init: None, lexize: function("lexed", &[]) }),
        ),
        (named(Kind::TextSearchDictionary, "one_dictionary"), Object::new(dictionary("one"))),
        (named(Kind::TextSearchDictionary, "other_dictionary"), Object::new(dictionary("other"))),
        (named(Kind::TextSearchConfiguration, "one_configuration"), Object::new(configuration("word"))),
        (named(Kind::TextSearchConfiguration, "other_configuration"), Object::new(configuration("int"))),
        (named(Kind::RangeType, "states"), Object::new(range("status", "many_states"))),
        (named(Kind::RangeType, "texts"), Object::new(texts)),
        (rule_of_bookings("on_insert"), Object::new(on_insert)),
        (rule_of_bookings("on_update"), Object::new(on_update)),
        (of_status_alone("gathered"), Object::new(aggregate("status", "text"))),
        (of_status_alone("counted"), Object::new(aggregate("status", "bigint"))),
        (named(Kind::Collation, "order"), collation(CollationLocale::Icu { locale: "de".into(), rules: None })),
        (
            named(Kind::Collation, "plain"),
            collation(CollationLocale::Libc { collate: "C".into(), ctype: "POSIX".into() }),
        ),
        (of_database(Kind::Publication, "both"), Object::new(both)),
        (of_database(Kind::Publication, "one"), Object::new(one)),
        (named(Kind::Statistics, "pair"), Object::new(statistics(&["user_id", "status"], None))),
        (named(Kind::Statistics, "lower"), Object::new(statistics(&["user_id", "lower(note)"], Some(100)))),
        (anywhere.id(), Object::new(anywhere)),
        (here.id(), Object::new(here)),
        (named(Kind::Function, "bump"), Object::new(bump)),
        (ObjectId::without_schema(Kind::EventTrigger, format!("{free}_audit")), Object::new(audit)),
        (of_status, Object::new(told)),
        (named(Kind::Procedure, "nothing"), Object::new(Procedure(nothing))),
        (on_bookings("trigger"), Object::new(trigger)),
        (on_bookings("deferred"), Object::new(deferred)),
        (Schema::id(format!("{free}_schema")), Object::new(Schema {})),
        (named(Kind::Sequence, "numbers"), sequence(SequenceOptions::default())),
        (
            named(Kind::Sequence, "down"),
            sequence(SequenceOptions { increment: Some(-2), cycle: true, ..SequenceOptions::default() }),
        ),
        (named(Kind::Domain, "email"), Object::new(domain("value ~ '@'"))),
        (named(Kind::Domain, "state"), Object::new(domain("value::status <> 'cancelled'"))),
        (named(Kind::View, "all"), Object::new(view("SELECT users.id, users.email FROM public.users"))),
        (
            named(Kind::View, "own"),
            Object::new(view("SELECT b.id, b.user_id FROM public.bookings b WHERE b.note = 'x'")),
        ),
        (
            named(Kind::MaterializedView, "kept"),
            Object::new(materialized("SELECT users.id, users.email FROM public.users", true)),
        ),
        (
            named(Kind::MaterializedView, "empty"),
            Object::new(materialized("SELECT b.id, b.note FROM public.bookings b", false)),
        ),
        (named(Kind::CompositeType, "pair"), commented),
        (named(Kind::CompositeType, "single"), Object::new(single)),
        (of_bookings("own"), Object::new(policy)),
        (of_bookings("strict"), Object::new(restrictive)),
    ]
}
