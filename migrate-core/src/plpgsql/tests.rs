//! Bodies that are read.

use super::*;
use crate::sql::line_of;

fn body(text: &str) -> Block {
    parse(text).unwrap_or_else(|error| panic!("{error:?} in line {:?} of {text}", line_of(text, error.at)))
}

/// What is met in a body, in one line for each thing.
fn met(text: &str) -> Vec<String> {
    let block = body(text);
    let mut met = Vec::new();
    block.walk(&mut |piece| match piece {
        Piece::Declaration(declaration) => met.push(declaration.name.value.clone()),
        Piece::Instruction(_) => {}
        Piece::Statement(statement) => met.push(statement.sql()),
        Piece::Query(query) => met.push(query.sql()),
        Piece::Expression(expression) => met.push(expression.sql()),
    });
    met
}

const EVERYTHING: &str = r#"
#variable_conflict use_column
<<outer>>
declare
    total numeric(10, 2) not null := 0;
    fixed constant numeric(10, 2) not null := 0;
    row_of bookings%rowtype;
    same app.bookings.total%type = 1;
    many bookings.id%type[];
    names text[] default '{}';
    r record;
    word text collate "C";
    first alias for $1;
    like_first $1%type;
    c scroll cursor (lowest integer, other bookings.id%type) for select * from bookings where id > lowest;
    unbound refcursor;
    plain cursor for select 1;
begin
    total := total + 1;
    names[1] = 'a';
    new.updated_at := now();
    row_of.place.street := count(*) from bookings where id = 1;
    select a, b into strict total, same from t where a > 1;
    select into r * from t;
    insert into t (a) values (1) returning a into total;
    update t set a = 1 where b = first returning * into r;
    delete from t where a = total;
    with x as (select 1) select * from x into r;
    perform pg_notify('x', total::text), 1 from t where true;
    if total > 1 then
        null;
    elsif exists (select 1 from t) then
        return;
    elseif found then
        raise;
    else
        raise notice 'a % b %% c %', total, r.a using hint = 'x', errcode = '22023';
    end if;
    case total when 1, 2 then null; when 3 then null; else null; end case;
    case when total = 1 then null; end case;
    <<rows>>
    for r in select * from t as loop_over order by 1 loop
        continue rows when r.a is null;
        exit when (case when r.b then true else false end);
    end loop rows;
    for i in reverse 10..total by 2 loop null; end loop;
    for i in 1..10 loop exit outer; end loop;
    for a, b in execute format('select %I', 'x') using total, 1 loop null; end loop;
    for r in c (1, other := 2) loop null; end loop;
    for r in plain loop null; end loop;
    for r in insert into t default values returning * loop null; end loop;
    foreach word slice 1 in array names loop null; end loop;
    while total < 10 loop total := total + 1; end loop;
    loop exit; end loop;
    execute 'drop table ' || quote_ident('x') into r using 1, total;
    execute 'x' using 1 into strict total;
    open plain; open c (1, 2); open unbound for select 1; open unbound no scroll for execute 'select 1' using 1;
    fetch c into r; fetch next from c into total, same; move forward 2 in c; fetch first c into r;
    close c;
    get diagnostics total = row_count;
    get stacked diagnostics word := message_text, same = returned_sqlstate;
    assert total > 0, 'no total';
    create temporary table x on commit drop as select 1;
    call app.settle(total, 1);
    return next r;
    return next;
    return query select * from t;
    return query execute 'select 1' using total;
    commit; rollback and no chain;
    declare inner_one integer; begin null; exception when unique_violation or sqlstate '23503' then null; when others then raise exception using message = sqlerrm; end;
    raise exception 'x'; raise unique_violation using message = 'x'; raise sqlstate '22023'; raise warning 'w';
    return case when total > 1 then new else old end;
end outer;
"#;

#[test]
fn everything_in_a_body_is_met() {
    let met = met(EVERYTHING);
    for expected in [
        "total",
        "inner_one",
        "SELECT * FROM bookings WHERE id > lowest",
        "SELECT count(*) FROM bookings WHERE id = 1",
        "SELECT a, b FROM t WHERE a > 1",
        "SELECT * FROM t",
        "INSERT INTO t (a) VALUES (1) RETURNING a",
        "UPDATE t SET a = 1 WHERE b = first RETURNING *",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "SELECT pg_notify('x', total::text), 1 FROM t WHERE TRUE",
        "EXISTS (SELECT 1 FROM t)",
        "SELECT * FROM t AS loop_over ORDER BY 1",
        "format('select %I', 'x')",
        "'drop table ' || quote_ident('x')",
        "app.settle(total, 1)",
        "CASE WHEN total > 1 THEN new ELSE old END",
    ] {
        assert!(met.iter().any(|found| found == expected), "{expected}\n{met:#?}");
    }
}

