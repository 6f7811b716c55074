//! Tells the program what it is built for.

fn main() {
    println!("cargo:rustc-env=HOST={}", std::env::var("HOST").expect("cargo says it"));
}
