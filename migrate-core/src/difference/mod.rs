//! The way from one catalog to another: the operations that make the second one of the first, in an order in which each
//! finds what it needs and removes nothing that is still used.
//!
//! What is renamed is told, never guessed: two catalogs alone do not show it. The way takes whatever leads to the goal,
//! also what loses data; whoever follows it sees to that.

mod access;
mod goal;
mod making;
mod needs;
mod possible;
mod renames;
mod schemas;
mod steps;
#[cfg(test)]
mod tests;

use crate::catalog::{Access, Catalog, Part, Used, User};
use crate::diff::Difference;
use crate::extension::stays_in_its_schema;
use crate::object::{Define as _, Kind, Namespace, Object, ObjectId, Schema};
use crate::operation::{
    CreateObject, DropConstraint, DropIndex, DropObject, MoveExtension, Operate as _, Operation, SetDefault,
    SetOnUpdate,
};
use crate::sorted::SortedSet;

pub use access::taken_from_defaults;
pub use making::operations_of;
use needs::{Needs, Node};
pub(crate) use possible::{is_possible, rank};
pub use renames::Renames;
pub use schemas::operations_of_schemas;
pub(crate) use steps::{Losses, operations};

/// The way from one catalog to another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Way {
    /// The operations, in their order.
    pub operations: Vec<Operation>,
    /// What differs still after them: the language does not support operation for it.
    pub left: Vec<Difference>,
}

/// The way from one catalog to another, for servers of this major version and newer.
pub fn way(from: &Catalog, to: &Catalog, renames: &Renames, postgres: u32) -> Way {
    let (needs, operations, held, changing) = (Needs::of(to), Vec::new(), Vec::new(), SortedSet::new());
    let mut walk = Walk { to, needs, so_far: from.clone(), operations, held, changing, is_patient: true, postgres };
    let moved = moved_extensions(from, to);
    let schemas = moved.iter().filter_map(|one| one.schema.as_ref()).map(|schema| Schema::id(schema.as_str()));
    for id in renames.schemas().into_iter().chain(schemas) {
        // What is moved finds its new schema there.
        if let (None, Some(object)) = (walk.so_far.object(&id), to.object(&id)) {
            let object = Object { access: Access::default(), ..object.clone() };
            walk.go(CreateObject { id, object }.into());
        }
    }
    for operation in renames.operations(from) {
        walk.go(operation);
    }
    for operation in moved {
        walk.go(operation.into());
    }
    walk.all();
    let replaced = steps::replaced(&walk.so_far, to);
    if !replaced.is_empty() {
        replaced.into_iter().for_each(|rename| walk.go(rename));
        walk.all();
    }
    if !walk.changing.is_empty() {
        // There are types that wait for what waited for them.
        walk.is_patient = false;
        walk.all();
    }
    for operation in access::operations(&walk.so_far, to) {
        walk.go(operation);
    }
    let left = to.differences(&walk.so_far);
    Way { operations: walk.operations, left }
}

/// The extensions that are in another schema: what uses them follows.
fn moved_extensions(from: &Catalog, to: &Catalog) -> Vec<MoveExtension> {
    let moved = from.extensions.iter().filter_map(|(name, found)| {
        let wanted = to.extensions.get(name).filter(|wanted| wanted.schema() != found.schema())?;
        let operation = MoveExtension { name: name.clone(), schema: wanted.schema.clone() };
        (!stays_in_its_schema(name)).then_some(operation)
    });
    moved.collect()
}

/// How often what is left is looked for, at most: after what stood in the way was taken down, for one.
const ROUNDS: usize = 64;

/// Operations that are done together: a column with its sequence.
type Step = Vec<Operation>;

struct Walk<'c> {
    to: &'c Catalog,
    /// What there needs what.
    needs: Needs,
    so_far: Catalog,
    operations: Vec<Operation>,
    /// What was taken down, and for which operation: it is not made again before that is done.
    held: Vec<(Operation, Operation)>,
    /// Types that are still to become what they are in the goal.
    changing: SortedSet<ObjectId>,
    /// Whether routines wait for them: the server reads a body with the types as they are.
    is_patient: bool,
    /// The oldest server major that the way is for.
    postgres: u32,
}

