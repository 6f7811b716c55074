//! Descriptors, waiting with a deadline and the system's errors: the only user of libc. No TLS here.

/// The system's text for an error number.
pub fn error_text(errno: i32) -> String {
    let text = std::io::Error::from_raw_os_error(errno).to_string();
    match text.rfind(" (os error ") {
        Some(end) => text[..end].to_string(),
        None => text,
    }
}
