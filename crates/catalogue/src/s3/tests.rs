use std::collections::BTreeMap;

use super::*;

fn read(variables: &[(&str, &str)]) -> Result<S3Settings, S3SettingsError> {
    let variables: BTreeMap<_, _> = variables.iter().copied().collect();
    S3Settings::read(&|name| variables.get(name).map(|value| (*value).to_owned()))
}

const KEY: [(&str, &str); 2] = [(KEY_ID, "the-key-id"), (SECRET, "the-secret")];

#[test]
fn what_the_environment_leaves_out_or_says_wrongly_is_named_without_its_value() {
    let with = |name, value| [KEY.as_slice(), &[(name, value)]].concat();
    for (variables, says) in [
        (vec![], "no credentials in the environment; allowed are AWS_ACCESS_KEY_ID"),
        (vec![KEY[0]], "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not"),
        (vec![KEY[1]], "AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not"),
        (with(ROLE, "r"), "AWS_ROLE_ARN is set and AWS_WEB_IDENTITY_TOKEN_FILE is not"),
        (with("AWS_ENDPOINT_URL", "http://host"), "AWS_ALLOW_HTTP=true"),
        (with("AWS_ENDPOINT_URL", "https://u:the-secret@host"), "without a user or a query"),
        (with("AWS_ENDPOINT_URL_S3", "https://host?k=the-secret"), "without a user or a query"),
        (with("AWS_ENDPOINT_URL", "the-secret"), "a URL such as"),
        (with("AWS_ALLOW_HTTP", "the-secret"), "AWS_ALLOW_HTTP is not true or false"),
        (with(ATTEMPTS, "21"), "AWS_MAX_ATTEMPTS is not a number from 1 to 20"),
        (vec![("AWS_SHARED_CREDENTIALS_FILE", "/no/such/file")], "/no/such/file: the file cannot"),
    ] {
        let error = read(&variables).unwrap_err().to_string();
        assert!(error.contains(says) && !error.contains("the-secret"), "{variables:?}: {error}");
    }
    let settings = read(&with("AWS_ENDPOINT_URL", "https://[::1]:9000/path")).unwrap();
    assert_eq!(settings.secrets(), ["the-key-id", "the-secret"]);
    assert_eq!(format!("{settings:?}"), "S3Settings { .. }");
    assert!(read(&[("AWS_SKIP_SIGNATURE", "true")]).unwrap().secrets().is_empty());
}

#[test]
#[cfg(unix)]
fn a_file_of_credentials_is_for_its_owner_alone_and_has_the_profile() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials");
    let text = "[other]\naws_access_key_id = x\n\n[default]\naws_access_key_id=the-key-id\n\
                region = eu-west-1\naws_secret_access_key = the-secret\naws_session_token = t0k\n";
    std::fs::write(&path, text).unwrap();
    let mode = |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
    let file = ("AWS_SHARED_CREDENTIALS_FILE", path.to_str().unwrap());
    mode(0o640);
    let error = read(&[file]).unwrap_err().to_string();
    assert!(error.ends_with("the file's mode is 0640; allowed is 0600, since it holds a key"));
    mode(0o600);
    assert_eq!(read(&[file]).unwrap().secrets(), ["the-key-id", "the-secret", "t0k"]);
    for profile in ["other", "none"] {
        let error = read(&[file, ("AWS_PROFILE", profile)]).unwrap_err().to_string();
        assert!(error.contains(&format!("under [{profile}]")), "{error}");
    }
    // What the environment itself says comes first.
    let own = [(KEY_ID, "own-id"), (SECRET, "own-secret"), file];
    assert_eq!(read(&own).unwrap().secrets(), ["own-id", "own-secret"]);
}
