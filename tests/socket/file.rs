//! Sending files, and C streams over sockets.

use super::certs;
use super::pair::*;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use tlsock::*;

type Stream = *mut socket::File;

unsafe extern "C" {
    fn fgets(line: *mut c_char, size: c_int, stream: Stream) -> *mut c_char;
    fn fread(buffer: *mut c_void, size: usize, count: usize, stream: Stream) -> usize;
    fn fprintf(stream: Stream, format: *const c_char, ...) -> c_int;
    fn fflush(stream: Stream) -> c_int;
    fn fclose(stream: Stream) -> c_int;
    fn ferror(stream: Stream) -> c_int;
    fn feof(stream: Stream) -> c_int;
    fn clearerr(stream: Stream);
}

/// A file of some hundred kilobytes and what is in it.
fn file(name: &str) -> (File, Vec<u8>) {
    let data: Vec<u8> = (0..300_000_u32).map(|number| (number % 253) as u8).collect();
    let path = certs::scratch().join(name);
    std::fs::write(&path, &data).unwrap();
    (File::open(path).unwrap(), data)
}

#[test]
fn a_file_is_sent_and_left_behind_what_was_sent() {
    let (mut file, data) = file("sendfile");
    each(|client, server| {
        for (offset, count, expected) in [
            (0, 0, &data[..]),
            (0, 10, &data[..10]),
            (7, 70_000, &data[7..70_007]),
            (299_990, 0, &data[299_990..]),
            (299_990, 1 << 40, &data[299_990..]),
        ] {
            let reader = server.clone();
            let len = expected.len();
            let reader = std::thread::spawn(move || receive(&reader, len));
            let mut file = &file;
            file.rewind().unwrap();
            let (sent, result) = client.sendfile(file.as_fd(), offset, count);
            result.unwrap();
            assert_eq!(sent, len as u64);
            assert_eq!(file.stream_position().unwrap(), offset + sent);
            assert!(reader.join().unwrap() == expected);
        }
        let mut file = &file;
        file.seek(SeekFrom::Start(5)).unwrap();
        let (sent, result) = client.sendfile(file.as_fd(), 300_000, 0);
        result.unwrap();
        assert_eq!((sent, file.stream_position().unwrap()), (0, 5));
        // Without TLS too.
        let peer = std::thread::spawn(move || {
            server.unwrap().unwrap();
            receive(&server, 300_000)
        });
        client.unwrap().unwrap();
        let (sent, result) = client.sendfile(file.as_fd(), 0, 0);
        result.unwrap();
        assert_eq!(sent, 300_000);
        assert!(peer.join().unwrap() == data);
    });
    file.rewind().unwrap();
}

#[test]
fn a_file_that_cannot_be_sent_to_its_end_tells_how_much_was() {
    let path = certs::scratch().join("long");
    File::create(&path).unwrap().set_len(64 << 20).unwrap();
    let mut file = File::open(path).unwrap();
    let (client, server) = pair();
    client.settimeout(seconds(0.2)).unwrap();
    let (sent, result) = client.sendfile(file.as_fd(), 1000, 0);
    assert_eq!(status(result), Status::Timeout);
    assert!(sent > 0 && sent < 64 << 20);
    assert_eq!(file.stream_position().unwrap(), 1000 + sent);
    drop(server);
    client.settimeout(Timeout::NonBlocking).unwrap();
    let (sent, result) = client.sendfile(file.as_fd(), 0, 0);
    assert_eq!((sent, message(result)), (0, "non-blocking sockets are not supported".to_string()));
    client.settimeout(Timeout::Never).unwrap();
    let folder = File::open(certs::scratch()).unwrap();
    let (client, _server) = pair();
    let (sent, result) = client.sendfile(folder.as_fd(), 0, 0);
    assert_eq!((sent, result.unwrap_err().os_errno()), (0, 21));
    let (mut reader, mut writer) = std::os::unix::net::UnixStream::pair().unwrap();
    writer.write_all(b"no place to read from").unwrap();
    let (sent, result) = client.sendfile(reader.as_fd(), 0, 0);
    assert_eq!((sent, result.unwrap_err().os_errno()), (0, 29));
    reader.read_exact(&mut [0; 2]).unwrap();
}

fn line(stream: Stream) -> Option<String> {
    let mut buffer = [0; 100];
    let line = unsafe { fgets(buffer.as_mut_ptr(), 100, stream) };
    (!line.is_null()).then(|| unsafe { CStr::from_ptr(line) }.to_str().unwrap().to_string())
}

