//! What a block does.

use super::Block;
use crate::expression::Expression;
use crate::query::{Name, ObjectName, PathStep, Query, Statement};
use crate::token::At;

/// One step, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What it does.
    pub kind: InstructionKind,
    /// Where it stands.
    pub at: At,
}

/// A value: an expression, which may go on as a query does behind `SELECT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `a + 1`
    Expression(Box<Expression>),
    /// `count(*) FROM bookings`
    Query(Box<Query>),
}

/// A variable that is set, or a part of it: `new.total`, `names[1]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The names.
    pub names: Vec<Name>,
    /// The first subscript behind them, and what follows it.
    pub path: Vec<PathStep>,
    /// Where it stands.
    pub at: At,
}

/// `INTO STRICT a, b`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Into {
    /// Whether there must be one row.
    pub is_strict: bool,
    /// The variables.
    pub targets: Vec<Target>,
}

/// `IF condition THEN body`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The condition.
    pub condition: Value,
    /// What is done.
    pub body: Vec<Instruction>,
}

/// `WHEN 1, 2 THEN body`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// The values, or the condition.
    pub values: Vec<Value>,
    /// What is done.
    pub body: Vec<Instruction>,
}

/// `EXECUTE command USING a, b`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commanded {
    /// The text of the command.
    pub command: Value,
    /// Its parameters.
    pub using: Vec<Value>,
}

/// What a loop runs over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoopOver {
    /// `LOOP`: without an end.
    Forever,
    /// `WHILE condition LOOP`
    While(Value),
    /// `FOR i IN REVERSE 10..1 BY 2 LOOP`
    Numbers {
        /// The variable, which the loop declares.
        variable: Name,
        /// The numbers.
        bounds: Box<Bounds>,
    },
    /// `FOR r IN SELECT ... LOOP`
    Rows {
        /// The variables.
        targets: Vec<Target>,
        /// What gives the rows.
        statement: Box<Statement>,
    },
    /// `FOR r IN cursor (1) LOOP`
    Cursor {
        /// The variable, which the loop declares.
        variable: Name,
        /// The cursor.
        cursor: CursorCall,
    },
    /// `FOR r IN EXECUTE ... LOOP`
    Command {
        /// The variables.
        targets: Vec<Target>,
        /// The command.
        command: Box<Commanded>,
    },
    /// `FOREACH x SLICE 1 IN ARRAY a LOOP`
    Elements {
        /// The variables.
        targets: Vec<Target>,
        /// How many dimensions a slice has; 0 for elements.
        slice: u32,
        /// The array.
        array: Value,
    },
}

/// `REVERSE 10..1 BY 2`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Whether it counts down.
    pub is_reverse: bool,
    /// The first number.
    pub from: Value,
    /// The last number.
    pub to: Value,
    /// The step.
    pub step: Option<Value>,
}

/// A cursor, with its arguments: `c (1, x := 2)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorCall {
    /// The cursor.
    pub name: Name,
    /// The arguments.
    pub arguments: Vec<Expression>,
}

/// How a cursor is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// `OPEN c (1)`: a cursor that has its query.
    Declared(CursorCall),
    /// `OPEN c FOR SELECT ...`
    Query(Name, Box<Query>),
    /// `OPEN c FOR EXECUTE ...`
    Command(Name, Box<Commanded>),
}

/// `WHEN unique_violation OR SQLSTATE '23503' THEN body`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handler {
    /// What is caught.
    pub conditions: Vec<Handled>,
    /// What is done.
    pub body: Vec<Instruction>,
    /// Where it stands.
    pub at: At,
}

/// What a handler catches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handled {
    /// `unique_violation`, `others`
    Named(Name),
    /// `SQLSTATE '23505'`
    Code(String),
}

/// How loud something is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the words")]
pub enum RaisedLevel {
    Debug,
    Log,
    Info,
    Notice,
    Warning,
    Exception,
}

