//! The log. It tells no argument but handles: there may be secrets among the others.

use crate::ssl::Status;
use crate::ssl::module::environment;
use std::any::type_name;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::sync::LazyLock;

static WANTED: LazyLock<bool> = LazyLock::new(|| environment::variable("TLSOCK_DEBUG".as_ref()).is_some());

thread_local! {
    /// The handles of the calls that this thread is in: a callback may call, too.
    static CALLS: RefCell<Vec<Vec<(&'static str, usize)>>> = const { RefCell::new(Vec::new()) };
}

/// A call of the library.
pub struct Call {
    /// None where nobody wants to know.
    name: Option<&'static str>,
}

impl Call {
    /// Notes that it begins. Its body is a closure within the exported function, whose name is in that of its type.
    pub fn begin<F>(_: &F) -> Call {
        let name = WANTED.then(|| exported(type_name::<F>()));
        if name.is_some() {
            let _ = CALLS.try_with(|calls| calls.borrow_mut().push(Vec::new()));
        }
        Call { name }
    }

    /// Notes that it ends; None where a call has no status.
    pub fn end(self, status: Option<Status>) {
        let Some(name) = self.name else { return };
        let _ = CALLS.try_with(|calls| {
            let handles = calls.borrow_mut().pop().unwrap_or_default();
            let inside = calls.borrow().len();
            tell(&line(inside, name, &handles, status));
        });
    }
}

/// Notes a handle that the call uses.
pub fn note_handle(kind: &'static str, address: usize) {
    if *WANTED {
        let _ = CALLS.try_with(|calls| {
            if let Some(handles) = calls.borrow_mut().last_mut() {
                handles.push((kind, address));
            }
        });
    }
}

/// The exported function in the path of a type; what frees a handle has one for all kinds.
fn exported(path: &'static str) -> &'static str {
    path.split("::").find(|part| part.starts_with("tlsock_")).unwrap_or("free")
}

fn line(inside: usize, name: &str, handles: &[(&str, usize)], status: Option<Status>) -> String {
    let mut line = format!("tlsock: {:1$}{name}(", "", 2 * inside);
    for (index, (kind, address)) in handles.iter().enumerate() {
        let _ = write!(line, "{}{kind} {address:#x}", if index > 0 { ", " } else { "" });
    }
    line.push(')');
    if let Some(status) = status {
        let _ =
            write!(line, " = {} ({})", Status::class_name(status as i32).to_string_lossy(), status as i32);
    }
    line.push('\n');
    line
}

/// One write, so that lines of several threads do not mix.
fn tell(line: &str) {
    let _ = io::stderr().write_all(line.as_bytes());
}
