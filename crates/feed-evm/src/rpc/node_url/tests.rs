use std::os::unix::fs::PermissionsExt;

use super::{NodeUrl, NodeUrlFault};

const KEY: &str = "abcdef0123456789";

#[test]
fn what_may_be_a_key_is_never_shown() {
    let cases = [
        (format!("https://mainnet.infura.io/v3/{KEY}"), "https://***.infura.io"),
        (format!("wss://user:{KEY}@node.example.org:8546/?x=1"), "wss://***.example.org:8546"),
        (format!("https://{KEY}.quiknode.pro/"), "https://***.quiknode.pro"),
        (format!("http://localhost:8545/?apikey={KEY}"), "http://localhost:8545"),
        (format!("http://127.0.0.1:8545/{KEY}"), "http://127.0.0.1:8545"),
    ];
    for (text, shown) in cases {
        let url = NodeUrl::parse(&text).unwrap();
        assert_eq!(url.to_string(), shown);
        assert_eq!(format!("{url:?}"), shown);
        let said = url.scrub(&format!("project {KEY} of {text} is out of 1000 credits"));
        assert!(!said.contains(KEY), "{said}");
        assert!(said.ends_with("is out of 1000 credits"), "{said}");
    }
}

#[test]
fn a_wrong_address_is_refused_without_being_said() {
    for text in [format!("mainnet.infura.io/{KEY}"), format!("http://[{KEY}"), String::new()] {
        let fault = NodeUrl::parse(&text).unwrap_err();
        assert!(matches!(fault, NodeUrlFault::NotUrl(_)), "{fault:?}");
        assert!(!format!("{fault} {fault:?}").contains(KEY), "{fault}");
    }
    let fault = NodeUrl::parse(&format!("ftp://example.org/{KEY}")).unwrap_err();
    assert_eq!(fault.to_string(), "the scheme is `ftp`; allowed are http, https, ws and wss");
}

#[test]
fn only_its_owner_may_read_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node");
    std::fs::write(&path, format!("https://node.example.org/{KEY}\n")).unwrap();
    for (mode, allowed) in
        [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o700, false)]
    {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let read = NodeUrl::from_file(&path);
        assert_eq!(read.is_ok(), allowed, "{mode:o}");
        if let Err(error) = read {
            assert_eq!(error.fault, NodeUrlFault::Mode { mode });
        }
    }
    let missing = NodeUrl::from_file(&folder.path().join("none")).unwrap_err();
    assert_eq!(missing.fault, NodeUrlFault::Read(std::io::ErrorKind::NotFound));
    let unset = NodeUrl::from_environment("TIDEMILL_NO_SUCH_VARIABLE").unwrap_err();
    let said = "environment variable TIDEMILL_NO_SUCH_VARIABLE: the variable is not set; \
                allowed is the URL of a node";
    assert_eq!(unset.to_string(), said);
}