/// `RAISE EXCEPTION 'no % here', name USING ERRCODE = '22023'`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised {
    /// How loud.
    pub level: RaisedLevel,
    /// The name or the code of the error.
    pub condition: Option<Handled>,
    /// The text; each `%` is an argument.
    pub format: Option<String>,
    /// The arguments.
    pub arguments: Vec<Value>,
    /// `USING`
    pub options: Vec<RaisedOption>,
}

/// `ERRCODE = '22023'`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RaisedOption {
    /// The name.
    pub name: Name,
    /// The value.
    pub value: Value,
}

/// `a = ROW_COUNT`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The variable.
    pub target: Target,
    /// What it is set to.
    pub item: Name,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstructionKind {
    /// A block inside.
    Block(Block),
    /// `NULL`
    Nothing,
    /// `a := 1`
    Assign {
        /// The variable.
        target: Target,
        /// The value.
        value: Value,
    },
    /// `IF ... ELSIF ... ELSE ... END IF`
    If {
        /// `IF`, `ELSIF`
        branches: Vec<Branch>,
        /// `ELSE`
        otherwise: Option<Vec<Instruction>>,
    },
    /// `CASE ... WHEN ... ELSE ... END CASE`
    Case {
        /// What the branches are compared with.
        operand: Option<Value>,
        /// `WHEN`
        branches: Vec<When>,
        /// `ELSE`
        otherwise: Option<Vec<Instruction>>,
    },
    /// A loop.
    Loop {
        /// The label before it.
        label: Option<Name>,
        /// What it runs over.
        over: LoopOver,
        /// What is done.
        body: Vec<Instruction>,
    },
    /// `EXIT label WHEN condition`, `CONTINUE`
    Leave {
        /// Whether the loop goes on: `CONTINUE`.
        is_continue: bool,
        /// Which loop or block.
        label: Option<Name>,
        /// `WHEN`
        condition: Option<Value>,
    },
    /// `RETURN`, `RETURN a`
    Return(Option<Value>),
    /// `RETURN NEXT a`
    ReturnNext(Option<Value>),
    /// `RETURN QUERY SELECT ...`
    ReturnQuery(Box<Statement>),
    /// `RETURN QUERY EXECUTE ...`
    ReturnCommand(Box<Commanded>),
    /// `RAISE`; without anything it raises again what was caught.
    Raise(Option<Box<Raised>>),
    /// `ASSERT condition, message`
    Assert {
        /// The condition.
        condition: Value,
        /// The message.
        message: Option<Value>,
    },
    /// A statement that reads or changes rows.
    Statement {
        /// The statement.
        statement: Box<Statement>,
        /// `INTO`
        into: Option<Into>,
    },
    /// `PERFORM f(1)`: a query whose rows are thrown away.
    Perform(Box<Query>),
    /// `CALL p(1)`
    Call(Box<Expression>),
    /// `EXECUTE ...`
    Execute {
        /// The command.
        command: Box<Commanded>,
        /// `INTO`
        into: Option<Into>,
    },
    /// A command on tables or materialized views: `TRUNCATE a, b`, `LOCK a`, `REFRESH MATERIALIZED VIEW a`.
    Relations(Vec<ObjectName>),
    /// Another command of SQL, which is not looked into: `CREATE TABLE ...`.
    Other,
    /// `OPEN`
    Open(Opened),
    /// `FETCH NEXT FROM c INTO a`, `MOVE`
    Fetch {
        /// The cursor.
        cursor: Name,
        /// `INTO`; `MOVE` has none.
        into: Option<Into>,
    },
    /// `CLOSE c`
    Close(Name),
    /// `GET STACKED DIAGNOSTICS a = ROW_COUNT`
    Diagnostics {
        /// Whether it is about the error that was caught.
        is_stacked: bool,
        /// What is asked.
        items: Vec<Diagnostic>,
    },
    /// `COMMIT`, `ROLLBACK`
    EndTransaction {
        /// Whether it is `COMMIT`.
        is_commit: bool,
    },
}
