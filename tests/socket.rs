//! Sockets over real descriptors, through the public Rust API.

use std::os::unix::net::UnixStream;
use tlsock::*;
#[test]
fn smoke() {
    let d = std::env::temp_dir().join(format!("tlsock-smoke-{}", std::process::id()));
    assert!(
        std::process::Command::new("bash").arg("tests/certs/make.sh").arg(&d).status().unwrap().success()
    );
    let server = Context::create_default(130, None, None, None).unwrap();
    server.load_cert_chain(&d.join("ecdsa.pem"), Some(&d.join("ecdsa.key")), None).unwrap();
    let client = Context::create_default(129, Some(&d.join("ca.pem")), None, None).unwrap();
    let (a, b) = UnixStream::pair().unwrap();
    let (c, s) = std::thread::scope(|scope| {
        let t = scope.spawn(|| {
            server.wrap_socket(a.into(), WrapFlags::SERVER_SIDE, None, None).map_err(|r| r.error).unwrap()
        });
        let c = client
            .wrap_socket(b.into(), WrapFlags::default(), Some("localhost"), None)
            .map_err(|r| r.error)
            .unwrap();
        let s = t.join().unwrap();
        (c, s)
    });
    let engine = c.engine().unwrap();
    assert_eq!(engine.version(), Some(c"TLSv1.3"));
    assert_eq!(c.group(), Some(c"x25519"));
    std::thread::scope(|scope| {
        c.sendall(b"hello").unwrap();
        let mut buf = [0; 100];
        assert_eq!(s.recv(&mut buf).unwrap(), 5);
        let big = vec![7u8; 8 << 20];
        let (s, c) = (&s, &c);
        let reader = scope.spawn(move || {
            let mut n = 0;
            let mut buf = vec![0; 100000];
            loop {
                let k = s.recv(&mut buf).unwrap();
                if k == 0 {
                    break n;
                }
                n += k;
            }
        });
        c.sendall(&big).unwrap();
        c.close_write().unwrap();
        assert_eq!(reader.join().unwrap(), 8 << 20);
        s.unwrap().unwrap();
        assert_eq!(c.recv(&mut buf).map_err(|e| e.status()), Err(Status::ZeroReturn));
    });
    let (a, b) = UnixStream::pair().unwrap();
    std::thread::scope(|scope| {
        let t = scope.spawn(|| {
            server
                .wrap_socket(a.into(), WrapFlags::SERVER_SIDE, None, None)
                .map_err(|r| r.error)
                .map(|_| ())
                .unwrap_err()
        });
        let c = client
            .wrap_socket(b.into(), WrapFlags::default(), Some("other.example"), None)
            .map_err(|r| r.error)
            .map(|_| ())
            .unwrap_err();
        assert_eq!((c.status(), c.detail().unwrap().verify_code), (Status::CertVerification, 62));
        assert_eq!(t.join().unwrap().detail().unwrap().alert_received, Some(42));
    });
}
