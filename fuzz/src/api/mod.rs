//! Random programs over the whole API: contexts that change between the steps of connections, callbacks that fail,
//! change things and call back, frees in any order. What a program does is allowed by the header, so whatever
//! goes wrong is the library's.

mod callback;
mod connection;
mod context;
mod op;
mod parts;
mod socket;
mod world;

pub use op::Program;
pub use socket::inspect as inspect_socket;
pub use world::alone;

use op::{ContextOp, Op};
use std::sync::Arc;
use world::{Used, World};

/// Runs a program from an empty world to an empty world.
pub fn run(program: &Program) {
    let world = World::new(program.seed);
    // Most programs shall get somewhere.
    if program.seed & 128 == 0 {
        begin(&world);
    }
    world::check(&play(world, program));
}

/// Runs programs at once, each in a thread and a world of its own. The first contexts they have in common: what one
/// changes there the others use meanwhile.
pub fn run_together(programs: &[Program]) {
    let first = World::new(0);
    begin(&first);
    let common = [0, 1].map(|slot| first.contexts.get(slot).expect("a context"));
    drop(first);
    let used: Vec<Arc<Used>> = std::thread::scope(|scope| {
        let run = |program: &Program| play(World::sharing(program.seed, &common), program);
        let threads: Vec<_> = programs.iter().map(|program| scope.spawn(move || run(program))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no program panics")).collect()
    });
    drop(common);
    world::check(&used);
}

/// A client's context and a server's.
fn begin(world: &World) {
    let first = [ContextOp::Default(true), ContextOp::Default(false), ContextOp::Identify(0)];
    first.iter().zip([0, 1, 1]).for_each(|(op, slot)| context::step(world, slot, op));
}

/// Gives the userdata, all of which shall be freed when nothing is left.
fn play(world: World, program: &Program) -> Vec<Arc<Used>> {
    world::enter(&world, || {
        for op in program.ops.iter().take(60) {
            world.give_way();
            step(&world, op);
        }
        world.clear(program.order);
    });
    world.into_used()
}

fn step(world: &World, op: &Op) {
    match op {
        Op::Context(slot, op) => context::step(world, *slot, op),
        Op::Callback(slot, set) => callback::set(world, *slot, set),
        Op::Object(slot, op) => connection::step(world, *slot, op),
        Op::Pair(pair) => connection::pair(world, pair),
        Op::Sockets(pair) => socket::pair(world, pair),
        Op::Socket(slot, op) => socket::step(world, *slot, op),
        Op::Part(slot, op) => parts::step(world, *slot, op),
    }
}