#[test]
fn places_behind_into_are_those_of_the_text() {
    let block = body("begin select a into b from c; end");
    let InstructionKind::Statement { statement, into } = &block.body[0].kind else { panic!("{block:?}") };
    let tables = statement.tables();
    assert_eq!((tables[0].name.at.start, statement.sql()), (6, "SELECT a FROM c".to_owned()));
    assert_eq!(into.as_ref().unwrap().targets[0].at.start, 4);
    let error = parse("begin select a into b from c where; end").unwrap_err();
    assert_eq!((error.message.as_str(), error.at.start), ("expected an expression, found `;`", 8));
}

#[test]
fn a_mistake_is_said_at_its_token() {
    for (text, message, at) in [
        ("begin", "expected `end` or `exception`, found the end", 1),
        ("select 1", "expected `begin`, found `select`", 0),
        ("begin null end", "expected `;`, found `end`", 2),
        ("begin nul; end", "expected a statement, found `nul`", 1),
        ("begin if a then null; end;", "expected `if`, found `;`", 7),
        ("begin if a null; end if; end", "expected `then`, found `null`", 3),
        ("begin x := ; end", "expected an expression, found `;`", 4),
        ("begin x := 1 2; end", "expected `;`, found `2`", 5),
        ("begin select a frm b c; end", "expected `;`, found `b`", 4),
        ("begin return query select; end", "", 0),
        ("begin for r in select 1 null; end loop; end", "expected `loop`, found `;`", 7),
        ("begin while a lop null; end loop; end", "expected `loop`, found `lop`", 3),
        ("begin raise notice 'a %'; end", "too few arguments for the `%` in the text of `raise`", 3),
        ("begin raise notice 'a', 1; end", "too many arguments for the `%` in the text of `raise`", 3),
        ("begin null; end other", "expected `;`, found `other`", 4),
        ("declare a integer begin null; end", "expected `;` or `:=`, found `begin`", 3),
        ("declare a; begin null; end", "expected a type, found `;`", 2),
        ("begin exception null; end", "expected `when`, found `null`", 2),
        ("begin a := (1; end", "expected `)`, found `;`", 6),
        ("begin loop null; end if; end", "expected `loop`, found `if`", 5),
        ("begin exit; end", "`exit` without a label cannot be used outside a loop", 1),
        ("begin loop exit a; end loop; end", "cannot find label `a` at a block or a loop around this", 3),
        (
            "<<a>> begin loop continue a; end loop; end",
            "`continue` needs the label of a loop, and `a` is one of a block",
            8,
        ),
        ("declare a constant integer := 1; begin a := 2; end", "`a` is declared `constant`, so it cannot be set", 9),
        ("declare a constant integer := 1; begin for a in 1..2 loop a := 2; end loop; end", "", 0),
        ("declare a integer not null; begin null; end", "`a` is `not null`, so it needs a first value", 1),
        ("declare a integer; a text; begin null; end", "`a` is declared more than once in this block", 4),
        (
            "declare c cursor (a integer) for select 1; begin open c; end",
            "the cursor `c` has 1 argument, but 0 are given",
            13,
        ),
        (
            "declare c cursor for select 1; begin open c for select 2; end",
            "the cursor `c` has a query already, so `for` cannot follow",
            9,
        ),
        ("begin get diagnostics a = row_cont; end", "`get diagnostics` has no `row_cont`", 5),
        ("begin raise exception 'a' using hnt = 'b'; end", "`raise` has no option `hnt`", 5),
    ] {
        match parse(text) {
            Ok(_) => assert_eq!(message, "", "{text}"),
            Err(error) => assert_eq!((error.message.as_str(), error.at.start), (message, at), "{text}"),
        }
    }
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    for (open, close) in [("begin ", "end; "), ("if a then ", "end if; "), ("loop ", "end loop; ")] {
        let text = format!("begin {}null; {} end", open.repeat(3000), close.repeat(3000));
        assert_eq!(parse(&text).unwrap_err().message, "blocks are nested too deeply");
    }
}
