//! usage: cargo run -- FOLDER: builds OpenSSL there, once, and prints its prefix.

fn main() {
    let folder = std::env::args_os().nth(1).expect("usage: FOLDER");
    let folder = std::path::absolute(folder).expect("a path");
    let prefix = folder.join("install");
    let host = env!("HOST");
    if !prefix.join("lib/libssl.a").exists() {
        std::fs::create_dir_all(&folder).expect("a folder");
        openssl_src::Build::new().out_dir(&folder).openssl_dir("/usr/lib/ssl").host(host).target(host).build();
    }
    println!("{}", prefix.display());
}
