//! The tokens of the static data: constants only, no logic.

use migrate_core::plan::{
    Backfill, Checksum, Compatibility, Cow, Down, Duration, Hazard, LockMode, Mode, Place, Postcondition, RelationLock,
    Script, Segment, Statement, Work,
};
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::quote;

use crate::migration::Compiled;

/// `compile_error!` at a place that has a first and a last span.
pub(crate) fn compile_error((first, last): (Span, Span), text: &str) -> TokenStream {
    let mut literal = Literal::string(text);
    literal.set_span(last);
    let mut group = Group::new(Delimiter::Brace, TokenStream::from(TokenTree::from(literal)));
    group.set_span(last);
    let punct = |character, spacing| {
        let mut punct = Punct::new(character, spacing);
        punct.set_span(first);
        TokenTree::from(punct)
    };
    let mut tokens = TokenStream::new();
    for name in ["core", "compile_error"] {
        tokens.extend([punct(':', Spacing::Joint), punct(':', Spacing::Alone), Ident::new(name, first).into()]);
    }
    tokens.extend([punct('!', Spacing::Alone), TokenTree::from(group)]);
    tokens
}

/// A migration without statements, so that a mistake does not bring a second wave of errors.
pub(crate) fn stub() -> TokenStream {
    stub_named(&quote!(MIGRATION))
}

fn stub_named(name: &TokenStream) -> TokenStream {
    quote! {
        #[doc(hidden)]
        pub static #name: ::migrate_runtime::private::Embedded = ::migrate_runtime::private::Embedded::STUB;
    }
}

/// The static of a migration, or its mistakes and a stub.
pub(crate) fn embedded_or_mistakes(compiled: &Compiled, name: &TokenStream) -> TokenStream {
    if compiled.mistakes.is_empty() {
        return embedded(compiled, name);
    }
    let mut tokens: TokenStream = compiled
        .mistakes
        .iter()
        .map(|mistake| compile_error(compiled.source.spans(mistake.at), &mistake.text()))
        .collect();
    tokens.extend(stub_named(name));
    tokens
}

