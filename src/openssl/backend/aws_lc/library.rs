//! Facts about the AWS-LC in use.

use crate::openssl::{Result, sys};
use std::ffi::CStr;
use std::os::raw::{c_char, c_int};

/// What it is called.
pub const NAME: &str = "AWS-LC";

/// The name of its feature.
pub const BACKEND: &CStr = c"aws-lc";

/// "AWS-LC 5.12.0", say, and what ends a text.
const VERSION: [u8; sys::AWSLC_VERSION_NAME.len() + sys::AWSLC_VERSION_NUMBER_STRING.len()] = {
    let mut text = [0; sys::AWSLC_VERSION_NAME.len() + sys::AWSLC_VERSION_NUMBER_STRING.len()];
    let mut index = 0;
    while index < text.len() {
        let number = sys::AWSLC_VERSION_NAME.len();
        text[index] = match index {
            index if index < number - 1 => sys::AWSLC_VERSION_NAME[index],
            index if index == number - 1 => b' ',
            index => sys::AWSLC_VERSION_NUMBER_STRING[index - number],
        };
        index += 1;
    }
    text
};

/// AWS-LC needs nothing before the rest.
pub fn begin() {}

/// The version text, which is static.
pub fn version() -> *const c_char {
    static TEXT: [u8; VERSION.len()] = VERSION;
    TEXT.as_ptr().cast()
}

/// Tells whether a protocol version is built in: those from TLS 1.0 to 1.3 always are.
pub fn speaks(version: c_int) -> Result<bool> {
    Ok((sys::TLS1_VERSION..=sys::TLS1_3_VERSION).contains(&version))
}
