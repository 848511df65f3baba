use std::path::Path;

use object_store::aws::AmazonS3ConfigKey;

/// What is wrong with a file of credentials. What it says is never repeated.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {fault}")]
pub struct CredentialsFileError {
    /// The file.
    pub path: String,
    /// What is wrong with it.
    pub fault: CredentialsFileFault,
}

/// What is wrong with a file of credentials.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsFileFault {
    /// It cannot be read.
    #[error("the file cannot be read: {0}")]
    Read(std::io::ErrorKind),
    /// Others than its owner may read or write it.
    #[error("the file's mode is {mode:04o}; allowed is 0600, since it holds a key")]
    Mode {
        /// The permission bits.
        mode: u32,
    },
    /// It has no such part, or not both halves of a key in it.
    #[error("no aws_access_key_id and aws_secret_access_key under [{profile}]")]
    NoKey {
        /// The part, from `AWS_PROFILE`.
        profile: String,
    },
}

/// Reads the key of one profile from a file that only its owner may read or write, in the form that
/// the command of the cloud writes: `[profile]`, and lines of `name = value` below.
pub(super) fn read(
    path: &Path,
    profile: &str,
) -> Result<Vec<(AmazonS3ConfigKey, String)>, CredentialsFileError> {
    let error = |fault| CredentialsFileError { path: path.display().to_string(), fault };
    owner_only(path).map_err(error)?;
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|fault| error(CredentialsFileFault::Read(fault.kind())))?;
    let (mut id, mut secret, mut token) = (None, None, None);
    let mut is_inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            is_inside = name.trim() == profile;
            continue;
        }
        let Some((name, value)) = line.split_once('=').filter(|_| is_inside) else { continue };
        let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        match name.trim() {
            "aws_access_key_id" => id = value,
            "aws_secret_access_key" => secret = value,
            "aws_session_token" => token = value,
            // Regions and the rest come from the environment.
            _ => {}
        }
    }
    let no_key = || error(CredentialsFileFault::NoKey { profile: profile.to_owned() });
    let (id, secret) = id.zip(secret).ok_or_else(no_key)?;
    let mut values =
        vec![(AmazonS3ConfigKey::AccessKeyId, id), (AmazonS3ConfigKey::SecretAccessKey, secret)];
    values.extend(token.map(|token| (AmazonS3ConfigKey::Token, token)));
    Ok(values)
}

#[cfg(unix)]
fn owner_only(path: &Path) -> Result<(), CredentialsFileFault> {
    use std::os::unix::fs::PermissionsExt;

    let metadata =
        std::fs::metadata(path).map_err(|error| CredentialsFileFault::Read(error.kind()))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & !0o600 == 0 { Ok(()) } else { Err(CredentialsFileFault::Mode { mode }) }
}

#[cfg(not(unix))]
fn owner_only(_: &Path) -> Result<(), CredentialsFileFault> {
    Ok(())
}
