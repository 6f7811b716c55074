use super::*;

#[test]
fn text_has_no_nul_and_all_else() {
    let made = try_text(format_args!("a\0b{}\u{e9}", 7));
    assert_eq!(made.as_deref(), Some(c"ab7\u{e9}"));
    assert_eq!(try_text("").as_deref(), Some(c""));
}

#[test]
fn no_memory_says_so_in_each_phase() {
    for phase in Phase::ALL {
        let error = Error::no_memory().in_phase(phase);
        assert_eq!((error.status(), error.message()), (Status::NoMemory, "out of memory"));
        assert_eq!(error.detail().map(|detail| detail.phase), Some(phase));
        assert!(matches!(error.details, Details::Lasting(_)));
    }
}

#[test]
fn the_first_phase_counts() {
    for error in [Error::no_memory(), Error::value("wrong")] {
        let error = error.in_phase(Phase::Read).in_phase(Phase::Write);
        assert_eq!(error.detail().map(|detail| detail.phase), Some(Phase::Read));
    }
    assert!(Error::want_read().in_phase(Phase::Read).detail().is_none());
}

#[test]
fn whatever_openssl_was_doing_memory_was_short() {
    for status in [Status::Ssl, Status::CertVerification, Status::ZeroReturn] {
        let error = Error::from_entry(status, 1, Some(&Entry::memory()), Some("words"), None);
        assert_eq!(error.status(), Status::NoMemory);
    }
}