/// The static of a migration.
pub(crate) fn embedded(compiled: &Compiled, name: &TokenStream) -> TokenStream {
    let migration = &compiled.migration;
    let version = migration.version;
    let functions = compiled.functions.iter().map(|path| {
        let text = &path.value;
        let (first, _) = compiled.source.spans(path.at);
        let tokens = path_tokens(text, first);
        quote!((#text, |context| ::std::boxed::Box::pin(#tokens(context))))
    });
    let migration_name = text(&migration.name);
    let file = text(&migration.file);
    let checksum = checksum(migration.checksum);
    let up = script(&migration.up);
    let down = down(&migration.down);
    let operations = text(&migration.operations);
    let objects = texts(&migration.footprint.objects);
    let uses = texts(&migration.footprint.uses);
    let unknown = migration.footprint.unknown;
    let compatibility = match &migration.compatibility {
        Compatibility::Compatible => quote!(plan::Compatibility::Compatible),
        Compatibility::Breaking(lines) => {
            let lines = texts(lines);
            quote!(plan::Compatibility::Breaking(#lines))
        }
    };
    quote! {
        #[doc(hidden)]
        pub static #name: ::migrate_runtime::private::Embedded = {
            use ::migrate_runtime::private::plan;
            ::migrate_runtime::private::Embedded {
                migration: plan::Migration {
                    version: #version,
                    name: #migration_name,
                    file: #file,
                    checksum: #checksum,
                    up: #up,
                    down: #down,
                    operations: #operations,
                    footprint: plan::Footprint { objects: #objects, uses: #uses, unknown: #unknown },
                    compatibility: #compatibility,
                },
                functions: &[#(#functions),*],
            }
        };
    }
}

/// The path of a function, at its place in the source.
fn path_tokens(path: &str, span: Span) -> TokenStream {
    let mut tokens = TokenStream::new();
    for (index, segment) in path.split("::").enumerate() {
        if index > 0 {
            let mut colon = Punct::new(':', Spacing::Joint);
            colon.set_span(span);
            tokens.extend([TokenTree::from(colon), TokenTree::from(Punct::new(':', Spacing::Alone))]);
        }
        if !segment.is_empty() {
            tokens.extend([TokenTree::from(Ident::new(segment, span))]);
        }
    }
    tokens
}

fn text(value: &str) -> TokenStream {
    quote!(plan::Cow::Borrowed(#value))
}

fn list<T: Clone>(items: &[T], mut item: impl FnMut(&T) -> TokenStream) -> TokenStream {
    let items = items.iter().map(&mut item);
    quote!(plan::Cow::Borrowed(&[#(#items),*]))
}

fn texts(lines: &[Cow<'static, str>]) -> TokenStream {
    list(lines, |line| text(line))
}

fn checksum(checksum: Checksum) -> TokenStream {
    let bytes = Literal::byte_string(&checksum.0);
    quote!(plan::Checksum(*#bytes))
}

fn down(down: &Down) -> TokenStream {
    match down {
        Down::Script { script: statements, loses } => {
            let script = script(statements);
            let loses = texts(loses);
            quote!(plan::Down::Script { script: #script, loses: #loses })
        }
        Down::Irreversible { why } => {
            let why = text(why);
            quote!(plan::Down::Irreversible { why: #why })
        }
    }
}

fn script(script: &Script) -> TokenStream {
    let segments = list(&script.segments, segment);
    quote!(plan::Script { segments: #segments })
}

fn segment(segment: &Segment) -> TokenStream {
    let mode = match segment.mode {
        Mode::Transaction => quote!(Transaction),
        Mode::Alone => quote!(Alone),
    };
    let statements = list(&segment.statements, statement);
    quote!(plan::Segment { mode: plan::Mode::#mode, statements: #statements })
}

fn statement(statement: &Statement) -> TokenStream {
    let Statement { work: what, locks, hazards, duration: time, postcondition: after, place: source } = statement;
    let work = work(what);
    let locks = list(locks, lock);
    let hazards = list(hazards, hazard);
    let duration = duration(*time);
    let postcondition = match after {
        Some(condition) => {
            let condition = postcondition(condition);
            quote!(::core::option::Option::Some(#condition))
        }
        None => quote!(::core::option::Option::None),
    };
    let place = place(source);
    quote!(plan::Statement {
        work: #work,
        locks: #locks,
        hazards: #hazards,
        duration: #duration,
        postcondition: #postcondition,
        place: #place,
    })
}

fn work(work: &Work) -> TokenStream {
    match work {
        Work::Sql(sql) => {
            let sql = text(sql);
            quote!(plan::Work::Sql(#sql))
        }
        Work::Run(path) => {
            let path = text(path);
            quote!(plan::Work::Run(#path))
        }
        Work::Backfill(Backfill { schema, table, assignments, condition, key, batch }) => {
            let (schema, table) = (text(schema), text(table));
            let (assignments, condition) = (text(assignments), text(condition));
            let key = texts(key);
            quote!(plan::Work::Backfill(plan::Backfill {
                schema: #schema,
                table: #table,
                assignments: #assignments,
                condition: #condition,
                key: #key,
                batch: #batch,
            }))
        }
    }
}

fn lock(lock: &RelationLock) -> TokenStream {
    let mode = match lock.mode {
        LockMode::AccessShare => quote!(AccessShare),
        LockMode::RowShare => quote!(RowShare),
        LockMode::RowExclusive => quote!(RowExclusive),
        LockMode::ShareUpdateExclusive => quote!(ShareUpdateExclusive),
        LockMode::Share => quote!(Share),
        LockMode::ShareRowExclusive => quote!(ShareRowExclusive),
        LockMode::Exclusive => quote!(Exclusive),
        LockMode::AccessExclusive => quote!(AccessExclusive),
    };
    let (schema, table) = (text(&lock.schema), text(&lock.table));
    quote!(plan::RelationLock { schema: #schema, table: #table, mode: plan::LockMode::#mode })
}

fn hazard(hazard: &Hazard) -> TokenStream {
    let hazard = match hazard {
        Hazard::DropsData => quote!(DropsData),
        Hazard::RewritesTable => quote!(RewritesTable),
        Hazard::BlocksWrites => quote!(BlocksWrites),
        Hazard::UnbatchedUpdate => quote!(UnbatchedUpdate),
        Hazard::NarrowsType => quote!(NarrowsType),
        Hazard::BreaksQueries => quote!(BreaksQueries),
    };
    quote!(plan::Hazard::#hazard)
}

fn duration(duration: Duration) -> TokenStream {
    let duration = match duration {
        Duration::Constant => quote!(Constant),
        Duration::Scan => quote!(Scan),
        Duration::IndexBuild => quote!(IndexBuild),
        Duration::Rewrite => quote!(Rewrite),
        Duration::Unknown => quote!(Unknown),
    };
    quote!(plan::Duration::#duration)
}

fn postcondition(postcondition: &Postcondition) -> TokenStream {
    match postcondition {
        Postcondition::IndexExists { schema, table, index, definition } => {
            let (schema, table, index, definition) = (text(schema), text(table), text(index), text(definition));
            quote!(plan::Postcondition::IndexExists {
                schema: #schema,
                table: #table,
                index: #index,
                definition: #definition,
            })
        }
        Postcondition::IndexAbsent { schema, index } => {
            let (schema, index) = (text(schema), text(index));
            quote!(plan::Postcondition::IndexAbsent { schema: #schema, index: #index })
        }
    }
}

fn place(place: &Place) -> TokenStream {
    let file = text(&place.file);
    let (line, column) = (place.line, place.column);
    quote!(plan::Place { file: #file, line: #line, column: #column })
}