impl Walk<'_> {
    /// Goes as far as steps lead.
    fn all(&mut self) {
        for _ in 0..ROUNDS {
            self.changing = steps::changing_types(&self.so_far, self.to);
            let mut steps = goal::steps(&self.so_far, self.to, self.postgres);
            if !self.follow(&mut steps) && !self.make_room(&steps) {
                break;
            }
        }
    }

    fn go(&mut self, operation: Operation) {
        self.held.retain(|(_, waiting)| *waiting != operation);
        operation.apply(&mut self.so_far);
        self.operations.push(operation);
    }

    /// Takes all steps that are possible, the first ones first. Whether there was any.
    fn follow(&mut self, steps: &mut Vec<Step>) -> bool {
        steps.sort_by_key(rank_of_step);
        let before = self.operations.len();
        let is_next = |walk: &Self, step: &Step, steps: &[Step]| {
            let is_held = |operation: &Operation| walk.held.iter().any(|(down, _)| restores(operation, down));
            !step.iter().any(is_held)
                && !walk.waits_for_types(step)
                && possible::is_step_possible(step, &walk.so_far, walk.to)
                && !possible::waits_for_rows(step, steps, &walk.so_far, walk.to)
        };
        while let Some(at) = steps.iter().position(|step| is_next(self, step, steps)) {
            for operation in steps.remove(at) {
                if !possible::is_done(&operation, &self.so_far, self.to) {
                    self.go(operation);
                }
            }
        }
        self.operations.len() > before
    }

    /// Whether a step makes a routine over a type that is still to change.
    fn waits_for_types(&self, step: &Step) -> bool {
        let waits = |id: &ObjectId| {
            let node = Node::Object(id.clone());
            let needed = self.needs.hard(&node).into_iter().chain(self.needs.named(&node));
            let is_changing = |node: &Node| matches!(node, Node::Object(id) if self.changing.contains(id));
            id.kind.namespace() == Namespace::Routine && needed.into_iter().any(|node| is_changing(&node))
        };
        self.is_patient
            && !self.changing.is_empty()
            && step.iter().any(|operation| match operation {
                Operation::CreateObject(create) => waits(&create.id),
                Operation::ChangeObject(change) => waits(&change.id),
                _ => false,
            })
    }

    /// Takes down what stands in the way of the first step for which that helps; it is made again once it can be.
    fn make_room(&mut self, steps: &[Step]) -> bool {
        for operation in steps.iter().filter(|step| !self.waits_for_types(step)).flatten() {
            let mut users = possible::in_the_way(operation, &self.so_far);
            // What is in the way is used itself: whatever is built on it goes first.
            let of: SortedSet<Used> =
                users.iter().filter_map(User::object).flat_map(|(id, _)| self.so_far.known_as(id)).collect();
            users.extend(self.so_far.users_of_any(&of));
            let mut down = users.iter().filter_map(taken_down);
            if let Some(down) = down.find(|one| one.still_needed_by(&self.so_far).is_empty()) {
                self.go(down.clone());
                self.held.push((down, operation.clone()));
                return true;
            }
        }
        false
    }
}

/// When a step comes: a column with its sequence when the column does, so that columns stay in their order.
fn rank_of_step(step: &Step) -> Option<u8> {
    let is_main = |operation: &&Operation| matches!(operation, Operation::AddColumn(_) | Operation::CreateTable(_));
    step.iter().find(is_main).map(rank).or_else(|| step.iter().map(rank).max())
}

/// Whether an operation makes again what was taken down.
fn restores(operation: &Operation, down: &Operation) -> bool {
    match (operation, down) {
        (Operation::CreateObject(create), Operation::DropObject(drop)) => create.id == drop.id,
        (Operation::AddConstraint(add), Operation::DropConstraint(drop)) => {
            (&add.table, &add.name) == (&drop.table, &drop.name)
        }
        (Operation::CreateIndex(create), Operation::DropIndex(drop)) => {
            (&create.table, &create.name) == (&drop.table, &drop.name)
        }
        (Operation::SetDefault(set), Operation::SetDefault(down)) => {
            (&set.table, &set.column) == (&down.table, &down.column)
        }
        (Operation::SetOnUpdate(set), Operation::SetOnUpdate(down)) => {
            (&set.table, &set.column) == (&down.table, &down.column)
        }
        _ => false,
    }
}

/// What takes something down that uses what is in the way.
fn taken_down(user: &User<'_>) -> Option<Operation> {
    match user {
        User::Object(id, object) => {
            // What is a part of much, and what says whether it is one.
            let is_type = id.kind == Kind::Schema || id.kind.namespace() == Namespace::Type;
            (!is_type || object.definition.is_rebuilt()).then(|| DropObject { id: (*id).clone() }.into())
        }
        User::Table(table, part) => Some(match part {
            Part::Constraint(name, constraint) if constraint.attached_to.is_none() => {
                DropConstraint { table: (*table).clone(), name: (*name).to_owned() }.into()
            }
            Part::Index(name, index) if index.attached_to.is_none() => {
                DropIndex { table: (*table).clone(), name: (*name).to_owned() }.into()
            }
            Part::Default(column) => {
                SetDefault { table: (*table).clone(), column: column.name.clone(), default: None }.into()
            }
            Part::OnUpdate(column) => {
                SetOnUpdate { table: (*table).clone(), column: column.name.clone(), on_update: None }.into()
            }
            _ => return None,
        }),
    }
}
