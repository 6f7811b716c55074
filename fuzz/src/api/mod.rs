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

use op::{ContextOp, Op};
use world::World;

/// Runs a program from an empty world to an empty world.
pub fn run(program: &Program) {
    let world = World::new(program.seed);
    world::enter(&world, || {
        // Most programs shall get somewhere.
        if program.seed & 128 == 0 {
            let first = [ContextOp::Default(true), ContextOp::Default(false), ContextOp::Identify(0)];
            first.iter().zip([0, 1, 1]).for_each(|(op, slot)| context::step(&world, slot, op));
        }
        for op in program.ops.iter().take(60) {
            step(&world, op);
        }
        world.clear(program.order);
    });
    world.check_userdata();
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