fn print(stream: Stream, text: &str) -> c_int {
    let text = CString::new(text).unwrap();
    unsafe { fprintf(stream, c"%s %d\n".as_ptr(), text.as_ptr(), 42) }
}

fn closed(stream: Stream) -> bool {
    (unsafe { fclose(stream) }) == 0
}

#[test]
fn lines_go_through_a_stream() {
    each(|client, server| {
        let (reader, writer) = (server.makefile("r").unwrap(), server.makefile("wb").unwrap());
        let stream = client.makefile("w").unwrap();
        for number in 0..3000 {
            assert!(print(stream, &format!("line {number}")) > 0);
        }
        assert!(closed(stream));
        client.close_write().unwrap();
        for number in 0..3000 {
            assert_eq!(line(reader).unwrap(), format!("line {number} 42\n"));
        }
        assert_eq!(line(reader), None);
        assert_ne!(unsafe { feof(reader) }, 0);
        assert_eq!(unsafe { ferror(reader) }, 0);
        print(writer, "answer");
        assert_eq!(unsafe { fflush(writer) }, 0);
        assert_eq!(receive(&client, 10), b"answer 42\n");
        assert!(closed(reader) && closed(writer));
    });
}

#[test]
fn one_stream_does_both() {
    let (client, server) = pair();
    for mode in ["r+", "w+b"] {
        let stream = client.makefile(mode).unwrap();
        for _ in 0..2 {
            print(stream, "request");
            assert_eq!(unsafe { fflush(stream) }, 0);
            assert_eq!(receive(&server, 11), b"request 42\n");
            server.sendall(b"reply\n").unwrap();
            assert_eq!(line(stream).unwrap(), "reply\n");
        }
        assert!(closed(stream));
    }
    for mode in ["", "a", "rw", "rx", "r,ccs=x", "rbb", "R"] {
        assert_eq!(status(client.makefile(mode)), Status::Value, "{mode}");
    }
}

/// The descriptor is closed with the last of the socket and its streams.
#[test]
fn streams_hold_the_socket() {
    let (client, server) = pair();
    let streams = [client.makefile("r").unwrap(), client.makefile("w").unwrap()];
    client.close().unwrap();
    assert!(client.fileno().is_some());
    server.sendall(b"line\n").unwrap();
    assert_eq!(line(streams[0]).unwrap(), "line\n");
    print(streams[1], "still");
    assert!(closed(streams[1]));
    assert_eq!(receive(&server, 9), b"still 42\n");
    assert!(client.fileno().is_some());
    assert!(closed(streams[0]));
    assert_eq!(client.fileno(), None);
    assert_eq!(server.recv(&mut [0]).unwrap(), 0);
    assert_eq!(client.makefile("r").unwrap_err().os_errno(), 9);

    // Also where every handle is gone.
    let (client, server) = pair();
    let stream = client.makefile("w").unwrap();
    drop(client);
    print(stream, "alive");
    assert!(closed(stream));
    assert_eq!(receive(&server, 9), b"alive 42\n");
    assert_ne!(status(server.unwrap()), Status::Ok);

    // An abort does not wait.
    let (client, _server) = pair();
    let stream = client.makefile("r").unwrap();
    client.abort().unwrap();
    assert_eq!(line(stream), None);
    assert_ne!(unsafe { ferror(stream) }, 0);
    assert!(closed(stream));
}

#[test]
fn a_read_that_timed_out_ends_reading_for_good() {
    let (client, server) = pair();
    let (stream, writer) = (client.makefile("r").unwrap(), client.makefile("w").unwrap());
    client.settimeout(seconds(0.05)).unwrap();
    assert_eq!(line(stream), None);
    assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(110));
    assert_ne!(unsafe { ferror(stream) }, 0);
    server.sendall(b"late\n").unwrap();
    client.wait(socket::Ready::Read, Timeout::Never).unwrap();
    unsafe { clearerr(stream) };
    let mut byte = 0_u8;
    assert_eq!(unsafe { fread((&raw mut byte).cast(), 1, 1, stream) }, 0);
    assert_ne!(unsafe { ferror(stream) }, 0);
    // The socket itself, and writing, still work.
    assert_eq!(receive(&client, 5), b"late\n");
    print(writer, "fine");
    assert!(closed(writer) && closed(stream));
    assert_eq!(receive(&server, 8), b"fine 42\n");
}
